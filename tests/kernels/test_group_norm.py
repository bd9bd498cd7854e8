"""Group, layer and instance normalization: every kind of number against the twin, the layers against PyTorch."""
import numpy as np
import pytest
from numba.core import config

import reference_norm
from numbacnn.simd.choice import L
from tolerances import assert_close

SHAPES = [((2, 4), 2), ((3, 6, 4), 3), ((2, 6, 3, 4), 2), ((3, 8, 1, 1), 1), ((1, 4, 5, 3), 4), ((2, 4, 2, 3, 2), 2)]
if not config.DISABLE_JIT:
    SHAPES += [((L, 4, 3, 3), 2), ((L + 1, 6, 3, 2), 6), ((2 * L + 6, 18, 2, 2), 3), ((L + 3, 33), 1)]
EPS = 1e-5
#: Many rows, one long row, many channels of one pixel.
LONG = [(1, 2, 160, 160), (1, 2, 1, 2000)] if config.DISABLE_JIT else [(1, 2, 160, 160), (4, 2, 1, 500_000), (3, 100_000)]


def arrays(kind, shape, rng):
    """x, dout, weight and bias; the images of x lie far from 0 and differ in spread."""
    x = kind.normal(rng, *shape) * np.arange(1, shape[0] + 1).reshape(-1, *(1,) * (len(shape) - 1)) / shape[0] + 3
    return x.astype(kind.dtype), kind.normal(rng, *shape), kind.normal(rng, shape[1]), kind.normal(rng, shape[1])


@pytest.mark.parametrize("shape, G", SHAPES, ids=str)
def test_equals_the_twin(kind, shape, G, rng):
    x, dout, weight, bias = arrays(kind, shape, rng)
    batch, M = kind.enter(x), x[0].size // G
    out, mean, var = kind.ops.group_norm_forward(batch, weight, bias, G, EPS)
    for actual, expected in zip((out, mean, var), reference_norm.group_norm_forward(x, weight, bias, G, EPS)):
        assert_close(kind.leave(actual), expected, M, roundings=4, size=20)
    dx, dweight, dbias = map(kind.leave, kind.ops.group_norm_backward(kind.enter(dout), batch, mean, var, weight, EPS,
                                                                      (True,) * 3))
    expected_dweight, expected_dbias = reference_norm.group_norm_backward_weight(dout, x, G, EPS)
    assert_close(dweight, expected_dweight, x.size, roundings=4, size=10)
    assert_close(dbias, expected_dbias, x.size)
    assert_close(dx, reference_norm.group_norm_backward_input(dout, x, weight, G, EPS), M, roundings=8, size=20)


def test_long_sums_leave_the_mean_in_the_middle(kind, rng):
    """A large group far from 0: its mean is right to the last places, however many numbers were summed."""
    x = (kind.normal(rng, 2, 2, 96, 96) + 30).astype(kind.dtype)
    _, mean, var = map(kind.leave, kind.ops.group_norm_forward(kind.enter(x), *np.ones((2, 2), kind.dtype), 1, EPS))
    rows = x.reshape(2, -1).astype(float)
    assert_close(mean[:, 0], rows.mean(axis=1), kind.terms(rows.shape[1]))
    assert_close(var[:, 0], rows.var(axis=1), kind.terms(rows.shape[1]), roundings=2)


@pytest.mark.parametrize("shape", LONG, ids=str)
def test_long_sums_keep_their_last_digits(kind, shape, rng):
    """Numbers as a ReLU leaves them, half of them 0, so that their rounding errors do not cancel out."""
    x, noise = np.maximum(kind.normal(rng, 2, *shape), 0)
    dout, (weight, bias), terms = x + noise, kind.normal(rng, 2, shape[1]), kind.terms(x.size)
    batch = kind.enter(x)
    out, mean, var = kind.ops.group_norm_forward(batch, weight, bias, 1, EPS)
    for actual, expected in zip((out, mean, var), reference_norm.group_norm_forward(x, weight, bias, 1, EPS)):
        assert_close(kind.leave(actual), expected, terms, roundings=2)
    gradients = kind.ops.group_norm_backward(kind.enter(dout), batch, mean, var, weight, EPS, (True,) * 3)
    dx, *sums = map(kind.leave, gradients)
    for mine, theirs in zip(sums, reference_norm.group_norm_backward_weight(dout, x, 1, EPS)):
        assert_close(mine, theirs, terms, roundings=2)
    assert_close(dx, reference_norm.group_norm_backward_input(dout, x, weight, 1, EPS), terms, roundings=2)
