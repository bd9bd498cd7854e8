"""Plans: no array that a task looks at ends beyond the buffer it lies in."""
import numpy as np
import pytest
from numba.core import config

from numbacnn.engine import queue, tiles
from numbacnn.engine.batch import pack
from numbacnn.engine.ops import conv, linear
from numbacnn.engine.buffers import FLOAT
from numbacnn.engine.plan import Plan, whole

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="plans are for compiled code")


@pytest.fixture
def ends(monkeypatch):
    """For each plan how far its arrays reach in each buffer, in bytes; and a look at what it is given."""
    reach, row, append = {}, Plan.row, queue.append

    def note(plan, task, slices, reads, writes, *words, **more):
        for array in (*reads, *writes):
            name, first = whole(array.buffer)
            # at least one float lies at the last place; where an extent is zero nothing is read
            last = sum((extent - 1) * stride for extent, stride in zip(array.shape, array.strides)) + FLOAT
            end = first + array.offset + (last if 0 not in array.shape else 0)
            reach[id(plan), name] = max(end, reach.get((id(plan), name), 0))
        return row(plan, task, slices, reads, writes, *words, **more)

    def check(plan, places):
        sizes = {name: place.nbytes for name, place in zip(plan.names, places)} | plan.scratch
        for (which, name), end in reach.items():
            assert which != id(plan) or end <= sizes[name], (name, end, sizes[name])
        append(plan, places)

    monkeypatch.setattr(Plan, "row", note)
    monkeypatch.setattr(queue, "append", check)
    return reach


@pytest.mark.parametrize("N, IC, OC, kernel", [(3, 7, 13, 3), (3, 16, 64, 1), (3, 38, 16, 1), (3, 64, 38, 3), (3, 13, 7, 5)])
def test_arrays_of_a_convolution_end_within_their_buffers(ends, N, IC, OC, kernel):
    for plan in (conv.forward_plan, conv.backward_plan):
        plan.cache_clear()  # else its rows are not noted
    x, weight, bias = (np.ones(shape, np.float32) for shape in ((N, IC, 7, 6), (OC, IC, kernel, kernel), (OC,)))
    settings = (1, 1), (0, 0), (1, 1)
    out = tiles.conv2d_forward(pack(x), weight, bias, *settings)
    np.testing.assert_array_equal(out.numpy(), IC * kernel * kernel + 1)
    _, dweight, dbias = tiles.conv2d_backward(pack(out.numpy()), pack(x), weight, *settings, (True, True, True))
    pixels = N * (8 - kernel) * (7 - kernel)
    for gradient in (dweight, dbias):
        np.testing.assert_array_equal(gradient.numpy(), pixels * (IC * kernel * kernel + 1))
    assert len(ends) > 10


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("IC, OC", [(64, 13), (13, 64), (31, 38), (400, 120)])
def test_arrays_of_a_dense_layer_end_within_their_buffers(ends, IC, OC, transposed):
    for plan in (linear._forward_plan, linear._backward_plan):
        plan.cache_clear()
    x, bias = np.ones((5, IC), np.float32), np.ones(OC, np.float32)
    weight = np.ones((IC, OC), np.float32).T if transposed else np.ones((OC, IC), np.float32)
    out = tiles.linear_forward(pack(x), weight, bias)
    dx, *_ = tiles.linear_backward(out, pack(x), weight, (True, True, True))
    np.testing.assert_array_equal(out.numpy(), IC + 1)
    np.testing.assert_array_equal(dx.numpy(), OC * (IC + 1))
    assert len(ends) > 10
