"""Softmax cross-entropy, forward and backward, for every kind of number, against the twin and PyTorch."""
import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
import reference
from numbacnn.nn import functional as F
from numbacnn.simd.choice import L
from tolerances import assert_close, tolerance

SHAPES = [(1, 1), (1, 2), (2, 10), (3, 9), (5, 17), (7, 33)]
if not config.DISABLE_JIT:
    SHAPES += [(L - 1, 10), (L, 10), (L + 1, 3), (2 * L + 6, 10), (3, 1000)]
shapes = pytest.mark.parametrize("shape", SHAPES, ids=lambda s: "N{}-C{}".format(*s))
scales = pytest.mark.parametrize("scale", [0, 1, 30, 1e4], ids="scale{:g}".format)


def results(kind, x, target, share, smoothing=0):
    """The losses and dx of the engine."""
    batch, classes = kind.enter(x), kind.ops.class_numbers(target)
    losses = kind.ops.losses_of(kind.ops.cross_entropy_forward(batch, classes, smoothing), len(target))
    return losses, kind.leave(kind.ops.cross_entropy_backward(batch, classes, share, smoothing))


@scales
@shapes
@pytest.mark.parametrize("smoothing", [0, 0.1, 1])
def test_equals_the_twin(kind, shape, scale, smoothing, rng):
    N, C = shape
    x = scale * kind.normal(rng, N, C)
    target, share = rng.integers(0, C, N), kind.normal(rng, N)
    losses, dx = results(kind, x, target, share, smoothing)
    assert losses.dtype == dx.dtype == kind.dtype and losses.shape == (N,)
    # the scores are rounded before they are compared, so the error grows with them
    size = max(1, np.abs(x).max())
    bound = size * tolerance(kind.dtype, C)
    np.testing.assert_allclose(losses, reference.cross_entropy_forward(x, target, smoothing), rtol=0, atol=bound)
    np.testing.assert_allclose(dx, reference.cross_entropy_backward(x, target, share, smoothing), rtol=0,
                               atol=bound * np.abs(share).max())


def test_long_sums_keep_their_last_digits(kind, rng):
    x, target, share = kind.normal(rng, 6, 20_000) / 8, np.arange(6), np.ones(6, kind.dtype)
    terms = kind.terms(x.shape[1])
    losses, dx = results(kind, x, target, share)
    assert_close(losses, reference.cross_entropy_forward(x, target), terms)
    expected = reference.cross_entropy_backward(x, target, share)
    assert_close(dx[:, 10:], expected[:, 10:], terms, roundings=2)  # beside the target all are small

@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_mean_of_many_losses_keeps_its_last_digits(dtype, rng):
    scores, target = rng.standard_normal((20_000, 2)).astype(dtype), np.zeros(20_000, int)
    mean = F.cross_entropy(nc.tensor(scores), nc.tensor(target)).numpy()
    assert_close(mean, reference.cross_entropy_forward(scores, target).mean(), 1 if dtype == np.float32 else 20_000)


@shapes
def test_equals_pytorch(kind, shape, rng, torch):
    N, C = shape
    x, target, share = 3 * kind.normal(rng, N, C), rng.integers(0, C, N), kind.normal(rng, N)
    theirs = torch.tensor(x, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(theirs, torch.tensor(target), reduction="none")
    expected.backward(torch.tensor(share))
    losses, dx = results(kind, x, target, share)
    np.testing.assert_allclose(losses, expected.detach().numpy(), rtol=0, atol=10 * tolerance(kind.dtype, C))
    np.testing.assert_allclose(dx, theirs.grad.numpy(), rtol=0, atol=10 * tolerance(kind.dtype, C))


@pytest.mark.parametrize("huge", [1e3, 1e30, 3e38])
def test_huge_scores_do_not_overflow(kind, huge):
    x = np.array([[huge, 0, -huge], [-huge, -huge, -huge], [huge, huge, -huge]], kind.dtype)
    target = np.array([0, 1, 0])
    with np.errstate(over="ignore"):  # -2 * 3e38 is -inf, and its power 0; NumPy says so when it runs the loop
        losses, dx = results(kind, x, target, np.ones(3, kind.dtype))
    np.testing.assert_allclose(losses, [0, np.log(3), np.log(2)], rtol=tolerance(kind.dtype))
    np.testing.assert_allclose(dx, [[0, 0, 0], [1 / 3, -2 / 3, 1 / 3], [-1 / 2, 1 / 2, 0]],
                               rtol=0, atol=tolerance(kind.dtype))


def test_nan_and_infinity(kind):
    """A NaN spoils its own image only; a class with score -inf has no probability."""
    x = np.array([[1, np.nan, 0], [0, -np.inf, 0], [0, 0, 0]], kind.dtype)
    losses, dx = results(kind, x, np.array([0, 2, 1]), np.ones(3, kind.dtype))
    assert np.isnan(losses[0]) and np.isnan(dx[0]).all()
    np.testing.assert_allclose(losses[1:], np.log([2, 3]), rtol=tolerance(kind.dtype))
    np.testing.assert_allclose(dx[1], [0.5, 0, -0.5], rtol=tolerance(kind.dtype))


def test_no_share_no_gradient(kind, rng):
    x = kind.normal(rng, 4, 5)
    share = np.array([0, 1, 0, 1], kind.dtype)
    dx = results(kind, x, np.array([0, 1, 2, 3]), share)[1]
    assert (dx[share == 0] == 0).all() and (dx[share == 1] != 0).all()


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_central_differences(reduction, rng):
    import numbacnn as nc
    from numbacnn.nn import functional as F

    x, target = rng.standard_normal((3, 4)), nc.tensor(np.array([0, 3, 1]))
    dout = nc.tensor(rng.standard_normal(3) if reduction == "none" else rng.standard_normal())

    def loss(tensor):
        return (F.cross_entropy(tensor, target, reduction=reduction) * dout).sum()

    tensor = nc.tensor(x, requires_grad=True)
    loss(tensor).backward()
    step = 1e-5
    expected = reference.central_differences(lambda array: loss(nc.tensor(array)).item(), x, step)
    np.testing.assert_allclose(tensor.grad.numpy(), expected, rtol=0, atol=10 * step**2)


def test_the_mean_counts_images_and_nothing_else(kind, rng):
    """Lanes without an image have no part in the mean."""
    import numbacnn as nc
    from numbacnn.nn import functional as F

    x, target = kind.normal(rng, 3, 4), np.array([1, 2, 0])
    mean = F.cross_entropy(nc.tensor(x), nc.tensor(target)).item()
    assert_close(kind.dtype.type(mean), reference.cross_entropy_forward(x, target).mean(), 4)
