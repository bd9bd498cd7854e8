"""Schedules of rows made by hand and drawn at random: pure Python, nothing is computed."""
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from numbacnn.engine.schedule import levels, schedule


def row(reads="", writes="", blocks=0):
    return blocks, set(reads), set(writes)


def stages_of(rows, slices):
    """For each stage and unit a list of (row, slices that the unit does)."""
    order, units, stages = schedule(rows, levels(rows))
    share = [slices[i] // (rows[i][0] or 1) for i in order]
    return [[[(order[at], range(block * share[at], (block + 1) * share[at])) for at in range(first, end)]
             for first, end, block in units[start:stop]] for start, stop in stages]


# ---------------------------------------------------------------- levels
def test_a_row_comes_after_what_it_reads():
    assert levels([row("x", "a"), row("a", "b"), row("x", "c"), row("bc", "d")]) == [0, 1, 0, 2]


def test_a_row_writes_after_all_who_read_or_wrote_before():
    assert levels([row("x", "a"), row("y", "x")]) == [0, 1]
    assert levels([row("x", "a"), row("y", "a")]) == [0, 1]
    assert levels([row("x", "a"), row("x", "b"), row("", "x"), row("x", "c"), row("", "x")]) == [0, 0, 1, 2, 3]


def test_rows_by_the_same_blocks_share_a_level():
    assert levels([row("x", "a", 4), row("a", "b", 4), row("b", "x", 4)]) == [0, 0, 0]
    assert levels([row("x", "a", 4), row("a", "b", 2), row("b", "c", 2), row("c", "d")]) == [0, 1, 1, 2]


def test_a_training_step_has_four_levels():
    """Pack the weights; every block forward and backward; add the blocks up; move the weights."""
    pack, forward = row("w", "p"), row("xp", "y", 4)
    backward, fold, move = row("yxp", "s", 4), row("s", "g"), row("g", "w")
    assert levels([pack, forward, backward, fold, move]) == [0, 1, 1, 2, 3]


# ---------------------------------------------------------------- units
def test_a_chain_is_followed_block_by_block():
    stages = stages_of([row("x", "a", 2), row("a", "b", 2)], [2, 6])
    assert stages == [[[(0, range(1)), (1, range(3))], [(0, range(1, 2)), (1, range(3, 6))]]]


def test_a_row_of_any_image_is_a_unit_of_its_own():
    (stage,) = stages_of([row("x", "a", 2), row("x", "b"), row("x", "c")], [2, 3, 1])
    assert stage == [[(0, range(1))], [(0, range(1, 2))], [(1, range(3))], [(2, range(1))]]


def test_nothing_to_do():
    assert schedule([], []) == ([], [], [])


# ---------------------------------------------------------------- any rows, in any order
BLOCKS = 4  # a buffer is a place for each block; slices without blocks look at all of them

rows_drawn = st.lists(st.tuples(st.sampled_from([0, 0, 2, BLOCKS, BLOCKS]), st.sets(st.sampled_from("abcde"), max_size=3),
                                st.sets(st.sampled_from("abcde"), min_size=1, max_size=2), st.integers(1, 3)),
                      max_size=12)


def cells(blocks, k, slices, buffers):
    """The parts of buffers that slice k looks at: those of its block, all of them without blocks."""
    every = range(BLOCKS)
    mine = every if not blocks else [k // (slices // blocks) * (BLOCKS // blocks) + i for i in range(BLOCKS // blocks)]
    return [(buffer, block) for buffer in sorted(buffers) for block in mine]


@settings(max_examples=2 * settings.default.max_examples)
@given(rows_drawn, st.randoms(use_true_random=False))
def test_no_order_of_units_breaks_a_dependency(drawn, chance):
    """Slices append to a history of each part they read or write; rows must come in the order in which they were asked.

    Within a stage whole units run in any order, which is what threads may do to units that look at different parts.
    """
    rows = [(blocks, reads, writes) for blocks, reads, writes, _ in drawn]
    slices = [max(blocks, 1) * factor for blocks, _, _, factor in drawn]
    seen = {}  # part: the (row, whether it writes) in the order in which they ran
    done = []
    for stage in stages_of(rows, slices):
        random.Random(chance.random()).shuffle(stage)
        touched = {}  # part: (unit, writes) of this stage
        for number, unit in enumerate(stage):
            for which, ks in unit:
                blocks, reads, writes = rows[which]
                for k in ks:
                    done.append((which, k))
                    for writing, buffers in ((False, reads), (True, writes)):
                        for cell in cells(blocks, k, slices[which], buffers):
                            seen.setdefault(cell, []).append((which, writing))
                            touched.setdefault(cell, set()).add((number, which, writing))
        for cell, those in touched.items():  # units that run at the same time: slices of one row may share a part
            assert not any(writing and number != other and which != another
                           for number, which, writing in those for other, another, _ in those), cell
    assert sorted(done) == [(which, k) for which, count in enumerate(slices) for k in range(count)]
    for cell, history in seen.items():
        for at, (which, writing) in enumerate(history):
            for later, writes in history[at + 1:]:
                assert later >= which or not (writing or writes), cell
