"""Tensor: numbers, their gradient, and a place on the tape.

A Tensor holds either a NumPy array or a *batch*: an object of the engine that keeps the same numbers in a layout the
CPU prefers, and shows a logical `shape`, a `dtype` and `numpy()`. Operations written with NumPy ask for `_array`; the
conversion happens then, once; on the tape the batch stays, for the engine's next operation. Nothing here knows the engine.
"""

import numpy as np

from numbacnn.tensors.absent import absent
from numbacnn.tensors.pending import (changing, exposed, hand_out, settle, settle_if_changing, settle_if_exposed,
                                      take_in)
from numbacnn.tensors.tape import Node, accumulate, as_plain, grad_mode, run_backward
from numbacnn.tensors.arithmetic import Arithmetic
from numbacnn.tensors.conversion import Conversion
from numbacnn.tensors.inplace import InPlace
from numbacnn.tensors.printing import tensor_text
from numbacnn.tensors.reduction import Reduction
from numbacnn.tensors.shape import Reshaping
from numbacnn.tensors.types import Size, float32


class Tensor(Arithmetic, Reduction, Reshaping, InPlace, Conversion):
    """A multi-dimensional array that can remember how it was computed.

    Parameters
    ----------
    data : ndarray, Tensor, engine batch or nested list of numbers
        The numbers. Arrays and Tensors are shared, not copied; lists become float32, as with `torch.Tensor`.
    requires_grad : bool
        Whether `backward` shall compute its gradient.

    Attributes
    ----------
    grad : Tensor or None
        The gradient, once `backward` has run; summed over several backward passes until it is reset.
    requires_grad : bool
    grad_fn : Node or None
        The operation that made this Tensor; None for a leaf.
    """

    __slots__ = ("_storage", "_plain", "_requires_grad", "_node", "_version", "grad")
    __array_priority__ = 1000  # NumPy leaves `array + tensor` to the Tensor

    def __init__(self, data, requires_grad=False):
        if isinstance(data, Tensor):
            data = data._storage
        elif isinstance(data, np.ndarray):
            take_in(data)
        elif not hasattr(data, "numpy"):
            data = np.asarray(data, float32)
        self._storage = data
        self._plain = data if isinstance(data, np.ndarray) else None
        self._requires_grad = False
        self._node = None
        self._version = 0
        self.grad = None
        if requires_grad:
            self.requires_grad_()

    @staticmethod
    def _from_op(storage, parents, backward, name, plain=False):
        """The result of an operation, recorded on the tape if any of `parents` needs a gradient.

        Parameters
        ----------
        storage : ndarray or batch
            The result.
        parents : tuple of Tensor
            What it was computed from.
        backward : callable
            `backward(dout)` returns a gradient, ndarray or batch, for each parent, or None where none is needed.
            It may return `dout` itself or views of it; any other array it must not keep or return twice.
        name : str
            The operation in lower case, e.g. "max_pool2d".
        plain : bool
            `backward` wants an ndarray even if the gradient arrives as a batch.
        """
        out = Tensor._detached(storage)
        if grad_mode.enabled:
            for parent in parents:
                if parent._requires_grad:
                    out._requires_grad = True
                    out._node = Node(parents, backward, name, plain)
                    break
        if exposed:
            settle_if_exposed(parents)
        return out

    @staticmethod
    def _detached(storage):
        """A Tensor on `storage`, off the tape; made by hand since every operation ends here."""
        out = Tensor.__new__(Tensor)
        if type(storage) is np.ndarray:
            out._storage = out._plain = storage
        elif hasattr(storage, "numpy"):
            out._storage, out._plain = storage, None
        else:
            out._storage = out._plain = np.asarray(storage)
        out._requires_grad = False
        out._version = 0
        out._node = out.grad = None
        return out

    # ---- storage

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
        """From now on the numbers are plain, and who computes them knows that nobody holds a batch any more."""
        batch = self._storage
        if self._plain is None and hasattr(batch, "unpacked"):
            numbers = batch.unpacked()
            if self._storage is batch:
                self._storage = numbers

    @property
    def _memory(self):
        """The plain array for an operation that waits its turn to read; one that is being written may still change."""
        return self._plain if self._plain is not None and self._plain.flags.c_contiguous else self._array

    def _shared(self):
        """The plain array, from now on the only storage, so that views of it stay views of this Tensor."""
        self._storage = self._array
        return self._storage

    def _writable(self):
        """The same for those who write to it: whoever still has to read the old numbers does so first."""
        settle()
        return self._overwritten()

    def _overwritten(self):
        """The plain array for an operation that waits its turn to write: `backward` can tell that numbers have changed."""
        self._version += 1
        self._storage = self._plain if self._plain is not None else self._array
        return self._storage

    def _unchanged_since(self, version, op):
        """Refuse to compute a gradient from numbers that are not those of the forward pass."""
        if self._version != version:
            raise RuntimeError(f"{op}: backward needs the weight of shape {tuple(self.shape)} as it was in the forward "
                               "pass, but it has been modified by an inplace operation since (an optimizer step, for "
                               "example); run the forward pass again")

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
        """The same numbers outside the tape."""
        return self.detach()

    @data.setter
    def data(self, new):
        if not isinstance(new, Tensor):
            raise TypeError(f"data: expected a Tensor, got {type(new).__name__}")
        self._storage, self._plain = new._storage, new._plain

    def detach(self):
        """The same numbers, shared, outside the tape."""
        self._leave_lanes()
        return self._detached(self._storage)

    def clone(self):
        """A copy that passes its gradient on."""
        storage = self._storage if self._plain is None else self._array
        return self._from_op(storage.copy(), (self,), lambda dout: (dout,), "clone")

    # ---- what it is

    @property
    def shape(self):
        return Size(self._storage.shape)

    @property
    def dtype(self):
        return self._storage.dtype

    @property
    def ndim(self):
        return len(self._storage.shape)

    @property
    def is_leaf(self):
        return self._node is None

    @property
    def grad_fn(self):
        return self._node

    @property
    def requires_grad(self):
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, flag):
        self.requires_grad_(flag)

    def requires_grad_(self, requires_grad=True):
        """Say whether `backward` shall compute this leaf's gradient; returns the Tensor itself."""
        if requires_grad and self.dtype.kind != "f":
            raise RuntimeError(f"only Tensors of floating point dtype can require gradients, not {self.dtype}")
        if not requires_grad and self._node is not None:
            raise RuntimeError("you can only change requires_grad flags of leaf Tensors; "
                               "to use a computed Tensor where no gradient is needed, take x.detach()")
        self._requires_grad = bool(requires_grad)
        return self

    # ---- the tape

    def backward(self, gradient=None, retain_graph=False, create_graph=False):
        """Compute the gradient of this Tensor with respect to every leaf it depends on, adding to their `.grad`.

        Parameters
        ----------
        gradient : Tensor or array, optional
            The gradient that arrives here, of this Tensor's shape; 1 if this is a single number.
        retain_graph : bool
            Keep the tape, so that `backward` can run again.

        Raises
        ------
        RuntimeError
            If nothing here requires grad, if `gradient` is missing or misshapen, or if the tape was freed already.
        """
        if create_graph:
            raise NotImplementedError("backward: create_graph=True is not offered (no second derivatives)")
        if not self._requires_grad:
            raise RuntimeError("backward: this Tensor does not require grad and has no grad_fn; no Tensor it was "
                               "computed from has requires_grad=True, or it was computed under no_grad()")
        if gradient is None:
            if self.numel() != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs; this Tensor has shape "
                                   f"{tuple(self.shape)}: reduce it with .mean() or .sum(), or pass gradient=")
            gradient = np.ones(self._storage.shape, self.dtype)
        else:
            # a plain array: a batch out of a forward pass has biases in its empty lanes
            gradient = np.asarray(gradient._array if isinstance(gradient, Tensor) else gradient, self.dtype)
            if tuple(gradient.shape) != tuple(self.shape):
                raise RuntimeError(f"backward: gradient has shape {tuple(gradient.shape)}, "
                                   f"the Tensor has shape {tuple(self.shape)}")
            take_in(gradient)  # the caller may reuse its memory
        if self._node is None:
            accumulate(self, gradient, gradient)
        else:
            run_backward(self._node, gradient, retain_graph)
        if exposed:  # a weight may change as soon as this returns
            settle()

    def retain_grad(self):
        """Keep the gradient that passes this computed Tensor in its `.grad`."""
        if not self._requires_grad:
            raise RuntimeError("can't retain_grad on a Tensor that has requires_grad=False")
        if self._node is not None:
            self._node.keeper = self

    # ---- Python's own words

    def __getstate__(self):
        # For copy and pickle: plain numbers, since a batch knows its address, and numbers to come are not there yet.
        self._shared()
        return getattr(self, "__dict__", None), {name: getattr(self, name) for name in Tensor.__slots__}

    # Comparing is elementwise, so a Tensor is known by its identity, as a key of a dict for example.
    __hash__ = object.__hash__

    def __repr__(self):
        return tensor_text(self)

    def __getattr__(self, name):
        raise absent("numbacnn.Tensor", name, OFFERED)


OFFERED = tuple(dir(Tensor))
