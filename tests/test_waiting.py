"""OpenMP's threads are told not to wait for long, and nobody else is."""
import subprocess
import sys

import pytest

PROGRAM = """
import os, sys
before = dict(os.environ)
import numbacnn.engine
assert dict(os.environ) == before, "the environment of this process has changed"
print("numba.np.ufunc.omppool" in sys.modules)
"""


@pytest.mark.parametrize("said", [{}, {"OMP_WAIT_POLICY": "active"}], ids=["unsaid", "said"])
def test_the_environment_stays_as_it_was(said, monkeypatch):
    pytest.importorskip("numba.np.ufunc.omppool")
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(not said)


def test_openmp_hears_it(monkeypatch):
    """GNU's OpenMP shows its settings when it is loaded."""
    pytest.importorskip("numba.np.ufunc.omppool")
    monkeypatch.setenv("OMP_DISPLAY_ENV", "verbose")
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    done = subprocess.run([sys.executable, "-c", "import numbacnn.engine"], capture_output=True, text=True, check=True)
    if "GOMP_SPINCOUNT" not in done.stderr:
        pytest.skip("this OpenMP is not GNU's")
    assert "GOMP_SPINCOUNT = '20000'" in done.stderr
