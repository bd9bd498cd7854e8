"""Functions of several Tensors that join them, stretch them to one shape, or combine their elements."""

import itertools

import numpy as np

from numbacnn.tensors.shape import cat, stack
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import Size


def _list(tensors):
    return list(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else list(tensors)


def _at_least(tensors, raise_to):
    tensors = _list(tensors)
    out = tuple(raise_to(x) for x in tensors)
    return out[0] if len(out) == 1 else out


def _to_1d(x):
    return x.reshape(1) if x.ndim == 0 else x


def _to_2d(x):
    return _to_1d(x).unsqueeze(0) if x.ndim < 2 else x


def _to_3d(x):
    return _to_2d(x).unsqueeze(-1) if x.ndim < 3 else x


def atleast_1d(*tensors):
    """Tensors with at least one dimension."""
    return _at_least(tensors, _to_1d)


def atleast_2d(*tensors):
    """Tensors with at least two dimensions; a vector becomes a row."""
    return _at_least(tensors, _to_2d)


def atleast_3d(*tensors):
    """Tensors with at least three dimensions; a vector becomes (1, N, 1)."""
    return _at_least(tensors, _to_3d)


def hstack(tensors):
    """Tensors side by side: joined along the columns, vectors along their only dimension."""
    parts = [_to_1d(x) for x in tensors]
    return cat(parts, 0 if parts and parts[0].ndim == 1 else 1)


def vstack(tensors):
    """Tensors one below the other; vectors become rows."""
    return cat([_to_2d(x) for x in tensors], 0)


def dstack(tensors):
    """Tensors one behind the other: joined along the third dimension."""
    return cat([_to_3d(x) for x in tensors], 2)


def column_stack(tensors):
    """Matrices side by side; vectors become columns."""
    return cat([_to_1d(x).unsqueeze(1) if x.ndim < 2 else x for x in tensors], 1)


def broadcast_shapes(*shapes):
    """The shape that Tensors of these shapes stretch to.

    Raises
    ------
    RuntimeError
        If there is none.
    """
    try:
        return Size(np.broadcast_shapes(*shapes))
    except ValueError:
        raise RuntimeError(f"broadcast_shapes: the shapes {', '.join(str(s) for s in shapes)} do not broadcast") from None


def broadcast_tensors(*tensors):
    """Tensors stretched to one shape, without copying."""
    tensors = _list(tensors)
    shape = broadcast_shapes(*(tuple(x.shape) for x in tensors))
    return tuple(x.expand(shape) for x in tensors)


def meshgrid(*tensors, indexing="ij"):
    """The coordinates of a grid: each vector repeated along the dimensions of the others.

    Parameters
    ----------
    tensors : Tensor
        Vectors or single numbers.
    indexing : {"ij", "xy"}
        Whether the first vector runs along the rows, or along the columns.
    """
    tensors = _list(tensors)
    if indexing not in ("ij", "xy"):
        raise RuntimeError(f'meshgrid: indexing is "ij" or "xy", got {indexing!r}')
    if any(x.ndim > 1 for x in tensors):
        raise RuntimeError(f"meshgrid: expected vectors, got shapes {', '.join(str(tuple(x.shape)) for x in tensors)}")
    if not tensors:
        raise RuntimeError("meshgrid: expected at least one Tensor")
    vectors = [_to_1d(x) for x in tensors]
    swapped = indexing == "xy" and len(vectors) > 1
    if swapped:
        vectors[:2] = vectors[1::-1]
    shape = tuple(len(x) for x in vectors)
    grids = [x.reshape((1,) * k + (-1,) + (1,) * (len(vectors) - 1 - k)).expand(shape) for k, x in enumerate(vectors)]
    if swapped:
        grids[:2] = grids[1::-1]
    return tuple(grids)


def cartesian_prod(*tensors):
    """Every combination of one element of each vector, one per row."""
    if len(tensors) == 1:
        return tensors[0]
    return stack([x.reshape(-1) for x in meshgrid(*tensors)], 1)


def combinations(input, r=2, with_replacement=False):
    """Every choice of `r` elements of a vector, one per row."""
    if input.ndim != 1 or r < 0:
        raise RuntimeError(f"combinations: expected a vector and r from 0 up, got shape {tuple(input.shape)}, r {r}")
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    index = np.array(list(choose(range(len(input)), r)), np.int64).reshape(-1, r)
    return input[Tensor._detached(index)] if r else input[:0]


def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    """The elements without those that equal the one before; with `dim`, slices.

    Returns
    -------
    Tensor, or a tuple of it with the place of each element among them and how often each occurs, as asked for
    """
    a = input._array.reshape(-1) if dim is None else np.moveaxis(input._array, dim, 0)
    rows = a.reshape(len(a), Size(a.shape[1:]).numel())
    starts = np.ones(len(a), bool)
    starts[1:] = (rows[1:] != rows[:-1]).any(1)
    values = a[starts] if dim is None else np.moveaxis(a[starts], 0, dim)
    out = [values]
    if return_inverse:
        inverse = np.cumsum(starts) - 1
        out.append(inverse.reshape(input.shape) if dim is None else inverse)
    if return_counts:
        out.append(np.diff(np.append(np.flatnonzero(starts), len(a))))
    tensors = tuple(Tensor._detached(np.array(each)) for each in out)
    return tensors if len(tensors) > 1 else tensors[0]


def searchsorted(sorted_sequence, values, *, out_int32=False, right=False, side=None, sorter=None):
    """Index at which each value would be inserted in ordered rows so that they stay in order.

    Parameters
    ----------
    sorted_sequence : Tensor (..., N)
        In order along the last dimension; one row serves all values.
    values : Tensor (..., M) or number
    right : bool
        Behind equal ones instead of before them; `side="right"` says it too.
    sorter : Tensor, optional
        What puts the rows in order, as from `argsort`.
    """
    if side not in (None, "left", "right") or (side == "left" and right):
        raise RuntimeError(f"searchsorted: side is {side!r} and right is {right}; they must agree")
    side = "right" if right or side == "right" else "left"
    rows = sorted_sequence._array
    if sorter is not None:
        rows = np.take_along_axis(rows, sorter._array, -1)
    wanted = values._array if isinstance(values, Tensor) else np.asarray(values)
    if rows.ndim == 1:
        found = np.searchsorted(rows, wanted, side)
    elif rows.shape[:-1] != wanted.shape[:-1]:
        raise RuntimeError(f"searchsorted: the rows {rows.shape} and values {wanted.shape} must agree but for the last dimension")
    else:
        found = np.empty(wanted.shape, np.int64)
        for place in np.ndindex(rows.shape[:-1]):
            found[place] = np.searchsorted(rows[place], wanted[place], side)
    return Tensor._detached(np.asarray(found).astype(np.int32 if out_int32 else np.int64))


def bucketize(input, boundaries, *, out_int32=False, right=False):
    """Into which of the parts between `boundaries` each element falls."""
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def isin(elements, test_elements, *, assume_unique=False, invert=False):
    """Whether each element is among `test_elements`."""
    plain = [x._array if isinstance(x, Tensor) else np.asarray(x) for x in (elements, test_elements)]
    return Tensor._detached(np.isin(*plain, invert=invert))


def tril_indices(row, col, offset=0, *, dtype=None, device=None):
    """Rows and columns of the lower triangle of a matrix, (2, count) whole numbers."""
    return _triangle(np.tril_indices(row, offset, col), dtype)


def triu_indices(row, col, offset=0, *, dtype=None, device=None):
    """Rows and columns of the upper triangle of a matrix, (2, count) whole numbers."""
    return _triangle(np.triu_indices(row, offset, col), dtype)


def _triangle(places, dtype):
    out = Tensor._detached(np.stack(places).astype(np.int64))
    return out if dtype is None else out.to(dtype)


def trapezoid(y, x=None, *, dx=None, dim=-1):
    """The integral of `y` along `dim` by trapezoids, at the places `x` or `dx` apart."""
    width = (1 if dx is None else dx) if x is None else x.diff(dim=dim if x.ndim == y.ndim else -1)
    size = y.shape[dim]
    if isinstance(width, Tensor) and width.ndim < y.ndim:
        width = width.reshape([-1 if k == dim % y.ndim else 1 for k in range(y.ndim)])
    return ((y.narrow(dim, 1, size - 1) + y.narrow(dim, 0, size - 1)) * width / 2).sum(dim)


row_stack = vstack
