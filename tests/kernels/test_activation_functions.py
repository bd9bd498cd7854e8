"""The non-linearities beside ReLU and tanh: every kind of number against the twin, functions and layers against PyTorch."""
import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
import reference
import reference_norm
from numbacnn import nn
from numbacnn.nn import functional as F
from numbacnn.simd.choice import L
from tolerances import assert_close

#: name of the loop -> (settings, whether the gradient needs the output instead of the input)
LOOPS = {"sigmoid": ((), True), "leaky_relu": ((0.2,), False), "elu": ((1.5,), False), "gelu": ((), False),
         "gelu_tanh": ((), False), "logsigmoid": ((), False), "silu": ((), False), "relu6": ((), False),
         "hardswish": ((), False)}
SHAPES = [(1, 1), (3, 5), (2, 3, 4, 5), (L + 1, 9)]
SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-30, -1e-30, 20, -20, 88, -88, 100, -100, 1e10, -1e10])

#: layer -> what it is made with
LAYERS = [("Sigmoid", {}), ("LogSigmoid", {}), ("LeakyReLU", {}), ("LeakyReLU", {"negative_slope": 0.3}), ("ELU", {}),
          ("ELU", {"alpha": 0.5}), ("GELU", {}), ("GELU", {"approximate": "tanh"}), ("Softplus", {}), ("Softplus", {"beta": 2.5}),
          ("Softmax", {"dim": 1}), ("LogSoftmax", {"dim": 1}), ("Softmax", {"dim": 0}), ("LogSoftmax", {"dim": -1})]
layers = pytest.mark.parametrize("name, settings", LAYERS, ids=lambda v: "-".join(map(str, v.values())) if isinstance(v, dict) else v)


def twin(name):
    return getattr(reference_norm if hasattr(reference_norm, name) else reference, name)


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: "x".join(map(str, s)))
def test_equals_the_twin(kind, name, shape, rng):
    settings, from_output = LOOPS[name]
    x, dout = 2 * kind.normal(rng, *shape), kind.normal(rng, *shape)
    batch = kind.enter(x)
    out = kind.ops.activation_forward(name, batch, *settings)
    dx = kind.leave(kind.ops.activation_backward(name, kind.enter(dout), out if from_output else batch, *settings))
    out = kind.leave(out)
    assert out.dtype == dx.dtype == kind.dtype
    assert_close(out, twin(f"{name}_forward")(x, *settings), size=1)
    # 1 - t**2 loses what the rounding of the tanh has lost, and is multiplied with x**3 then
    roundings = 10 if name == "gelu_tanh" else 2
    expected = twin(f"{name}_backward")(dout, out if from_output else x, *settings)
    assert_close(dx, expected, roundings=roundings, size=1)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 10), (L + 1, 9), (2, 33)], ids=lambda s: "N{}-C{}".format(*s))
@pytest.mark.parametrize("scale", [1, 100])
def test_rows_equal_the_twin(kind, name, shape, scale, rng):
    x, dout = scale * kind.normal(rng, *shape), kind.normal(rng, *shape)
    out = kind.ops.rowwise_forward(name, kind.enter(x))
    dx = kind.leave(kind.ops.rowwise_backward(name, kind.enter(dout), out))
    out = kind.leave(out)
    assert_close(out, getattr(reference, f"{name}_forward")(x), shape[1], size=scale)
    assert_close(dx, getattr(reference, f"{name}_backward")(dout, out), shape[1], roundings=2, size=1)
    if name == "softmax":
        assert_close(out.sum(axis=1), np.ones(shape[0], kind.dtype), shape[1])


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_long_rows_keep_their_last_digits(kind, name, rng):
    """Gradients on one side of 0, so that the rounding errors of their sums do not cancel out."""
    x, dout = kind.normal(rng, 6, 20_000) / 8, np.abs(kind.normal(rng, 6, 20_000))
    out = kind.ops.rowwise_forward(name, kind.enter(x))
    dx = kind.leave(kind.ops.rowwise_backward(name, kind.enter(dout), out))
    out, terms = kind.leave(out), kind.terms(x.shape[1])
    assert_close(out, getattr(reference, f"{name}_forward")(x), terms, roundings=2)
    double, slopes = dout.astype(float), out.astype(float)
    expected = (slopes * (double - (double * slopes).sum(1, keepdims=True)) if name == "softmax" else
                double - np.exp(slopes) * double.sum(1, keepdims=True))
    assert_close(dx, expected, terms, roundings=2)


def theirs(torch, name, settings, x, dout):
    tensor = torch.tensor(x, requires_grad=True)
    out = getattr(torch.nn, name)(**settings)(tensor)
    out.backward(torch.tensor(dout))
    return out.detach().numpy(), tensor.grad.numpy()


@layers
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layers_equal_pytorch(name, settings, dtype, rng, torch):
    x, dout = (3 * rng.standard_normal((4, 6, 3))).astype(dtype), rng.standard_normal((4, 6, 3)).astype(dtype)
    tensor = nc.tensor(x, requires_grad=True)
    layer = getattr(nn, name)(**settings)
    out = layer(tensor)
    out.backward(nc.tensor(dout))
    expected, gradient = theirs(torch, name, settings, x, dout)
    # PyTorch cuts the softplus off at 20, which costs it 2e-9
    size = 1e6 if name == "Softplus" and dtype == np.float64 else 5
    assert_close(out.detach().numpy(), expected, 6, size=size)
    assert_close(tensor.grad.numpy(), gradient, 6, size=size)
    assert repr(layer) == repr(getattr(torch.nn, name)(**settings))


@layers
def test_behind_a_layer_in_lanes(name, settings, rng):
    """What comes out of a convolution or a dense layer is a batch: the numbers are those of a plain array."""
    layer = getattr(nn, name)(**settings)
    for make, shape in ((lambda: nn.Conv2d(2, 3, 3), (5, 2, 6, 5)), (lambda: nn.Linear(4, 7), (5, 4))):
        before, x = make(), nc.tensor(rng.standard_normal(shape).astype(np.float32))
        hidden = before(x)
        plain = nc.tensor(hidden.detach().numpy().copy(), requires_grad=True)
        out, expected = layer(hidden), layer(plain)
        dout = nc.tensor(rng.standard_normal(expected.shape).astype(np.float32))
        hidden.retain_grad()
        out.backward(dout)
        expected.backward(dout)
        assert_close(out.detach().numpy(), expected.detach().numpy(), 6, size=1)
        assert_close(hidden.grad.numpy(), plain.grad.numpy(), 6, roundings=2, size=1)


@pytest.mark.parametrize("name, settings", [layer for layer in LAYERS if "dim" not in layer[1]], ids=str)
def test_special_numbers_equal_pytorch(kind, name, settings, torch):
    x, dout = SPECIAL.astype(kind.dtype)[None], np.full((1, len(SPECIAL)), 3, kind.dtype)
    tensor = nc.Tensor._detached(kind.enter(x)).requires_grad_()
    out = getattr(nn, name)(**settings)(tensor)
    out.backward(nc.tensor(dout))
    expected, gradient = theirs(torch, name, settings, x, dout)
    if name == "ELU":  # of a NaN PyTorch lets NaN pass with AVX2, dout with AVX-512
        gradient[np.isnan(x)] = np.nan
    assert_each_close(out.detach().numpy(), expected, name)
    assert_each_close(tensor.grad.numpy(), gradient, name)


def assert_each_close(actual, expected, name):
    """Every number by itself, for some are huge; PyTorch cuts the softplus off at 20, which costs it 2e-9."""
    eps = np.finfo(actual.dtype).eps
    np.testing.assert_allclose(actual, expected, rtol=50 * eps, atol=1e-8 if name == "Softplus" else 4 * eps)


@pytest.mark.parametrize("shape, dim", [((5,), 0), ((), 0), ((2, 3, 4), 0), ((2, 3, 4), 1), ((2, 3, 4, 2), -3), ((3, 0), 1), ((0, 3), 1)])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_any_dimension_equals_pytorch(name, shape, dim, rng, torch):
    x, dout = rng.standard_normal(shape).astype(np.float32), rng.standard_normal(shape).astype(np.float32)
    tensor, other = nc.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    out, expected = getattr(F, name)(tensor, dim), getattr(torch.nn.functional, name)(other, dim)
    out.backward(nc.tensor(dout))
    expected.backward(torch.tensor(dout))
    assert_close(out.detach().numpy(), expected.detach().numpy(), 4)
    assert_close(tensor.grad.numpy(), other.grad.numpy(), 4, roundings=2, size=1)
    assert nc.equal(getattr(tensor, name)(dim), out)


def test_a_row_of_minus_infinity_has_no_probabilities():
    """As in PyTorch; one score that is left has them all."""
    x = nc.tensor([[-np.inf, -np.inf], [-np.inf, 3.0]])
    np.testing.assert_array_equal(F.softmax(x, 1).numpy(), [[np.nan, np.nan], [0, 1]])
    np.testing.assert_array_equal(F.log_softmax(x, 1).numpy()[1], [-np.inf, 0])


@layers
def test_central_differences(name, settings, rng):
    x = rng.uniform(0.1, 2, (3, 4)) * rng.choice([-1, 1], (3, 4))  # not across a corner at 0
    dout, layer = nc.tensor(rng.standard_normal((3, 4))), getattr(nn, name)(**settings)
    tensor = nc.tensor(x, requires_grad=True)
    (layer(tensor) * dout).sum().backward()
    step = 1e-5
    expected = reference.central_differences(lambda array: (layer(nc.tensor(array)) * dout).sum().item(), x, step)
    np.testing.assert_allclose(tensor.grad.numpy(), expected, rtol=0, atol=20 * step**2)


def test_the_same_image_has_the_same_bits_in_any_batch(kind, rng):
    if config.DISABLE_JIT:
        pytest.skip("lanes exist only in compiled code")
    x = kind.normal(rng, L + 3, 9)
    for name, (settings, _) in LOOPS.items():
        whole = kind.leave(kind.ops.activation_forward(name, kind.enter(x), *settings))
        alone = kind.leave(kind.ops.activation_forward(name, kind.enter(x[3:4]), *settings))
        np.testing.assert_array_equal(whole[3:4], alone)


@pytest.mark.parametrize("attempt, error, words", [
    (lambda: F.sigmoid(nc.tensor([1, 2])), TypeError, "expected floating point input, got int64"),
    (lambda: F.softmax(nc.tensor([1, 2]), 0), TypeError, "expected floating point input, got int64"),
    (lambda: F.gelu(nc.ones(2), "erf"), ValueError, "'none' or 'tanh', got 'erf'"),
    (lambda: F.softmax(nc.ones(2, 3), 2), IndexError, "dim is 2"),
])
def test_mistakes_are_named(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()
