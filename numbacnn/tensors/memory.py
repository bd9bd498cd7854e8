"""Tensor methods that say where its numbers lie: in an array, or in an engine's batch until they are read."""

import numpy as np

from numbacnn.tensors.pending import changing, hand_out, settle, settle_if_changing
from numbacnn.tensors.storage import ARRAYS, as_plain, is_fixed
from numbacnn.tensors.version import Version


class Memory:
    """Mixin of Tensor: its numbers as an array, and the same numbers outside the tape."""

    __slots__ = ()

    @property
    def _array(self):
        """The numbers as a plain array in logical shape. Read it; to write, take `_writable()`."""
        if self._plain is None:
            if self._node is None:
                self._leave_lanes()
            plain = as_plain(self._storage)
            self._plain = plain if self._plain is None else self._plain  # a signal handler may have read it meanwhile
        if changing:
            settle_if_changing(self._plain)
        return self._plain

    def _leave_lanes(self):
        """From now on the numbers are plain, and the engine can tell that no Tensor holds a batch any more."""
        batch = self._storage
        if self._plain is None and not isinstance(batch, ARRAYS):
            numbers = batch.unpacked()
            if self._storage is batch:
                self._storage = numbers

    @property
    def _memory(self):
        """The plain array for an operation that waits its turn to read; one that is being written may still change."""
        return self._plain if self._plain is not None and self._plain.flags.c_contiguous else self._array

    def _shared(self):
        """The plain array, from now on the only storage, so that views of it stay views of this Tensor.

        An operation that waits may still write to it: to read it, take `_array`.
        """
        if self._storage is not self._plain or self._plain is None:
            plain = self._plain if self._plain is not None else self._array
            for other in self._version.others(self):  # those in lanes have the same numbers in the same order
                if type(other._storage) is not np.ndarray:
                    other._storage = other._plain = plain.reshape(other._storage.shape)
            self._storage = plain
        return self._storage

    def _writable(self):
        """The plain array, to be written to; operations that still have to read the old numbers do so first."""
        settle()
        return self._overwritten()

    def _overwritten(self):
        """The plain array for an operation that waits its turn to write: `backward` can tell that numbers have changed."""
        self._version.count += 1
        return self._shared()

    def _before(self):
        """The numbers as they are now, also when the Tensor is changed in place."""
        if is_fixed(self._storage) and not self._version.others(self):
            return self._storage  # a batch is never written to
        return self._array.copy()

    def _take_numbers(self, out):
        """Change the numbers to those of the Tensor `out`, of the same shape and dtype, in all that share the memory."""
        if is_fixed(self._storage) and not self._version.others(self):
            self._version.count += 1
            self._storage = out._storage.copy() if isinstance(out._storage, np.ndarray) else out._storage
            self._plain = self._storage if isinstance(self._storage, np.ndarray) else None
        else:
            numbers = out._array
            np.copyto(self._writable(), numbers)

    def numpy(self):
        """The numbers as a NumPy array that shares memory with this Tensor.

        Raises
        ------
        RuntimeError
            If the Tensor requires grad: writing to the array would falsify the gradient.
        """
        if self._requires_grad:
            raise RuntimeError("Can't call numpy() on a Tensor that requires grad. "
                               "Use tensor.detach().numpy() instead.")
        return hand_out(self._shared())

    def __array__(self, dtype=None, copy=None):
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    @property
    def data(self):
        """A Tensor of the same numbers outside the tape; changing them in place is not noticed by `backward`."""
        if self._plain is not None or self._version.others(self):
            self._shared()
        self._leave_lanes()
        return self._detached(self._storage)

    @data.setter
    def data(self, new):
        if not isinstance(new, Memory):
            raise TypeError(f"data: expected a Tensor, got {type(new).__name__}")
        self._storage = self._plain = new._shared()
        self._version, self._view = Version(), None

    def detach(self):
        """A Tensor outside the tape that shares the numbers of this one."""
        self._leave_lanes()
        out = self._detached(self._storage)
        out._plain = self._plain
        self._version.share(self, out)
        return out

    def clone(self):
        """A copy that passes its gradient on."""
        copy = self._storage.copy() if self._plain is None else self._array.copy(order="K")  # in the same order in memory
        return self._from_op(copy, (self,), lambda dout: (dout,), "clone", saves=())
