"""Pooling, forward and backward, for every kind of number, against the twin and PyTorch."""
import numpy as np
import pytest
from numba.core import config

import reference
from numbacnn.simd.choice import L
from tolerances import assert_close

# x, kernel, stride, padding, dilation
MAX = [
    ((1, 1, 1, 1), (1, 1), (1, 1), (0, 0), (1, 1)), ((2, 3, 6, 8), (2, 2), (2, 2), (0, 0), (1, 1)),
    ((2, 3, 7, 9), (2, 2), (2, 2), (0, 0), (1, 1)), ((2, 2, 7, 6), (3, 2), (1, 1), (0, 0), (1, 1)),
    ((2, 2, 7, 6), (3, 2), (2, 1), (1, 1), (1, 1)), ((3, 2, 5, 5), (3, 3), (1, 1), (1, 1), (1, 1)),
    ((2, 1, 9, 8), (2, 3), (1, 2), (0, 1), (3, 2)), ((2, 2, 8, 8), (3, 3), (2, 2), (1, 1), (2, 2)),
    ((2, 2, 7, 5), (1, 2), (3, 3), (0, 1), (1, 1)), ((1, 9, 4, 4), (2, 2), (2, 2), (1, 1), (1, 1)),
    ((L, 2, 4, 4), (2, 2), (2, 2), (0, 0), (1, 1)), ((L + 1, 5, 5, 4), (3, 2), (2, 2), (1, 1), (1, 1)),
    ((2 * L + 6, 1, 4, 6), (2, 2), (1, 1), (1, 1), (1, 1)), ((2, 33, 4, 4), (2, 2), (2, 2), (0, 0), (1, 1)),
]
AVG = [(*shape, count) for *shape, dilation in MAX if dilation == (1, 1) for count in (True, False)]
if config.DISABLE_JIT:
    MAX, AVG = ([shape for shape in shapes if np.prod(shape[0]) < 500] for shapes in (MAX, AVG))


def name(shape):
    return "-".join(str(part) if isinstance(part, bool) else "x".join(map(str, part)) for part in shape)


max_shapes = pytest.mark.parametrize("shape", MAX, ids=name)
avg_shapes = pytest.mark.parametrize("shape", AVG, ids=name)


def max_pool(kind, x, settings, dout=None):
    """(out, tap, dx) of the engine; dout is made of whole numbers if none is given, so that sums are exact."""
    out, tap = kind.ops.max_pool2d_forward(kind.enter(x), *settings)
    dout = np.arange(np.prod(out.shape), dtype=x.dtype).reshape(out.shape) % 97 - 40 if dout is None else dout
    dx = kind.ops.max_pool2d_backward(kind.enter(dout), tap, x.shape, *settings)
    return kind.leave(out), kind.leave(tap), kind.leave(dx), dout


@max_shapes
def test_max_equals_the_twin(kind, shape, rng):
    x_shape, *settings = shape
    x = kind.normal(rng, *x_shape)
    check_max(kind, x, settings)


@max_shapes
def test_max_of_ties_is_the_first_in_reading_order(kind, shape, rng):
    x_shape, *settings = shape
    x = rng.integers(-1, 1, x_shape).astype(kind.dtype)  # only -1 and 0: nearly every window has a tie
    check_max(kind, x, settings)


@max_shapes
def test_max_of_infinities_and_nan(kind, shape, rng):
    x_shape, *settings = shape
    x = rng.choice(np.array([-np.inf, np.inf, np.nan, -1, 1], kind.dtype), x_shape, p=(0.5, 0.1, 0.1, 0.2, 0.1))
    check_max(kind, x, settings)


def check_max(kind, x, settings):
    """Nothing is rounded here, so every bit is expected."""
    out, tap, dx, dout = max_pool(kind, x, settings)
    expected, expected_tap = reference.max_pool2d_forward(x, *settings)
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(tap, expected_tap)
    np.testing.assert_array_equal(dx, reference.max_pool2d_backward(dout, expected_tap, x.shape, *settings))


@pytest.mark.parametrize("values", ["normal", "ties", "nan"])
@max_shapes
def test_max_equals_pytorch(kind, shape, values, rng, torch):
    x_shape, *settings = shape
    x = {"normal": lambda: rng.standard_normal(x_shape), "ties": lambda: rng.integers(-1, 1, x_shape),
         "nan": lambda: rng.choice([-np.inf, np.nan, 1.0], x_shape)}[values]().astype(kind.dtype)
    out, _, dx, dout = max_pool(kind, x, settings)
    theirs = torch.tensor(x, requires_grad=True)
    expected = torch.nn.functional.max_pool2d(theirs, *settings)
    expected.backward(torch.tensor(dout))
    np.testing.assert_array_equal(out, expected.detach().numpy())
    np.testing.assert_array_equal(dx, theirs.grad.numpy())


@pytest.mark.parametrize("values", ["normal", "ties", "nan"])
@max_shapes
def test_max_after_relu_equals_pytorch(kind, shape, values, rng, torch):
    """The engine may rectify after pooling; it makes no difference."""
    import numbacnn as nc
    from numbacnn.nn import functional as F

    x_shape, *settings = shape
    x = {"normal": lambda: rng.standard_normal(x_shape), "ties": lambda: rng.integers(-2, 2, x_shape),
         "nan": lambda: rng.choice([-np.inf, np.nan, -1.0, 1.0], x_shape)}[values]().astype(kind.dtype)
    ours, theirs = nc.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    # as in a network, the relu gets a batch in lanes
    lanes = F.avg_pool2d(ours, 1)
    out = F.max_pool2d(F.relu(lanes), *settings)
    expected = torch.nn.functional.max_pool2d(torch.relu(theirs), *settings)
    dout = (np.arange(out.numel()).reshape(out.shape) % 97 - 40).astype(kind.dtype)
    out.backward(nc.tensor(dout))
    expected.backward(torch.tensor(dout))
    np.testing.assert_array_equal(out.detach().numpy(), expected.detach().numpy())
    np.testing.assert_array_equal(ours.grad.numpy(), theirs.grad.numpy())


def test_a_rectified_leaf_gets_the_gradient_of_the_pooling(torch):
    """A leaf that came out of a relu is a leaf like any other: where all is 0 the first pixel wins."""
    import numbacnn as nc
    from numbacnn.nn import functional as F

    x = -np.ones((1, 1, 4, 4), np.float32)
    weight = np.ones((1, 1, 1, 1), np.float32)
    leaf = F.relu(F.conv2d(nc.tensor(x), nc.tensor(weight))).detach().requires_grad_()
    F.max_pool2d(leaf, 2).sum().backward()
    theirs = torch.zeros(1, 1, 4, 4, requires_grad=True)
    torch.nn.functional.max_pool2d(theirs, 2).sum().backward()
    np.testing.assert_array_equal(leaf.grad.numpy(), theirs.grad.numpy())


def test_the_gradient_between_relu_and_pooling(torch):
    """Kept on the way, it is the pooling's own: the first of equal zeros wins there too."""
    import numbacnn as nc
    from numbacnn.nn import functional as F

    x = np.random.default_rng(5).standard_normal((3, 2, 6, 6)).astype(np.float32) - 1
    grads = []
    for library, functional in ((nc, F), (torch, torch.nn.functional)):
        leaf = library.tensor(x, requires_grad=True)
        between = functional.relu(functional.avg_pool2d(leaf, 1))
        between.retain_grad()
        functional.max_pool2d(between, 2).sum().backward()
        grads.append((between.grad.numpy(), leaf.grad.numpy()))
    for mine, theirs in zip(*grads):
        np.testing.assert_array_equal(mine, theirs)


def test_max_of_a_window_outside_the_image(torch):
    """Dilation may put every tap of a window into the padding: nothing wins, as in PyTorch."""
    import numbacnn as nc
    from numbacnn.nn import functional as F

    expected = torch.nn.functional.max_pool2d(torch.ones(1, 1, 2, 2), 2, 1, 1, 3).numpy()
    np.testing.assert_array_equal(F.max_pool2d(nc.ones(1, 1, 2, 2), 2, 1, 1, 3).numpy(), expected)


def avg_pool(kind, x, dout, settings):
    out = kind.ops.avg_pool2d_forward(kind.enter(x), *settings)
    dx = kind.ops.avg_pool2d_backward(kind.enter(dout), x.shape, *settings)
    return kind.leave(out), kind.leave(dx)


@avg_shapes
def test_avg_equals_the_twin(kind, shape, rng):
    x_shape, *settings = shape
    x = kind.normal(rng, *x_shape)
    expected = reference.avg_pool2d_forward(x, *settings)
    dout = kind.normal(rng, *expected.shape)
    out, dx = avg_pool(kind, x, dout, settings)
    assert_close(out, expected, np.prod(settings[0]))
    assert_close(dx, reference.avg_pool2d_backward(dout, x.shape, *settings), np.prod(settings[0]))


@avg_shapes
def test_avg_equals_pytorch(kind, shape, rng, torch):
    x_shape, kernel, stride, padding, count_include_pad = shape
    x = kind.normal(rng, *x_shape)
    theirs = torch.tensor(x, requires_grad=True)
    expected = torch.nn.functional.avg_pool2d(theirs, kernel, stride, padding, count_include_pad=count_include_pad)
    dout = kind.normal(rng, *expected.shape)
    expected.backward(torch.tensor(dout))
    out, dx = avg_pool(kind, x, dout, shape[1:])
    assert_close(out, expected.detach().numpy(), np.prod(kernel), roundings=2)
    assert_close(dx, theirs.grad.numpy(), np.prod(kernel), roundings=2)


def test_avg_lets_nan_and_infinities_through(kind):
    x = np.array([[[[np.nan, 1, np.inf, 1], [1, 1, 1, 1]]]], kind.dtype)
    out, _ = avg_pool(kind, x, np.ones((1, 1, 1, 2), kind.dtype), ((2, 2), (2, 2), (0, 0), True))
    np.testing.assert_array_equal(out, [[[[np.nan, np.inf]]]])


@pytest.mark.parametrize("op, arguments", [
    ("max_pool2d", dict(kernel_size=(3, 2), stride=2, padding=1)), ("max_pool2d", dict(kernel_size=2, stride=1, dilation=2)),
    ("avg_pool2d", dict(kernel_size=(3, 2), stride=2, padding=1)),
    ("avg_pool2d", dict(kernel_size=3, stride=2, padding=1, count_include_pad=False))])
def test_central_differences(op, arguments, rng):
    import numbacnn as nc
    from numbacnn.nn import functional as F

    x = rng.permutation(2 * 5 * 6).reshape(1, 2, 5, 6) / 10  # no two pixels closer than the step can move them
    x_tensor = nc.tensor(x, requires_grad=True)
    out = getattr(F, op)(x_tensor, **arguments)
    dout = rng.standard_normal(out.shape)
    (out * nc.tensor(dout)).sum().backward()
    expected = reference.central_differences(
        lambda array: (getattr(F, op)(nc.tensor(array), **arguments) * nc.tensor(dout)).sum().item(), x, step=0.02)
    assert_close(x_tensor.grad.numpy(), expected, terms=dout.size, roundings=100)


@pytest.mark.skipif(config.DISABLE_JIT, reason="there are no bands without a compiler")
@pytest.mark.parametrize("settings", [
    ((2, 2), (2, 2), (0, 0), (1, 1)), ((2, 3), (3, 1), (1, 1), (1, 1)), ((1, 1), (3, 2), (0, 0), (1, 1)),
    ((3, 2), (3, 2), (1, 0), (1, 1)), ((2, 2), (4, 4), (1, 1), (2, 1)), ((3, 3), (2, 2), (1, 1), (1, 1))], ids=name)
@pytest.mark.parametrize("rectify", [False, True], ids=["plain", "rectified"])
def test_max_gradients_in_bands_of_rows(settings, rectify, rng, monkeypatch):
    """Bands of every height, the last one shorter; rows that no window sees are zeros, whichever band they fall to."""
    from numbacnn.engine import tiles
    from numbacnn.engine.batch import pack
    from numbacnn.engine.ops import pooling

    x = rng.standard_normal((L + 3, 9, 19, 6)).astype(np.float32)
    seen = np.maximum(x, 0) if rectify else x
    expected, taps = reference.max_pool2d_forward(seen, *settings)
    dout = rng.integers(-9, 9, expected.shape).astype(np.float32)
    expected_dx = reference.max_pool2d_backward(dout, taps, x.shape, *settings) * (1 if not rectify else x > 0)
    for band in (1, 12_000, 1 << 30):
        monkeypatch.setattr(pooling, "BAND", band)
        pooling._max_backward_plan.cache_clear()
        out, tap = tiles.max_pool2d_forward(tiles.activation_forward("relu", pack(x)) if rectify else pack(x), *settings)
        dx = tiles.max_pool2d_backward(pack(dout), tap, x.shape, *settings)
        np.testing.assert_array_equal(out.numpy(), expected)
        np.testing.assert_array_equal(dx.numpy(), expected_dx)
    pooling._max_backward_plan.cache_clear()
