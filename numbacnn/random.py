"""The default source of random numbers by another name: `numbacnn.random.manual_seed`."""

from contextlib import contextmanager

from numbacnn.tensors.absent import refusing
from numbacnn.tensors.creation import get_rng_state, set_rng_state
from numbacnn.tensors.generator import default_generator, initial_seed, manual_seed, seed

__all__ = ["default_generator", "fork_rng", "get_rng_state", "initial_seed", "manual_seed", "seed", "set_rng_state"]


@contextmanager
def fork_rng(devices=(), enabled=True):
    """Context manager: draw freely in its block; afterwards the default generator is where it was before."""
    state = get_rng_state()
    try:
        yield
    finally:
        if enabled:
            set_rng_state(state)


__getattr__ = refusing(__name__, __all__)
