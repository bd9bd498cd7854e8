"""Scattering with a reduction: several elements may go to one place, where their sum, product, mean or extreme stays."""

import numpy as np

from numbacnn.tensors.selection import _places, _source

_REDUCTIONS = {"sum": np.add, "mean": np.add, "prod": np.multiply, "amax": np.maximum, "amin": np.minimum}


def _neutral(reduce, dtype):
    """The neutral element of a reduction."""
    if reduce in ("sum", "mean", "prod"):
        return int(reduce == "prod")
    if dtype.kind == "f":
        return -np.inf if reduce == "amax" else np.inf
    if dtype.kind == "b":
        return reduce == "amin"
    return np.iinfo(dtype).min if reduce == "amax" else np.iinfo(dtype).max


def _at(ufunc, start, places, values):
    """`start` with `values` brought to `places`, one after the other."""
    out = start.copy()
    ufunc.at(out, places, values)
    return out


def _to_factors(dout, out, start, places, values):
    """The gradients of a product: of what was there at first, and at each place of the factors, exact where one is 0."""
    zero = values == 0
    lonely = zero & (_at(np.add, np.zeros(out.shape, int), places, zero)[places] == 1)
    others = _at(np.multiply, start, places, np.where(lonely, 1, values).astype(values.dtype))
    dvalues = np.where(lonely, (dout * others)[places], (dout * out)[places] / np.where(zero, 1, values))
    return dout * _at(np.multiply, np.ones_like(start), places, values), dvalues


def _to_winners(dout, out, start, places, values):
    """The gradients of an extreme, shared evenly by all that are equal to it."""
    first, later = start == out, values == out[places]
    share = dout / np.maximum(_at(np.add, first.astype(dout.dtype), places, later), 1)
    return first * share, later * share[places]


class Scattering:
    """Mixin of Tensor: `scatter_reduce`."""

    __slots__ = ()

    def scatter_reduce(self, dim, index, src, reduce, *, include_self=True):
        """A copy in which each place holds the reduction of the elements of `src` that `index` sends there along `dim`.

        Parameters
        ----------
        dim : int
        index : Tensor
            int64, as for `scatter`.
        src : Tensor
        reduce : {"sum", "prod", "mean", "amax", "amin"}
        include_self : bool
            Whether the element that was there takes part.

        Returns
        -------
        Tensor
            Of the shape and dtype of this one. Gradients reach it and `src`; those of amax and amin are shared evenly by equal elements.

        Raises
        ------
        RuntimeError
            If the reduction is none of these, or an index is out of bounds.
        """
        if reduce not in _REDUCTIONS:
            raise RuntimeError(f"scatter_reduce: reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
        x, places, shape = _places("scatter_reduce", self, dim, index)
        part, values = _source("scatter_reduce", x, places, shape, src)
        start = x._array.copy()
        if not include_self:
            start[places] = _neutral(reduce, start.dtype)
        with np.errstate(all="ignore"):
            out = _at(_REDUCTIONS[reduce], start, places, values)
            if reduce == "mean":
                count = np.ones(out.shape, out.dtype)
                count[places] = include_self
                count = _at(np.add, count, places, 1)
                out = out / count if out.dtype.kind == "f" else out // count

        def backward(dout):
            dout = dout.reshape(out.shape)
            if reduce == "prod":
                dstart, dvalues = _to_factors(dout, out, start, places, values)
            elif reduce in ("amax", "amin"):
                dstart, dvalues = _to_winners(dout, out, start, places, values)
            else:
                dstart = dout / count if reduce == "mean" else dout.copy()
                dvalues = dstart[places]
            if not include_self:
                dstart[places] = 0
            dsrc = np.zeros(part[0] or (1,), dout.dtype)
            if part[1] is not None:
                dsrc[part[1]] = dvalues
            return dstart.astype(dout.dtype, copy=False), dsrc.reshape(part[0])

        return x._from_op(out, (x, src), backward, "scatter_reduce", True, (x, src), True).reshape(self.shape)
