"""Tensor methods for parts of a Tensor by their index: `x[i]` and `x[i] = y`."""

import numpy as np

from numbacnn.tensors.arithmetic import unbroadcast
from numbacnn.tensors.inplace import changed
from numbacnn.tensors.tape import grad_mode


def is_simple(index):
    """Whether `index` names no element twice: whole numbers, slices, None and `...` only."""
    for part in index if type(index) is tuple else (index,):
        if type(part) is not int and type(part) is not slice and part is not None and part is not Ellipsis and not isinstance(
                part, np.integer):
            return False
    return True


def _kept(index):
    """`index` as it is now, for backward."""
    if isinstance(index, tuple):
        return tuple([_kept(part) for part in index])
    return index.copy() if isinstance(index, np.ndarray) else index


def _trimmed(value, ndim):
    """`value` without dimensions of extent 1 in front of its last `ndim`."""
    while value.ndim > ndim and value.shape[0] == 1:
        value = value[0]
    return value


class Indexing:
    """Mixin of Tensor: its elements and parts by index. Whole numbers, slices, None and `...` give a view."""

    __slots__ = ()

    def _plain_index(self, index):
        """`index` with Tensors replaced by their arrays."""
        if isinstance(index, tuple):
            return tuple([self._plain_index(part) for part in index])
        if not isinstance(index, Indexing):
            return index
        array = index._array
        return array.item() if array.ndim == 0 and array.dtype.kind in "iu" else array

    def __getitem__(self, index):
        if type(index) is not int:
            index = self._plain_index(index)
        simple = is_simple(index)
        if not simple and self._requires_grad:
            index = _kept(index)
        if simple:
            index = index if type(index) is tuple else (index,)
            index = index if Ellipsis in index else (*index, ...)  # so one element is a view, too
        array = self._shared() if simple else self._array
        shape = array.shape
        try:
            out = array[index]
        except IndexError as error:
            raise IndexError(f"index of a Tensor of shape {tuple(self.shape)}: {error}") from None

        def backward(dout):
            dx = np.zeros(shape, dout.dtype)
            if simple:
                dx[index] = dout
            else:
                np.add.at(dx, index, dout)
            return (dx,)

        if simple:
            return self._seen_as(out, backward, "index", lambda array: array[index])
        return self._from_op(out, (self,), backward, "index", True, ())

    def __len__(self):
        if self.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return self._storage.shape[0]

    def __iter__(self):
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return (self[k] for k in range(len(self)))

    def __setitem__(self, index, value):
        index, constant = self._plain_index(index), not isinstance(value, Indexing)
        if not (grad_mode.enabled and (self._requires_grad or not constant and value._requires_grad)):
            self._check_writable("x[...] = y")
            self._writable()[index] = value if constant else value._array
            return
        if constant:
            value = self._detached(np.asarray(value, self.dtype))
        if is_simple(index):
            part = self[index]
            part.copy_(_trimmed(value, part.ndim))
            return
        index = _kept(index)
        value = _trimmed(value, self._array[index].ndim)

        def put(before):
            numbers = before._array.copy()
            numbers[index] = value._array
            own, dtype = tuple(value.shape), value.dtype

            def backward(dout):
                dx = dout.copy()
                dx[index] = 0
                return dx, unbroadcast(dout[index], own).astype(dtype)

            return before._from_op(numbers, (before, value), backward, "index_put", True, ())

        changed("x[...] = y", self, put, value)
