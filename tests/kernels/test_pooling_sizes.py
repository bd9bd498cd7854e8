"""Poolings whose windows do not simply fit: adaptive ones, and those that may reach beyond the padding."""
import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
import reference_layers
from numbacnn import nn
from numbacnn.nn import functional as F
from numbacnn.simd.choice import L
from tolerances import assert_close

ADAPTIVE = [((1, 1, 1, 1), (1, 1)), ((2, 3, 6, 8), (1, 1)), ((2, 3, 7, 5), (3, 2)), ((2, 2, 3, 4), (5, 7)),
            ((2, 2, 5, 5), (5, 5))]
if not config.DISABLE_JIT:
    ADAPTIVE += [((L + 1, 9, 4, 6), (3, 1)), ((L, 17, 7, 7), (1, 1))]
adaptive = pytest.mark.parametrize("shape, size", ADAPTIVE, ids=str)


@adaptive
def test_adaptive_equals_the_twin(kind, shape, size, rng):
    x, dout = kind.normal(rng, *shape), kind.normal(rng, *shape[:2], *size)
    ops, terms = kind.ops, shape[2] * shape[3]
    assert_close(kind.leave(ops.adaptive_avg_pool2d_forward(kind.enter(x), size)),
                 reference_layers.adaptive_avg_pool2d_forward(x, size), terms)
    assert_close(kind.leave(ops.adaptive_avg_pool2d_backward(kind.enter(dout), shape)),
                 reference_layers.adaptive_avg_pool2d_backward(dout, shape), terms)
    out, place = ops.adaptive_max_pool2d_forward(kind.enter(x), size)
    dx = ops.adaptive_max_pool2d_backward(kind.enter(dout), place, shape)
    expected, expected_place = reference_layers.adaptive_max_pool2d_forward(x, size)
    np.testing.assert_array_equal(kind.leave(out), expected)
    np.testing.assert_array_equal(kind.leave(place), expected_place)
    assert_close(kind.leave(dx), reference_layers.adaptive_max_pool2d_backward(dout, expected_place, shape), terms=9)


def both(torch, name, x, *args, **kwargs):
    """(out, dx) of numbacnn and of PyTorch, for a gradient of whole numbers."""
    results = []
    for library, functional in ((nc, F), (torch, torch.nn.functional)):
        tensor = library.tensor(x, requires_grad=True)
        out = getattr(functional, name)(tensor, *args, **kwargs)
        out.backward(library.tensor((np.arange(np.prod(out.shape)) % 97 - 40).reshape(out.shape).astype(x.dtype)))
        results.append((out.detach().numpy(), tensor.grad.numpy()))
    return results


@pytest.mark.parametrize("name, values", [("adaptive_avg_pool2d", "normal"), *(
    ("adaptive_max_pool2d", values) for values in ("normal", "ties", "nan"))])
@adaptive
def test_adaptive_equals_pytorch(kind, name, shape, size, values, rng, torch):
    x = {"normal": lambda: rng.standard_normal(shape), "ties": lambda: rng.integers(-1, 1, shape),
         "nan": lambda: rng.choice([-np.inf, np.nan, 1.0], shape)}[values]().astype(kind.dtype)
    for mine, theirs in zip(*both(torch, name, x, size)):
        assert_close(mine, theirs, terms=shape[2] * shape[3])


# image, window, stride, padding
CEIL = [((5, 7), 2, 2, 0), ((6, 6), 3, 2, 1), ((1, 2), 2, 2, 0), ((7, 8), (3, 2), (3, 4), (1, 0)), ((5, 5), 2, 3, 1),
        ((4, 4), 3, 3, 1), ((3, 9), (1, 5), 4, (0, 2))]


@pytest.mark.parametrize("image, kernel, stride, padding", CEIL, ids=str)
def test_ceil_mode_equals_pytorch(kind, image, kernel, stride, padding, rng, torch):
    x = kind.normal(rng, 3, 2, *image)
    for name, options in (("max_pool2d", {}), ("avg_pool2d", {}), ("avg_pool2d", {"count_include_pad": False}),
                          ("avg_pool2d", {"divisor_override": 3})):
        for mine, theirs in zip(*both(torch, name, x, kernel, stride, padding, ceil_mode=True, **options)):
            assert_close(mine, theirs, terms=9, roundings=2)


def test_ceil_mode_with_dilation_and_a_single_image(rng, torch):
    x = rng.standard_normal((2, 8, 9)).astype(np.float32)
    for mine, theirs in zip(*both(torch, "max_pool2d", x, 2, 3, 1, 2, ceil_mode=True)):
        np.testing.assert_array_equal(mine, theirs)
    for mine, theirs in zip(*both(torch, "avg_pool2d", x, 2, divisor_override=7)):
        assert_close(mine, theirs, terms=4)


def test_layers_equal_pytorch(rng, torch):
    x = rng.standard_normal((2, 3, 7, 6)).astype(np.float32)
    for make in (lambda nn: nn.AdaptiveAvgPool2d((None, 2)), lambda nn: nn.AdaptiveMaxPool2d(3),
                 lambda nn: nn.MaxPool2d(2, ceil_mode=True), lambda nn: nn.AvgPool2d(3, 2, 1, True, False),
                 lambda nn: nn.AvgPool2d(2, divisor_override=5)):
        mine, theirs = make(nn), make(torch.nn)
        assert repr(mine) == repr(theirs)
        assert_close(mine(nc.tensor(x)).numpy(), theirs(torch.tensor(x)).numpy(), terms=42)


def test_global_average_pooling_is_traced_and_flattened_without_leaving_lanes(rng):
    """The images become vectors by another shape of the same memory."""
    x = nc.tensor(rng.standard_normal((3, 2, 5, 5)).astype(np.float32), requires_grad=True)
    model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))
    out = model(x)
    assert out.grad_fn.name == "sequential" or config.DISABLE_JIT
    out.sum().backward()
    expected, x.grad = x.grad.numpy().copy(), None
    model.layer_by_layer(x).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), expected)


@pytest.mark.parametrize("layers", [[nn.Flatten()], [nn.Identity(), nn.Flatten()]], ids=repr)
def test_a_chain_that_only_changes_the_shape(layers):
    x = nc.ones(2, 3, 1, 1, requires_grad=True)
    out = nn.Sequential(*layers)(F.avg_pool2d(x, 1))
    (out * 2).sum().backward()
    assert out.shape == (2, 3) and out.min().item() == 1 and x.grad.min().item() == 2


@pytest.mark.parametrize("attempt, words", [
    (lambda: F.adaptive_avg_pool2d(nc.ones(2, 3), 1), "expected input"),
    (lambda: F.adaptive_avg_pool2d(nc.ones(1, 2, 3, 3), 0), "output_size must be at least 1"),
    (lambda: F.adaptive_max_pool2d(nc.ones(1, 2, 3, 3), (1, 2, 3)), "a pair"),
    (lambda: F.avg_pool2d(nc.ones(1, 1, 4, 4), 2, divisor_override=0), "divisor_override must be at least 1")])
def test_refusals(attempt, words):
    with pytest.raises(ValueError, match=words):
        attempt()
