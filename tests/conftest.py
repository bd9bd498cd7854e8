"""Fixtures that every test may ask for, and how results of every kind of number become plain arrays."""
import gc
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from numba.core import config

from browser import chromium, visit  # noqa: F401 (fixtures of the tests of pages)
from cli_runs import data_file, elsewhere, trained  # noqa: F401 (fixtures of the command line's tests)
from few_tables import table  # noqa: F401 (a fixture of the tests of tables)
from numbacnn.engine import compilation
from numbacnn.simd import choice

SEED = 20240229
os.environ.pop("COLUMNS", None)  # what commands print would depend on it
HAS_TORCH = find_spec("torch") is not None
#: The files that take longest, by what they compile. They come first, so that all processes end at about the same time.
LONGEST = ["pytorch_operators", "pytorch_modules", "conv", "examples", "cpus", "ladder_cli", "cache", "cli_beyond_images",
           "compilation", "few_images", "linear", "activation_functions", "properties", "trace", "architectures", "data_drawn", "plot"]

# Examples are drawn from a fixed seed, so that a run that passed passes again. `--hypothesis-profile=search` draws others, and more
# of them, each time; what fails there is printed as an example and as a decorator that repeats it. How long a busy machine takes is
# no fault of a test.
settings.register_profile("fixed", derandomize=True, deadline=None, print_blob=True,
                          suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", settings.get_profile("fixed"), derandomize=False, max_examples=2000)
settings.load_profile("fixed")


def pytest_xdist_auto_num_workers(config):
    """Processes for all tests: as many as cores, at most four. Files that are named run in this one, which is there already."""
    every = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) if every else 0


def pytest_sessionstart():
    """Where several processes share the tests, all cores are busy: none asks others to help it compile."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        compilation.MOST = 1


def pytest_collectstart():
    """Thousands of tests are objects that stay: to go through them again and again would take a fifth of all the time."""
    gc.disable()


def pytest_collection_finish():
    """What was collected is left alone from here on; what tests leave behind is looked for less often than usual."""
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
    gc.enable()


def pytest_collection_modifyitems(config, items):
    """Long files first. Processes that share the tests must agree on their names; without PyTorch there is nothing to compare with."""
    for item in items:
        if " at 0x" in item.nodeid:
            raise pytest.UsageError(f"{item.nodeid} is named by an address, another one in every process; give it ids")
    first = {f"test_{name}.py": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: first.get(item.path.name, len(LONGEST)))
    if not HAS_TORCH:  # thousands of tests, which would take half a minute to be skipped one by one
        config.hook.pytest_deselected(items=[item for item in items if "torch" in item.fixturenames])
        items[:] = [item for item in items if "torch" not in item.fixturenames]


def pytest_terminal_summary(terminalreporter):
    if not HAS_TORCH:
        terminalreporter.write_line("PyTorch is not installed: the tests that compare with it were left out")


@pytest.fixture(autouse=True, scope="session")
def free_cores():
    """What other programs do to the machine changes nothing that commands say."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0), raising=False)
        yield


@pytest.fixture
def rng(request):
    """Random numbers from a fixed seed, printed so that a failure can be repeated by hand."""
    print(f"{request.node.name}: seed {SEED}")
    return np.random.default_rng(SEED)


@pytest.fixture
def torch():
    """PyTorch where it is installed, its draws from a fixed seed; a test that asks for it elsewhere is left out or skipped."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(SEED)
    return torch


@pytest.fixture
def threads():
    """set_num_threads, put back afterwards."""
    from numbacnn.engine import get_num_threads, set_num_threads

    before = get_num_threads()
    yield set_num_threads
    set_num_threads(before)


@pytest.fixture(params=choice.CPUS, ids=lambda row: row[0] or "plain")
def cpu(request, monkeypatch):
    """What `simd.choice` says of another CPU, row by row of its table; what is compiled stays that of this one."""
    _, VECTOR, T_MAX, ROOM = request.param
    for name, value in {"VECTOR": VECTOR, "HALF": VECTOR, "L": 2 * VECTOR, "T_MAX": T_MAX, "ROOM": ROOM}.items():
        monkeypatch.setattr(choice, name, value)
    for function in (choice.tile_of, choice.tiles_of, choice.grids_of):
        function.cache_clear()
    yield request.param
    for function in (choice.tile_of, choice.tiles_of, choice.grids_of):
        function.cache_clear()


@pytest.fixture(scope="session")
def cases(tmp_path_factory):
    """A folder with the inputs that ../shared/cases/make_files.py makes; the test is skipped where that script is absent."""
    places = (above / "shared" / "cases" / "make_files.py" for above in Path(__file__).resolve().parents)
    script = next((place for place in places if place.exists()), None)
    if script is None:
        pytest.skip("there is no ../shared/cases/make_files.py")
    pytest.importorskip("PIL")
    folder = tmp_path_factory.mktemp("cases")
    subprocess.run([sys.executable, str(script), str(folder)], check=True, timeout=120)
    return folder


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

    def terms(self, count):
        """For `assert_close`: what a long sum of `count` numbers, formed in float64 and then rounded, counts as.

        Of float64 numbers on one side of 0, each rounding errs to the same side for long stretches: by about count / 20 in all.
        """
        return max(count, (count / 50) ** 2) if self.dtype == np.float64 else 1

    def enter(self, array):
        """An activation as this kind's functions take it."""
        from numbacnn.nn.functional.apply import numbers_for
        return numbers_for(self.ops, array)

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
