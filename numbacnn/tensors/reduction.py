"""Tensor reductions: sums, means, extremes and where they are, with their derivatives."""

import numpy as np

from numbacnn.tensors import return_types, types
from numbacnn.tensors.arithmetic import unary
from numbacnn.tensors.totals import total


def normalize_dim(name, dim, ndim):
    """`dim` counted from the front.

    Raises
    ------
    IndexError
        If there is no such dimension.
    """
    count = max(ndim, 1)
    if not -count <= dim < count:
        raise IndexError(f"{name}: dim is {dim}, but the Tensor has {ndim} dimensions: "
                         f"expected {-count} to {count - 1}")
    return dim % count


def _axes(name, x, dim):
    """The axes to reduce as a tuple; all of them for None."""
    if dim is None:
        return tuple(range(x.ndim))
    dims = (dim,) if isinstance(dim, (int, np.integer)) else tuple(dim)
    axes = tuple(normalize_dim(name, d, x.ndim) for d in dims)
    # A 0-d Tensor accepts dim 0 and -1, as in PyTorch: there is nothing to reduce.
    return axes if x.ndim else ()


def _spread(dout, axes, shape):
    """Repeat the gradient of a reduction over the axes that it reduced."""
    kept = tuple(1 if axis in axes else extent for axis, extent in enumerate(shape))
    return np.broadcast_to(dout.reshape(kept), shape)


def _extreme(name, x, dim, keepdim, reduce, arg):
    """max or min: of everything, or with positions along `dim`."""
    a = x._array
    if a.size == 0:
        raise RuntimeError(f"{name}: the Tensor has no elements (shape {tuple(x.shape)})")
    if dim is None:
        out = np.asarray(reduce(a))

        def backward(dout):
            # Equal extremes share the gradient evenly.
            winners = np.isnan(a) if np.isnan(out) else a == out
            return ((winners * (dout / winners.sum())).astype(a.dtype, copy=False),)

        return x._from_op(out, (x,), backward, name, True, saves_out=True)
    axis = normalize_dim(name, dim, x.ndim)
    if x.ndim == 0:
        return getattr(return_types, name)(x.clone(), x._detached(np.zeros((), np.int64)))
    shape, index = a.shape, np.expand_dims(arg(a, axis=axis), axis)

    def backward_dim(dout):
        dx = np.zeros(shape, dout.dtype)
        np.put_along_axis(dx, index, dout.reshape(index.shape), axis)
        return (dx,)

    values = np.take_along_axis(a, index, axis)
    if not keepdim:
        values = values.squeeze(axis)
    positions = x._detached(index if keepdim else index.squeeze(axis))
    return getattr(return_types, name)(x._from_op(values, (x,), backward_dim, name, True, ()), positions)


class Reduction:
    """Mixin of Tensor: many elements in, few out. `dim` is one dimension, a tuple of them, or None for all."""

    __slots__ = ()

    def sum(self, dim=None, keepdim=False, *, dtype=None):
        """The sum over `dim`; whole numbers are summed in int64, unless `dtype` says otherwise."""
        x = self if dtype is None else self.to(dtype)
        a, axes = x._array, _axes("sum", x, dim)
        whole = (np.int64 if dtype is None else a.dtype) if a.dtype.kind in "iub" else None
        out, shape = total(a, axes, keepdim, whole), a.shape
        return x._from_op(out, (x,), lambda dout: (_spread(dout, axes, shape),), "sum", True, ())

    def mean(self, dim=None, keepdim=False, *, dtype=None):
        """The mean over `dim`.

        Raises
        ------
        RuntimeError
            If the elements are whole numbers.
        """
        x = self if dtype is None else self.to(dtype)
        if x.dtype.kind != "f":
            raise RuntimeError(f"mean: the elements are {x.dtype}; take x.float().mean()")
        a, axes = x._array, _axes("mean", x, dim)
        count = a.dtype.type(types.Size(a.shape[axis] for axis in axes).numel())
        with np.errstate(all="ignore"):
            out = total(a, axes, keepdim) / count
        shape = a.shape
        return x._from_op(out, (x,), lambda dout: (_spread(dout / count, axes, shape),), "mean", True, ())

    def var(self, dim=None, unbiased=True, keepdim=False, *, correction=None):
        """The variance over `dim`: squared distances from the mean, summed, over the count less `correction`.

        Parameters
        ----------
        dim : int, tuple of int or None
        unbiased : bool
            Whether to divide by the count less 1; as in PyTorch, a bool in the place of `dim` is meant for this.
        keepdim : bool
            Whether the dimensions stay, with extent 1.
        correction : number, optional
            What to take from the count, instead of 1 or 0.
        """
        if isinstance(dim, (bool, np.bool_)):
            dim, unbiased = None, dim
        correction = int(unbiased) if correction is None else correction
        axes = _axes("var", self, dim)
        count = types.Size(self._storage.shape[axis] for axis in axes).numel()
        distance = self - self.mean(axes, keepdim=True)
        return (distance * distance).sum(axes, keepdim) / max(count - correction, 0)

    def std(self, dim=None, unbiased=True, keepdim=False, *, correction=None):
        """The standard deviation: the square root of `var`. Its gradient where all elements are equal is 0."""
        return unary("std", self.var(dim, unbiased, keepdim, correction=correction), np.sqrt,
                     lambda dout, a, out: np.where(out == 0, 0, dout / (2 * out)).astype(out.dtype), saves="out")

    def max(self, dim=None, keepdim=False):
        """The largest element, or, along `dim`, `(values, indices)`; of equal ones the first."""
        return _extreme("max", self, dim, keepdim, np.max, np.argmax)

    def min(self, dim=None, keepdim=False):
        """The smallest element, or, along `dim`, `(values, indices)`; of equal ones the first."""
        return _extreme("min", self, dim, keepdim, np.min, np.argmin)

    def argmax(self, dim=None, keepdim=False):
        """Index of the largest element, in the flattened Tensor or along `dim`; of equal ones the first."""
        return self._position("argmax", np.argmax, dim, keepdim)

    def argmin(self, dim=None, keepdim=False):
        """Index of the smallest element, in the flattened Tensor or along `dim`; of equal ones the first."""
        return self._position("argmin", np.argmin, dim, keepdim)

    def _position(self, name, arg, dim, keepdim):
        if self.numel() == 0:
            raise RuntimeError(f"{name}: the Tensor has no elements (shape {tuple(self.shape)})")
        axis = None if dim is None or self.ndim == 0 else normalize_dim(name, dim, self.ndim)
        return self._detached(np.asarray(arg(self._array, axis=axis, keepdims=keepdim)))

    def all(self, dim=None, keepdim=False):
        """Whether every element differs from 0."""
        return self._detached(self._array.all(axis=_axes("all", self, dim), keepdims=keepdim))

    def any(self, dim=None, keepdim=False):
        """Whether some element differs from 0."""
        return self._detached(self._array.any(axis=_axes("any", self, dim), keepdims=keepdim))
