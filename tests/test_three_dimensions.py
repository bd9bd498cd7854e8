"""Convolution and pooling of volumes: every kind of number against the twin and PyTorch."""
import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
import reference_volumes
from numbacnn import nn
from numbacnn.nn import functional as F
from numbacnn.simd.choice import L
from tolerances import assert_close

# x, OC, kernel, stride, padding, dilation
CONV = [((1, 1, 1, 1, 1), 1, (1, 1, 1), (1, 1, 1), (0, 0, 0), (1, 1, 1)),
        ((2, 2, 3, 4, 5), 3, (2, 3, 1), (1, 2, 1), (1, 0, 0), (1, 1, 1)),
        ((2, 1, 4, 3, 6), 2, (2, 2, 3), (2, 1, 3), (0, 1, 2), (2, 1, 2))]
if not config.DISABLE_JIT:
    CONV += [((L + 1, 3, 3, 4, 4), 9, (3, 3, 3), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
             ((2, 9, 2, 3, 3), 8, (2, 3, 3), (1, 1, 1), (0, 1, 1), (1, 1, 1))]


@pytest.mark.parametrize("shape", CONV, ids=str)
def test_convolution_equals_the_twin_and_pytorch(kind, shape, rng, torch):
    x_shape, OC, kernel, *settings = shape
    x, weight, bias = kind.normal(rng, *x_shape), kind.normal(rng, OC, x_shape[1], *kernel), kind.normal(rng, OC)
    leaves = [torch.tensor(array, requires_grad=True) for array in (x, weight, bias)]
    out = torch.nn.functional.conv3d(*leaves, *settings)
    dout = kind.normal(rng, *out.shape)
    out.backward(torch.tensor(dout))
    batch = kind.enter(x)
    mine = [kind.ops.conv3d_forward(batch, weight, bias, *settings),
            *kind.ops.conv3d_backward(kind.enter(dout), batch, weight, *settings, (True,) * 3)]
    twins = [reference_volumes.conv3d_forward(x, weight, bias, *settings),
             reference_volumes.conv3d_backward_input(dout, weight, *settings, x.shape),
             reference_volumes.conv3d_backward_weight(dout, x, *settings, weight.shape), dout.sum(axis=(0, 2, 3, 4), dtype=float)]
    terms = (weight[0].size, weight[:, 0].size, dout[:, 0].size, dout[:, 0].size)
    for actual, twin, theirs, count in zip(mine, twins, [out.detach(), *(leaf.grad for leaf in leaves)], terms):
        actual = kind.leave(actual)
        assert actual.dtype == kind.dtype
        assert_close(actual, twin, count)
        assert_close(actual, theirs.numpy(), count, roundings=2)


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
        results = []
        for library, functional in ((nc, F), (torch, torch.nn.functional)):
            tensor = library.tensor(x, requires_grad=True)
            out = getattr(functional, name)(tensor, kernel, stride, padding, **options)
            out.backward(library.tensor((np.arange(np.prod(out.shape)) % 31 - 9).reshape(out.shape).astype(x.dtype)))
            results.append((out.detach().numpy(), tensor.grad.numpy()))
        for mine, theirs in zip(*results):
            assert_close(mine, theirs, terms=12, roundings=2)


@pytest.mark.parametrize("shape", [(3, 2, 5, 6, 6), (2, 5, 6, 6)], ids=str)
def test_a_network_equals_pytorch(shape, rng, torch):
    def make(nn):
        return nn.Sequential(nn.Conv3d(2, 4, 3, padding="same"), nn.ReLU(), nn.MaxPool3d(2, ceil_mode=True),
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
    (lambda: nn.Conv3d(2, 2, 3, groups=2)(nc.ones(1, 2, 4, 4, 4)), NotImplementedError, "groups=2"),
    (lambda: nn.Conv3d(2, 2, (3, 3)), ValueError, "kernel_size must be an int or 3 of them"),
    (lambda: nn.MaxPool3d(2, padding=2), ValueError, "half of kernel_size")])
def test_refusals(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()
