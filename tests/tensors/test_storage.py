"""What Tensors expect of an engine's storages: its batches have it, and so have arrays that are still to be written."""
import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
from numbacnn import nn
from numbacnn.engine import Batch, Pending
from numbacnn.tensors.internals import storage_of
from numbacnn.tensors.storage import Storage


@pytest.mark.parametrize("form", [Batch, Pending])
def test_storages_have_what_is_expected(form):
    expected = {*Storage.__annotations__, *(name for name in vars(Storage) if not name.startswith("_"))}
    assert {"shape", "fixed", "numpy", "plus", "beside"} <= expected <= {*dir(form)}


def gradient(seed):
    """A gradient that waits to be computed, and its numbers as NumPy computes them: the sum over images of x."""
    x = np.random.default_rng(seed).standard_normal((5, 4)).astype(np.float32)
    layer = nn.Linear(4, 3)
    layer(nc.tensor(x)).sum().backward()
    grad = layer.weight.grad
    assert config.DISABLE_JIT or type(storage_of(grad)) is Pending
    return grad, np.tile(x.sum(0), (3, 1))


@pytest.mark.parametrize("compute", [
    lambda cat, a, b: a + b, lambda cat, a, b: cat([a, b], 1), lambda cat, a, b: cat([a, b], 0), lambda cat, a, b: a.reshape(2, 6),
    lambda cat, a, b: a * b])
def test_numbers_that_are_still_to_come(compute):
    (a, A), (b, B) = gradient(1), gradient(2)
    expected = compute(np.concatenate, A, B)
    np.testing.assert_allclose(compute(nc.cat, a, b).numpy(), expected, rtol=1e-5)


def test_they_may_be_detached_copied_and_changed():
    a, A = gradient(3)
    twin, copy = a.detach(), a.clone()
    a.mul_(2)
    np.testing.assert_allclose(twin.numpy(), 2 * A, rtol=1e-5)
    np.testing.assert_allclose(copy.numpy(), A, rtol=1e-5)
