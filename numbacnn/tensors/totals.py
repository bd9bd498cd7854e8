"""Sums, whole and running, that keep their last digits, whichever dimensions they run over."""

import math

import numpy as np

#: How many rows are added one after the other, first those of the array, then the sums that are left.
_RUN, _LATER_RUN = 64, 8
#: How many sums of one pass are formed side by side; they stay in the cache.
_SIDE_BY_SIDE = 4096


def _in_memory_order(a, axes):
    """`a` with its dimensions from far to close in memory, and that order; those in `axes` side by side become one.

    Dimensions of extent 1 are gone. Returns the view, which of its dimensions are in `axes`, and the order.
    """
    order = sorted(range(a.ndim), key=lambda axis: (-abs(a.strides[axis]) or -np.inf, axis))
    shape, summed, before = [], [], None
    for axis in order:
        extent, stride = a.shape[axis], a.strides[axis]
        if extent == 1:
            continue
        if summed and summed[-1] and axis in axes and before == extent * stride:
            shape[-1] *= extent
        else:
            shape.append(extent)
            summed.append(axis in axes)
        before = stride
    return a.transpose(order).reshape(shape), summed, order


def _next_pass(shape, summed, run):
    """What one call of `numpy.sum` shall add: the dimensions it sums whole, and one it sums by blocks of so many rows.

    NumPy adds neighbors in memory, the last dimension, in pairs; of others it adds one row after the other.
    """
    last, whole = len(shape) - 1, []
    for axis in range(last, -1, -1):
        if not summed[axis] or shape[axis] == 1:
            continue
        rows = 1 if axis == last else shape[axis]
        if rows > run:
            return whole, axis if run > 1 else None, run
        run //= rows
        whole.append(axis)
    return whole, None, run


def _by_blocks(a, whole, axis, run):
    """`a` summed over the dimensions `whole`, and over every `run` rows of `axis`; some rows at the end may be left."""
    extent = a.shape[axis]
    blocks = max(1, extent // (run * max(1, _SIDE_BY_SIDE // math.prod(a.shape[axis + 1:]))))
    rows = extent // (run * blocks) * run * blocks
    body, rest = np.split(a, [rows], axis)
    body = body.reshape(*a.shape[:axis], blocks, run, -1, *a.shape[axis + 1:])
    summed = (axis + 1, *(each + 2 if each > axis else each for each in whole))
    sums = body.sum(axis=summed, keepdims=True)
    sums = sums.reshape(*sums.shape[:axis], -1, *sums.shape[axis + 3:])
    return np.concatenate([sums, rest.sum(axis=tuple(whole), keepdims=True)], axis) if rest.size else sums


def running(accumulate, a, axis):
    """`numpy.cumsum` or `numpy.cumprod` along `axis`; floats are accumulated in float64, as PyTorch does, then rounded."""
    if a.dtype.kind != "f":
        return accumulate(a, axis, dtype=a.dtype)
    with np.errstate(all="ignore"):
        return accumulate(a, axis, dtype=np.float64).astype(a.dtype, copy=False)


def total(a, axes, keepdims=False, dtype=None):
    """The sum of `a` over `axes`; no sum of floats is made of many rows added one after the other.

    In such a sum, a small number that meets a large one loses its last digits. So rows are added in blocks, then
    the sums of the blocks, in an order that depends on the array's layout alone.

    Parameters
    ----------
    a : numpy.ndarray
    axes : tuple of int
        Counted from the front.
    keepdims : bool
        Whether they stay, with extent 1.
    dtype : numpy.dtype, optional
        What whole numbers are added in.

    References
    ----------
    Higham 1993, "The accuracy of floating point summation", section 3.
    """
    if a.dtype.kind != "f" or a.size == 0:
        return a.sum(axis=axes, keepdims=keepdims, dtype=dtype)
    with np.errstate(all="ignore"):
        if math.prod([a.shape[axis] for axis in axes]) <= _RUN:
            return a.sum(axis=axes, keepdims=keepdims)
        out, summed, order = _in_memory_order(a, axes)
        run = _RUN
        while any(extent > 1 and gone for extent, gone in zip(out.shape, summed)):
            whole, axis, rows = _next_pass(out.shape, summed, run)
            out = out.sum(axis=tuple(whole), keepdims=True) if axis is None else _by_blocks(out, whole, axis, rows)
            run = _LATER_RUN
    kept = [axis for axis in order if axis not in axes]
    out = out.reshape([a.shape[axis] for axis in kept]).transpose(np.argsort(kept))
    return np.expand_dims(out, axes) if keepdims else out
