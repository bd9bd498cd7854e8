"""Tensor methods that pick elements by index or by mask, or write to the places picked."""

import numpy as np

from numbacnn.tensors.arithmetic import binary, operands
from numbacnn.tensors.pairwise import both
from numbacnn.tensors.reduction import normalize_dim
from numbacnn.tensors.types import default_dtype, int64, kind_of


def _checked(name, x, index, dim, size):
    """`index` as an array of whole numbers.

    Raises
    ------
    RuntimeError
        If it is not a Tensor of whole numbers, or one of them is not in [0, size).
    """
    if isinstance(index, Selection) and index.numel() == 0:
        return index._array.astype(np.int64)
    if not isinstance(index, Selection) or index.dtype.kind != "i":
        raise RuntimeError(f"{name}: index must be a Tensor of int64, got {getattr(index, 'dtype', kind_of(index))}")
    index = index._array
    if index.size and not (0 <= index.min() and index.max() < size):
        raise RuntimeError(f"{name}: index {index.min() if index.min() < 0 else index.max()} is out of bounds for dimension "
                           f"{dim} with size {size}")
    return index


def _places(name, x, dim, index):
    """(x with a dimension at least, the index tuple that `gather` and `scatter` mean, and the index's shape)."""
    axis = normalize_dim(name, dim, x.ndim)
    shape = tuple(index.shape)
    x = x.reshape(1) if x.ndim == 0 else x
    index = _checked(name, x, index, dim, x.shape[axis])
    index = index.reshape(1) if index.ndim == 0 else index
    if index.size == 0:
        return x, (np.zeros(0, np.int64),) * x.ndim, shape
    if index.ndim != x.ndim or any(n > m for k, (n, m) in enumerate(zip(index.shape, x.shape)) if k != axis):
        raise RuntimeError(f"{name}: index has shape {shape}, which must have as many dimensions as {tuple(x.shape)} and be no "
                           f"larger except along dim {axis}")
    places = list(np.ogrid[tuple(slice(n) for n in index.shape)])
    places[axis] = index
    return x, tuple(np.broadcast_arrays(*places)), shape


def _mask(name, mask):
    if not isinstance(mask, Selection) or mask.dtype.kind != "b":
        raise RuntimeError(f"{name}: mask must be a bool Tensor, got {getattr(mask, 'dtype', kind_of(mask))}")
    return mask


class Selection:
    """Mixin of Tensor: elements by index or mask."""

    __slots__ = ()

    def gather(self, dim, index, *, sparse_grad=False):
        """The element at index[i, j, ...] along `dim`: out[i, j] = x[index[i, j], j] for dim 0.

        Parameters
        ----------
        dim : int
        index : Tensor
            int64, with as many dimensions as this Tensor and no larger except along `dim`.

        Raises
        ------
        RuntimeError
            If an index is out of bounds.
        """
        x, places, shape = _places("gather", self, dim, index)
        a = x._array

        def backward(dout):
            dx = np.zeros_like(a)
            np.add.at(dx, places, dout.reshape(places[0].shape))
            return (dx,)

        return x._from_op(a[places].reshape(shape), (x,), backward, "gather", True, ())

    def scatter(self, dim, index, src=None, *, value=None, reduce=None):
        """A copy with elements of `src`, or one number, written to index[i, j, ...] along `dim`; the reverse of `gather`.

        Parameters
        ----------
        dim : int
        index : Tensor
            int64.
        src : Tensor or number
        reduce : {"add", "multiply"}, optional
            What to do with the element that was there, instead of replacing it.
        """
        src = value if src is None else src
        if reduce == "add":
            return self.scatter_add(dim, index, src if isinstance(src, Selection) else self._detached(
                np.full(index.shape, src, self.dtype)))
        if reduce is not None:
            raise NotImplementedError(f'scatter: reduce={reduce!r} is not offered; "add" and None are')
        x, places, shape = _places("scatter", self, dim, index)
        part, values = _source("scatter", x, places, shape, src)
        out = x._array.copy()
        out[places] = values

        def backward(dout):
            kept = dout.reshape(out.shape).copy()
            kept[places] = 0
            return _gradients(kept, dout.reshape(out.shape), places, part)

        parents = (x,) if part is None else (x, src)
        return x._from_op(out, parents, backward, "scatter", True, ()).reshape(self.shape)

    def scatter_add(self, dim, index, src):
        """A copy with the elements of `src` added at index[i, j, ...] along `dim`; several may go to one place."""
        x, places, shape = _places("scatter_add", self, dim, index)
        part, values = _source("scatter_add", x, places, shape, src)
        out = x._array.copy()
        np.add.at(out, places, values)
        return x._from_op(out, (x, src), lambda dout: _gradients(dout, dout.reshape(out.shape), places, part),
                          "scatter_add", True, ()).reshape(self.shape)

    def index_select(self, dim, index):
        """The slices along `dim` whose numbers `index` lists."""
        axis = normalize_dim("index_select", dim, self.ndim)
        x = self.reshape(1) if self.ndim == 0 else self
        if index.ndim > 1:
            raise IndexError(f"index_select: index has {index.ndim} dimensions, expected one")
        chosen = _checked("index_select", x, index, dim, x.shape[axis]).reshape(-1)
        out = x[(slice(None),) * axis + (self._detached(chosen),)]
        return out.reshape(()) if self.ndim == 0 else out

    def index_add(self, dim, index, source, *, alpha=1):
        """A copy with slices of `source` added to the slices along `dim` whose numbers `index` lists."""
        index = self._slices("index_add", dim, index, source)
        return self.scatter_add(dim, index, source if alpha == 1 else source * alpha)

    def index_copy(self, dim, index, source):
        """A copy with the slices along `dim` whose numbers `index` lists replaced by those of `source`."""
        return self.scatter(dim, self._slices("index_copy", dim, index, source), source)

    def index_fill(self, dim, index, value):
        """A copy with one number in the slices along `dim` whose numbers `index` lists."""
        axis = normalize_dim("index_fill", dim, self.ndim)
        mask = np.zeros(self.shape or (1,), bool)
        mask[(slice(None),) * axis + (_checked("index_fill", self, index, dim, (self.shape or (1,))[axis]),)] = True
        return self.masked_fill(self._detached(mask.reshape(self.shape)), value)

    def _slices(self, name, dim, index, source):
        """`index` of slices as the index of elements that `scatter` takes."""
        axis = normalize_dim(name, dim, self.ndim)
        if not isinstance(source, Selection) or source.dtype != self.dtype:
            raise RuntimeError(f"{name}: source must be a Tensor of {self.dtype}, got {getattr(source, 'dtype', kind_of(source))}")
        if index.numel() != (source.shape or (1,))[axis]:
            raise RuntimeError(f"{name}: {index.numel()} indices for {tuple(source.shape)}, which has "
                               f"{(source.shape or (1,))[axis]} slices along dim {dim}")
        if not source.ndim:
            return index.reshape(())
        along = [1] * source.ndim
        along[axis] = -1
        return index.reshape(along).expand(source.shape)

    def take(self, index):
        """Elements of the flattened Tensor by their numbers, in the shape of `index`."""
        flat = self.reshape(-1)
        size = flat.shape[0]
        index = index._array
        if index.size and not (-size <= index.min() and index.max() < size):
            raise IndexError(f"take: an index is out of bounds for {size} elements")
        return flat[self._detached(index)]

    def take_along_dim(self, indices, dim=None):
        """The element at each index along `dim`; the other dimensions broadcast."""
        if dim is None:
            return self.reshape(-1).gather(0, indices.reshape(-1))
        axis = normalize_dim("take_along_dim", dim, self.ndim)
        indices = where(indices < 0, indices + self.shape[axis], indices)
        own, other = list(self.shape), list(indices.shape)
        if len(own) != len(other):
            raise RuntimeError(f"take_along_dim: indices have {len(other)} dimensions, the Tensor has {len(own)}")
        rest = np.broadcast_shapes(*(tuple(1 if k == axis else n for k, n in enumerate(s)) for s in (own, other)))
        return (self.expand([own[axis] if k == axis else n for k, n in enumerate(rest)])
                .gather(axis, indices.expand([other[axis] if k == axis else n for k, n in enumerate(rest)])))

    def masked_select(self, mask):
        """The elements where `mask` is True, in one dimension."""
        shape = np.broadcast_shapes(self.shape, _mask("masked_select", mask).shape)
        return self.expand(shape)[mask.expand(shape)].reshape(-1)

    def masked_fill(self, mask, value):
        """A copy with `value`, a number or a Tensor of no dimension, where `mask` is True."""
        if getattr(value, "ndim", 0):
            raise RuntimeError(f"masked_fill: value must be one number, got shape {tuple(value.shape)}")
        if self.dtype.kind != "f" and (isinstance(value, float) or getattr(value, "dtype", self.dtype).kind == "f"):
            raise RuntimeError(f"masked_fill: {value} is not a whole number, which a Tensor of {self.dtype} needs")
        if isinstance(value, Selection):
            value = value.to(self.dtype)
        elif self.dtype.kind == "b":
            value = bool(value)
        return self.where(~_mask("masked_fill", mask), value)

    def masked_scatter(self, mask, source):
        """A copy with the elements of `source`, one after the other, where `mask` is True."""
        shape = np.broadcast_shapes(self.shape, _mask("masked_scatter", mask).shape)
        there = np.flatnonzero(np.broadcast_to(mask._array, shape))
        if source.numel() < len(there):
            raise RuntimeError(f"masked_scatter: {len(there)} places, but source has {source.numel()} elements")
        flat = self.expand(shape).reshape(-1)
        return flat.scatter(0, self._detached(there), source.reshape(-1).narrow(0, 0, len(there))).reshape(shape)

    def where(self, condition, other):
        """Elements of self where `condition` is True, of `other` elsewhere."""
        return where(condition, self, other)

    def nonzero(self, *, as_tuple=False):
        """Indices of the elements that differ from 0: one row for each, or with `as_tuple` one Tensor for each dimension."""
        found = np.nonzero(np.atleast_1d(self._array))
        if as_tuple:
            return tuple(self._detached(part) for part in found)
        return self._detached(np.stack(found[:self.ndim], 1) if self.ndim else np.zeros((len(found[0]), 0), np.int64))

    def argwhere(self):
        """Indices of the elements that differ from 0: one row for each."""
        return self.nonzero()


def _source(name, x, places, shape, src):
    """(shape of `src` if it is a Tensor, and its elements that go to `places`)."""
    if not isinstance(src, Selection):
        if src is None:
            raise TypeError(f"{name}: give src, a Tensor or a number")
        return None, src
    if src.dtype != x.dtype:
        raise RuntimeError(f"{name}: src must be of the same dtype, {x.dtype}, got {src.dtype}")
    a = src._array.reshape(1) if src.ndim == 0 else src._array
    if places[0].size == 0:
        return (src.shape, None), np.zeros(0, a.dtype)
    if a.ndim != places[0].ndim or any(n > m for n, m in zip(places[0].shape, a.shape)):
        raise RuntimeError(f"{name}: index has shape {shape}, which must not be larger than that of src, {tuple(src.shape)}")
    part = tuple(slice(n) for n in places[0].shape)
    return (src.shape, part), a[part]


def _gradients(dx, dout, places, part):
    """The gradients of what was written to and, if it is a Tensor, of what was written."""
    if part is None:
        return (dx,)
    shape, where_from = part
    dsrc = np.zeros(shape or (1,), dout.dtype)
    if where_from is not None:
        dsrc[where_from] = dout[places]
    return dx, dsrc.reshape(shape)


def where(condition, input=None, other=None):
    """Elements of `input` where `condition` is True, of `other` elsewhere; both may be numbers.

    With the condition alone: where its elements differ from 0, one Tensor of indices for each dimension.

    Raises
    ------
    TypeError
        If the condition is not a Tensor of bool.
    """
    if not isinstance(condition, Selection):
        raise TypeError(f"where: condition must be a Tensor of bool, got {kind_of(condition)}")
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    if condition.dtype.kind not in "b" and condition.dtype.name != "uint8":
        raise TypeError(f"where: condition must be a Tensor of bool, got {condition.dtype}")
    if not isinstance(input, Selection):
        if isinstance(other, Selection):
            other, input = both("where", other, input)
        else:
            kind = default_dtype() if isinstance(input, float) or isinstance(other, float) else (
                condition.dtype if isinstance(input, bool) and isinstance(other, bool) else int64)
            input, other = (condition._detached(np.asarray(each, kind)) for each in (input, other))
    x, y = operands(input, other)
    if y is None:
        raise TypeError(f"where: expected a Tensor or a number, got {kind_of(other)}")
    c = condition._array.astype(bool, copy=False)
    return binary("where", x, y, lambda a, b: np.where(c, a, b), lambda dout, a, b: np.where(c, dout, 0).astype(dout.dtype),
                  lambda dout, a, b: np.where(c, 0, dout).astype(dout.dtype), "none")
