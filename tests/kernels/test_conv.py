"""Convolution, forward and every gradient, for every kind of number, against the twin and PyTorch."""
import numpy as np
import pytest
from numba.core import config

import reference
from conv_shapes import SHAPES, SLOW, case
from numbacnn.engine import tiles
from numbacnn.engine.batch import pack
from numbacnn.engine.layout import layout
from numbacnn.engine.ops import conv, partial_sums
from numbacnn.simd.choice import L, takes_sheets
from tolerances import assert_close

PLAIN_PYTHON = 6000  # multiply-adds that are quick enough without a compiler
RUN = [name for name in SHAPES if not config.DISABLE_JIT or case(name).cost <= PLAIN_PYTHON]
shapes = pytest.mark.parametrize("shape", [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in RUN])


def test_there_are_shapes_enough():
    assert len(SHAPES) == len(set(SHAPES)) >= 40 and set(SLOW) < set(SHAPES)
    extents = [case(name) for name in SHAPES]
    assert {1} < {c.x_shape[0] for c in extents} and any(c.x_shape[0] > L for c in extents)
    assert any(c.x_shape[0] % L == 0 for c in extents)
    assert sum(takes_sheets(OC, IC, KH * KW) for OC, IC, KH, KW in (c.weight_shape for c in extents)) >= 4


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


@pytest.mark.parametrize("shape", ["N2-IC3-OC4-7x9-k3x2-s2-p1-d1", "N2-IC3-OC1-6x11-k3x5-s1-p2x3-d1",
                                   "N3-IC1-OC6-12x12-k5x5-s1-p2-d1"])
def test_weights_may_be_strided(kind, shape):
    """A weight whose memory is in another order gives the same numbers."""
    given = case(shape)
    x, weight, bias, dout = given.arrays(kind.dtype)
    for order in ((3, 1, 2, 0), (2, 3, 0, 1)):
        strided = np.ascontiguousarray(weight.transpose(order)).transpose(np.argsort(order))
        for compute in (lambda w: kind.ops.conv2d_forward(kind.enter(x), w, bias, *given.settings),
                        lambda w: kind.ops.conv2d_backward(kind.enter(dout), kind.enter(x), w, *given.settings,
                                                           (True, False, False))[0]):
            plain, other = (kind.leave(compute(w)) for w in (weight, strided))
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


@pytest.mark.skipif(config.DISABLE_JIT, reason="there are no tiles without a compiler")
def test_slots_of_a_weight_gradient_are_no_larger_than_they_may_be():
    """However small a band would have to be; of few tiles each block has some, so that threads can share it."""
    dout, taps = layout((4 * L, 2 * L, 16, 16)), (2, 3, 3)
    parts, *rest = partial_sums.slot_extents(dout, L, 2, taps, 8 * L, cache=1)
    assert rest == [2, *taps] and parts % dout.blocks == 0 and parts > 2 * dout.blocks
    assert parts // dout.blocks == 16  # a row each
    many = 2 * L, 3, 3
    parts, *_ = partial_sums.slot_extents(dout, L, 2, many, 8 * L, cache=1)
    assert dout.blocks < parts <= partial_sums.SLOTS * dout.nbytes / (2 * np.prod(many) * 8 * L * 4)
    assert partial_sums.slot_extents(dout, L, 2, taps, 8 * L, cache=1 << 30)[0] == 2 * dout.blocks


@pytest.mark.skipif(config.DISABLE_JIT, reason="there are no tiles without a compiler")
@pytest.mark.parametrize("OC, IC, KW", [(4, 2, 3), (4, 16, 1), (2 * L, 17, 3)], ids=["windows", "grids", "sheets"])
@pytest.mark.parametrize("stride, padding, dilation", [(1, 0, 1), (1, 2, 1), (2, 1, 1), (1, 0, 2), (3, 2, 2)])
def test_weight_gradients_in_bands_of_rows(stride, padding, dilation, OC, IC, KW, rng, monkeypatch):
    """Bands of every height, the last one shorter: a band ends where no pixel of the cache is left."""
    settings = [(value, value) for value in (stride, padding, dilation)]
    x, weight = rng.standard_normal((L + 3, IC, 23, 22)).astype(np.float32), np.zeros((OC, IC, 3, KW), np.float32)
    dout = rng.standard_normal(reference.conv2d_forward(x, weight, None, *settings).shape).astype(np.float32)
    expected = reference.conv2d_backward_weight(dout, x, *settings, weight.shape)
    found = set()
    for band in (1, 3000, 10000, 1 << 30):
        monkeypatch.setattr(conv.weight_gradient, "BAND", band)
        monkeypatch.setattr(conv.weight_gradient, "TURNED_BAND", 10 * band)
        conv.backward_plan.cache_clear()
        _, dweight, _ = tiles.conv2d_backward(pack(dout), pack(x), weight, *settings, (False, True, False))
        assert_close(dweight.numpy(), expected, terms=dout.shape[0] * dout.shape[2] * dout.shape[3])
        found.add(dweight.numpy().tobytes())
    conv.backward_plan.cache_clear()
    assert len(found) > 1, "the sums are always taken in the same order, so there were no bands"
