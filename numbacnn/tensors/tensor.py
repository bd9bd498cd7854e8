"""Tensor: numbers, their gradient, and a place on the tape.

A Tensor holds either a NumPy array or a *batch*: an object of the engine that keeps the same numbers in a layout the
CPU prefers, and shows a logical `shape`, a `dtype` and `numpy()`. Operations written with NumPy ask for `_array`; the
conversion happens then, once; on the tape the batch stays, for the engine's next operation. Nothing here knows the engine.
"""

import numpy as np

from numbacnn.tensors.absent import absent
from numbacnn.tensors.aliases import accept_numpy_names
from numbacnn.tensors.pending import exposed, settle_if_exposed, settle_if_seen, take_in
from numbacnn.tensors.tape import accumulate, edges_of, grad_mode, put_on_tape, run_backward
from numbacnn.tensors.arithmetic import Arithmetic
from numbacnn.tensors.borrowed import Borrowed
from numbacnn.tensors.conversion import Conversion
from numbacnn.tensors.indexing import Indexing
from numbacnn.tensors.inplace import METHODS, InPlace, in_place_of
from numbacnn.tensors.listeners import listeners, tell
from numbacnn.tensors.memory import Memory
from numbacnn.tensors.methods import Methods
from numbacnn.tensors.printing import tensor_html, tensor_text
from numbacnn.tensors.reduction import Reduction
from numbacnn.tensors.shape import Reshaping
from numbacnn.tensors.storage import ARRAYS
from numbacnn.tensors.types import Size, default_dtype
from numbacnn.tensors.version import Version


class Tensor(Methods, Memory, Arithmetic, Borrowed, Reduction, Reshaping, Indexing, InPlace, Conversion):
    """A multi-dimensional array that can remember how it was computed.

    Parameters
    ----------
    *data : ints, or one of Size, nested list of numbers, ndarray, Tensor
        `Tensor(2, 3)` and `Tensor(x.shape)` make zeros of that shape (PyTorch leaves them uninitialized), `Tensor()` has no
        elements. Lists and arrays are copied and become float32 (see `set_default_dtype`), whatever they were;
        `numbacnn.tensor(data)` keeps their kind of number. A Tensor of float32 is shared.
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

    __slots__ = ("_storage", "_plain", "_requires_grad", "_node", "_version", "_view", "grad", "__weakref__")
    __array_priority__ = 1000  # NumPy leaves `array + tensor` to the Tensor

    def __init__(self, *data, requires_grad=False):
        self._hold(_numbers(data), requires_grad)

    def _hold(self, data, requires_grad):
        """Begin with these numbers: an array, from outside perhaps, or a batch; or those of a Tensor, shared."""
        if isinstance(data, Tensor):
            data = data._shared()
        elif isinstance(data, np.ndarray):
            take_in(data)
        elif isinstance(data, (list, tuple, *ARRAYS)):
            data = np.asarray(data, default_dtype())
        self._storage = data
        self._plain = data if isinstance(data, np.ndarray) else None
        self._requires_grad = False
        self._node = self._view = None
        self._version = Version()
        self.grad = None
        if requires_grad:
            self.requires_grad_()

    @staticmethod
    def _of(array):
        """A Tensor on an array from outside, whatever its dtype; the memory is shared."""
        out = Tensor.__new__(Tensor)
        out._hold(array, False)
        return out

    @staticmethod
    def _from_op(storage, parents, backward, name, plain=False, saves=None, saves_out=False, settings=None):
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
        saves : sequence of Tensor, optional
            The operands whose numbers `backward` uses, all if not said; if one is changed in place before, `backward` is
            refused.
        saves_out : bool
            Whether `backward` uses the numbers of the result.
        settings : dict, optional
            How the operation was called, for listeners.
        """
        out = Tensor._detached(storage)
        if grad_mode.enabled:
            edges = edges_of(parents)
            if edges is not None:
                saves = parents if saves is None else saves
                put_on_tape(out, edges, backward, name, plain, (*saves, out) if saves_out else saves)
        if exposed:
            settle_if_exposed(parents)
        if listeners:
            tell(name, out, parents, settings)
        return out

    @staticmethod
    def _detached(storage):
        """A Tensor on `storage`, off the tape; made by hand since every operation ends here."""
        out = Tensor.__new__(Tensor)
        if type(storage) is np.ndarray:
            out._storage = out._plain = storage
        elif isinstance(storage, ARRAYS):
            out._storage = out._plain = np.asarray(storage)
        else:
            out._storage, out._plain = storage, None
        out._requires_grad = False
        out._version = Version()
        out._node = out._view = out.grad = None
        return out

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
        settle_if_seen()  # a weight may change as soon as this returns

    def retain_grad(self):
        """Keep the gradient that passes this computed Tensor in its `.grad`."""
        if not self._requires_grad:
            raise RuntimeError("can't retain_grad on a Tensor that has requires_grad=False")
        if self._node is not None:
            self._node.keeper = self

    # ---- Python's own words

    def __getstate__(self):
        # For copy and pickle: plain numbers, since a batch knows its address, and numbers to come are not there yet.
        self._array
        self._shared()
        state = {name: getattr(self, name) for name in Tensor.__slots__[:-1]}  # but for the references to it
        return getattr(self, "__dict__", None), {**state, "_view": None}

    # Comparing is elementwise, so a Tensor is known by its identity, as a key of a dict for example.
    __hash__ = object.__hash__

    def __repr__(self):
        return tensor_text(self)

    def _repr_html_(self):
        return tensor_html(self)

    def __getattr__(self, name):
        raise absent("numbacnn.Tensor", name, OFFERED)


def _numbers(data):
    """The array that `Tensor(*data)` means."""
    if all(isinstance(extent, (int, np.integer)) and not isinstance(extent, bool) for extent in data):
        return np.zeros(data or (0,), default_dtype())
    if len(data) > 1:
        raise TypeError(f"Tensor: expected the extents of a shape, or one list, array or Tensor of numbers, got {data!r}")
    [data] = data
    if isinstance(data, Size):
        return np.zeros(data, default_dtype())
    if isinstance(data, Tensor):
        if data.dtype != default_dtype():
            method = "float" if default_dtype() == np.float32 else "double"
            raise TypeError(f"Tensor: expected a Tensor of {default_dtype()}, got {data.dtype}; take x.{method}()")
        return data._shared()
    if isinstance(data, (float, complex, str, bool)):
        raise TypeError(f"Tensor: data must be a sequence, got {type(data).__name__}; numbacnn.tensor({data!r}) makes a Tensor of "
                        "one number")
    return np.array(data, default_dtype())


for _name in METHODS:
    if hasattr(Tensor, _name) and not hasattr(Tensor, f"{_name}_"):
        setattr(Tensor, f"{_name}_", in_place_of(_name))

accept_numpy_names(Tensor)
OFFERED = tuple(dir(Tensor))
