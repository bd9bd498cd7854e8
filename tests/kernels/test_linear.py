"""The dense layer, forward and every gradient, for every kind of number, against the twin and PyTorch."""
import numpy as np
import pytest
from numba.core import config

import reference
from numbacnn.simd.choice import L
from tolerances import assert_close

IC_OC = [(1, 1), (1, 5), (2, 3), (3, 2), (4, 7), (6, 8), (7, 6), (8, 4), (9, 10), (10, 19), (13, 17), (16, 16),
         (20, 1), (31, 9), (32, 12), (33, 33), (64, 11), (65, 18), (70, 20), (5, 70), (70, 70)]
ROWS = [1, 2, L - 1, L, L + 1, 2 * L + 6]
SHAPES = [(N, IC, OC) for i, (IC, OC) in enumerate(IC_OC) for N in (ROWS[i % 6], ROWS[(i + 3) % 6])]
if config.DISABLE_JIT:
    SHAPES = [shape for shape in SHAPES if np.prod(shape) < 2000]
shapes = pytest.mark.parametrize("shape", SHAPES, ids=lambda s: "N{}-IC{}-OC{}".format(*s))
with_bias = pytest.mark.parametrize("bias", [True, False], ids=["bias", "nobias"])


def arrays(kind, rng, shape, bias):
    N, IC, OC = shape
    return (kind.normal(rng, N, IC), kind.normal(rng, OC, IC), kind.normal(rng, OC) if bias else None,
            kind.normal(rng, N, OC))


def results(kind, x, weight, bias, dout):
    """out, dx, dweight and dbias of the engine."""
    batch = kind.enter(x)
    out = kind.ops.linear_forward(batch, weight, bias)
    gradients = kind.ops.linear_backward(kind.enter(dout), batch, weight, (True, True, True))
    return [kind.leave(result) for result in (out, *gradients)]


@with_bias
@shapes
def test_equals_the_twin(kind, shape, bias, rng):
    N, IC, OC = shape
    x, weight, b, dout = arrays(kind, rng, shape, bias)
    out, dx, dweight, dbias = results(kind, x, weight, b, dout)
    assert {array.dtype for array in (out, dx, dweight, dbias)} == {kind.dtype}
    assert_close(out, reference.linear_forward(x, weight, b), IC + 1)
    assert_close(dx, reference.linear_backward_input(dout, weight), OC)
    assert_close(dweight, reference.linear_backward_weight(dout, x), N)
    assert_close(dbias, reference.linear_backward_bias(dout), N)


@shapes
def test_equals_pytorch(kind, shape, rng, torch):
    N, IC, OC = shape
    x, weight, b, dout = arrays(kind, rng, shape, True)
    theirs = [torch.tensor(array, requires_grad=True) for array in (x, weight, b)]
    expected = torch.nn.functional.linear(*theirs)
    expected.backward(torch.tensor(dout))
    out, *gradients = results(kind, x, weight, b, dout)
    assert_close(out, expected.detach().numpy(), IC + 1, roundings=2)
    for actual, tensor, terms in zip(gradients, theirs, (OC, N, N)):
        assert_close(actual, tensor.grad.numpy(), terms, roundings=2)


@pytest.mark.parametrize("wanted", [(True, False, False), (False, True, False), (False, False, True)])
def test_only_wanted_gradients_are_made(kind, wanted, rng):
    x, weight, _, dout = arrays(kind, rng, (3, 5, 4), False)
    everything = results(kind, x, weight, None, dout)[1:]
    some = kind.ops.linear_backward(kind.enter(dout), kind.enter(x), weight, wanted)
    for want, part, whole in zip(wanted, some, everything):
        assert (part is not None) == want
        if want:
            np.testing.assert_array_equal(kind.leave(part), whole)


@pytest.mark.parametrize("shape", [(3, 8, 16), (2, 7, 5), (2, 33, 9)])
def test_weights_may_be_strided(kind, shape, rng):
    """A weight that is a transposed array gives the same numbers, forward and backward."""
    x, weight, b, dout = arrays(kind, rng, shape, True)
    strided = np.ascontiguousarray(weight.T).T
    for plain, other in zip(results(kind, x, weight, b, dout), results(kind, x, strided, b, dout)):
        np.testing.assert_array_equal(plain, other)


def test_bias_may_be_strided():
    """Every second number of a longer Tensor is a bias like any other."""
    import numbacnn as nc
    from numbacnn.nn import functional as F

    out = F.linear(nc.zeros(2, 3), nc.zeros(4, 3), nc.arange(8, dtype=nc.float32)[::2])
    np.testing.assert_array_equal(out.numpy(), [[0, 2, 4, 6]] * 2)


def test_nan_stays_in_its_image(kind, rng):
    x, weight, b, dout = arrays(kind, rng, (5, 6, 7), True)
    x[2, 3] = np.nan
    out = results(kind, x, weight, b, dout)[0]
    np.testing.assert_array_equal(np.isnan(out).any(axis=1), np.arange(5) == 2)


@pytest.mark.parametrize("parent", [0, 1, 2], ids=["x", "weight", "bias"])
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 4, 2), (2, 3, 9)])
def test_central_differences(shape, parent, rng):
    import numbacnn as nc
    from numbacnn.nn import functional as F

    N, IC, OC = shape
    values = [rng.standard_normal(extents) for extents in ((N, IC), (OC, IC), OC)]
    dout = nc.tensor(rng.standard_normal((N, OC)))
    tensors = [nc.tensor(value, requires_grad=True) for value in values]
    (F.linear(*tensors) * dout).sum().backward()

    def loss(array):
        moved = [nc.tensor(array if i == parent else value) for i, value in enumerate(values)]
        return (F.linear(*moved) * dout).sum().item()

    # the layer is linear in each parent, so a wide step costs no accuracy and few roundings
    expected = reference.central_differences(loss, values[parent], step=1.0)
    assert_close(tensors[parent].grad.numpy(), expected, terms=N * OC, roundings=10)


@pytest.mark.parametrize("x, weight, bias, words", [
    ((2, 3), (4, 5), None, "the weight (4, 5) takes 5 features but the input (2, 3) has 3; set in_features=3"),
    ((2, 3, 4, 5), (4, 6), None, "put a Flatten() before the layer and set in_features=60"),
    ((), (4, 3), None, "takes 3 features but the input () has 0"),
    ((2, 3), (3,), None, "expected weight (out_features, in_features), got (3,)"),
    ((2, 3), (), None, "expected weight (out_features, in_features), got ()"),
    ((2, 3), (0, 3), None, "the weight (0, 3) has an extent of 0"),
    ((2, 3), (4, 3), (3,), "the bias has shape (3,), expected (4,): one number for each of the 4 outputs")])
def test_shapes_that_do_not_fit_are_refused(x, weight, bias, words):
    import numbacnn as nc
    from numbacnn.nn import functional as F

    with pytest.raises(ValueError, match="linear: ") as error:
        F.linear(nc.zeros(x), nc.zeros(weight), None if bias is None else nc.zeros(bias))
    assert words in str(error.value)
