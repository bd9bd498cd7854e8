"""Storages: the forms in which the numbers of a Tensor, or of a gradient, may lie.

Either they lie in a NumPy array, or an engine keeps them in a form of its own. The room `tensors` knows no engine; of such an
object it expects what stands in `Storage`, and nothing else. The object need not be derived from it.
"""

from typing import Protocol

import numpy as np

#: what an operation written with NumPy may give: arrays and single numbers; everything else is a `Storage`
ARRAYS = (np.ndarray, np.generic, int, float)


class Storage(Protocol):
    """Numbers in an engine's own form.

    Attributes
    ----------
    shape : tuple of int
        In PyTorch's order of the dimensions, whatever their order in memory.
    dtype : numpy.dtype
    fixed : bool
        Whether they are never written to, so that Tensors may share them.
    memory : ndarray or None
        The array in which they lie, where others may see it; None if they lie in memory of the engine.
    """

    shape: tuple
    dtype: np.dtype
    fixed: bool
    memory: object

    def numpy(self):
        """The numbers as an array, once they are computed."""

    def unpacked(self):
        """The numbers as they would lie in an array: a storage to come, or an array; itself if they lie so already."""

    def copy(self):
        """Numbers that stay as they are now."""

    def plus(self, other):
        """The sum with an array or a storage, in the form of this one; None if it has to be computed otherwise."""

    def reshaped(self, shape):
        """These numbers in another shape; None if they cannot have it in this form."""

    def beside(self, others):
        """These channels, then those of other arrays or storages; None if they do not fit in this form."""

    def channels(self, first, end):
        """Channels `first` to `end`."""


def as_plain(storage):
    """Numbers as an array in logical shape: a storage is converted, a single number becomes an array without dimensions."""
    if type(storage) is np.ndarray:
        return storage
    return np.asarray(storage) if isinstance(storage, ARRAYS) else storage.numpy()


def is_fixed(numbers):
    """Whether these are never written to, as those of a batch."""
    return not isinstance(numbers, ARRAYS) and numbers.fixed


def added(x, y):
    """The sum of two arrays or storages in the form of one that is a storage; None if it has to be computed with arrays."""
    for one, other in ((x, y), (y, x)):
        if not isinstance(one, ARRAYS):
            total = one.plus(other)
            if total is not None:
                return total
    return None


def channels(numbers, first, end):
    """Channels `first` to `end` of an array or a storage."""
    return numbers[:, first:end] if isinstance(numbers, ARRAYS) else numbers.channels(first, end)


def reshaped(numbers, shape):
    """An array or a storage in another shape, in its own form where that can be."""
    out = None if isinstance(numbers, ARRAYS) else numbers.reshaped(shape)
    return as_plain(numbers).reshape(shape) if out is None else out
