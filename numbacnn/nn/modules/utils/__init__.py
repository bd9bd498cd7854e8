"""How PyTorch's layers make a tuple of a number: `_pair(3)` is (3, 3), and `_pair((3, 5))` stays as it is."""

from collections.abc import Iterable
from itertools import repeat

from numbacnn.tensors.absent import refusing


def _ntuple(n):
    """A function that repeats a number `n` times, and makes a tuple of what is a sequence already."""
    def parse(x):
        return tuple(x) if isinstance(x, Iterable) else tuple(repeat(x, n))

    return parse


_single, _pair, _triple, _quadruple = _ntuple(1), _ntuple(2), _ntuple(3), _ntuple(4)
__all__ = ["_ntuple", "_pair", "_quadruple", "_single", "_triple"]
__getattr__ = refusing(__name__, __all__)
