"""Non-linearities, and the functions behind them on lanes, over all of float32."""
import math

import numpy as np
import pytest
from numba.core import config

import reference
from numbacnn.simd.choice import L
from tolerances import assert_close, ulps

SHAPES = [(1, 1), (3, 5), (2, 3, 4, 5), (L + 1, 9), (1, 9, 3, 3)]
if not config.DISABLE_JIT:
    SHAPES += [(L, 17, 6, 7), (2 * L + 6, 2, 3, 4)]
shapes = pytest.mark.parametrize("shape", SHAPES, ids=lambda s: "x".join(map(str, s)))
SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-45, -1e-45, 1e-38, -1e-38, 3.4e38, -3.4e38])


@pytest.mark.parametrize("op", ["relu", "tanh"])
@shapes
def test_equals_the_twin(kind, op, shape, rng):
    x, dout = kind.normal(rng, *shape), kind.normal(rng, *shape)
    out = kind.ops.activation_forward(op, kind.enter(x))
    dx = kind.ops.activation_backward(op, kind.enter(dout), out)
    out, dx = kind.leave(out), kind.leave(dx)
    assert out.dtype == dx.dtype == kind.dtype
    assert_close(out, getattr(reference, f"{op}_forward")(x))
    assert_close(dx, getattr(reference, f"{op}_backward")(dout, out))


@pytest.mark.parametrize("op", ["relu", "tanh"])
def test_equals_pytorch_on_special_numbers(kind, op, torch):
    x = SPECIAL.astype(kind.dtype)[None]
    dout = np.full_like(x, 3)
    theirs = torch.tensor(x, requires_grad=True)
    expected = getattr(torch, op)(theirs)
    expected.backward(torch.tensor(dout))
    out = kind.ops.activation_forward(op, kind.enter(x))
    dx = kind.ops.activation_backward(op, kind.enter(dout), out)
    assert_close(kind.leave(out), expected.detach().numpy())
    assert_close(kind.leave(dx), theirs.grad.numpy(), roundings=2)


def test_relu_is_exact(kind):
    """Nothing is rounded: the gradient at 0 is 0, and NaN passes in both directions."""
    x = SPECIAL.astype(kind.dtype)[None]
    out = kind.ops.activation_forward("relu", kind.enter(x))
    dx = kind.leave(kind.ops.activation_backward("relu", kind.enter(np.full_like(x, 3)), out))
    np.testing.assert_array_equal(kind.leave(out), reference.relu_forward(x))
    np.testing.assert_array_equal(dx[0], [0, 0, 3, 0, 3, 0, 3, 3, 0, 3, 0, 3, 0])


def every_float32(rng, count):
    """Numbers spread over all bit patterns of float32, with the ends of every range."""
    bits = rng.integers(0, 2**32, count, dtype=np.uint32).view(np.float32)
    near_one = rng.uniform(-12, 12, count).astype(np.float32)
    edges = np.array([0, 1, 88.7, 88.71, 88.72, 88.7228, 88.7229, 89, -87.2, -87.3, -87.33, -87.34, -88, -103, -104,
                      7.9, 7.90531, 7.91, 9, 10], np.float32)
    return np.concatenate([bits, near_one, edges, -edges, SPECIAL.astype(np.float32)])


if not config.DISABLE_JIT:
    from numbacnn.engine.layout import NUMBER
    from numbacnn.engine.buffers import Buffer
    from numbacnn.engine.plan import Array, Plan
    from numbacnn.engine.queue import enqueue, finish
    from numbacnn.engine.operands import Lanes
    from numbacnn.engine.task import reads
    from numbacnn.simd import generic

    @reads(x=Lanes(1)).writes(out=Lanes(1)).made
    def on_each(name):
        function = getattr(generic, name)

        def task(op, k):
            x, out = op.x, op.out
            for i in range(len(x)):
                out[i] = function(x[i])
        return task


def on_lanes(name, x):
    """The generic function of that name on a plain array of float32, seen as lanes."""
    numbers = -(-len(x) // L)
    source, out = Buffer(NUMBER * numbers), Buffer(NUMBER * numbers)
    source.floats(numbers * L)[:] = np.resize(x, numbers * L)
    plan = Plan().add(on_each.of(name), 1, x=Array("x", (numbers,), (NUMBER,)), out=Array("out", (numbers,), (NUMBER,))).finish()
    enqueue(plan, x=source, out=out)
    finish()
    return out.floats(numbers * L)[:len(x)].copy()


lanes_only = pytest.mark.skipif(config.DISABLE_JIT, reason="lanes exist only in compiled code")


@lanes_only
def test_log_on_lanes(rng):
    x = np.abs(every_float32(rng, 20000))
    with np.errstate(all="ignore"):
        expected = np.log(x.astype(np.float64))
    check(on_lanes("log", x), expected, most=1)
    assert np.isnan(on_lanes("log", np.float32([-1, -np.inf, np.nan]))).all()


@lanes_only
def test_exp_on_lanes(rng):
    """2 ulps for every normal result, and nothing but 0 or infinity beyond; results that would be denormal become 0."""
    x = every_float32(rng, 20000)
    x = x[~((x > 88.7) & (x < 88.7229))]
    with np.errstate(all="ignore"):
        expected = np.exp(x.astype(np.float64))
    out = on_lanes("exp", x)
    vanishing = expected < 1.25e-38  # exp(-87.3), and the smallest normal number is 1.18e-38
    assert (out[vanishing] <= 1.25e-38).all() and (out[vanishing] >= 0).all()
    check(out[~vanishing], expected[~vanishing], most=2)


@lanes_only
def test_exp_on_lanes_just_below_the_largest_number():
    x = np.float32([88.7, 88.701, 88.71, 88.72, 88.7228])
    check(on_lanes("exp", x), np.exp(x.astype(np.float64)), most=2)


@lanes_only
def test_tanh_on_lanes(rng):
    """6 ulps for every number that is large enough for its intermediate results not to be denormal."""
    x = every_float32(rng, 20000)
    with np.errstate(invalid="ignore"):
        expected = np.tanh(x.astype(np.float64))
    out = on_lanes("tanh", x)
    tiny = np.abs(x) < 1e-35
    assert (np.abs(out[tiny] - x[tiny]) < 1e-40).all()
    check(out[~tiny], expected[~tiny], most=6)
    assert (np.abs(out[~np.isnan(out)]) <= 1).all()


@lanes_only
@pytest.mark.parametrize("name, most", [("erf", 3), ("expm1", 9), ("log1p", 3)])
def test_other_functions_on_lanes(name, most, rng):
    """A few ulps wherever neither the result nor what it is made of is denormal; signs, infinities and NaN everywhere."""
    x = every_float32(rng, 20000)
    exact = {"erf": np.vectorize(math.erf, [float]), "expm1": np.expm1, "log1p": np.log1p}[name]
    x = x[~((x > 88.7) & (x < 88.7229)) & ((np.abs(x) > 1e-35) | (x == 0) | np.isnan(x))]
    x = x[x > -1] if name == "log1p" else x
    with np.errstate(all="ignore"):
        expected = exact(x.astype(np.float64))
    check(on_lanes(name, x), expected, most)
    if name == "log1p":
        np.testing.assert_array_equal(on_lanes(name, np.float32([-1, -2, np.nan])), [-np.inf, np.nan, np.nan])


def check(actual, expected, most):
    finite = np.abs(expected) <= np.finfo(np.float32).max
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(actual[~finite], expected[~finite].astype(np.float32))
    distance = ulps(actual[finite], expected[finite])
    worst = distance.argmax()
    assert distance[worst] <= most, f"{distance[worst]} ulps: {actual[finite][worst]}, not {expected[finite][worst]}"


@pytest.mark.parametrize("op", ["relu", "tanh"])
def test_central_differences(op, rng):
    import numbacnn as nc
    from numbacnn.nn import functional as F

    x = rng.uniform(0.1, 2, (3, 4)) * rng.choice([-1, 1], (3, 4))  # not across the corner at 0
    dout = nc.tensor(rng.standard_normal((3, 4)))
    tensor = nc.tensor(x, requires_grad=True)
    (getattr(F, op)(tensor) * dout).sum().backward()
    step = 1e-5
    expected = reference.central_differences(
        lambda array: (getattr(F, op)(nc.tensor(array)) * dout).sum().item(), x, step)
    np.testing.assert_allclose(tensor.grad.numpy(), expected, rtol=0, atol=10 * step**2)
