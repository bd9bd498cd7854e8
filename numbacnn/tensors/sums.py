"""Tensor methods that add up or multiply: products, norms, running sums, with their derivatives."""

import numpy as np

from numbacnn.tensors.reduction import _axes, normalize_dim
from numbacnn.tensors.totals import running, total
from numbacnn.tensors.types import Size, int64


def _expanded(values, axes, shape):
    """The result of a reduction with the dimensions that it lost as extents of 1."""
    return np.reshape(values, tuple(1 if axis in axes else extent for axis, extent in enumerate(shape)))


def _without_each(a, axis):
    """The product along `axis` of all elements but one, for each; exact where some are 0."""
    before, after = np.ones_like(a), np.ones_like(a)
    size = a.shape[axis]

    def part(start, end):
        return (slice(None),) * axis + (slice(start, end),)

    np.cumprod(a[part(0, size - 1)], axis, out=before[part(1, size)])
    backwards = np.flip(a[part(1, size)], axis)
    after[part(0, size - 1)] = np.flip(np.cumprod(backwards, axis), axis)
    return before * after


def _slope_of_norm(a, out, p):
    """The derivative of the p-norm `out`, kept dimensions included, with respect to `a`; 0 where the norm is 0."""
    if p == 0:
        return np.zeros_like(a)
    if p == 1:
        return np.sign(a)
    if np.isinf(p):
        winners = np.abs(a) == out
        return np.sign(a) * winners, winners
    if p == 2:
        return np.where(out == 0, 0, a / np.where(out == 0, 1, out))
    scale = np.where(out == 0, 1, out)
    power = np.where(a == 0, 0, np.abs(a) / scale) if p >= 1 else np.abs(a) / scale
    return np.where(out == 0, 0, np.sign(a) * np.where(a == 0, 0, np.where(a == 0, 1, power) ** (p - 1)))


def vector_norm(name, x, p, dim, keepdim):
    """(sum |x|**p)**(1 / p) over `dim`; p may be 0 (how many differ from 0), inf or -inf (the largest, the smallest).

    Raises
    ------
    RuntimeError
        If the elements are whole numbers, or an extreme of no elements is asked for.
    """
    if x.dtype.kind != "f":
        raise RuntimeError(f"{name}: the elements are {x.dtype}; take x.float() first")
    a, axes = x._array, _axes(name, x, dim)
    size = np.abs(a)
    count = Size(a.shape[axis] for axis in axes).numel()
    if count == 0 and (p < 0 or np.isinf(p)):
        raise RuntimeError(f"{name}: there is no extreme of no elements (shape {tuple(x.shape)}, order {p})")
    with np.errstate(all="ignore"):
        if p == 0:
            out = (a != 0).sum(axes, keepdims=True).astype(a.dtype)
        elif np.isinf(p):
            out = (size.max if p > 0 else size.min)(axes, keepdims=True)
        elif p == 2:
            out = np.sqrt(total(a * a, axes, True))
        else:
            out = total(size ** a.dtype.type(p), axes, True) ** a.dtype.type(1 / p)
    out = np.asarray(out, a.dtype)
    kept = tuple(extent for axis, extent in enumerate(a.shape) if keepdim or axis not in axes)
    result = out if keepdim else out.reshape(kept)

    def backward(dout):
        dout = _expanded(dout, axes, a.shape)
        slope = _slope_of_norm(a, out, p)
        if np.isinf(p):
            slope = slope[0] / np.maximum(slope[1].sum(axes, keepdims=True), 1)
        return ((dout * slope).astype(a.dtype, copy=False),)

    return x._from_op(result, (x,), backward, name, True, saves_out=True)


def _kept(x, dtype, whole=True):
    """`x` in `dtype`; without one, whole numbers and bool become int64 as in PyTorch."""
    if dtype is not None:
        return x.to(dtype)
    return x.to(int64) if whole and x.dtype.kind in "iub" else x


class Sums:
    """Mixin of Tensor: products, norms and running sums. `dim` is one dimension, a tuple of them, or None for all."""

    __slots__ = ()

    def prod(self, dim=None, keepdim=False, *, dtype=None):
        """The product of all elements, or along one dimension; of whole numbers in int64."""
        x = _kept(self, dtype)
        a, shape = x._array, tuple(x.shape)
        axis = None if dim is None or not a.ndim else normalize_dim("prod", dim, a.ndim)
        if dim is not None and not a.ndim:
            normalize_dim("prod", dim, 0)
        out = a.prod(axis=axis, keepdims=keepdim and a.ndim > 0 and axis is not None).astype(a.dtype)

        def backward(dout):
            if axis is None:
                return ((dout * _without_each(a.reshape(-1), 0)).reshape(shape),)
            return (_expanded(dout, (axis,), shape) * _without_each(a, axis),)

        return x._from_op(np.asarray(out), (x,), backward, "prod", True)

    def nansum(self, dim=None, keepdim=False, *, dtype=None):
        """The sum of the elements that are not NaN."""
        return self._filled().sum(dim, keepdim, dtype=dtype)

    def nanmean(self, dim=None, keepdim=False, *, dtype=None):
        """The mean of the elements that are not NaN."""
        there = (~self.isnan()).sum(dim, keepdim)
        return self.nansum(dim, keepdim, dtype=dtype) / there

    def _filled(self):
        return self.where(~self.isnan(), 0) if self.dtype.kind == "f" else self

    def logsumexp(self, dim, keepdim=False):
        """log(sum(exp(x))) over `dim`, without overflow."""
        x = self._floating()
        a, axes = x._array, _axes("logsumexp", x, dim)
        with np.errstate(all="ignore"):
            top = a.max(axes, keepdims=True, initial=-np.inf)
            top = np.where(np.isinf(top), 0, top).astype(a.dtype, copy=False)
            out = np.log(total(np.exp(a - top), axes, True)) + top
        out = np.asarray(out, a.dtype)
        result = out if keepdim else out.reshape(tuple(n for axis, n in enumerate(a.shape) if axis not in axes))

        def backward(dout):
            share = np.where(np.isneginf(out), 0, np.exp(a - np.where(np.isinf(out), 0, out)))
            return (_expanded(dout, axes, a.shape) * share.astype(a.dtype, copy=False),)

        return x._from_op(result, (x,), backward, "logsumexp", True, saves_out=True)

    def std_mean(self, dim=None, unbiased=True, keepdim=False, *, correction=1):
        """The standard deviation and the mean: `(std, mean)`."""
        dim, unbiased = (None, dim) if isinstance(dim, bool) else (dim, unbiased)
        return (self.std(dim, keepdim=keepdim, correction=correction if unbiased else 0), self.mean(dim, keepdim))

    def var_mean(self, dim=None, unbiased=True, keepdim=False, *, correction=1):
        """The variance and the mean: `(var, mean)`."""
        dim, unbiased = (None, dim) if isinstance(dim, bool) else (dim, unbiased)
        return (self.var(dim, keepdim=keepdim, correction=correction if unbiased else 0), self.mean(dim, keepdim))

    def norm(self, p="fro", dim=None, keepdim=False, dtype=None):
        """The p-norm (sum |x|**p)**(1 / p); "fro", the default, is p = 2. See also `numbacnn.linalg.norm`.

        Raises
        ------
        NotImplementedError
            For the nuclear norm, "nuc".
        """
        if p == "nuc":
            raise NotImplementedError('norm: for the nuclear norm take numbacnn.linalg.matrix_norm(x, "nuc")')
        x = self if dtype is None else self.to(dtype)
        return vector_norm("norm", x, 2.0 if p in (None, "fro") else float(p), dim, keepdim)

    def dist(self, other, p=2):
        """The p-norm of self - other."""
        return (self - other).norm(p)

    def count_nonzero(self, dim=None):
        """Number of elements that differ from 0."""
        return (self != 0).sum(dim)

    def cumsum(self, dim, *, dtype=None):
        """The sum of the elements up to each one along `dim`; of whole numbers in int64."""
        x = _kept(self, dtype)
        axis = normalize_dim("cumsum", dim, x.ndim)
        if x.ndim == 0:
            return x.clone()
        return x._from_op(running(np.cumsum, x._array, axis), (x,),
                          lambda dout: (np.flip(running(np.cumsum, np.flip(dout, axis), axis), axis),), "cumsum", True, ())

    def cumprod(self, dim, *, dtype=None):
        """The product of the elements up to each one along `dim`; of whole numbers in int64."""
        x = _kept(self, dtype)
        axis = normalize_dim("cumprod", dim, x.ndim)
        if x.ndim == 0:
            return x.clone()
        a = x._array
        out = running(np.cumprod, a, axis)

        def backward(dout):
            if a.all():
                return (np.flip(running(np.cumsum, np.flip(dout * out, axis), axis), axis) / a,)
            dx, rows = np.empty_like(a), np.moveaxis(a, axis, 0)
            for k, row in enumerate(np.moveaxis(dx, axis, 0)):  # where there are zeros, nothing can be divided by
                others = np.concatenate([rows[:k], np.ones_like(rows[:1]), rows[k + 1:]])
                row[...] = (np.moveaxis(dout, axis, 0) * np.cumprod(others, 0))[k:].sum(0)
            return (dx,)

        return x._from_op(out, (x,), backward, "cumprod", True, saves_out=True)

    def diff(self, n=1, dim=-1, prepend=None, append=None):
        """The difference of neighbors along `dim`, taken `n` times."""
        from numbacnn.tensors.shape import cat

        axis = normalize_dim("diff", dim, self.ndim)
        if self.ndim == 0 or n < 0:
            raise RuntimeError(f"diff: expected a Tensor of at least one dimension and n from 0 up, got shape {tuple(self.shape)}, n {n}")
        parts = [part for part in (prepend, self, append) if part is not None]
        x = cat(parts, axis) if len(parts) > 1 else self
        if n == 0:
            return self
        for _ in range(min(n, x.shape[axis])):
            later, earlier = x.narrow(axis, 1, x.shape[axis] - 1), x.narrow(axis, 0, x.shape[axis] - 1)
            x = later ^ earlier if x.dtype.kind == "b" else later - earlier
        return x

    def cov(self, *, correction=1, fweights=None, aweights=None):
        """The covariance matrix of the rows, each a variable with one observation per column.

        Raises
        ------
        NotImplementedError
            For weights of the observations.
        """
        if fweights is not None or aweights is not None:
            raise NotImplementedError("cov: fweights and aweights are not offered; numpy.cov(x.numpy(), ...) takes them")
        x = self._floating()
        x = x.reshape(1, -1) if x.ndim < 2 else x
        distance = x - x.mean(1, keepdim=True)
        return ((distance @ distance.T) / max(x.shape[1] - correction, 0)).squeeze()

    def corrcoef(self):
        """The correlation coefficients of the rows, each a variable with one observation per column."""
        covariance = self.cov()
        if covariance.ndim == 0:
            return covariance / covariance
        deviation = covariance.diagonal().sqrt()
        return (covariance / deviation.unsqueeze(1) / deviation.unsqueeze(0)).clamp(-1, 1)
