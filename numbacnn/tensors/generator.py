"""Random numbers: one seed, one stream, the same on every machine and with any number of threads.

The stream is NumPy's PCG64, so numbers differ from PyTorch's for the same seed.
Source: O'Neill, PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms, HMC-CS-2014-0905.
"""

import secrets

import numpy as np

_WORD = (1 << 64) - 1


class Generator:
    """A source of random numbers; all that is random in numbacnn takes one, or the default.

    Attributes
    ----------
    numpy : numpy.random.Generator
        Where the numbers come from.
    """

    __slots__ = ("numpy", "_seed")

    def __init__(self, device="cpu"):
        self.manual_seed(secrets.randbits(63))

    def manual_seed(self, seed):
        """Start the stream that belongs to `seed`; returns the generator itself."""
        if not isinstance(seed, (int, np.integer)):
            raise TypeError(f"manual_seed: seed must be an int, got {seed!r}")
        self._seed = int(seed)
        # Negative seeds count from the top of 64 bits, as in PyTorch.
        self.numpy = np.random.Generator(np.random.PCG64(self._seed & _WORD))
        return self

    def initial_seed(self):
        """The seed the stream started from."""
        return self._seed

    def seed(self):
        """Start a stream from a seed of the operating system's; returns that seed."""
        self.manual_seed(secrets.randbits(63))
        return self._seed

    def get_state(self):
        """State of the stream, as a uint8 array of 56 bytes; `set_state` continues from there."""
        state = self.numpy.bit_generator.state
        number, increment = state["state"]["state"], state["state"]["inc"]
        words = [number >> 64, number & _WORD, increment >> 64, increment & _WORD,
                 state["has_uint32"], state["uinteger"], self._seed & _WORD]
        return np.array(words, np.uint64).view(np.uint8)

    def set_state(self, state):
        """Continue where `get_state` was called.

        Raises
        ------
        ValueError
            If `state` is not 56 bytes.
        """
        state = np.ascontiguousarray(state)
        if state.dtype != np.uint8 or state.shape != (56,):
            raise ValueError(f"set_state: expected 56 bytes (uint8) from get_state, got {state.dtype} {state.shape}")
        words = [int(word) for word in state.view(np.uint64)]
        self.numpy.bit_generator.state = {
            "bit_generator": "PCG64", "state": {"state": words[0] << 64 | words[1], "inc": words[2] << 64 | words[3]},
            "has_uint32": words[4], "uinteger": words[5]}
        self._seed = words[6]


default_generator = Generator()


def manual_seed(seed):
    """Seed the default generator; returns it."""
    return default_generator.manual_seed(seed)


def initial_seed():
    """The seed of the default generator."""
    return default_generator.initial_seed()


def seed():
    """Seed the default generator from the operating system; returns the seed."""
    return default_generator.seed()
