"""Non-linearities: every loop of `kernels.activation`, in the order of the memory."""
import threading

import numpy as np

from ...kernels import activation
from ..batch import Batch
from ..kinds import operation
from ..loop import call
from ..operands import Lanes
from ..queue import enqueue
from ..task import reads
from .pointwise import pointwise_plan, stretch


@reads(x=Lanes(2)).writes(out=Lanes(2)).by_lane.made
def forward(name, *settings):
    """Any loop `name_forward(x, out)`, or `name_forward(x, setting, out)` for one setting."""
    loop = getattr(activation, f"{name}_forward")
    if not settings:
        def slice_of(op, k):
            n, own = stretch(k, op.x)
            loop(op.x[n, own], op.out[n, own])
        return slice_of
    setting = np.float32(settings[0])

    def slice_with_setting(op, k):
        n, own = stretch(k, op.x)
        loop(op.x[n, own], setting, op.out[n, own])
    return slice_with_setting


@reads(dout=Lanes(2), saved=Lanes(2)).writes(dx=Lanes(2)).made
def backward(name, *settings):
    """Any loop `name_backward(dout, saved, dx)`, or `name_backward(dout, saved, setting, dx)`."""
    loop = getattr(activation, f"{name}_backward")
    if not settings:
        def slice_of(op, k):
            n, own = stretch(k, op.dx)
            loop(op.dout[n, own], op.saved[n, own], op.dx[n, own])
        return slice_of
    setting = np.float32(settings[0])

    def slice_with_setting(op, k):
        n, own = stretch(k, op.dx)
        loop(op.dout[n, own], op.saved[n, own], setting, op.dx[n, own])
    return slice_with_setting


_settling = threading.RLock()


class Rectified(Batch):
    """max(source, 0), computed when its numbers are read.

    A max-pooling does not ask: the largest of max(x, 0) is max(largest x, 0), so it pools the
    source and rectifies what is left, a quarter of the numbers (see `pooling`).
    """

    __slots__ = ("source", "_settled")

    def __init__(self, source):
        self.shape, self.layout, self.source = source.shape, source.layout, source
        self._settled = None

    def settled(self):
        """The batch that holds the numbers, computed the first time."""
        with _settling:  # two threads that both computed it would free the memory of the first
            if self._settled is None:
                made = _forward("relu", self.source)
                if self._settled is None:  # a signal handler may have asked meanwhile
                    self._settled = made
        return self._settled

    @property
    def buffer(self):
        """The memory that holds its numbers."""
        return self.settled().buffer


class RectifiedGradient(Batch):
    """A gradient that is zero already wherever the rectified batch it belongs to is."""

    __slots__ = ()


@operation
def activation_forward(name, x, *settings):
    """The non-linearity of that name in `kernels.activation`; "relu" is computed when needed."""
    if name == "relu":
        return x if type(x) is Rectified else Rectified(x)
    return _forward(name, x, *settings)


def _forward(name, x, *settings):
    out = Batch(x.shape)
    enqueue(pointwise_plan(forward.of(name, *settings), x.shape), x=x.buffer, out=out.buffer)
    return out


@operation
def activation_backward(name, dout, saved, *settings):
    """dx from what the loop of that name needs: the input or the output of the forward pass."""
    if type(dout) is RectifiedGradient and name == "relu":
        return dout
    dx = Batch(dout.shape)
    enqueue(pointwise_plan(backward.of(name, *settings), dout.shape), dout=dout.buffer, saved=saved.buffer, dx=dx.buffer)
    return dx


@operation
def settled(x):
    """The batch, computed if it was not yet: for one whose own gradient is wanted."""
    return x.settled() if type(x) is Rectified else x


@activation_forward.on_floats
def _(name, x, *settings):
    return _flat(getattr(activation, f"{name}_forward"), [x], settings)


@activation_backward.on_floats
def _(name, dout, saved, *settings):
    return _flat(getattr(activation, f"{name}_backward"), [dout, saved], settings)


@settled.on_floats
def _(x):
    return x


def _flat(kernel, arrays, settings):
    """What the kernel makes of plain arrays of any shape."""
    flat = [np.ascontiguousarray(array).reshape(-1) for array in arrays]
    out = np.empty_like(flat[0])
    call(kernel, *flat, *map(out.dtype.type, settings), out)
    return out.reshape(arrays[0].shape)
