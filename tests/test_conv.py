"""Convolution, forward and every gradient, for every kind of number, against the twin and PyTorch."""
import re
from functools import lru_cache

import numpy as np
import pytest
from numba.core import config

import reference
from conftest import SEED
from numbacnn.simd.choice import L
from tolerances import assert_close

# N images, IC -> OC channels, image, kernel, stride, padding, dilation; "nobias" for none
SHAPES = """
N1-IC1-OC1-1x1-k1x1-s1-p0-d1           N1-IC1-OC1-5x5-k3x3-s1-p0-d1          N2-IC3-OC4-7x9-k3x2-s2-p1-d1
N2-IC2-OC3-6x5-k2x2-s1-p0-d1           N2-IC2-OC3-6x5-k2x4-s1-p1-d1          N3-IC4-OC2-5x8-k1x1-s1-p0-d1
N3-IC4-OC2-5x8-k1x1-s2-p1-d1           N1-IC3-OC2-4x4-k2x3-s3x2-p0-d1        N2-IC2-OC1-8x7-k3x3-s3-p2x1-d1-nobias
N2-IC1-OC2-3x3-k2x2-s1-p2-d1           N2-IC2-OC2-3x2-k2x1-s1-p3x2-d1        N1-IC2-OC3-2x2-k3x3-s1-p4-d1
N2-IC2-OC3-9x8-k3x2-s1-p0-d2           N2-IC3-OC2-9x9-k2x3-s2-p2-d3x2        N1-IC2-OC2-7x7-k3x3-s2-p3-d3-nobias
N2-IC5-OC6-6x6-k3x3-s1-p1-d1           N2-IC7-OC5-6x6-k3x3-s1-p1-d1          N2-IC8-OC8-5x6-k3x3-s2-p1-d1
N1-IC6-OC16-7x7-k5x5-s1-p0-d1          N2-IC9-OC10-5x5-k3x3-s1-p1-d1         N2-IC11-OC12-4x5-k2x3-s1-p0-d1-nobias
N2-IC13-OC14-4x4-k3x3-s1-p1-d1         N1-IC15-OC17-4x4-k3x3-s2-p1-d1        N2-IC18-OC3-5x4-k2x2-s2-p0-d1
N1-IC19-OC20-4x4-k3x3-s1-p1-d1         N2-IC33-OC4-4x5-k3x3-s1-p1-d1         N2-IC4-OC33-4x5-k3x3-s2-p1-d1
N1-IC16-OC33-3x3-k1x1-s1-p0-d1-nobias  N31-IC2-OC3-5x5-k3x3-s1-p1-d1         N32-IC3-OC4-5x4-k3x2-s2-p1-d1
N33-IC2-OC3-5x5-k3x3-s1-p1-d1          N70-IC3-OC5-4x6-k2x3-s1x2-p0x1-d1     N100-IC1-OC6-6x6-k5x5-s1-p2-d1
N3-IC1-OC6-12x12-k5x5-s1-p2-d1         N2-IC1-OC4-4x9-k1x2-s1-p0-d1          N2-IC1-OC3-5x9-k3x3-s2-p1-d1
N2-IC1-OC8-5x11-k2x4-s1-p3-d1          N2-IC1-OC2-4x20-k2x6-s1x3-p1x5-d1x3   N1-IC1-OC9-3x15-k3x7-s1-p1x3-d1-nobias
N2-IC1-OC5-4x17-k2x8-s2-p2x7-d1x2      N2-IC1-OC3-4x13-k2x9-s1-p1x4-d1       N34-IC1-OC16-6x10-k3x9-s2-p1-d1
N2-IC1-OC1-9x3-k5x1-s2x1-p2x0-d1       N5-IC1-OC3-2x2-k5x3-s2-p3x4-d1x2      N2-IC2-OC2-1x9-k1x3-s1x4-p0x1-d1
""".split()
PATTERN = re.compile(r"N(\d+)-IC(\d+)-OC(\d+)-(\d+x\d+)-k(\d+x\d+)-s([\dx]+)-p([\dx]+)-d([\dx]+)(-nobias)?")
PLAIN_PYTHON = 6000  # multiply-adds that are quick enough without a compiler


class Case:
    """The arrays of one shape, and what the twin makes of them."""

    def __init__(self, name):
        *counts, image, kernel, stride, padding, dilation, nobias = PATTERN.fullmatch(name).groups()
        N, IC, OC = map(int, counts)
        self.weight_shape = OC, IC, *pair(kernel)
        self.settings = pair(stride), pair(padding), pair(dilation)
        self.x_shape = N, IC, *pair(image)
        self.out_shape = N, OC, *(
            (extent + 2 * p - d * (k - 1) - 1) // s + 1
            for extent, k, s, p, d in zip(pair(image), pair(kernel), *self.settings))
        self.bias_shape = None if nobias else (OC,)
        self.terms = {"out": IC * np.prod(pair(kernel)) + 1, "dx": OC * np.prod(pair(kernel)),
                      "dweight": np.prod(self.out_shape) // OC, "dbias": np.prod(self.out_shape) // OC}
        self.cost = np.prod(self.out_shape) * IC * np.prod(pair(kernel))

    def arrays(self, dtype):
        """x, weight, bias and dout; the same numbers in every run."""
        rng = np.random.default_rng(SEED)
        shapes = self.x_shape, self.weight_shape, self.bias_shape, self.out_shape
        return [None if shape is None else rng.standard_normal(shape).astype(dtype) for shape in shapes]


def pair(text):
    numbers = tuple(map(int, text.split("x")))
    return numbers if len(numbers) == 2 else numbers * 2


@lru_cache(maxsize=None)
def case(name):
    return Case(name)


RUN = [name for name in SHAPES if not config.DISABLE_JIT or case(name).cost <= PLAIN_PYTHON]
shapes = pytest.mark.parametrize("shape", RUN)


def test_there_are_shapes_enough():
    assert len(SHAPES) == len(set(SHAPES)) >= 40
    extents = [case(name) for name in SHAPES]
    assert {1} < {c.x_shape[0] for c in extents} and any(c.x_shape[0] > L for c in extents)
    assert any(c.x_shape[0] == L for c in extents)


def results(kind, shape):
    """out, dx, dweight and dbias of the engine."""
    given = case(shape)
    x, weight, bias, dout = given.arrays(kind.dtype)
    batch = kind.enter(x)
    out = kind.ops.conv2d_forward(batch, weight, bias, *given.settings)
    gradients = kind.ops.conv2d_backward(kind.enter(dout), batch, weight, *given.settings, (True, True, True))
    return dict(zip(("out", "dx", "dweight", "dbias"), map(kind.leave, (out, *gradients))))


@shapes
def test_equals_the_twin(kind, shape):
    given = case(shape)
    x, weight, bias, dout = given.arrays(kind.dtype)
    expected = {
        "out": reference.conv2d_forward(x, weight, bias, *given.settings),
        "dx": reference.conv2d_backward_input(dout, weight, *given.settings, x.shape),
        "dweight": reference.conv2d_backward_weight(dout, x, *given.settings, weight.shape),
        "dbias": reference.conv2d_backward_bias(dout)}
    for name, actual in results(kind, shape).items():
        assert actual.dtype == kind.dtype
        assert_close(actual, expected[name], given.terms[name])


@shapes
def test_equals_pytorch(kind, shape, torch):
    given = case(shape)
    x, weight, bias, dout = (None if a is None else torch.tensor(a, requires_grad=True)
                             for a in given.arrays(kind.dtype))
    out = torch.nn.functional.conv2d(x, weight, bias, *given.settings)
    out.backward(dout.detach())
    actual = results(kind, shape)
    expected = {"out": out.detach(), "dx": x.grad, "dweight": weight.grad}
    if bias is not None:
        expected["dbias"] = bias.grad
    for name, tensor in expected.items():
        assert_close(actual[name], tensor.numpy(), given.terms[name], roundings=2)


@pytest.mark.parametrize("wanted", [(True, False, False), (False, True, False), (False, False, True)])
def test_only_wanted_gradients_are_made(kind, wanted):
    given = case("N2-IC2-OC3-6x5-k2x2-s1-p0-d1")
    x, weight, _, dout = given.arrays(kind.dtype)
    everything = kind.ops.conv2d_backward(kind.enter(dout), kind.enter(x), weight, *given.settings, (True,) * 3)
    some = kind.ops.conv2d_backward(kind.enter(dout), kind.enter(x), weight, *given.settings, wanted)
    for want, part, whole in zip(wanted, some, everything):
        assert (part is not None) == want
        if want:
            np.testing.assert_array_equal(kind.leave(part), kind.leave(whole))


def test_weights_may_be_strided(kind):
    """A weight whose memory is in another order gives the same numbers."""
    given = case("N2-IC3-OC4-7x9-k3x2-s2-p1-d1")
    x, weight, bias, _ = given.arrays(kind.dtype)
    strided = np.ascontiguousarray(weight.transpose(3, 1, 2, 0)).transpose(3, 1, 2, 0)
    plain, other = (kind.leave(kind.ops.conv2d_forward(kind.enter(x), w, bias, *given.settings))
                    for w in (weight, strided))
    np.testing.assert_array_equal(plain, other)


def test_bias_may_be_strided():
    """Every second number of a longer Tensor is a bias like any other."""
    import numbacnn as nc
    from numbacnn.nn import functional as F

    given = case("N2-IC3-OC4-7x9-k3x2-s2-p1-d1")
    x, weight, _, _ = given.arrays(np.float32)
    longer = nc.arange(8, dtype=nc.float32)
    out = F.conv2d(nc.tensor(x), nc.tensor(weight), longer[::2], *given.settings)
    assert_close(out.numpy(), reference.conv2d_forward(x, weight, np.arange(0, 8, 2), *given.settings), given.terms["out"])


DIFFERENTIATED = ["N2-IC2-OC3-6x5-k2x4-s1-p1-d1", "N2-IC2-OC1-8x7-k3x3-s3-p2x1-d1-nobias",
                  "N2-IC1-OC2-3x3-k2x2-s1-p2-d1", "N1-IC2-OC2-7x7-k3x3-s2-p3-d3-nobias"]


@pytest.mark.parametrize("shape", DIFFERENTIATED[2:3] if config.DISABLE_JIT else DIFFERENTIATED)
@pytest.mark.parametrize("parent", ["x", "weight", "bias"])
def test_central_differences(shape, parent):
    import numbacnn as nc
    from numbacnn.nn import functional as F

    given = case(shape)
    *values, dout = given.arrays(np.float64)
    parents = dict(zip(("x", "weight", "bias"), values))
    if parents[parent] is None:
        pytest.skip("this shape has no bias")

    def loss(array, requires_grad=False):
        tensors = [None if value is None else nc.tensor(array if name == parent else value,
                                                        requires_grad=requires_grad and name == parent)
                   for name, value in parents.items()]
        return (F.conv2d(*tensors, *given.settings) * nc.tensor(dout)).sum(), tensors

    scalar, tensors = loss(parents[parent], requires_grad=True)
    scalar.backward()
    gradient = tensors[list(parents).index(parent)].grad.numpy()
    # a convolution is linear in each parent, so a wide step costs no accuracy and few roundings
    expected = reference.central_differences(lambda array: loss(array)[0].item(), parents[parent], step=1.0)
    assert_close(gradient, expected, terms=dout.size, roundings=4)
