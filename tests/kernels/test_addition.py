"""Addition of two batches: residual connections, and the gradients that meet at a fork."""
import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
import reference
from numbacnn import nn
from numbacnn.engine.loop import made
from numbacnn.kernels import addition
from numbacnn.simd.choice import L

SHAPES = [(1, 1), (3, 5), (2, 3, 7), (L + 1, 9, 2, 2), (2, 3, 4, 5), (2, 3, 2, 3, 4)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_equals_the_twin(kind, shape, rng):
    x, y = kind.normal(rng, *shape), kind.normal(rng, *shape)
    if kind.name == "tiles":
        out = kind.enter(x).plus(kind.enter(y)).numpy()
    else:
        out = made(addition.add_forward, x.size, x.reshape(-1), y.reshape(-1)).reshape(shape)
    assert out.dtype == kind.dtype
    np.testing.assert_array_equal(out, reference.add_forward(x, y).astype(kind.dtype))


def residual(library, functional, x, weight, dout):
    """A block whose input goes two ways and whose sum goes two ways again: out, and the gradients of x and weight."""
    x, weight = (library.tensor(array, requires_grad=True) for array in (x, weight))
    between = functional.conv2d(x, weight, padding=1)
    out = functional.relu(functional.conv2d(between, weight, padding=1) + between) + x + between
    out.backward(library.tensor(dout))
    return out, x.grad, weight.grad


@pytest.mark.parametrize("N", [2, L + 3])
def test_a_residual_block_equals_pytorch(N, rng, torch):
    import numbacnn as nc
    from numbacnn.nn import functional as F
    from tolerances import assert_close

    x, dout = (rng.standard_normal((N, 3, 5, 4)).astype(np.float32) for _ in range(2))
    weight = rng.standard_normal((3, 3, 3, 3)).astype(np.float32) / 5
    theirs = residual(torch, torch.nn.functional, x, weight, dout)
    for mine, expected in zip(residual(nc, F, x, weight, dout), theirs):
        assert_close(mine.detach().numpy(), expected.detach().numpy(), terms=N * 20, roundings=4)


@pytest.mark.skipif(config.DISABLE_JIT, reason="lanes exist only in compiled code")
def test_batches_and_their_gradients_stay_in_lanes(rng):
    import numbacnn as nc
    from numbacnn.engine import Batch
    from numbacnn.nn import functional as F

    x = nc.tensor(rng.standard_normal((3, 2, 4, 4)).astype(np.float32), requires_grad=True)
    y = F.avg_pool2d(x, 1)
    out = y + F.relu(y)
    assert isinstance(out._storage, Batch) and isinstance((out + x)._storage, Batch)
    assert isinstance((x + out)._storage, Batch)
    y.retain_grad()
    F.avg_pool2d(out, 2).sum().backward()
    assert isinstance(y.grad._storage, Batch)


def test_what_does_not_fit_is_refused_or_broadcast(rng):
    import numbacnn as nc
    from numbacnn.nn import functional as F

    x = F.avg_pool2d(nc.ones(2, 3, 4, 4), 1)
    assert (x + nc.ones(3, 1, 1)).shape == (2, 3, 4, 4) and (1 + x).max().item() == 2
    assert (x + x.double()).dtype == nc.float64
    with pytest.raises(RuntimeError, match="dimension 3 is 3 and 2"):
        x + nc.ones(2, 2, 4, 4)


@pytest.mark.parametrize("look", [lambda a: None, lambda a: a.detach(), lambda a: a.data, lambda a: a.detach().numpy()])
def test_results_that_somebody_looked_at_are_added_and_joined_alike(look):
    x = nc.tensor(np.random.default_rng(0).standard_normal((3, 1, 8, 8)).astype(np.float32))
    nc.manual_seed(0)
    one, other = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
    found = []
    for join in (lambda a, d: a + d, lambda a, d: d + a, lambda a, d: nc.cat([a, d], 1), lambda a, d: nc.cat([d, a], 1)):
        a = one(x)
        d = other(a)
        kept = look(a)
        found.append(join(a, d).detach().numpy())
    a, d = (part.detach().numpy() for part in (a, d))
    for actual, expected in zip(found, (a + d, a + d, np.concatenate([a, d], 1), np.concatenate([d, a], 1))):
        np.testing.assert_array_equal(actual, expected)
    assert kept is None or kept.shape == a.shape
