"""Tensor methods that lay the elements out anew: reversed, moved, repeated, along diagonals."""

import numpy as np

from numbacnn.tensors.memory import Memory
from numbacnn.tensors.reduction import normalize_dim
from numbacnn.tensors.shape import _as_shape
from numbacnn.tensors.types import Size


def _dims(dims):
    return (dims,) if isinstance(dims, (int, np.integer)) else tuple(dims)


def _moved(name, x, compute, undo):
    """Elements laid out anew; `undo(dout)` brings the gradients back to where the elements were."""
    return x._from_op(np.ascontiguousarray(compute(x._array)) if x.ndim else compute(x._array).copy(), (x,),
                      lambda dout: (undo(dout),), name, True, ())


class Arrangement:
    """Mixin of Tensor: its elements in another order, several times, or in matrices."""

    __slots__ = ()

    def flip(self, *args, dims=None):
        """The slices along `dims` in reverse order: `x.flip(0, 1)`, `x.flip((0, 1))` or `x.flip(dims=(0, 1))`."""
        axes = tuple(normalize_dim("flip", dim, self.ndim) for dim in _as_shape(args if dims is None else (dims,)))
        if len(set(axes)) < len(axes):
            raise RuntimeError(f"flip: dims {axes} name a dimension twice")
        axes = axes if self.ndim else ()
        return _moved("flip", self, lambda a: np.flip(a, axes), lambda dout: np.flip(dout, axes))

    def fliplr(self):
        """The columns in reverse order."""
        if self.ndim < 2:
            raise RuntimeError("fliplr: expected at least two dimensions")
        return self.flip(1)

    def flipud(self):
        """The rows in reverse order."""
        if self.ndim < 1:
            raise RuntimeError("flipud: expected at least one dimension")
        return self.flip(0)

    def roll(self, shifts, dims=None):
        """The elements moved by `shifts` places along `dims`; those pushed out come in at the other end."""
        if dims is None or dims == ():
            return self.reshape(-1).roll(shifts, 0).reshape(self.shape) if self.ndim else self.clone()
        axes = tuple(normalize_dim("roll", dim, self.ndim) for dim in _dims(dims))
        steps = _dims(shifts)
        if len(steps) != len(axes):
            raise RuntimeError(f"roll: {len(steps)} shifts for {len(axes)} dims")
        if not self.ndim:
            return self.clone()
        back = tuple(-step for step in steps)
        return _moved("roll", self, lambda a: np.roll(a, steps, axes), lambda dout: np.roll(dout, back, axes))

    def rot90(self, k=1, dims=(0, 1)):
        """The plane of two dimensions turned `k` times by 90 degrees, from the first of `dims` towards the second."""
        axes = tuple(normalize_dim("rot90", dim, self.ndim) for dim in dims)
        if len(axes) != 2 or axes[0] == axes[1]:
            raise RuntimeError(f"rot90: expected two different dims, got {tuple(dims)}")
        return _moved("rot90", self, lambda a: np.rot90(a, k, axes), lambda dout: np.rot90(dout, -k, axes))

    def tril(self, diagonal=0):
        """The lower triangle of the last two dimensions, 0 above `diagonal`."""
        return self._triangle("tril", np.tri, diagonal)

    def triu(self, diagonal=0):
        """The upper triangle of the last two dimensions, 0 below `diagonal`."""
        return self._triangle("triu", lambda N, M, k: ~np.tri(N, M, k - 1, dtype=bool), diagonal)

    def _triangle(self, name, shape, diagonal):
        if self.ndim < 2:
            raise RuntimeError(f"{name}: expected at least two dimensions, got shape {tuple(self.shape)}")
        kept = np.asarray(shape(*self.shape[-2:], diagonal), bool)
        return _moved(name, self, lambda a: np.where(kept, a, a.dtype.type(0)), lambda dout: np.where(kept, dout, dout.dtype.type(0)))

    def diagonal(self, offset=0, dim1=0, dim2=1):
        """The diagonal of two dimensions, as the last dimension, in the same memory."""
        first, second = normalize_dim("diagonal", dim1, self.ndim), normalize_dim("diagonal", dim2, self.ndim)
        if first == second:
            raise RuntimeError(f"diagonal: dim1 and dim2 must differ, got {dim1} and {dim2}")
        shape = self.shape

        def backward(dout):
            dx = np.zeros(shape, dout.dtype)
            view = np.moveaxis(dx, (first, second), (-2, -1))
            rows = np.arange(dout.shape[-1]) + max(-offset, 0)
            view[..., rows, rows + offset] = dout
            return (dx,)

        def forward(array):
            view = array.diagonal(offset, first, second)
            view.flags.writeable = array.flags.writeable  # NumPy's own is for reading only
            return view

        return self._seen_as(forward(self._shared()), backward, "diagonal", forward)

    def diag_embed(self, offset=0, dim1=-2, dim2=-1):
        """Matrices with the last dimension on their diagonal, and zeros elsewhere."""
        size = (self.shape[-1] if self.ndim else 1) + abs(offset)
        ndim = max(self.ndim, 1) + 1
        first, second = normalize_dim("diag_embed", dim1, ndim), normalize_dim("diag_embed", dim2, ndim)
        if first == second:
            raise RuntimeError(f"diag_embed: dim1 and dim2 must differ, got {dim1} and {dim2}")
        x = self if self.ndim else self.reshape(1)
        rows = np.arange(x.shape[-1]) + max(-offset, 0)
        out = np.zeros((*x.shape[:-1], size, size), x.dtype)
        out[..., rows, rows + offset] = x._array
        made = x._from_op(out, (x,), lambda dout: (dout[..., rows, rows + offset],), "diag_embed", True, ())
        return made.movedim((-2, -1), (first, second))

    def diag(self, diagonal=0):
        """The diagonal of a matrix, or the matrix with a vector on its diagonal."""
        if self.ndim not in (1, 2):
            raise RuntimeError(f"diag: expected a vector or a matrix, got {self.ndim} dimensions")
        return self.diag_embed(diagonal) if self.ndim == 1 else self.diagonal(diagonal).clone()

    def diagflat(self, offset=0):
        """The matrix with all elements on its diagonal."""
        return self.reshape(-1).diag_embed(offset)

    def trace(self):
        """The sum of the diagonal of a matrix."""
        if self.ndim != 2:
            raise RuntimeError(f"trace: expected a matrix, got {self.ndim} dimensions")
        return self.diagonal().sum()

    def repeat(self, *args, repeats=None):
        """The Tensor laid side by side with itself, `repeats` times along each dimension: `x.repeat(2, 3)`."""
        times = _as_shape(args if repeats is None else (repeats,))
        if len(times) < self.ndim:
            raise RuntimeError(f"repeat: {len(times)} repeats for a Tensor of {self.ndim} dimensions")
        if min(times, default=0) < 0:
            raise RuntimeError(f"repeat: the repeats must not be negative, got {times}")
        shape = (1,) * (len(times) - self.ndim) + tuple(self.shape)
        pairs = [extent for pair in zip(times, shape) for extent in pair]
        x = self.reshape([extent for n in shape for extent in (1, n)]).expand(pairs).clone()  # numbers of its own
        return x.reshape([n * m for n, m in zip(times, shape)]) if times else self.clone()

    def tile(self, *args, dims=None):
        """The Tensor laid side by side with itself; dimensions that are not named stay: `x.tile(2)`."""
        times = _as_shape(args if dims is None else (dims,))
        return self.repeat((1,) * (self.ndim - len(times)) + times)

    def repeat_interleave(self, repeats, dim=None, *, output_size=None):
        """Each slice along `dim`, or each element, `repeats` times in a row; a Tensor gives a number for each."""
        x, axis = (self.reshape(-1), 0) if dim is None or not self.ndim else (self, normalize_dim("repeat_interleave", dim, self.ndim))
        times = repeats._array if isinstance(repeats, Memory) else np.asarray(repeats)
        if times.dtype.kind not in "iu" or (times.size and times.min() < 0):
            raise RuntimeError(f"repeat_interleave: the repeats are whole numbers from 0 up, got {repeats}")
        if times.size not in (1, x.shape[axis]):
            raise RuntimeError(f"repeat_interleave: {times.size} repeats for {x.shape[axis]} slices")
        index = np.repeat(np.arange(x.shape[axis]), times.reshape(-1) if times.size > 1 else int(times.reshape(-1)[0])) \
            if times.size else np.arange(0)
        return x.index_select(axis, x._detached(index))

    def movedim(self, source, destination):
        """Dimensions moved to other places; the others keep their order."""
        source, destination = _dims(source), _dims(destination)
        if len(source) != len(destination):
            raise RuntimeError(f"movedim: {len(source)} dims go to {len(destination)} places")
        here = [normalize_dim("movedim", dim, self.ndim) for dim in source]
        there = [normalize_dim("movedim", dim, self.ndim) for dim in destination]
        if len(set(here)) < len(here) or len(set(there)) < len(there):
            raise RuntimeError(f"movedim: {source} to {destination} names a dimension twice")
        if not self.ndim:
            return self
        order = [dim for dim in range(self.ndim) if dim not in here]
        for place, dim in sorted(zip(there, here)):
            order.insert(place, dim)
        return self.permute(order)

    def expand_as(self, other):
        """Dimensions of extent 1 repeated to the shape of `other`, without copying."""
        return self.expand(other.shape)

    def broadcast_to(self, size):
        """Dimensions of extent 1 repeated to `size`, without copying."""
        return self.expand(size)

    def reshape_as(self, other):
        """The elements in the shape of `other`."""
        return self.reshape(other.shape)

    def ravel(self):
        """All elements in one dimension."""
        return self.reshape(-1)

    def unflatten(self, dim, sizes):
        """The dimension `dim` parted into `sizes`; one of them may be -1, meaning what is left."""
        axis = normalize_dim("unflatten", dim, self.ndim)
        sizes = _dims(sizes)
        known = Size(n for n in sizes if n != -1).numel()
        if not sizes or sizes.count(-1) > 1 or (known != self.shape[axis] if -1 not in sizes else not known or self.shape[axis] % known):
            raise RuntimeError(f"unflatten: the sizes {sizes} do not multiply to {self.shape[axis]}, the extent of dim {dim}")
        sizes = tuple(self.shape[axis] // known if n == -1 else n for n in sizes)
        return self.reshape(tuple(self.shape[:axis]) + sizes + tuple(self.shape[axis + 1:]))

    def swapaxes(self, axis0, axis1):
        """Two dimensions exchanged."""
        return self.transpose(axis0, axis1)

    def swapdims(self, dim0, dim1):
        """Two dimensions exchanged."""
        return self.transpose(dim0, dim1)

    @property
    def mT(self):
        """The last two dimensions exchanged."""
        if self.ndim < 2:
            raise RuntimeError(f"mT: expected at least two dimensions, got shape {tuple(self.shape)}")
        return self.transpose(-2, -1)

    @property
    def H(self):
        """Rows and columns of a matrix exchanged."""
        if self.ndim not in (0, 2):
            raise RuntimeError(f"H: expected a matrix, got {self.ndim} dimensions")
        return self.T

    moveaxis = movedim
    mH = mT
