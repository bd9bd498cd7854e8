"""Loops that look at no result: what their layout costs grows no faster than they do, and so does what they keep."""
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("programs are compiled code", allow_module_level=True)

import numbacnn as nc
from engine_modes import normal
from numbacnn import nn
from numbacnn.engine import buffers, own_memory, queue
from numbacnn.engine.own_memory import Stay, share_out
from numbacnn.engine.program import Program
from numbacnn.engine.repeats import repeated_end
from numbacnn.engine.schedule import levels, schedule
from numbacnn.nn import functional as F


def lines(function, *arguments):
    """How many lines of the engine the call runs: a count of its work that no busy machine changes."""
    count = 0

    def line(_frame, event, _argument):
        nonlocal count
        count += event == "line"
        return line

    def frame(frame, _event, _argument):
        return line if "numbacnn" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(frame)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return count


def passes(layer, x, count):
    """So many forward passes, none of them looked at; the last one."""
    with nc.no_grad():
        for _ in range(count):
            out = F.relu(layer(x))
    return out


@pytest.fixture
def layer():
    nc.manual_seed(3)
    return nn.Linear(6, 4)


@pytest.fixture
def x():
    return normal(3, 6, seed=6)


@pytest.fixture
def made(monkeypatch):
    """The programs that are laid out from now on: how many rows each has, and how many lines of code its layout took."""
    found, lay_out = [], Program.__init__

    def init(self, *arguments):
        work = lines(lay_out, self, *arguments)
        found.append((len(self._arrays[0]), work))

    monkeypatch.setattr(Program, "__init__", init)
    queue._programs.clear()
    return found


# ---------------------------------------------------------------- the cost of a layout
def test_the_layout_of_a_program_grows_with_the_number_of_its_rows(layer, x, made):
    passes(layer, x, 3).numpy()  # compiles
    made.clear()
    passes(layer, x, 20).numpy()
    passes(layer, x, 80).numpy()
    (few, little), (many, much) = made
    assert many > 3.5 * few
    assert much / many < 1.1 * little / few


@pytest.mark.parametrize("rows", [
    lambda i: (0, {i}, {i + 1}),  # each needs the one before: as many levels as rows
    lambda i: (0, {"x"}, {i}),  # all read the same
    lambda i: (4, {"x", i}, {i + 1}),  # one chain
], ids=["levels", "readers", "chain"])
def test_a_schedule_grows_with_the_number_of_rows(rows):
    def work(count):
        those = [rows(i) for i in range(count)]
        return lines(lambda: schedule(those, levels(those)))

    assert work(400) < 4.2 * work(100)


@pytest.mark.parametrize("last", [lambda i, count: i + 1, lambda i, count: 2 * count - i],
                         ids=["each with the next", "all at the same time"])
def test_sharing_out_grows_with_the_number_of_memories(last, monkeypatch):
    monkeypatch.setattr(own_memory, "MANY", 16)

    def work(count):
        stays = {i: Stay((1, 0), 128 * (1 + i % 7), i, last(i, count)) for i in range(count)}
        return lines(share_out, stays)

    assert work(400) < 4.4 * work(100)


# ---------------------------------------------------------------- the same as by definition
rows_drawn = st.lists(st.tuples(st.sampled_from([0, 0, 2, 4, 4]), st.sets(st.sampled_from("abcd"), max_size=3),
                                st.sets(st.sampled_from("abcd"), max_size=2)), max_size=14)


@given(rows_drawn)
def test_a_level_follows_from_every_row_before(rows):
    found = levels(rows)
    for i, (blocks, reads, writes) in enumerate(rows):
        least = 0
        for (theirs, read, written), level in zip(rows[:i], found):
            if written & (reads | writes) or read & writes:
                least = max(least, level + (not blocks or theirs != blocks))
        assert found[i] == least


drawn = st.lists(st.builds(lambda chain, nbytes, first, rows: Stay(chain, nbytes, first, first + rows), st.integers(0, 1),
                           st.integers(1, 1000), st.integers(0, 9), st.integers(0, 5)), max_size=12)


@given(drawn)
def test_many_memories_needed_at_the_same_time_share_no_byte_either(those):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own_memory, "MANY", 3)
        offsets, nbytes = share_out(dict(enumerate(those)))
    for i, stay in enumerate(those):
        assert offsets[i] % buffers.ALIGNMENT == 0 and offsets[i] + stay.nbytes <= nbytes
        for j, other in enumerate(those[:i]):
            if stay.chain == other.chain and stay.first <= other.last and other.first <= stay.last:
                assert offsets[i] + stay.nbytes <= offsets[j] or offsets[j] + other.nbytes <= offsets[i]


@given(st.lists(st.sampled_from([None, True, False]), max_size=14), st.integers(2, 4))
def test_the_end_that_repeats_itself_is_the_longest(plans, least):
    fitting = [(length, period) for length in range(1, len(plans) + 1) for period in range(length, 0, -1)
               if length >= least * period
               and all(plans[i] is plans[i - period] for i in range(len(plans) - length + period, len(plans)))]
    length, period = max(fitting, default=(0, -1), key=lambda pair: (pair[0], -pair[1]))
    assert repeated_end(plans, least) == (length, abs(period))


# ---------------------------------------------------------------- long loops
def test_a_long_loop_is_a_few_programs_however_long_it_is(layer, x, made, monkeypatch):
    monkeypatch.setattr(queue, "SOON", 40)
    expected = passes(layer, x, 1).numpy()
    made.clear()
    np.testing.assert_array_equal(passes(layer, x, 500).numpy(), expected)
    assert len(made) == 2 and max(rows for rows, _ in made) <= 44  # the repeats, and what is left at the end


def test_a_beginning_of_its_own_does_not_hide_the_repeats(layer, x, made, monkeypatch):
    monkeypatch.setattr(queue, "SOON", 40)
    with nc.no_grad():
        begun = F.softmax(F.linear(x, normal(5, 6)), 1)
        last = passes(layer, x, 500)
    assert len(made) == 2  # with the beginning, and all that come then
    np.testing.assert_array_equal(last.numpy(), passes(layer, x, 1).numpy())
    np.testing.assert_allclose(begun.numpy().sum(1), 1, rtol=1e-6)


def test_operations_that_do_not_repeat_themselves_are_one_program(x, made, monkeypatch):
    """As a training step of many layers is."""
    monkeypatch.setattr(queue, "SOON", 12)
    with nc.no_grad():
        out = x
        for features in (6, 7, 6, 5, 7, 4, 7, 3):
            out = F.linear(out, normal(features, out.shape[1]))
    out.numpy()
    assert len(made) == 1 and made[0][0] > 24


def test_what_operations_reserve_counts_as_memory(monkeypatch):
    """The packed weights of a layer, which no batch holds."""
    monkeypatch.setattr(queue, "LARGEST", 1 << 20)
    queue.finish()
    monkeypatch.setattr(buffers, "_scratch", None)  # other tests may have needed more
    weight, x, longest = normal(256, 512), normal(2, 512), 0
    with nc.no_grad():
        for _ in range(12):
            F.linear(x, weight)
            longest = max(longest, len(queue._waiting))
    queue.finish()
    assert longest <= 4  # 512 KB each; two operations are packing x and the product
    assert buffers._scratch.nbytes <= 1 << 22


def test_programs_keep_a_limited_memory(layer, x, monkeypatch):
    queue._programs.clear()
    with nc.no_grad():
        for count in range(1, 12):
            passes(layer, x, count).numpy()
    assert len(queue._programs) == 11
    sizes = [sum(program.nbytes for program in programs) for programs in queue._programs.values()]
    assert sizes == sorted(sizes)
    monkeypatch.setattr(queue, "KEPT_BYTES", sum(sizes[-2:]))
    passes(layer, x, 12).numpy()
    assert 1 <= len(queue._programs) <= 2
    monkeypatch.setattr(queue, "KEPT_BYTES", 0)
    passes(layer, x, 13).numpy()
    assert len(queue._programs) == 1
