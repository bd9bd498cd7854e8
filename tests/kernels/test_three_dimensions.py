"""Convolution and pooling of volumes: every kind of number against the twin and PyTorch."""
import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
import reference_layers
import reference_volumes
from numbacnn import nn
from numbacnn.nn import functional as F
from numbacnn.simd.choice import L, takes_sheets
from tolerances import assert_close

# x, OC, groups, kernel, stride, padding, dilation
CONV = [((1, 1, 1, 1, 1), 1, 1, (1, 1, 1), (1, 1, 1), (0, 0, 0), (1, 1, 1)),
        ((2, 2, 3, 4, 5), 3, 1, (2, 3, 1), (1, 2, 1), (1, 0, 0), (1, 1, 1)),
        ((2, 1, 4, 3, 6), 2, 1, (2, 2, 3), (2, 1, 3), (0, 1, 2), (2, 1, 2)),
        ((2, 4, 3, 4, 3), 6, 2, (2, 3, 2), (1, 2, 1), (1, 1, 0), (1, 1, 1)),
        ((2, 3, 3, 2, 4), 3, 3, (2, 1, 3), (1, 1, 2), (0, 0, 1), (2, 1, 1))]
if not config.DISABLE_JIT:
    CONV += [((L + 1, 3, 3, 4, 4), 9, 1, (3, 3, 3), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
             ((2, 16, 2, 3, 3), 14, 1, (1, 2, 1), (1, 1, 1), (0, 1, 0), (1, 1, 1)),  # two runs of tiles, and of grids
             ((2, 7, 1, 2, 3), 38, 1, (1, 1, 2), (1, 1, 1), (0, 0, 0), (1, 1, 1)),
             ((2, 9, 2, 3, 3), 8, 1, (2, 3, 3), (1, 1, 1), (0, 1, 1), (1, 1, 1)),
             ((L + 1, 20, 3, 4, 3), 32, 1, (2, 3, 3), (2, 1, 1), (1, 1, 2), (1, 2, 1)),  # sheets, in two runs of input channels
             ((2, 6, 2, 3, 4), 64, 1, (3, 3, 3), (1, 2, 1), (1, 1, 1), (1, 1, 1)),
             ((L + 1, 18, 2, 3, 3), 18, 18, (2, 3, 3), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
             ((2, 21, 2, 3, 2), 14, 7, (2, 2, 1), (1, 1, 1), (1, 1, 0), (1, 1, 1))]


@pytest.mark.skipif(config.DISABLE_JIT, reason="there are no sheets without a compiler")
def test_there_are_shapes_that_take_sheets():
    assert sum(takes_sheets(OC, x[1], np.prod(kernel)) for x, OC, groups, kernel, *_ in CONV if groups == 1) >= 2


@pytest.mark.parametrize("shape", CONV, ids=str)
def test_convolution_equals_the_twin_and_pytorch(kind, shape, rng, torch):
    x_shape, OC, groups, kernel, *settings = shape
    x, weight = kind.normal(rng, *x_shape), kind.normal(rng, OC, x_shape[1] // groups, *kernel)
    bias = kind.normal(rng, OC)
    leaves = [torch.tensor(array, requires_grad=True) for array in (x, weight, bias)]
    out = torch.nn.functional.conv3d(*leaves, *settings, groups)
    dout = kind.normal(rng, *out.shape)
    out.backward(torch.tensor(dout))
    batch = kind.enter(x)
    mine = [kind.ops.conv3d_forward(batch, weight, bias, *settings, groups),
            *kind.ops.conv3d_backward(kind.enter(dout), batch, weight, *settings, (True,) * 3, groups)]
    twins = reference_volumes.grouped_conv3d(x, weight, bias, dout, settings, groups)
    terms = (weight[0].size, weight[:, 0].size // groups, dout[:, 0].size, dout[:, 0].size)
    for actual, twin, theirs, count in zip(mine, twins, [out.detach(), *(leaf.grad for leaf in leaves)], terms):
        actual = kind.leave(actual)
        assert actual.dtype == kind.dtype
        assert_close(actual, twin, count)
        assert_close(actual, theirs.numpy(), count, roundings=2)


def results_of(library, function, *arrays):
    """The result of a function of Tensors and the gradient of each, for a gradient of whole numbers."""
    leaves = [library.tensor(array, requires_grad=True) for array in arrays]
    out = function(*leaves)
    out.backward(library.tensor((np.arange(np.prod(out.shape)) % 31 - 9).reshape(out.shape).astype(arrays[0].dtype)))
    return [out.detach().numpy(), *(leaf.grad.numpy() for leaf in leaves)]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")  # PyTorch copies the input
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_padding_that_keeps_the_size_equals_pytorch(dtype, rng, torch):
    """Even filters reach one further behind."""
    x, weight = rng.standard_normal((2, 4, 3, 4, 5)).astype(dtype), rng.standard_normal((4, 2, 2, 4, 3)).astype(dtype)
    for dilation in (1, (1, 1, 2), (2, 1, 1)):
        mine, theirs = (results_of(library, lambda x, w: functional.conv3d(
            x, w, padding="same", dilation=dilation, groups=2), x, weight)
            for library, functional in ((nc, F), (torch, torch.nn.functional)))
        assert mine[0].shape == x.shape
        for one, other in zip(mine, theirs):
            assert_close(one, other, terms=x.size, roundings=2)


# x, kernel, stride, padding, dilation
POOL = [((2, 3, 4, 4, 6), (2, 2, 2), (2, 2, 2), (0, 0, 0), (1, 1, 1)),
        ((2, 2, 3, 5, 4), (1, 3, 2), (1, 2, 1), (0, 1, 1), (1, 1, 1)),
        ((1, 2, 5, 6, 5), (2, 2, 3), (1, 2, 2), (1, 0, 1), (2, 3, 1))]
if not config.DISABLE_JIT:
    POOL += [((L + 1, 9, 2, 4, 3), (2, 3, 2), (1, 1, 1), (1, 1, 1), (1, 1, 1))]
pools = pytest.mark.parametrize("shape", POOL, ids=str)


@pools
def test_pooling_equals_the_twin(kind, shape, rng):
    x_shape, *window, dilation = shape
    x, settings = kind.normal(rng, *x_shape), (*window, dilation)
    out, tap = kind.ops.max_pool3d_forward(kind.enter(x), *settings)
    expected, expected_tap = reference_volumes.max_pool3d_forward(x, *settings)
    dout = kind.normal(rng, *expected.shape)
    dx = kind.ops.max_pool3d_backward(kind.enter(dout), tap, x.shape, *settings)
    np.testing.assert_array_equal(kind.leave(out), expected)
    np.testing.assert_array_equal(kind.leave(tap), expected_tap)
    assert_close(kind.leave(dx), reference_volumes.max_pool3d_backward(dout, expected_tap, x.shape, *settings), terms=8)
    for count_include_pad in (True, False):
        out = kind.ops.avg_pool3d_forward(kind.enter(x), *window, count_include_pad)
        assert_close(kind.leave(out), reference_volumes.avg_pool3d_forward(x, *window, count_include_pad), terms=12)
        dout = kind.normal(rng, *out.shape)
        dx = kind.ops.avg_pool3d_backward(kind.enter(dout), x.shape, *window, count_include_pad)
        assert_close(kind.leave(dx), reference_volumes.avg_pool3d_backward(dout, x.shape, *window, count_include_pad), terms=12)


@pools
def test_pooling_equals_pytorch(kind, shape, rng, torch):
    x_shape, kernel, stride, padding, dilation = shape
    for name, values, options in (
            ("max_pool3d", "normal", dict(dilation=dilation, ceil_mode=True)), ("max_pool3d", "nan", dict(dilation=dilation)),
            ("avg_pool3d", "normal", dict(ceil_mode=True)), ("avg_pool3d", "normal", dict(divisor_override=5)),
            ("avg_pool3d", "normal", dict(ceil_mode=True, count_include_pad=False))):
        x = (kind.normal(rng, *x_shape) if values == "normal"
             else rng.choice([-np.inf, np.nan, 1, 0], x_shape).astype(kind.dtype))
        results = [results_of(library, lambda x: getattr(functional, name)(x, kernel, stride, padding, **options), x)
                   for library, functional in ((nc, F), (torch, torch.nn.functional))]
        for mine, theirs in zip(*results):
            assert_close(mine, theirs, terms=12, roundings=2)


ADAPTIVE = [((2, 3, 4, 6, 5), (1, 1, 1)), ((2, 2, 4, 6, 5), (2, 3, 2)), ((1, 3, 5, 5, 4), (3, 4, 6)),
            ((3, 1, 2, 3, 2), (4, 2, 1))]
if not config.DISABLE_JIT:
    ADAPTIVE += [((L + 1, 9, 3, 4, 3), (2, 3, 2))]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape, size", ADAPTIVE, ids=str)
def test_adaptive_pooling_equals_the_twin(shape, size, dtype, rng):
    """Many pixels are equal: the gradient goes to the first of them."""
    x = rng.integers(0, 3, shape).astype(dtype)
    for name in ("adaptive_avg_pool3d", "adaptive_max_pool3d"):
        mine = results_of(nc, lambda x: getattr(F, name)(x, size), x)
        dout = (np.arange(mine[0].size) % 31 - 9).reshape(mine[0].shape)
        for one, twin in zip(mine, getattr(reference_layers, name)(x, size, dout)):
            assert one.dtype == dtype
            assert_close(one, twin, terms=64, roundings=3)


@pytest.mark.parametrize("size", [1, (None, 2, 3), (2, None, 7), 4], ids=str)
@pytest.mark.parametrize("shape", [(2, 3, 4, 6, 5), (3, 5, 4, 3)], ids=str)
def test_adaptive_pooling_equals_pytorch(shape, size, rng, torch):
    for values in (np.maximum(rng.standard_normal(shape), 0), rng.choice([-np.inf, np.nan, 1, 0], shape)):
        for layer in ("AdaptiveAvgPool3d", "AdaptiveMaxPool3d"):
            layers = getattr(nn, layer)(size), getattr(torch.nn, layer)(size)
            assert repr(layers[0]) == repr(layers[1])
            results = [results_of(library, layer, values) for library, layer in zip((nc, torch), layers)]
            for mine, theirs in zip(*results):
                assert_close(mine, theirs, terms=64, roundings=3)


@pytest.mark.skipif(config.DISABLE_JIT, reason="lanes exist only in compiled code")
@pytest.mark.parametrize("size", [1, (2, 2, 1), (1, 3, 2)], ids=str)
def test_adaptive_pooling_stays_in_lanes_and_is_traced(size, rng):
    from numbacnn.engine import Batch

    x = nc.tensor(rng.standard_normal((3, 2, 3, 4, 4)).astype(np.float32), requires_grad=True)
    model = nn.Sequential(nn.Conv3d(2, 8, 1), nn.Conv3d(8, 16, (1, 2, 2), padding="same", groups=2),
                          nn.AdaptiveAvgPool3d(size), nn.ZeroPad3d(1))
    out = model(x)
    assert out.grad_fn.name == "sequential" and isinstance(out._storage, Batch)
    results = []
    for forward in (model, model.layer_by_layer):
        model.zero_grad()
        x.grad = None
        (forward(x) * 2).sum().backward()
        results.append([x.grad.numpy(), *(param.grad.numpy() for param in model.parameters())])
    for one, other in zip(*results):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("shape", [(3, 2, 5, 6, 6), (2, 5, 6, 6)], ids=str)
def test_a_network_equals_pytorch(shape, rng, torch):
    def make(nn):
        return nn.Sequential(nn.Conv3d(2, 4, 3, padding="same"), nn.ReLU(), nn.MaxPool3d(2, ceil_mode=True),
                             nn.ZeroPad3d((1, 0, 2, 1, 0, -1)), nn.Conv3d(4, 4, (1, 2, 1), groups=4),
                             nn.Conv3d(4, 3, (2, 1, 3), bias=False), nn.AvgPool3d((1, 2, 1)), nn.Flatten(-4))

    mine, theirs = make(nn), make(torch.nn)
    assert repr(mine) == repr(theirs)
    mine.load_state_dict({name: nc.tensor(value.numpy()) for name, value in theirs.state_dict().items()})
    x = rng.standard_normal(shape).astype(np.float32)
    results = []
    for library, model in ((nc, mine), (torch, theirs)):
        tensor = library.tensor(x, requires_grad=True)
        out = model(tensor)
        (out * out).sum().backward()
        results.append([out.detach().numpy(), tensor.grad.numpy(), *(param.grad.numpy() for param in model.parameters())])
    for one, other in zip(*results):
        assert_close(one, other, terms=200, roundings=4)


@pytest.mark.parametrize("attempt, error, words", [
    (lambda: F.conv3d(nc.ones(1, 2, 3, 3), nc.ones(1, 3, 1, 1, 1)), ValueError, "set in_channels=1"),
    (lambda: F.conv3d(nc.ones(3, 3), nc.ones(1, 3, 1, 1, 1)), ValueError, r"expected input \(N, channels, D, H, W\)"),
    (lambda: nn.Conv3d(2, 2, 3)(nc.ones(1, 2, 2, 4, 4)), ValueError, "a window of 3 layers does not fit"),
    (lambda: F.conv3d(nc.ones(1, 2, 4, 4, 4), nc.ones(2, 2, 1, 1, 1), groups=2), ValueError, "in each of 2 groups"),
    (lambda: F.conv3d(nc.ones(1, 2, 4, 4, 4), nc.ones(3, 1, 1, 1, 1), groups=2), ValueError, "out_channels must be"),
    (lambda: F.conv3d(nc.ones(1, 2, 4, 4, 4), nc.ones(2, 2, 1, 1, 1), None, 2, "same"), ValueError, "strided conv"),
    (lambda: F.adaptive_avg_pool3d(nc.ones(1, 2, 4, 4, 4), (2, 2)), ValueError, r"three of them \(layers, rows"),
    (lambda: F.adaptive_max_pool3d(nc.ones(2, 4, 4), 2), ValueError, r"expected input \(N, channels, D, H, W\)"),
    (lambda: F.adaptive_max_pool3d(nc.ones(1, 2, 4, 4, 4), 2, True), NotImplementedError, "return_indices=True"),
    (lambda: nn.ZeroPad3d((1, 2)), ValueError, "padding must be an int or 6 of them"),
    (lambda: nn.Conv3d(2, 2, (3, 3)), ValueError, "kernel_size must be an int or 3 of them"),
    (lambda: nn.MaxPool3d(2, padding=2), ValueError, "half of kernel_size")])
def test_refusals(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()
