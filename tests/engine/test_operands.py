"""Operands that are declared by name and kind: what a row may be given, and what a compiled task sees."""
import numpy as np
import pytest
from numba.core import config

from numbacnn.engine.operands import DenseFloats, Floats, Lanes, Number, Pair, Real, Seed, Settings, Stride, Tiles, Triple
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.queue import enqueue, finish
from numbacnn.engine.task import reads


@reads(x=DenseFloats(1), number=Number(), pair=Pair(), triple=Triple(), stride=Stride(), real=Real(), seed=Seed(),
       settings=Settings(2)).writes(out=Floats(1))
def everything(op, k):
    """All numbers, one after the other, each added to x[k]."""
    for i in range(1):
        out = op.out[13 * k:]
        out[i], out[1], out[2] = op.number, op.pair[0], op.pair[1]
        out[3], out[4], out[5] = op.triple[0], op.triple[1], op.triple[2]
        out[6], out[7], out[8] = op.stride[0], op.stride[1], op.real
        out[9], out[10], out[11], out[12] = op.seed, op.settings[0], op.settings[1], op.x[k]


@reads(x=Tiles(2), scale=Real()).writes(out=Lanes(2)).by_lane
def open_to_tiles(op, k):
    """Never run."""


def given():
    """Everything that a row of `everything` takes."""
    return {"x": Array("x", (2,), (4,)), "number": 3, "pair": (4, 5), "triple": (6, 7, 8), "stride": (2, 9), "real": 0.1,
            "seed": "seed", "settings": "settings", "out": Array("out", (26,), (4,))}


@pytest.mark.skipif(config.DISABLE_JIT, reason="there are no tasks without a compiler")
@pytest.mark.parametrize("strided, stride", [(True, (2, 9)), (False, (1, 1))])
def test_a_task_sees_what_its_row_was_given(strided, stride):
    """The numbers stand in another order than the table has them; a stride that is 1 when compiled is not read."""
    out, x = np.zeros(26, np.float32), np.array([20, 21], np.float32)
    backwards = dict(reversed(given().items()))
    plan = Plan().add(everything.of(strided=strided), 2, **backwards).finish()
    enqueue(plan, x=x, out=out, seed=np.array([77]), settings=np.array([0.25, -1.5]))
    finish()
    numbers = [3, 4, 5, 6, 7, 8, *stride, np.float32(0.1), 77, 0.25, -1.5]
    np.testing.assert_array_equal(out.reshape(2, 13), [[*numbers, 20], [*numbers, 21]])


@pytest.mark.skipif(config.DISABLE_JIT, reason="there are no tasks without a compiler")
@pytest.mark.parametrize("change, words", [
    ({"real": None}, "everything: expected the operands x, number, .*; missing: real$"),
    ({"bias": 1}, "; unknown: bias$"),
    ({"bias": 1, "x": None, "out": None}, "; missing: out, x; unknown: bias$")])
def test_a_row_without_its_operands_is_refused(change, words):
    operands = {name: value for name, value in {**given(), **change}.items() if value is not None}
    with pytest.raises(TypeError, match=words):
        Plan().add(everything.of(strided=True), 1, **operands)


@pytest.mark.skipif(config.DISABLE_JIT, reason="there are no tasks without a compiler")
@pytest.mark.parametrize("change, words", [
    ({"x": Array("x", (2, 2), (8, 4))}, r"everything: x has shape \(2, 2\), expected 1 axes"),
    ({"pair": (1, 2, 3)}, r"everything: pair is \(1, 2, 3\), expected 2 numbers")])
def test_an_operand_of_another_kind_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        Plan().add(everything.of(strided=True), 1, **{**given(), **change})


def test_more_numbers_than_a_table_has_room_for_are_refused():
    with pytest.raises(ValueError, match="18 numbers do not fit the 16 words"):
        reads(**{f"n{i}": Triple() for i in range(6)}).writes(out=Floats(1))


@pytest.mark.skipif(config.DISABLE_JIT, reason="there are no tasks without a compiler")
def test_an_extent_that_is_open_must_be_given():
    with pytest.raises(TypeError, match="needs 'T'"):
        open_to_tiles.of()
    assert open_to_tiles.of(T=3).halved() is open_to_tiles.of(T=3).halved()
    assert open_to_tiles.goes_by_lanes and not everything.goes_by_lanes
