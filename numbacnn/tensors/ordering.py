"""Tensor methods that put elements in order: extremes, sorting, medians, counting equal ones."""

import numpy as np

from numbacnn.tensors import return_types
from numbacnn.tensors.memory import Memory

from numbacnn.tensors.reduction import _axes, normalize_dim
from numbacnn.tensors.types import int64


def _ranks(a, axis, descending):
    """Indices that sort the elements along `axis`; equal ones keep their order, NaN counts as the largest."""
    if not descending:
        return np.argsort(a, axis, kind="stable")
    backwards = np.argsort(np.flip(a, axis), axis, kind="stable")
    return np.flip(a.shape[axis] - 1 - backwards, axis)


def _taken(x, index, axis, name):
    """The elements at `index` along `axis`, none of them twice, with their gradient."""
    a = x._array
    shape = a.shape

    def backward(dout):
        dx = np.zeros(shape, dout.dtype)
        np.put_along_axis(dx, index, dout.reshape(index.shape), axis)
        return (dx,)

    return x._from_op(np.take_along_axis(a, index, axis), (x,), backward, name, True, ())


def _chosen(x, index, dim, keepdim, name):
    """`(values, indices)` of one element for each row along `dim`."""
    values, positions = _taken(x, index, dim, name), x._detached(index)
    found = (values, positions) if keepdim else (values.squeeze(dim), positions.squeeze(dim))
    return getattr(return_types, name)(*found)


def _scalar(x):
    """A Tensor of no dimension as a row of one element."""
    return x.reshape(1) if x.ndim == 0 else x


def _extremes(name, x, dim, keepdim, reduce):
    """amax or amin: the gradient is shared by all that are equal."""
    a, axes = x._array, _axes(name, x, None if dim == () else dim)
    if any(a.shape[axis] == 0 for axis in axes):
        raise IndexError(f"{name}: there is no extreme of no elements (shape {tuple(x.shape)})")
    out = np.asarray(reduce(a, axis=axes, keepdims=True))
    result = out if keepdim else out.reshape(tuple(n for axis, n in enumerate(a.shape) if axis not in axes))

    def backward(dout):
        winners = a == out
        return ((dout.reshape(out.shape) * winners / winners.sum(axes, keepdims=True)).astype(a.dtype, copy=False),)

    return x._from_op(result, (x,), backward, name, True, saves_out=True)


def _running(name, x, dim, extreme):
    """`(values, indices)` of the extreme up to each element along `dim`; of equal ones the last."""
    axis = normalize_dim(name, dim, x.ndim)
    row = _scalar(x)
    a = row._array
    values = extreme.accumulate(a, axis)
    steps = np.arange(a.shape[axis]).reshape(-1, *(1,) * (a.ndim - 1 - axis))
    index = np.maximum.accumulate(np.where((a == values) | (a != a), steps, 0), axis)

    def backward(dout):
        dx, places = np.zeros_like(a), list(np.ogrid[tuple(slice(n) for n in a.shape)])
        places[axis] = index
        np.add.at(dx, tuple(places), dout.reshape(a.shape))
        return (dx,)

    found = row._from_op(values, (row,), backward, name, True, ())
    return getattr(return_types, name)(found.reshape(x.shape), x._detached(index.reshape(x.shape)))


class Ordering:
    """Mixin of Tensor: sorting, ranks, medians, and which elements there are."""

    __slots__ = ()

    def cummax(self, dim):
        """The largest of the elements up to each one along `dim`, and where it is: `(values, indices)`; of equal ones the last."""
        return _running("cummax", self, dim, np.maximum)

    def cummin(self, dim):
        """The smallest of the elements up to each one along `dim`, and where it is: `(values, indices)`; of equal ones the last."""
        return _running("cummin", self, dim, np.minimum)

    def amax(self, dim=(), keepdim=False):
        """The largest element over one or several dimensions; equal ones share the gradient."""
        return _extremes("amax", self, dim, keepdim, np.max)

    def amin(self, dim=(), keepdim=False):
        """The smallest element over one or several dimensions; equal ones share the gradient."""
        return _extremes("amin", self, dim, keepdim, np.min)

    def max(self, dim=None, keepdim=False, *, other=None):
        """The largest element, or, along `dim`, `(values, indices)`; with another Tensor, the larger of each two elements."""
        other = dim if isinstance(dim, Memory) else other
        return super().max(dim, keepdim) if other is None else self.maximum(other)

    def min(self, dim=None, keepdim=False, *, other=None):
        """The smallest element, or, along `dim`, `(values, indices)`; with another Tensor, the smaller of each two elements."""
        other = dim if isinstance(dim, Memory) else other
        return super().min(dim, keepdim) if other is None else self.minimum(other)

    def aminmax(self, *, dim=None, keepdim=False):
        """`(min, max)` of all elements or along `dim`."""
        return return_types.aminmax(self.amin(() if dim is None else dim, keepdim), self.amax(() if dim is None else dim, keepdim))

    def sort(self, dim=-1, descending=False, stable=False):
        """`(values, indices)` in order along `dim`; equal elements keep theirs."""
        axis = normalize_dim("sort", dim, self.ndim)
        x = _scalar(self)
        index = _ranks(x._array, axis, descending)
        return return_types.sort(_taken(x, index, axis, "sort").reshape(self.shape),
                                 self._detached(index).reshape(self.shape))

    def argsort(self, dim=-1, descending=False, stable=False):
        """Indices that sort the elements along `dim`."""
        return self.sort(dim, descending, stable).indices

    def msort(self):
        """The elements in order along the first dimension."""
        return self.sort(0).values

    def topk(self, k, dim=-1, largest=True, sorted=True):
        """`(values, indices)` of the `k` largest elements along `dim`, the largest first; or of the smallest.

        Raises
        ------
        RuntimeError
            If there are fewer than `k`.
        """
        axis = normalize_dim("topk", dim, self.ndim)
        x = _scalar(self)
        if not 0 <= k <= x.shape[axis]:
            raise RuntimeError(f"topk: k is {k}, but there are {x.shape[axis]} elements along dim {dim}")
        index = _ranks(x._array, axis, largest).take(np.arange(k), axis)
        values, positions = _taken(x, index, axis, "topk"), self._detached(index)
        return return_types.topk(*((values, positions) if self.ndim else (values.reshape(()), positions.reshape(()))))

    def kthvalue(self, k, dim=-1, keepdim=False):
        """`(values, indices)` of the element that `k` - 1 others along `dim` precede in order.

        Raises
        ------
        RuntimeError
            If `k` is not among 1 to the number of elements.
        """
        axis = normalize_dim("kthvalue", dim, self.ndim)
        x = _scalar(self)
        if not 1 <= k <= x.shape[axis]:
            raise RuntimeError(f"kthvalue: k is {k}, expected 1 to {x.shape[axis]}")
        found = _chosen(x, _ranks(x._array, axis, False).take([k - 1], axis), axis, keepdim or not self.ndim, "kthvalue")
        return found if self.ndim else type(found)(*(part.reshape(()) for part in found))

    def median(self, dim=None, keepdim=False):
        """The middle element of all, or `(values, indices)` along `dim`; of an even number the lower of the two middle ones."""
        return self._middle("median", dim, keepdim, False)

    def nanmedian(self, dim=None, keepdim=False):
        """The middle of the elements that are not NaN, or `(values, indices)` along `dim`."""
        return self._middle("nanmedian", dim, keepdim, True)

    def _middle(self, name, dim, keepdim, ignore):
        if dim is None:
            if self.numel() == 0:
                return self._detached(np.asarray(np.nan if self.dtype.kind == "f" else np.iinfo(self.dtype).min, self.dtype))
            return self.reshape(-1)._middle(name, 0, False, ignore).values
        axis = normalize_dim(name, dim, self.ndim)
        x = _scalar(self)
        a = x._array
        if a.shape[axis] == 0:
            raise IndexError(f"{name}: there is no median of no elements (shape {tuple(self.shape)}, dim {dim})")
        ranks = _ranks(a, axis, False)
        missing = np.isnan(a).sum(axis, keepdims=True) if a.dtype.kind == "f" else np.zeros_like(a.sum(axis, keepdims=True), int)
        count = a.shape[axis]
        if ignore:
            place = np.maximum(count - missing - 1, 0) // 2
        else:  # one NaN makes the median NaN: the first there is
            place = np.where(missing > 0, count - missing, (count - 1) // 2)
        found = _chosen(x, np.take_along_axis(ranks, place, axis), axis, keepdim or not self.ndim, name)
        return found if self.ndim else type(found)(*(part.reshape(()) for part in found))

    def mode(self, dim=-1, keepdim=False):
        """`(values, indices)` of the most frequent element along `dim`, the smallest of equally frequent ones."""
        axis = normalize_dim("mode", dim, self.ndim)
        x = _scalar(self)
        rows = np.moveaxis(x._array, axis, -1)
        index = np.zeros(rows.shape[:-1] + (1,), np.int64)
        for place in np.ndindex(rows.shape[:-1]):
            values, counts = np.unique(rows[place], return_counts=True)
            index[place] = np.flatnonzero(rows[place] == values[counts.argmax()])[-1]
        found = _chosen(x, np.moveaxis(index, -1, axis), axis, keepdim or not self.ndim, "mode")
        return found if self.ndim else type(found)(*(part.reshape(()) for part in found))

    def quantile(self, q, dim=None, keepdim=False, *, interpolation="linear"):
        """The value below which the part `q` of the elements lies; NaN where one is.

        Parameters
        ----------
        q : float or Tensor
            From 0 to 1; a Tensor of one dimension gives the result a new first dimension.
        interpolation : {"linear", "lower", "higher", "midpoint", "nearest"}
            What to take between two elements.
        """
        if self.dtype.kind != "f":
            raise RuntimeError(f"quantile: the elements are {self.dtype}; take x.float() first")
        if self.numel() == 0:
            raise RuntimeError("quantile: the Tensor has no elements")
        if getattr(q, "requires_grad", False):
            raise NotImplementedError("quantile: a gradient with respect to q is not offered; take q.detach()")
        parts = np.asarray(q._array if isinstance(q, Memory) else q, np.float64)
        if parts.ndim > 1 or not ((parts >= 0) & (parts <= 1)).all():
            raise RuntimeError(f"quantile: q is from 0 to 1, a number or a Tensor of one dimension, got {q!r}")
        x = self.reshape(-1) if dim is None else _scalar(self)
        axis = 0 if dim is None else normalize_dim("quantile", dim, self.ndim)
        row = x.sort(axis).values
        count = x.shape[axis]
        results = [_between(row, axis, float(part) * (count - 1), interpolation) for part in parts.reshape(-1)]
        broken = x.isnan().any(axis, True)
        shape = tuple(1 if k == axis or dim is None else n for k, n in enumerate(self.shape)) if keepdim else (
            tuple(n for k, n in enumerate(x.shape) if k != axis) if self.ndim else ())
        results = [part.where(~broken, float("nan")).reshape(shape) for part in results]
        from numbacnn.tensors.shape import stack

        return stack(results) if parts.ndim else results[0]

    def unique(self, sorted=True, return_inverse=False, return_counts=False, dim=None):
        """Each element that there is once, in order; with `dim`, each slice.

        Returns
        -------
        Tensor, or a tuple of it with the place of each element among them and how often each occurs, as asked for
        """
        found = np.unique(self._array, return_inverse=return_inverse, return_counts=return_counts, axis=dim)
        if not (return_inverse or return_counts):
            return self._detached(found)
        found = list(found)
        if return_inverse:
            found[1] = found[1].reshape(self.shape if dim is None else -1)
        return tuple(self._detached(np.asarray(part)) for part in found)

    def bincount(self, weights=None, minlength=0):
        """Count how often 0, 1, 2, ... occur; with `weights` add those up.

        Raises
        ------
        RuntimeError
            If the elements are not whole numbers from 0 up, in one dimension.
        """
        a = self._array
        if a.ndim != 1 or a.dtype.kind not in "iu" or (a.size and a.min() < 0):
            raise RuntimeError(f"bincount: expected one dimension of whole numbers from 0 up, got {self.dtype} {tuple(self.shape)}")
        out = np.bincount(a, None if weights is None else weights._array, minlength)
        wanted = int64 if weights is None else weights.dtype if weights.dtype.kind == "f" else np.float64
        return self._detached(out.astype(wanted))

    def histc(self, bins=100, min=0, max=0):
        """Count the elements in each of `bins` equal parts of [min, max]; by default from the smallest to the largest."""
        if self.dtype.kind != "f":
            raise RuntimeError(f"histc: the elements are {self.dtype}; take x.float() first")
        a = self._array
        low, high = (min, max) if min != max or not a.size else (a.min(), a.max())
        low, high = (low - 1, high + 1) if low == high else (low, high)
        if not (np.isfinite(low) and np.isfinite(high)):
            raise RuntimeError(f"histc: the range from {low} to {high} is not finite")
        return self._detached(np.histogram(a.reshape(-1), bins, (float(low), float(high)))[0].astype(a.dtype))


def _between(row, axis, position, interpolation):
    """The element of ordered rows at `position`, between two as `interpolation` says."""
    low, high = int(np.floor(position)), int(np.ceil(position))
    weight = {"linear": position - low, "lower": 0.0, "higher": 1.0, "midpoint": 0.5 * (high != low),
              "nearest": float(round(position) - low)}.get(interpolation)
    if weight is None:
        raise RuntimeError(f"quantile: interpolation is linear, lower, higher, midpoint or nearest, got {interpolation!r}")
    first, second = row.narrow(axis, low, 1), row.narrow(axis, high, 1)
    return first if weight == 0 else second if weight == 1 else first.lerp(second, weight)
