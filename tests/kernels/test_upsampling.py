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

# x, (OH, OW), where its rows and columns lie: output o at max(o*step + start, 0) / unit
SIZES = [((2, 3, 2, 3), (4, 6), (2, -1, 4), (2, -1, 4)), ((1, 2, 5, 4), (3, 7), (4, 0, 2), (4, 0, 7)),
         ((2, 1, 1, 1), (2, 2), (0, 0, 1), (1, 0, 2)), ((1, 1, 6, 4), (3, 2), (10, 1, 6), (4, 1, 2))]
if not config.DISABLE_JIT:
    SIZES += [((L + 1, 9, 3, 2), (6, 5), (1, 0, 2), (2, 0, 5))]


@pytest.mark.parametrize("mode", ["nearest2d", "bilinear2d"])
@pytest.mark.parametrize("shape, size, rows, columns", SIZES, ids=str)
def test_upsampling_equals_the_twin(kind, mode, shape, size, rows, columns, rng):
    x, dout = kind.normal(rng, *shape), kind.normal(rng, *shape[:2], *size)
    out = kind.leave(kind.ops.upsample2d_forward(mode, kind.enter(x), size, rows, columns))
    dx = kind.leave(kind.ops.upsample2d_backward(mode, kind.enter(dout), shape, rows, columns))
    assert out.dtype == dx.dtype == kind.dtype
    assert_close(out, getattr(reference_layers, f"{mode}_forward")(x, size, rows, columns), terms=4)
    assert_close(dx, getattr(reference_layers, f"{mode}_backward")(dout, shape, rows, columns), terms=25)


def test_a_number_for_each_channel_equals_the_twin(kind, rng):
    x, bias = kind.normal(rng, 2, 3, 4, 5), kind.normal(rng, 3)
    assert_close(kind.leave(kind.ops.shift_forward(kind.enter(x), bias)), reference_layers.shift_forward(x, bias))


def test_bilinear_lies_on_the_lines_between_the_pixels(rng):
    """Of one row NumPy draws the same lines; with aligned corners the ends are those of the row."""
    row = rng.standard_normal(7)
    for outputs in (3, 7, 12, 20):
        for aligned in (False, True):
            places = (np.linspace(0, 6, outputs) if aligned else (np.arange(outputs) + 0.5) * 7 / outputs - 0.5)
            x = nc.tensor(row.reshape(1, 1, 1, 7))
            out = F.interpolate(x, (1, outputs), mode="bilinear", align_corners=aligned)
            assert_close(out.numpy().ravel(), np.interp(places, np.arange(7), row), terms=4)


HOW = [dict(size=size) for size in ((5, 4), (10, 8), (7, 3), 1, (13, 2))]
HOW += [dict(scale_factor=factor) for factor in (1, 3, 1.5, (2.3, 1.7), (1.1, 1.2), 2.1, (0.7, 4 / 3))]
MODES = [dict(mode="nearest"), *(dict(mode="bilinear", align_corners=aligned) for aligned in (None, False, True))]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("how", HOW, ids=str)
def test_interpolate_equals_pytorch(dtype, how, rng, torch):
    for mode in MODES:
        for shape in ((2, 3, 5, 4), (1, 1, 2, 6)):
            results, x = [], rng.standard_normal(shape).astype(dtype)
            for library, functional in ((nc, F), (torch, torch.nn.functional)):
                tensor = library.tensor(x, requires_grad=True)
                out = functional.interpolate(tensor, **how, **mode)
                out.backward(library.tensor((np.arange(np.prod(out.shape)) % 13 - 6).reshape(out.shape).astype(x.dtype)))
                results.append((out.detach().numpy(), tensor.grad.numpy()))
            for mine, theirs in zip(*results):
                assert mine.dtype == dtype
                # PyTorch's places are rounded, so its weights are off by a rounding of the place, up to 5 pixels
                assert_close(mine, theirs, terms=x.size, roundings=5)


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
    "size": lambda nn: nn.Upsample((7, 9)), "bilinear": lambda nn: nn.Upsample(None, (1.5, 2), "bilinear"),
    "corners": lambda nn: nn.Upsample((3, 9), mode="bilinear", align_corners=True),
    "unflatten": lambda nn: nn.Unflatten(1, (2, -1)), "transposed": lambda nn: nn.ConvTranspose2d(4, 3, 3),
    "all options": lambda nn: nn.ConvTranspose2d(4, 6, (3, 2), (2, 3), (1, 0), (1, 2), 2, False, (1, 2)),
    "depthwise": lambda nn: nn.ConvTranspose2d(4, 4, 2, 2, groups=4),
    "padding of a stride": lambda nn: nn.ConvTranspose2d(4, 3, 3, output_padding=1, dilation=2),
    "padding of a stride, chain": lambda nn: nn.Sequential(
        nn.Tanh(), nn.ConvTranspose2d(4, 6, 3, (1, 2), (1, 2), (1, 0), 2, dilation=(2, 1)), nn.ReLU()),
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


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(), (7,), (4, 5), (2, 3, 4), (0, 3)])
def test_embedding_looks_rows_up_and_adds_their_gradients(rng, shape, dtype):
    numbers = rng.integers(0, 6, shape)
    weight = nc.tensor(rng.standard_normal((6, 3)).astype(dtype), requires_grad=True)
    out = F.embedding(nc.tensor(numbers), weight)
    dout = rng.standard_normal((*shape, 3)).astype(dtype)
    np.testing.assert_array_equal(out.detach().numpy(), reference_layers.embedding_forward(numbers, weight.detach().numpy()))
    out.backward(nc.tensor(dout))
    assert_close(weight.grad.numpy(), reference_layers.embedding_backward(dout, numbers, 6), terms=24)


def test_the_gradient_of_a_sentence_that_was_turned(rng):
    """The convolution behind wants the numbers of a word as channels, so the gradient comes with its axes exchanged."""
    numbers, weight = rng.integers(0, 6, (4, 5)), nc.ones(6, 3, requires_grad=True)
    factors = np.arange(60, dtype=np.float32).reshape(4, 5, 3)
    (F.embedding(nc.tensor(numbers), weight).transpose(1, 2) * nc.tensor(factors.swapaxes(1, 2).copy())).sum().backward()
    assert_close(weight.grad.numpy(), reference_layers.embedding_backward(factors, numbers, 6), terms=20)


@pytest.mark.parametrize("attempt, error, words", [
    (lambda: F.interpolate(nc.ones(1, 1, 2, 2)), ValueError, "either size or scale_factor"),
    (lambda: F.interpolate(nc.ones(1, 1, 2, 2), scale_factor=0.3), ValueError, "leaves nothing of an image of extents 2, 2"),
    (lambda: F.interpolate(nc.ones(1, 1, 2, 2), scale_factor=(2, 2, 2)), ValueError, "one for each of the 2 axes"),
    (lambda: F.interpolate(nc.ones(1, 1, 2, 2), scale_factor=-1.5), ValueError, "a number above 0"),
    (lambda: F.interpolate(nc.ones(1, 1, 2, 0), 2), ValueError, "without an extent of 0"),
    (lambda: F.interpolate(nc.ones(1, 1, 2, 2), 2, align_corners=True), ValueError, "for the linear modes only"),
    (lambda: F.interpolate(nc.ones(1, 1, 2, 2), 2, antialias=True), NotImplementedError, "antialias=True"),
    (lambda: nn.Upsample(2, mode="bicubic"), NotImplementedError, "mode='bicubic'"),
    (lambda: nn.Upsample(2, align_corners=False), ValueError, "leave it out"),
    (lambda: nn.ConvTranspose2d(2, 2, 3, padding="same"), TypeError, "padding must be an int"),
    (lambda: nn.ConvTranspose2d(2, 2, 3, output_padding=1)(nc.ones(1, 2, 4, 4)), ValueError, "output_padding must be"),
    (lambda: nn.ConvTranspose2d(2, 2, 3)(nc.ones(1, 3, 4, 4)), ValueError, "set in_channels=3"),
    (lambda: nn.ConvTranspose2d(2, 2, 1, padding=2)(nc.ones(1, 2, 4, 4)), ValueError, "use less"),
    (lambda: nn.Embedding(3, 2)(nc.tensor([3])), IndexError,
     r"embedding: 3 is out of range: the weight \(3, 2\) has rows 0 to 2; set num_embeddings=4 or more, or mend the input"),
    (lambda: nn.Embedding(3, 2)(nc.tensor([2, -1])), IndexError, "-1 is out of range.*; numbers count from 0"),
    (lambda: nn.Embedding(3, 2)(nc.ones(2)), TypeError, "whole numbers"),
    (lambda: F.embedding(nc.tensor([1]), nc.ones(3)), ValueError, r"weight \(rows, features\), got \(3,\)"),
    (lambda: F.embedding(nc.tensor([1]), np.ones((3, 2))), TypeError, "expected a numbacnn Tensor"),
    (lambda: nn.Unflatten(4, (1, 2))(nc.ones(2, 2)), IndexError, "out of range")])
def test_refusals(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()
