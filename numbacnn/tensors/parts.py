"""Tensor methods that take parts of a Tensor: slices, splits, windows."""

import numpy as np

from numbacnn.tensors.reduction import normalize_dim


class Parts:
    """Mixin of Tensor: parts of it, most of them in the same memory."""

    __slots__ = ()

    def narrow(self, dim, start, length):
        """The `length` slices along `dim` from number `start` on, in the same memory.

        Raises
        ------
        RuntimeError
            If they are not all there.
        """
        if self.ndim == 0:
            raise RuntimeError("narrow: a Tensor of no dimension has no slices")
        axis = normalize_dim("narrow", dim, self.ndim)
        size, start = self.shape[axis], int(start)
        first = start + size if start < 0 else start
        if length < 0 or not 0 <= first <= size - length:
            raise RuntimeError(f"narrow: start {start} and length {length} do not lie within the {size} slices of dim {dim}")
        return self[(slice(None),) * axis + (slice(first, first + length),)]

    def select(self, dim, index):
        """The slice number `index` along `dim`, without that dimension."""
        if self.ndim == 0:
            raise IndexError("select: a Tensor of no dimension has no slices")
        axis = normalize_dim("select", dim, self.ndim)
        if not -self.shape[axis] <= index < self.shape[axis]:
            raise IndexError(f"select: index {index} is out of range for dim {dim} of extent {self.shape[axis]}")
        return self[(slice(None),) * axis + (int(index),)]

    def split(self, split_size, dim=0):
        """Parts of `split_size` slices along `dim`, the last perhaps smaller; or of the sizes that a list gives.

        Raises
        ------
        RuntimeError
            If a size is negative, or the sizes of a list do not add up to the extent.
        """
        if self.ndim == 0:
            raise RuntimeError("split: expected a Tensor of at least one dimension")
        axis = normalize_dim("split", dim, self.ndim)
        size = self.shape[axis]
        if isinstance(split_size, (int, np.integer)):
            if split_size < 0 or (split_size == 0 and size):
                raise RuntimeError(f"split: split_size must be positive, got {split_size}")
            starts = range(0, size, split_size) if size else (0,)
            return tuple(self.narrow(axis, start, min(split_size, size - start)) for start in starts)
        sizes = [int(each) for each in split_size]
        if sum(sizes) != size or min(sizes, default=0) < 0:
            raise RuntimeError(f"split: the sizes {sizes} must add up to {size}, the extent of dim {dim}")
        starts = np.cumsum([0] + sizes).tolist()
        return tuple(self.narrow(axis, start, length) for start, length in zip(starts, sizes))

    def split_with_sizes(self, split_sizes, dim=0):
        """Parts of the given sizes along `dim`."""
        return self.split([*split_sizes], dim)

    def chunk(self, chunks, dim=0):
        """At most `chunks` parts of equal size along `dim`, the last perhaps smaller."""
        if chunks <= 0:
            raise RuntimeError(f"chunk: chunks must be greater than 0, got {chunks}")
        if self.ndim == 0:
            raise RuntimeError("chunk: expected a Tensor of at least one dimension")
        size = self.shape[normalize_dim("chunk", dim, self.ndim)]
        each = -(-size // chunks)
        return self.split(each, dim) if each else self.split([0] * chunks, dim)

    def tensor_split(self, indices_or_sections, dim=0):
        """A number of parts whose sizes differ by at most one, or parts that end before the given indices."""
        if self.ndim == 0:
            raise RuntimeError("tensor_split: expected a Tensor of at least one dimension")
        axis = normalize_dim("tensor_split", dim, self.ndim)
        size = self.shape[axis]
        if hasattr(indices_or_sections, "tolist"):
            indices_or_sections = indices_or_sections.tolist()
        if isinstance(indices_or_sections, (int, np.integer)):
            sections = int(indices_or_sections)
            if sections <= 0:
                raise RuntimeError(f"tensor_split: the number of sections must be larger than 0, got {sections}")
            return self.split([size // sections + (k < size % sections) for k in range(sections)], axis)
        edges = [0, *indices_or_sections, size]
        return tuple(self[(slice(None),) * axis + (slice(start, end),)] for start, end in zip(edges, edges[1:]))

    def unbind(self, dim=0):
        """The slices along `dim`, each without that dimension."""
        if self.ndim == 0:
            raise RuntimeError("unbind: expected a Tensor of at least one dimension")
        return tuple(self.select(dim, k) for k in range(self.shape[normalize_dim("unbind", dim, self.ndim)]))

    def unfold(self, dimension, size, step):
        """All windows of `size` slices along `dimension`, `step` apart, each window along a new last dimension."""
        axis = normalize_dim("unfold", dimension, self.ndim)
        x = self if self.ndim else self.reshape(1)
        extent = x.shape[axis]
        if not 0 <= size <= extent or step <= 0:
            raise RuntimeError(f"unfold: windows of {size} slices, {step} apart, do not fit {extent} slices")
        if not self.ndim:
            return x.narrow(0, 0, size)
        index = np.arange(0, extent - size + 1, step)[:, None] + np.arange(size)
        out = x[(slice(None),) * axis + (x._detached(index),)]
        return out.movedim(axis + 1, -1)


def hsplit(input, indices_or_sections):
    """Parts along the columns: dimension 1, or 0 of a vector."""
    return _along("hsplit", input, indices_or_sections, 0 if input.ndim == 1 else 1, 1)


def vsplit(input, indices_or_sections):
    """Parts along the rows."""
    return _along("vsplit", input, indices_or_sections, 0, 2)


def dsplit(input, indices_or_sections):
    """Parts along the third dimension."""
    return _along("dsplit", input, indices_or_sections, 2, 3)


def _along(name, x, parts, dim, least):
    if x.ndim < least:
        raise RuntimeError(f"{name}: expected at least {least} dimensions, got shape {tuple(x.shape)}")
    if isinstance(parts, int) and (parts <= 0 or x.shape[dim] % parts):
        raise RuntimeError(f"{name}: {x.shape[dim]} slices cannot be divided into {parts} equal parts")
    return x.tensor_split(parts, dim)

