"""Tensor methods that rearrange elements without computing: shapes, axes, indices, joining."""

import numpy as np

from numbacnn.tensors.aliases import numpy_named
from numbacnn.tensors.reduction import normalize_dim
from numbacnn.tensors.storage import ARRAYS, channels, reshaped
from numbacnn.tensors.types import Size, kind_of
from numbacnn.tensors.views import Step, take_view


def _as_shape(sizes):
    """The shape meant by `f(2, 3)` or `f((2, 3))`."""
    if len(sizes) == 1 and not isinstance(sizes[0], (int, np.integer)):
        sizes = sizes[0]
    return tuple(int(extent) for extent in sizes)


def _resolve(name, x, shape):
    """`shape` with its -1 replaced by what is left."""
    count, known = x.numel(), Size(extent for extent in shape if extent != -1).numel()
    free = shape.count(-1)
    if free == 1 and known and count % known == 0:
        return tuple(count // known if extent == -1 else extent for extent in shape)
    if free or known != count or min(shape, default=0) < -1:
        why = "only one dimension can be -1" if free > 1 else f"{count} elements do not fill it"
        raise RuntimeError(f"{name}: shape {shape} is invalid for a Tensor of shape {tuple(x.shape)}: {why}")
    return shape


class Reshaping:
    """Mixin of Tensor: how many elements there are, and the same ones in another shape or order."""

    __slots__ = ()

    def dim(self):
        """The number of dimensions."""
        return self.ndim

    def size(self, dim=None):
        """The shape, or the extent of one dimension."""
        return self.shape if dim is None else self._storage.shape[dim]

    def numel(self):
        """The number of elements."""
        return self.shape.numel()

    nelement = numel

    def reshape(self, *shape):
        """The elements in another shape, in row-major order; one extent may be -1, meaning what is left.

        Raises
        ------
        RuntimeError
            If the shape does not hold exactly the elements there are.
        """
        return self._reshape("reshape", _resolve("reshape", self, _as_shape(shape)))

    def view(self, *shape):
        """The elements in another shape, in the same memory; one extent may be -1, meaning what is left.

        Raises
        ------
        RuntimeError
            If the shape does not hold exactly the elements there are, or they do not lie in memory in their order.
        """
        return self._reshape("view", _resolve("view", self, _as_shape(shape)))

    def view_as(self, other):
        """The elements in the shape of `other`, in the same memory."""
        return self.view(other.shape)

    def flatten(self, start_dim=0, end_dim=-1):
        """Dimensions `start_dim` to `end_dim`, both included, joined into one."""
        if self.ndim == 0:
            return self.reshape(1)
        start = normalize_dim("flatten", start_dim, self.ndim)
        end = normalize_dim("flatten", end_dim, self.ndim)
        if start > end:
            raise RuntimeError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim} "
                               f"in a Tensor of {self.ndim} dimensions")
        shape = self.shape
        return self._reshape("flatten", shape[:start] + (shape[start:end + 1].numel(),) + shape[end + 1:])

    def _reshape(self, name, shape):
        own, storage = tuple(self._storage.shape), self._storage
        shape = tuple(shape)
        if shape == own:
            return self
        # An engine batch may join or part its last dimensions without leaving its layout.
        out, seen = None if isinstance(storage, ARRAYS) else storage.reshaped(shape), True
        if out is None:
            if not self._memory.flags.c_contiguous:
                self._array  # it may have to be copied
            out = self._shared().reshape(shape)
            seen = np.may_share_memory(out, self._plain)

        def backward(dout):
            return (reshaped(dout, own),)

        if not seen:
            if name == "view" and (self._version.others(self) or not self._plain.flags.owndata):
                raise RuntimeError(f"view: the Tensor of shape {own} does not lie in memory in the order of its elements, so it "
                                   f"has no view of shape {shape}; use .reshape({', '.join(map(str, shape))}) instead")
            return self._from_op(out, (self,), backward, name, saves=())
        return self._seen_as(out, backward, name, lambda array: array.reshape(shape), plain=False)

    def _seen_as(self, storage, backward, name, forward=None, plain=True):
        """A view: a Tensor that shows numbers of this one, so that a change of either is a change of both.

        `forward` takes the same view of any array of this shape; without it the view cannot be changed in place on the tape.
        """
        return take_view(self, storage, Step(name, forward, backward, plain))

    def permute(self, *dims):
        """The dimensions in another order."""
        dims = _as_shape(dims)
        if len(dims) != self.ndim:
            raise RuntimeError(f"permute: {len(dims)} dims {dims} for a Tensor of {self.ndim} dimensions "
                               f"(shape {tuple(self.shape)})")
        axes = tuple(normalize_dim("permute", dim, self.ndim) for dim in dims)
        if len(set(axes)) != len(axes):
            raise RuntimeError(f"permute: dims {dims} name a dimension twice")
        return self._seen_as(self._shared().transpose(axes), lambda dout: (dout.transpose(np.argsort(axes)),), "permute",
                             lambda array: array.transpose(axes))

    def transpose(self, dim0, dim1):
        """Two dimensions exchanged."""
        first = normalize_dim("transpose", dim0, self.ndim)
        second = normalize_dim("transpose", dim1, self.ndim)
        if self.ndim == 0:
            return self
        return self._seen_as(self._shared().swapaxes(first, second), lambda dout: (dout.swapaxes(first, second),),
                             "transpose", lambda array: array.swapaxes(first, second))

    def t(self):
        """Rows and columns of a matrix exchanged."""
        if self.ndim > 2:
            raise RuntimeError(f"t: expected a matrix, got {self.ndim} dimensions; take .permute()")
        return self.T

    @property
    def T(self):
        """The dimensions in reverse order."""
        return self.permute(*reversed(range(self.ndim)))

    def squeeze(self, dim=None):
        """Without the dimensions of extent 1, or without `dim` if its extent is 1."""
        shape = tuple(self.shape)
        if dim is None:
            dims = range(self.ndim)
        else:
            dims = [normalize_dim("squeeze", d, self.ndim) for d in ([dim] if isinstance(dim, int) else dim)]
        return self._reshape("squeeze", [n for axis, n in enumerate(shape) if n != 1 or axis not in dims])

    def unsqueeze(self, dim):
        """With a new dimension of extent 1 at `dim`."""
        dim = normalize_dim("unsqueeze", dim, self.ndim + 1)
        return self._reshape("unsqueeze", self.shape[:dim] + (1,) + self.shape[dim:])

    def expand(self, *sizes):
        """Dimensions of extent 1 repeated to `sizes`, without copying; -1 keeps an extent."""
        sizes, own = _as_shape(sizes), tuple(self.shape)
        extra = len(sizes) - len(own)
        shape = tuple(own[k - extra] if n == -1 and k >= extra else n for k, n in enumerate(sizes))
        return self._broadcast("expand", shape)

    def _broadcast(self, name, shape):
        from numbacnn.tensors.arithmetic import unbroadcast

        own = tuple(self.shape)
        try:
            out = np.broadcast_to(self._shared(), shape)
        except ValueError:
            raise RuntimeError(f"{name}: a Tensor of shape {own} does not expand to {shape}") from None
        return self._seen_as(out, lambda dout: (unbroadcast(dout, own),), name)

    def contiguous(self):
        """This Tensor with its elements in row-major order in memory; itself if they are."""
        if not isinstance(self._storage, np.ndarray) or self._storage.flags.c_contiguous:
            return self
        return self._from_op(self._array.copy(), (self,), lambda dout: (dout,), "clone", saves=())


def _check_tensors(op, tensors):
    """Each must be a Tensor."""
    for k, each in enumerate(tensors):
        if not isinstance(each, Reshaping):
            raise TypeError(f"{op}: expected Tensors, but number {k} is a {kind_of(each)}; numbacnn.tensor(data) makes one")


@numpy_named
def cat(tensors, dim=0):
    """Tensors joined along an existing dimension.

    Raises
    ------
    TypeError
        If one is not a Tensor.
    RuntimeError
        If there are none, or they differ in another dimension.
    """
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("cat: expected at least one Tensor")
    _check_tensors("cat", tensors)
    if any(x.ndim != 1 for x in tensors):  # as in PyTorch, an empty list to begin with
        tensors = [x for x in tensors if tuple(x.shape) != (0,)]
    first = tensors[0]
    axis = normalize_dim("cat", dim, first.ndim)
    if axis == 1 and not isinstance(first._storage, ARRAYS):
        out = _cat_channels(tensors)
        if out is not None:
            return out
    try:
        out = np.concatenate([x._array for x in tensors], axis)
    except ValueError:
        raise RuntimeError(_unfit([tuple(x.shape) for x in tensors], axis)) from None
    ends = np.cumsum([x.shape[axis] for x in tensors])[:-1]
    return first._from_op(out, tensors, lambda dout: np.split(dout, ends, axis), "cat", True, ())


def _unfit(shapes, axis):
    """The sentence about Tensors that cannot be joined along `axis`."""
    given = f"cat: shapes must agree except along dim {axis}, got {', '.join(map(str, shapes))}; "
    if len({len(shape) for shape in shapes}) > 1:
        return f"{given}give all as many dimensions, with unsqueeze, squeeze or reshape"
    extents = [[*dict.fromkeys(along)] for along in zip(*shapes)]  # each once, in order
    wrong = [dim for dim, found in enumerate(extents) if len(found) > 1 and dim != axis]
    other = f", or take dim={wrong[0]}" if len(wrong) == 1 and len(extents[axis]) == 1 else ""
    found = " and ".join(f"dim {dim} has extents {str(extents[dim])[1:-1]}" for dim in wrong)
    return f"{given}{found}: bring them to one with indices or nn.functional.pad{other}"


def _cat_channels(tensors):
    """Tensors joined along the channels, where the first is an engine batch; None if the others do not fit it."""
    first, *others = tensors
    out = first._storage.beside([x._storage for x in others])
    if out is None:
        return None
    ends = np.cumsum([0] + [x._storage.shape[1] for x in tensors]).tolist()

    def backward(dout):
        return [channels(dout, start, end) if x._requires_grad else None for x, start, end in zip(tensors, ends, ends[1:])]

    return first._from_op(out, tensors, backward, "cat", saves=())


@numpy_named
def stack(tensors, dim=0):
    """Tensors of one shape joined along a new dimension.

    Raises
    ------
    TypeError
        If one is not a Tensor.
    RuntimeError
        If there are none, or their shapes differ.
    """
    tensors = list(tensors)
    _check_tensors("stack", tensors)
    shapes = sorted({tuple(x.shape) for x in tensors})
    if len(shapes) != 1:
        raise RuntimeError(f"stack: expected Tensors of one shape, got {', '.join(map(str, shapes)) or 'none'}")
    return cat([x.unsqueeze(dim) for x in tensors], dim)
