"""Enlarging images, embedding numbers, parting dimensions: against the twin and PyTorch."""
import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
import reference_layers
from numbacnn import nn
from numbacnn.nn import functional as F
from numbacnn.simd.choice import L
from tolerances import assert_close

NEAREST = [((2, 3, 2, 3), (4, 6)), ((1, 2, 5, 4), (3, 7)), ((2, 1, 1, 1), (2, 2))]
if not config.DISABLE_JIT:
    NEAREST += [((L + 1, 9, 3, 2), (6, 2))]


@pytest.mark.parametrize("shape, size", NEAREST, ids=str)
def test_nearest_equals_the_twin(kind, shape, size, rng):
    x, dout, bias = kind.normal(rng, *shape), kind.normal(rng, *shape[:2], *size), kind.normal(rng, shape[1])
    out = kind.leave(kind.ops.nearest2d_forward(kind.enter(x), size))
    np.testing.assert_array_equal(out, reference_layers.nearest2d_forward(x, size))
    dx = kind.leave(kind.ops.nearest2d_backward(kind.enter(dout), shape))
    assert_close(dx, reference_layers.nearest2d_backward(dout, shape), terms=9)
    assert_close(kind.leave(kind.ops.shift_forward(kind.enter(x), bias)), reference_layers.shift_forward(x, bias))


def compare(torch, make, x):
    """The repr of a layer, its result and all gradients."""
    mine, theirs = make(nn), make(torch.nn)
    assert repr(mine) == repr(theirs)
    theirs.to(getattr(torch, str(x.dtype)))
    mine.to(dtype=str(x.dtype)).load_state_dict({name: nc.tensor(p.numpy()) for name, p in theirs.state_dict().items()})
    results = []
    for library, model in ((nc, mine), (torch, theirs)):
        tensor = library.tensor(x, requires_grad=True)
        out = model(tensor)
        out.backward(library.tensor((np.arange(np.prod(out.shape)) % 13 - 6).reshape(out.shape).astype(x.dtype)))
        results.append([out.detach().numpy(), tensor.grad.numpy(), *(param.grad.numpy() for param in model.parameters())])
    for one, other in zip(*results):
        assert one.dtype == x.dtype
        assert_close(one, other, terms=x.size, roundings=4)


LAYERS = {
    "factor": lambda nn: nn.Upsample(scale_factor=2), "factors": lambda nn: nn.Upsample(scale_factor=(1, 3)),
    "size": lambda nn: nn.Upsample((7, 9)), "unflatten": lambda nn: nn.Unflatten(1, (2, -1)),
    "transposed": lambda nn: nn.ConvTranspose2d(4, 3, 3),
    "all options": lambda nn: nn.ConvTranspose2d(4, 6, (3, 2), (2, 3), (1, 0), (1, 2), 2, False, (1, 2)),
    "depthwise": lambda nn: nn.ConvTranspose2d(4, 4, 2, 2, groups=4),
    "chain": lambda nn: nn.Sequential(nn.Conv2d(4, 5, 2), nn.ConvTranspose2d(5, 2, 2), nn.ReLU(), nn.Upsample(None, 2)),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layer", LAYERS)
def test_layers_equal_pytorch(layer, dtype, rng, torch):
    compare(torch, LAYERS[layer], rng.standard_normal((3, 4, 5, 4)).astype(dtype))


def test_more_images_than_lanes(rng, torch):
    compare(torch, LAYERS["transposed"], rng.standard_normal((L + 2, 4, 3, 3)).astype(np.float32))


def test_the_way_back_through_a_convolution_is_its_adjoint(rng):
    """<conv(x), y> = <x, conv_transpose(y)> for every pair of images."""
    x, weight = rng.standard_normal((2, 3, 8, 7)), nc.tensor(rng.standard_normal((4, 3, 3, 2)))
    out = F.conv2d(nc.tensor(x), weight, stride=(2, 1), padding=1)
    y = rng.standard_normal(out.shape)
    back = F.conv_transpose2d(nc.tensor(y), weight, stride=(2, 1), padding=1, output_padding=(1, 0))
    assert np.isclose((out.numpy() * y).sum(), (x * back.numpy()).sum(), rtol=1e-12)


def test_embedding_equals_pytorch(rng, torch):
    numbers = rng.integers(0, 6, (4, 5))
    nc.manual_seed(1)
    mine, theirs = nn.Embedding(6, 3, padding_idx=-2), torch.nn.Embedding(6, 3, padding_idx=-2)
    assert repr(mine) == repr(theirs) and mine.weight[4].abs().max().item() == 0 and mine.weight.std().item() > 0.5
    mine.load_state_dict({"weight": nc.tensor(theirs.weight.detach().numpy())})
    for library, layer in ((nc, mine), (torch, theirs)):
        out = layer(library.tensor(numbers))
        (out * out).sum().backward()
    np.testing.assert_array_equal(mine(nc.tensor(numbers)).detach().numpy(),
                                  theirs(torch.tensor(numbers)).detach().numpy())
    assert_close(mine.weight.grad.numpy(), theirs.weight.grad.numpy(), terms=20)


@pytest.mark.parametrize("attempt, error, words", [
    (lambda: F.interpolate(nc.ones(1, 1, 2, 2)), ValueError, "either size or scale_factor"),
    (lambda: F.interpolate(nc.ones(1, 1, 2, 2), scale_factor=1.5), NotImplementedError, "give the size"),
    (lambda: nn.Upsample(2, mode="bilinear"), NotImplementedError, "mode='bilinear'"),
    (lambda: nn.ConvTranspose2d(2, 2, 3, padding="same"), TypeError, "padding must be an int"),
    (lambda: nn.ConvTranspose2d(2, 2, 3, output_padding=1)(nc.ones(1, 2, 4, 4)), ValueError, "output_padding must be"),
    (lambda: nn.ConvTranspose2d(2, 2, 3)(nc.ones(1, 3, 4, 4)), ValueError, "set in_channels=3"),
    (lambda: nn.ConvTranspose2d(2, 2, 1, padding=2)(nc.ones(1, 2, 4, 4)), ValueError, "use less"),
    (lambda: nn.Embedding(3, 2)(nc.tensor([3])), IndexError, "rows 0 to 2"),
    (lambda: nn.Embedding(3, 2)(nc.ones(2)), TypeError, "whole numbers"),
    (lambda: nn.Unflatten(4, (1, 2))(nc.ones(2, 2)), IndexError, "out of range")])
def test_refusals(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()
