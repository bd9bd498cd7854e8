"""Batch normalization: every kind of number against the twin, the layers against PyTorch."""
import re

import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
import reference_layers
from reference import central_differences
from numbacnn import nn
from numbacnn.nn import functional as F
from numbacnn.simd.choice import L
from tolerances import assert_close

SHAPES = [(2, 1), (3, 5), (2, 3, 4), (2, 3, 4, 5), (3, 9, 1, 1), (1, 2, 5, 5), (2, 2, 2, 3, 2)]
if not config.DISABLE_JIT:
    SHAPES += [(L, 4, 3, 3), (L + 1, 2, 3, 4), (2 * L + 6, 17, 2, 2), (L + 3, 33)]
shapes = pytest.mark.parametrize("shape", SHAPES, ids=lambda s: "x".join(map(str, s)))
EPS = 1e-5
#: Many rows, one long row, many images of one pixel.
LONG = [(2, 2, 160, 160), (1, 2, 1, 2000)] if config.DISABLE_JIT else [(2, 2, 160, 160), (4, 2, 1, 500_000), (20_000, 2)]


def arrays(kind, shape, rng):
    """x, dout, weight and bias; the channels of x lie far from 0 and differ in spread."""
    C = shape[1]
    x = kind.normal(rng, *shape) * reference_layers.by_channel(np.arange(1, C + 1), np.empty(shape)) + 3
    return x.astype(kind.dtype), kind.normal(rng, *shape), kind.normal(rng, C), kind.normal(rng, C)


@shapes
def test_equals_the_twin(kind, shape, rng):
    x, dout, weight, bias = arrays(kind, shape, rng)
    batch, ops, M = kind.enter(x), kind.ops, x.size // x.shape[1]
    mean, var = map(kind.leave, ops.batch_norm_statistics(batch))
    count, expected_mean, square = reference_layers.batch_norm_forward_statistics(x)
    assert_close(mean, expected_mean, M, size=np.abs(x).max())
    assert_close(var, square / count, M, size=var.max())
    out = kind.leave(ops.batch_norm_forward(batch, mean, var, weight, bias, EPS))
    size = np.abs(x).max() * np.abs(weight / np.sqrt(var + EPS)).max() + 3
    assert_close(out, reference_layers.batch_norm_forward(x, mean, var, weight, bias, EPS), size=size)
    for training in (True, False):
        gradients = ops.batch_norm_backward(kind.enter(dout), batch, mean, var, weight, EPS, training, (True,) * 3)
        dx, dweight, dbias = map(kind.leave, gradients)
        expected_dx = (reference_layers.batch_norm_backward_input(dout, x, weight, EPS) if training
                       else reference_layers.batch_norm_backward_input_fixed(dout, var, weight, EPS))
        expected_dweight, expected_dbias = reference_layers.batch_norm_backward_weight(dout, x, mean, var, EPS)
        assert_close(dweight, expected_dweight, M, roundings=2, size=np.abs(dout).sum() / x.shape[1])
        assert_close(dbias, expected_dbias, M)
        assert_close(dx, expected_dx, M, roundings=4, size=np.abs(weight / np.sqrt(var + EPS)).max() * np.abs(dout).max())


def test_long_sums_leave_the_mean_in_the_middle(kind, rng):
    """A large channel far from 0: its mean is right to the last places, however many numbers were summed."""
    x = (kind.normal(rng, 3, 2, 96, 96) + 30).astype(kind.dtype)
    mean, var = map(kind.leave, kind.ops.batch_norm_statistics(kind.enter(x)))
    count, expected, square = reference_layers.batch_norm_forward_statistics(x)
    assert_close(mean, expected, kind.terms(x.size // 2))
    assert_close(var, square / count, kind.terms(x.size // 2), roundings=2)


@pytest.mark.parametrize("shape", LONG, ids=str)
def test_long_sums_keep_their_last_digits(kind, shape, rng):
    """Numbers as a ReLU leaves them, half of them 0, so that their rounding errors do not cancel out."""
    x, noise = np.maximum(kind.normal(rng, 2, *shape), 0)
    terms = kind.terms(x.size // shape[1])
    dout, weight = x + noise, kind.normal(rng, shape[1])
    batch = kind.enter(x)
    mean, var = map(kind.leave, kind.ops.batch_norm_statistics(batch))
    count, expected, square = reference_layers.batch_norm_forward_statistics(x)
    assert_close(mean, expected, terms)
    assert_close(var, square / count, terms, roundings=2)
    gradients = kind.ops.batch_norm_backward(kind.enter(dout), batch, mean, var, weight, EPS, True, (True,) * 3)
    dx, *sums = map(kind.leave, gradients)
    for mine, theirs in zip(sums, reference_layers.batch_norm_backward_weight(dout, x, mean, var, EPS)):
        assert_close(mine, theirs, terms, roundings=2)
    assert_close(dx, reference_layers.batch_norm_backward_input(dout, x, weight, EPS), terms, roundings=2)


def test_a_constant_channel_has_no_variance(kind):
    """Also where rounding errors of the mean would be larger than any epsilon."""
    x = np.full((3, 2, 40, 40), 123456789).astype(kind.dtype)
    mean, var = map(kind.leave, kind.ops.batch_norm_statistics(kind.enter(x)))
    assert_close(mean, x[0, :, 0, 0])
    assert (var >= 0).all() and (var <= (16 * np.finfo(kind.dtype).eps * x[0, 0, 0, 0]) ** 2).all()


def test_blocks_merge_to_the_whole(rng):
    """Blocks of very different counts and means; the twin takes the sums of all numbers and of their squares."""
    from numbacnn.engine.loop import call
    from numbacnn.kernels.batch_norm import batch_norm_forward_merge

    counts = np.array([[8, 1], [3, 2], [100, 30]], float)
    means, squares = rng.standard_normal((3, 2)) * 5, rng.random((3, 2)) * 20
    mean, var = np.empty((2, 2))
    call(batch_norm_forward_merge, counts, means, squares, mean, var)
    for mine, theirs in zip((mean, var), reference_layers.batch_norm_forward_merge(counts, means, squares)):
        assert_close(mine, theirs, terms=10, size=100)


def test_running_statistics_wait_their_turn(kind, rng):
    """However they are read, they have moved; memory that was handed out is moved at once."""
    layer = nn.BatchNorm1d(3).to(dtype=str(kind.dtype))
    batches = [kind.normal(rng, 5, 3) for _ in range(4)]
    expected = np.zeros(3)
    for x in batches:
        expected = reference_layers.batch_norm_running_update(expected, x.mean(axis=0), 0.9, 0.1)
    kept = layer.state_dict()["running_mean"]
    for x in batches[:2]:
        layer(nc.tensor(x))
    handed_out = layer.running_mean.numpy()
    for x in batches[2:]:
        layer(nc.tensor(x))
    assert_close(np.array(handed_out), expected, terms=5)
    assert_close((kept + 0).numpy(), expected, terms=5)
    layer(nc.tensor(batches[0]))
    del handed_out
    before = (kept + 0).numpy()
    layer(nc.tensor(batches[1]))
    assert_close((kept + 0).numpy(), reference_layers.batch_norm_running_update(before, batches[1].mean(axis=0), 0.9, 0.1), 5)
    assert layer.num_batches_tracked.item() == 6


LAYERS = {2: "BatchNorm1d", 3: "BatchNorm1d", 4: "BatchNorm2d", 5: "BatchNorm3d"}


CASES = [(shape, {}) for shape in SHAPES] + [((3, 2, 4, 4), options) for options in (
    {"momentum": None}, {"affine": False}, {"track_running_stats": False}, {"eps": 0.1, "momentum": 0.3})]


@pytest.mark.parametrize("shape, options", CASES, ids=str)
def test_layers_equal_pytorch(kind, shape, options, rng, torch):
    """Three batches in training, then one in use: results, all gradients, running statistics."""
    C, name = shape[1], LAYERS[len(shape)]
    ours, theirs = getattr(nn, name)(C, **options), getattr(torch.nn, name)(C, **options)
    assert repr(ours).replace(f"bias={ours.bias is not None}, ", "") == re.sub("bias=[A-Za-z]*, ", "", repr(theirs))
    ours, theirs = ours.to(dtype=str(kind.dtype)), theirs.to(getattr(torch, str(kind.dtype)))
    for step in range(4):
        x, dout, weight, bias = arrays(kind, shape, rng)
        if ours.affine:
            with nc.no_grad(), torch.no_grad():
                for mine, other, values in zip(ours.parameters(), theirs.parameters(), (weight, bias)):
                    mine.copy_(nc.tensor(values))
                    other.copy_(torch.tensor(values))
        ours.train(step < 3)
        theirs.train(step < 3)
        mine, other = nc.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
        ours.zero_grad()
        theirs.zero_grad()
        out, expected = ours(mine), theirs(other)
        out.backward(nc.tensor(dout))
        expected.backward(torch.tensor(dout))
        results = {"out": (out, expected), "dx": (mine.grad, other.grad)}
        results.update((name, (p.grad, q.grad)) for (name, p), q in zip(ours.named_parameters(), theirs.parameters()))
        results.update((name, (p, q)) for (name, p), q in zip(ours.named_buffers(), theirs.buffers()))
        # of two values a channel, x - mean cancels out all but the last digits
        size = np.abs(dout).max() * 100 if x.size // C <= 3 else np.abs(dout).sum() / C
        for name, (a, b) in results.items():
            if name == "num_batches_tracked":
                assert a.item() == b.item()
                continue
            assert_close(a.detach().numpy(), b.detach().numpy(), x.size // C, roundings=4, size=size)
    assert [*ours.state_dict()] == [*theirs.state_dict()]


@pytest.mark.parametrize("training", [True, False])
def test_central_differences(training, rng):
    values = {"input": rng.standard_normal((3, 2, 2, 3)) + 1, "weight": rng.standard_normal(2),
              "bias": rng.standard_normal(2)}
    running = nc.tensor([0.5, -1.0], dtype=nc.float64), nc.tensor([2.0, 0.5], dtype=nc.float64)
    dout = nc.tensor(rng.standard_normal((3, 2, 2, 3)))
    for name, array in values.items():
        def loss(array, requires_grad=False):
            given = {key: nc.tensor(array if key == name else value, requires_grad=requires_grad and key == name)
                     for key, value in values.items()}
            clones = (None, None) if training else running
            out = F.batch_norm(given["input"], *clones, given["weight"], given["bias"], training)
            return (out * dout).sum(), given[name]

        scalar, tensor = loss(array, True)
        scalar.backward()
        expected = central_differences(lambda moved: loss(moved)[0].item(), array, 1e-4)
        np.testing.assert_allclose(tensor.grad.numpy(), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.skipif(config.DISABLE_JIT, reason="threads run compiled code only")
def test_same_bits_whatever_the_number_of_threads(rng, threads):
    x = rng.standard_normal((3 * L + 1, 5, 6, 6)).astype(np.float32)
    results = []
    for number in (1, 2):
        threads(min(number, config.NUMBA_NUM_THREADS))
        layer, tensor = nn.BatchNorm2d(5), nc.tensor(x, requires_grad=True)
        (layer(tensor) * tensor).sum().backward()
        results.append([tensor.grad.numpy(), layer.weight.grad.numpy(), layer.running_var.numpy()])
    for one, two in zip(*results):
        np.testing.assert_array_equal(one, two)


@pytest.mark.skipif(config.DISABLE_JIT, reason="lanes exist only in compiled code")
def test_lanes_without_an_image_stay_out(rng):
    """Below a batch normalization a gradient is zero there, or a weight would learn from images that are none."""
    x = rng.standard_normal((3, 1, 5, 5)).astype(np.float32) + 2
    # the first convolution's bias fills the empty lanes with something for the second to learn from
    layers = [nn.Sequential(nn.Conv2d(1, 2, 1), nn.Conv2d(2, 2, 3), nn.BatchNorm2d(2)) for _ in range(2)]
    layers[1].load_state_dict(layers[0].state_dict())
    layers[1].double()
    for layer, array in zip(layers, (x, x.astype(np.float64))):
        out = layer(nc.tensor(array))
        (out * out * out).sum().backward()
    for mine, exact in zip(*(layer.parameters() for layer in layers)):
        assert_close(mine.grad.numpy(), exact.grad.numpy(), terms=100, roundings=4, size=10)


@pytest.mark.parametrize("attempt, words", [
    (lambda: nn.BatchNorm2d(3)(nc.ones(1, 3, 1, 1)), "more than 1 value per channel when training.*drop_last=True"),
    (lambda: nn.BatchNorm2d(3)(nc.ones(2, 4, 2, 2)), r"set num_features=4"),
    (lambda: nn.BatchNorm2d(3)(nc.ones(2, 3)),
     r"BatchNorm2d: expected 4D input \(N, C, H, W\), got 2D input \(2, 3\); take BatchNorm1d for 2D input$"),
    (lambda: nn.BatchNorm2d(3)(nc.ones(3, 8, 8)),
     r"got 3D input \(3, 8, 8\); take BatchNorm1d for 3D input, or unsqueeze\(0\) for a batch of one$"),
    (lambda: nn.BatchNorm1d(3)(nc.ones(2, 3, 2, 2)),
     r"BatchNorm1d: expected 2D or 3D input \(N, C\) or \(N, C, W\), got 4D .*take BatchNorm2d for 4D input$"),
    (lambda: nn.BatchNorm1d(3)(nc.ones(3)), r"got 1D input \(3,\); take unsqueeze\(0\) for a batch of one$"),
    (lambda: nn.BatchNorm3d(3)(nc.ones(2)), r"got 1D input \(2,\); its first two dimensions are images and channels$"),
    (lambda: F.batch_norm(nc.ones(2, 3), None, None), "running_mean and running_var"),
    (lambda: nn.BatchNorm2d(0), "num_features must be at least 1")])
def test_refusals(attempt, words):
    with pytest.raises(ValueError, match=words):
        attempt()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_batch_without_images_changes_nothing(torch, dtype):
    def outcome(library):
        layer = library.nn.BatchNorm2d(3, dtype=getattr(library, dtype))
        out = layer(library.zeros(0, 3, 6, 6, dtype=getattr(library, dtype)))
        out.sum().backward()
        return [tuple(out.shape), layer.weight.grad, layer.bias.grad, layer.running_mean, layer.running_var]

    for ours, theirs in zip(outcome(nc), outcome(torch)):
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))
