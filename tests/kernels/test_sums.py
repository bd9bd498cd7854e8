"""Sums over any dimension keep their last digits: compared with sums in float64."""
from itertools import combinations

import numpy as np
import pytest

import numbacnn
from tolerances import assert_close

#: Extents below, at and above a block of rows, more rows than one pass takes, several dimensions that are long.
SHAPES = [(1000,), (64, 5), (65, 5), (30000, 3), (5000, 300), (3, 2000, 2), (700, 1, 40), (5, 70, 9, 3), (40, 3, 50, 2),
          (2, 3, 4, 5, 60), (513, 9, 8)]
LAYOUTS = {
    "in order": lambda x: x, "backwards": lambda x: x.transpose(0, -1).contiguous().transpose(0, -1), "every other": lambda x: x[..., ::2],
    "rotated": lambda x: x.transpose(0, x.ndim // 2), "repeated": lambda x: x[:1].expand(*x.shape),
}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_sums_are_those_of_float64(shape, layout, rng):
    """No number is on the other side of 0, so that rounding errors cannot cancel out."""
    x = LAYOUTS[layout](numbacnn.tensor(rng.random(shape, np.float32)))
    for count in range(len(shape) + 1):
        for dim in combinations(range(len(shape)), count):
            expected = x.numpy().sum(dim, np.float64)
            assert_close(x.sum(dim).numpy() if dim else x.numpy(), expected, terms=4)
            assert_close(x.sum(dim, keepdim=True).numpy(), x.numpy().sum(dim, np.float64, keepdims=True), terms=4)


@pytest.mark.parametrize("dim", [0, 1, (0, 1), None], ids=str)
@pytest.mark.parametrize("name", ["mean", "var", "std", "norm", "logsumexp"])
def test_what_is_made_of_sums(name, dim, rng):
    a = rng.random((100_000, 6), np.float32)
    wide = a.astype(float)
    expected = {"mean": lambda: wide.mean(dim), "var": lambda: wide.var(dim, ddof=1), "std": lambda: wide.std(dim, ddof=1),
                "norm": lambda: np.sqrt((wide ** 2).sum(dim)), "logsumexp": lambda: np.log(np.exp(wide).sum(dim))}[name]()
    x = numbacnn.tensor(a)
    actual = x.logsumexp((0, 1) if dim is None else dim) if name == "logsumexp" else getattr(x, name)(dim=dim)
    assert_close(actual.numpy(), expected, terms=4)


def test_the_gradient_of_what_was_repeated(rng):
    a = rng.random((100_000, 6), np.float32)
    bias = numbacnn.zeros(6, requires_grad=True)
    (numbacnn.tensor(a) * bias).sum().backward()
    assert_close(bias.grad.numpy(), a.sum(0, np.float64), terms=4)


@pytest.mark.parametrize("dim", [0, 1])
def test_running_sums_and_products(dim, rng):
    a = rng.random((100_000, 2) if dim == 0 else (2, 100_000), np.float32)
    x = numbacnn.tensor(a, requires_grad=True)
    sums = x.cumsum(dim)
    assert_close(sums.detach().numpy(), a.cumsum(dim, np.float64))
    sums.backward(numbacnn.tensor(a))
    assert_close(x.grad.numpy(), np.flip(np.flip(a, dim).cumsum(dim, np.float64), dim))
    near_1 = (1 + 1e-5 * a).astype(np.float32)
    assert_close(numbacnn.tensor(near_1).cumprod(dim).numpy(), near_1.cumprod(dim, np.float64))


def test_infinities_and_nan_stay():
    x = numbacnn.ones(1000, 3)
    x[500, 0], x[700, 1], x[3, 2], x[900, 2] = float("nan"), float("inf"), float("inf"), float("-inf")
    total = x.sum(0).numpy()
    assert np.isnan(total[0]) and total[1] == np.inf and np.isnan(total[2])


def test_whole_numbers_are_exact():
    x = numbacnn.full((1000, 2), 255, dtype=numbacnn.uint8)
    assert x.sum(0).tolist() == [255_000, 255_000] and x.cumsum(0)[-1].tolist() == [255_000, 255_000]
