"""A batch of images in lanes: what every compiled loop works on."""
from math import prod

import numpy as np

from .buffers import Buffer
from .layout import layout
from .ops import moves, pointwise
from .queue import Pending, enqueue


class Batch:
    """N images (or rows of features) in lanes; `shape` is the logical (N, C, H, W) or (N, C).

    What was computed is never written again, so a batch may be shared freely.
    """

    __slots__ = ("shape", "layout", "buffer")
    dtype, fixed, memory = np.dtype(np.float32), True, None  # see `numbacnn.tensors.storage`

    def __init__(self, shape):
        self.shape = shape
        self.layout = layout(shape)
        self.buffer = Buffer(self.layout.buffer_size)

    def unpacked(self):
        """The batch as a plain array of its logical shape, to come."""
        out = Pending(self.shape)
        enqueue(moves.unpack_plan(self.shape), x=self.buffer, out=out.memory)
        return out

    def numpy(self):
        """The batch as a plain array of its logical shape."""
        return self.unpacked().numpy()

    def copy(self):
        """Return the batch itself: it is never written to."""
        return self

    def plus(self, other):
        """The sum with a batch or plain array of the same shape; None if the other is none."""
        if other.shape != self.shape or other.dtype != self.dtype:
            return None
        other, out = as_batch(other), Batch(self.shape)
        enqueue(pointwise.pointwise_plan(pointwise.add.of(), self.shape), x=self.buffer, y=other.buffer, out=out.buffer)
        return out

    def reshaped(self, shape):
        """Return the numbers in another shape; None if they cannot stay in lanes.

        The pixels of a channel lie in memory in their order, so other rows and columns for them cost nothing.
        """
        own = self.shape
        if shape[:2] == own[:2] and len(shape) > 1:
            out = Batch.__new__(Batch)
            out.shape, out.layout, out.buffer = shape, layout(shape), self.buffer
            return out
        if shape[:1] == own[:1] and len(shape) == 2:
            return self.reshaped((*own[:2], 1, prod(own[2:]))).flattened()
        if shape[:1] == own[:1] and len(own) == 2 and len(shape) > 2:
            return self.unflattened((*shape[:2], 1, prod(shape[2:]))).reshaped(shape)
        return None

    def beside(self, others):
        """The channels of this batch, then those of the others, batches or plain arrays; None if they do not fit."""
        parts = [self, *others]
        N, _, *pixels = self.shape
        if any(part.dtype != self.dtype or [part.shape[0], *part.shape[2:]] != [N, *pixels] for part in parts):
            return None
        out = Batch((N, sum(part.shape[1] for part in parts), *pixels))
        places = {f"x{i}": as_batch(part).buffer for i, part in enumerate(parts)}
        enqueue(moves.beside_plan(tuple([part.shape for part in parts]), out.shape), out=out.buffer, **places)
        return out

    def channels(self, first, end):
        """Channels `first` to `end` as a batch of their own."""
        out = Batch((self.shape[0], end - first, *self.shape[2:]))
        enqueue(moves.channels_plan(self.shape, out.shape, first), x=self.buffer, out=out.buffer)
        return out

    def flattened(self):
        """(N, C, H, W) as (N, C*H*W), features in PyTorch's order."""
        N, C, H, W = self.shape
        out = Batch((N, C * H * W))
        enqueue(moves.flatten_plan(self.shape), x=self.buffer, out=out.buffer)
        return out

    def unflattened(self, shape):
        """(N, C*H*W) as (N, C, H, W), which is `shape`: the reverse of `flattened`."""
        out = Batch(tuple(shape))
        enqueue(moves.unflatten_plan(out.shape), x=self.buffer, out=out.buffer)
        return out


def pack(array):
    """A plain float32 array (N, C, H, W), (N, C), (N, C, W) or (N, C, D, H, W) as a batch; any strides."""
    if array.dtype != np.float32:
        raise TypeError(f"pack: expected float32, got {array.dtype}")
    if array.ndim not in (2, 4):
        lay = layout(array.shape)
        return pack(array.reshape(lay.N, lay.C, lay.H, lay.W)).reshaped(array.shape)
    out = Batch(array.shape)
    enqueue(moves.pack_plan(array.shape, array.strides), x=array, out=out.buffer)
    return out


def as_batch(storage):
    """A batch, or an array, there already or to come, as one."""
    return storage if isinstance(storage, Batch) else pack(storage.numpy() if isinstance(storage, Pending) else storage)


def pack_pixels(images, scale, offset):
    """images * scale - offset, channel by channel, as a batch: brightness becomes what a network is fed.

    Images are uint8 (N, C, H, W), N at least 1; scale and offset float32 (C,).
    """
    out = Batch(images.shape)
    enqueue(moves.pixels_plan(images.shape, images.strides), x=images, scale=scale, offset=offset, out=out.buffer)
    return out
