"""Fixtures that every test may ask for, and how results of every kind of number become plain arrays."""
import numpy as np
import pytest
from numba.core import config

from cli_runs import data_file, elsewhere, trained  # noqa: F401 (fixtures of the command line's tests)

SEED = 20240229


@pytest.fixture
def rng(request):
    """Random numbers from a fixed seed, printed so that a failure can be repeated by hand."""
    print(f"{request.node.name}: seed {SEED}")
    return np.random.default_rng(SEED)


@pytest.fixture
def torch():
    """PyTorch where it is installed; the test is skipped elsewhere."""
    return pytest.importorskip("torch")


@pytest.fixture
def threads():
    """set_num_threads, put back afterwards."""
    from numbacnn.engine import get_num_threads, set_num_threads

    before = get_num_threads()
    yield set_num_threads
    set_num_threads(before)


class Kind:
    """One kind of number: how arrays enter the engine's module and how results leave it."""

    def __init__(self, name, dtype):
        self.name, self.dtype = name, np.dtype(dtype)

    def __repr__(self):
        return f"{self.name}-{self.dtype}"

    @property
    def ops(self):
        from numbacnn import engine
        return getattr(engine, self.name)

    def normal(self, rng, *shape):
        """Standard normal numbers as a plain array of this kind's type."""
        return rng.standard_normal(shape).astype(self.dtype)

    def enter(self, array):
        """An activation as this kind's functions take it."""
        from numbacnn.engine import storage_for
        return storage_for(self.ops, array)

    @staticmethod
    def leave(result):
        """A result as a plain array."""
        return result if isinstance(result, np.ndarray) else result.numpy()


KINDS = [Kind("tiles", np.float32), Kind("floats", np.float32), Kind("floats", np.float64)]


def pytest_generate_tests(metafunc):
    """Whatever asks for `kind` runs for every kind of number that there is."""
    if "kind" in metafunc.fixturenames:
        # lanes and tiles exist only in compiled code
        kinds = [kind for kind in KINDS if kind.name == "floats" or not config.DISABLE_JIT]
        metafunc.parametrize("kind", kinds, ids=repr)
