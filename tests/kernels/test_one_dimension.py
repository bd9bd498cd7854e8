"""Rows of pixels: one-dimensional layers, padding, and channels side by side."""
import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
from numbacnn import nn
from numbacnn.nn import functional as F
from numbacnn.simd.choice import L
from tolerances import assert_close

BATCHES = [(3, 4, 11), (4, 11)] + ([] if config.DISABLE_JIT else [(L + 1, 4, 9)])


def compare(torch, make, x, roundings=4):
    """A layer, or a function of (library, functional, Tensor), against PyTorch: out, dx and the parameters' gradients."""
    results, models = [], [make(nn), make(torch.nn)]
    if isinstance(models[0], nn.Module):
        assert repr(models[0]) == repr(models[1])
        models[1].to(getattr(torch, str(x.dtype)))
        models[0].to(dtype=str(x.dtype)).load_state_dict(
            {name: nc.tensor(value.numpy()) for name, value in models[1].state_dict().items()})
    for library, model in zip((nc, torch), models):
        tensor = library.tensor(x, requires_grad=True)
        out = model(tensor)
        out.backward(library.tensor((np.arange(np.prod(out.shape)) % 13 - 6).reshape(out.shape).astype(x.dtype)))
        params = model.parameters() if hasattr(model, "parameters") else ()
        results.append([out.detach().numpy(), tensor.grad.numpy(), *(param.grad.numpy() for param in params)])
    for mine, theirs in zip(*results):
        assert mine.dtype == x.dtype
        assert_close(mine, theirs, terms=x.size, roundings=roundings)


LAYERS = {
    "conv": lambda nn: nn.Conv1d(4, 6, 3, 2, 1),
    "dilated": lambda nn: nn.Conv1d(4, 5, (2,), padding="same", dilation=2, bias=False),
    "grouped": lambda nn: nn.Conv1d(4, 8, 3, groups=4),
    "max": lambda nn: nn.MaxPool1d(3, 2, 1, ceil_mode=True), "avg": lambda nn: nn.AvgPool1d(3, 2, 1, True, False),
    "adaptive avg": lambda nn: nn.AdaptiveAvgPool1d(4), "adaptive max": lambda nn: nn.AdaptiveMaxPool1d(1),
    "chain": lambda nn: nn.Sequential(nn.Conv1d(4, 6, 3), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(6, 2, 2)),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", BATCHES, ids=str)
@pytest.mark.parametrize("layer", LAYERS)
def test_layers_equal_pytorch(layer, shape, dtype, rng, torch):
    compare(torch, LAYERS[layer], rng.standard_normal(shape).astype(dtype))


def test_a_causal_network_sees_nothing_of_the_future(rng):
    """A temporal convolutional network (Bai, Kolter & Koltun 2018): the output at a time depends on the past only."""
    model = nn.Sequential(nn.ZeroPad1d((2, 0)), nn.Conv1d(1, 3, 3), nn.ReLU(), nn.ZeroPad1d((4, 0)),
                          nn.Conv1d(3, 2, 3, dilation=2))
    x = rng.standard_normal((2, 1, 12)).astype(np.float32)
    changed = x.copy()
    changed[:, :, 7:] += 1
    before, after = (model(nc.tensor(array)).detach().numpy() for array in (x, changed))
    assert before.shape == (2, 2, 12)
    np.testing.assert_array_equal(before[:, :, :7], after[:, :, :7])
    assert (before[:, :, 7:] != after[:, :, 7:]).any()


@pytest.mark.skipif(config.DISABLE_JIT, reason="lanes exist only in compiled code")
def test_rows_stay_in_lanes_and_are_traced(rng):
    from numbacnn.engine import Batch

    x = nc.tensor(rng.standard_normal((3, 4, 9)).astype(np.float32), requires_grad=True)
    model = nn.Sequential(nn.Conv1d(4, 6, 3), nn.ReLU(), nn.ZeroPad1d((2, 0)), nn.Conv1d(6, 6, 2), nn.MaxPool1d(2))
    out = model(x)
    assert out.grad_fn.name == "sequential" and isinstance(out._storage, Batch) and out.shape == (3, 6, 4)
    results = []
    for forward in (model, model.layer_by_layer):
        model.zero_grad()
        x.grad = None
        (forward(x) * 2).sum().backward()
        results.append([x.grad.numpy(), *(param.grad.numpy() for param in model.parameters())])
    for one, other in zip(*results):
        np.testing.assert_array_equal(one, other)


def test_a_changed_weight_is_noticed():
    layer, x = nn.Conv1d(1, 1, 2), nc.ones(1, 1, 4, requires_grad=True)
    out = layer(x)
    with nc.no_grad():
        layer.weight.zero_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()


def through_lanes(functional, x):
    """Return x unchanged, as a batch in lanes where there are lanes."""
    return getattr(functional, f"avg_pool{x.ndim - 2}d")(x, 1)


PADS = [((2, 3, 5), (1, 2)), ((2, 3, 5), (-1, 2)), ((2, 3, 4, 5), (1, 0, 2, 3)), ((2, 3, 4, 5), (-2, 1)),
        ((2, 3, 4, 5), (1, 1, 0, 0, 2, 0)), ((3, 2, 4, 4), (0, -1, -2, 0)),
        ((2, 3, 3, 4, 5), (1, 2, 0, 3, 2, 1)), ((2, 3, 3, 4, 5), (-1, 1, 2, -2, 0, -1)), ((2, 3, 3, 4, 5), (1, 0, -1, 2))]


@pytest.mark.parametrize("lanes", [True, False])
@pytest.mark.parametrize("value", [None, 0.5])
@pytest.mark.parametrize("shape, pad", PADS, ids=str)
def test_padding_equals_pytorch(shape, pad, value, lanes, rng, torch):
    def make(nn):
        functional = nn.functional

        def forward(x):
            x = through_lanes(functional, x) if lanes else x
            return functional.pad(x, pad, value=value)
        return forward

    compare(torch, make, rng.standard_normal(shape).astype(np.float32))


@pytest.mark.parametrize("lanes", [(True, True, True), (True, False, True), (False, True, False)])
@pytest.mark.parametrize("shape", [(3, 7, 5), (2, 7, 4, 3)], ids=str)
def test_channels_side_by_side_equal_pytorch(shape, lanes, rng, torch):
    """Batches and plain arrays joined along the channels, then parted again for the gradient."""
    def make(nn):
        library = nc if nn is not torch.nn else torch

        def forward(x):
            parts = [(through_lanes(nn.functional, part) if lane else part)
                     for part, lane in zip((x[:, :2], x[:, 2:3], x[:, 3:]), lanes)]
            joined = library.cat([*parts, parts[0]], 1)
            return through_lanes(nn.functional, joined)
        return forward

    compare(torch, make, rng.standard_normal(shape).astype(np.float32))


@pytest.mark.parametrize("attempt, words", [
    (lambda: F.conv1d(nc.ones(1, 2, 3, 4), nc.ones(1, 2, 3)), r"conv1d: expected input \(N, channels, W\)"),
    (lambda: F.conv1d(nc.ones(1, 2, 3), nc.ones(1, 2, 1, 3)), r"conv1d: .* weight \(out, in, KW\)"),
    (lambda: nn.Conv1d(3, 8, 5)(nc.ones(2, 20, 3)), r"input has 20 .*channels come last.*permute\(0, 2, 1\)"),
    (lambda: nn.Conv1d(3, 8, 5)(nc.ones(2, 4, 20)), r"conv1d: .* input has 4 \(input \(2, 4, 20\), .*set in_channels=4"),
    (lambda: nn.Conv1d(3, 8, 50)(nc.ones(3, 20)), "conv1d: a window of 50 columns does not fit a row of 20"),
    (lambda: nn.MaxPool1d(3)(nc.ones(1, 1, 2)), r"max_pool1d: a window of 3 .*\(input \(1, 1, 2\)\)"),
    (lambda: nn.AvgPool1d(3)(nc.ones(1, 1, 2)), r"avg_pool1d: a window of 3 .*\(input \(1, 1, 2\)\)"),
    (lambda: nn.Conv1d(1, 1, (3, 3)), "kernel_size must be an int or 1 of them"),
    (lambda: F.max_pool1d(nc.ones(4), 2), "max_pool1d: expected input"),
    (lambda: nn.ZeroPad2d((1, 2)), "padding must be an int or 4 of them"),
    (lambda: F.pad(nc.ones(1, 1, 3), (1, 2, 3)), "a pair"),
    (lambda: F.pad(nc.ones(1, 1, 3), (-2, -1)), "leaves nothing"),
    (lambda: nn.Conv1d(2, 2, 3, padding="full"), "Conv1d: padding must be a number, 'same' or 'valid', got 'full'"),
    (lambda: nn.Conv1d(2, 2, 3, 2, "same"), "Conv1d: padding='same' is not supported for strided convolutions"),
    (lambda: nn.Conv1d(3, 2, 3, groups=2), "Conv1d: in_channels must be divisible by groups")])
def test_refusals(attempt, words):
    with pytest.raises(ValueError, match=words):
        attempt()


def test_half_a_pixel_is_no_padding():
    with pytest.raises(TypeError, match="pad must be an int, got 1.5"):
        F.pad(nc.ones(1, 1, 3), (1.5, 0))
