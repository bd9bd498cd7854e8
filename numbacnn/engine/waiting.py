"""How long a thread without work keeps its core.

Between two programs GNU's OpenMP lets its threads look for work for some milliseconds before they sleep.  A training step
asks again after a fraction of one, so that on a machine that others use too this takes more time from everybody, and from
the step itself, than the work does.
"""
import os
from importlib import import_module

SPINS = "20000"  # looks, a fraction of a millisecond: longer than Python needs between two programs of a step
SAID = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")  # whoever sets one of these knows better


def load_openmp():
    """Load Numba's OpenMP threads with SPINS; OpenMP reads the environment at that moment only, so it is left as it was."""
    if any(name in os.environ for name in SAID):
        return
    os.environ["GOMP_SPINCOUNT"] = SPINS
    try:
        import_module("numba.np.ufunc.omppool")
    except ImportError:  # this Numba has other threads
        pass
    finally:
        del os.environ["GOMP_SPINCOUNT"]
