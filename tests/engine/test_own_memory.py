"""Numbers that only the chain of a block sees lie where its thread works: which they are, where they lie, who may look."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("programs are compiled code", allow_module_level=True)

import numbacnn as nc
from few_blocks import images, network, newest, step
from numbacnn.engine import buffers, queue
from numbacnn.engine.own_memory import Stay, share_out, stays
from numbacnn.engine.plan import Array, Plan
from numbacnn.nn import functional as F
from numbacnn.simd.choice import L


@pytest.fixture
def x():
    return images()


# ---------------------------------------------------------------- which memories
def stay_of(rows, level, by_block=256):
    """What stays of rows (blocks, reads, writes), all of whose arrays go by blocks in that distance."""
    views = [[(memory, by_block if blocks else 0) for memory in reads + writes] for blocks, reads, writes in rows]
    return stays([(blocks, set(reads), set(writes)) for blocks, reads, writes in rows], level, views)


def test_what_a_chain_hands_on_stays_from_the_first_row_to_the_last():
    found = stay_of([(4, "x", "a"), (4, "a", "b"), (4, "ab", "c"), (0, "c", "d")], [0, 0, 0, 1])
    assert found == {"a": Stay((4, 0), 256, 0, 2), "b": Stay((4, 0), 256, 1, 2)}


@pytest.mark.parametrize("rows, level", [
    ([(4, "x", "a"), (0, "a", "b")], [0, 1]),  # all blocks are read
    ([(4, "x", "a"), (4, "a", "b")], [0, 1]),  # in a later stage
    ([(4, "x", "a"), (2, "a", "b")], [0, 0]),  # other blocks
    ([(4, "a", "b"), (4, "x", "a")], [0, 0]),  # it is there before
    ([(4, "a", "a")], [0]),
])
def test_what_others_see_does_not_stay(rows, level):
    assert "a" not in stay_of(rows, level)


def test_an_array_that_does_not_go_by_blocks_does_not_stay():
    rows = [(4, set("x"), set("a")), (4, set("a"), set("b"))]
    for second in (0, 512):
        assert "a" not in stays(rows, [0, 0], [[("x", 256), ("a", 256)], [("a", second), ("b", 256)]])
    assert "a" in stays(rows, [0, 0], [[("x", 0), ("a", 256)], [("a", 256), ("b", 0)]])


@pytest.mark.parametrize("blocks, goes", [(4, True), (0, False), (2, False)])
def test_an_array_goes_by_blocks_if_its_first_axis_does(blocks, goes):
    row, = Plan().row(None, 4, [], [Array("out", (4, 3), (48, 16))], blocks=blocks).rows
    assert [*map(row.table.__getitem__, row.by_block.values())] == [48] * goes


# ---------------------------------------------------------------- where they lie
drawn = st.lists(st.builds(lambda chain, nbytes, first, rows: Stay(chain, nbytes, first, first + rows), st.integers(0, 1),
                           st.integers(1, 1000), st.integers(0, 9), st.integers(0, 5)), max_size=12)


@given(drawn)
def test_memories_needed_at_the_same_time_share_no_byte(those):
    offsets, nbytes = share_out(dict(enumerate(those)))
    places = [(offsets[i], offsets[i] + stay.nbytes, stay) for i, stay in enumerate(those)]
    assert all(first % buffers.ALIGNMENT == 0 and end <= nbytes for first, end, _ in places)
    for i, (first, end, stay) in enumerate(places):
        for other, last, another in places[:i]:
            together = stay.chain == another.chain and stay.first <= another.last and another.first <= stay.last
            assert not together or end <= other or last <= first


def test_a_gradient_lies_where_the_result_lay():
    offsets, nbytes = share_out({"out": Stay(0, 1024, 0, 2), "small": Stay(0, 128, 1, 6), "dout": Stay(0, 1024, 5, 6)})
    assert offsets == {"out": 0, "dout": 0, "small": 1024} and nbytes == 1152


# ---------------------------------------------------------------- whole programs
@pytest.mark.parametrize("together", [False, True])
def test_who_holds_a_result_may_look_at_it(x, together, threads):
    threads(2 if config.NUMBA_NUM_THREADS > 1 else 1)
    layers, kept = network(), []
    alone = step(layers, x)
    assert step(layers, x, kept) == alone
    a, b, c = kept
    if together:
        del kept, a
    np.testing.assert_allclose(c.detach().numpy(), layers[1](b.detach()).detach().numpy(), rtol=1e-6, atol=1e-6)
    if not together:
        expected = nc.tensor(F.max_pool2d(F.relu(layers[0](x)), 2).detach().numpy().copy())
        np.testing.assert_array_equal(F.max_pool2d(F.relu(a.detach()), 2).numpy(), expected.numpy())
        np.testing.assert_array_equal(b.detach().numpy(), expected.numpy())
    assert step(layers, x) == alone


def test_a_thread_has_room_for_one_block(x):
    layers = network()
    for _ in range(2):
        step(layers, x)
    own = newest()._own
    assert 0 < own < 2 * 10 * 10 * 8 * L * buffers.FLOAT  # twice the largest array of a block, 5 channels with room for 8
    half = x[:2 * L + 3]
    for _ in range(2):
        step(layers, half)
    assert newest()._own == own


def test_what_lies_there_before_does_not_matter(x, threads):
    """Not a number in all memory of the threads, one thread and then several."""
    layers = network()
    expected = step(layers, x)
    for count in sorted({1, min(2, config.NUMBA_NUM_THREADS), config.NUMBA_NUM_THREADS}):
        threads(count)
        step(layers, x)
        buffers._scratch.floats(buffers._scratch.nbytes // buffers.FLOAT)[:] = np.nan
        assert step(layers, x) == expected


def test_a_result_that_is_kept_now_and_then_has_two_programs(x):
    """Also while an array of something else is held outside, which decides nothing."""
    layers, kept, elsewhere = network(), [], nc.zeros(3).numpy()
    for _ in range(3):
        step(layers, x)
        step(layers, x, kept)
        kept.clear()
    assert len(next(reversed(queue._programs.values()))) == 2 and elsewhere.any() == 0
