"""The sums of a grid: each adds its lanes in halves, to the bit, however many are folded together."""
import numpy as np
import pytest
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("grids are compiled code", allow_module_level=True)

from numbacnn.engine.buffers import Written
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.queue import enqueue, finish
from numbacnn.ladder.peak import multiply_adds
from numbacnn.simd.choice import ROOM, VECTOR


@pytest.mark.parametrize("T, K", [(1, 1), (1, 2), (3, 1), (2, 3), (5, 1), (3, 3), (2, 6), (3, 4), (6, 4), (5, 5)])
def test_every_sum_of_a_grid_is_folded_in_halves(T, K):
    if T * K > 2 * ROOM:
        pytest.skip("more than any loop asks for")
    rng = np.random.default_rng(T * K)
    left, right = (rng.standard_normal((count, VECTOR)).astype(np.float32) for count in (T, K))
    out = np.full(T * K + 1, np.nan, np.float32)
    plan = Plan().add(multiply_adds.of(T=T, K=K), 1, left=Array("left", (1,), (4,)), right=Array("right", (1,), (4,)),
                      sums=1, terms=1, out=Array("out", (1,), (4 * T * K,))).finish()
    buffers = [Written(array.nbytes) for array in (left, right)]
    for buffer, array in zip(buffers, (left, right)):
        buffer.floats(array.shape)[:] = array
    enqueue(plan, left=buffers[0], right=buffers[1], out=out)
    finish()
    lanes = left[:, None] * right
    while lanes.shape[-1] > 1:
        half = lanes.shape[-1] // 2
        lanes = lanes[..., :half] + lanes[..., half:]
    np.testing.assert_array_equal(out[:-1], lanes.reshape(-1))
    assert np.isnan(out[-1])
