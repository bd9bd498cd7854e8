"""Non-linearities on lanes, in the order of the memory."""
import threading
from functools import lru_cache

from ..batch import Batch, layout
from ..plan import Plan
from ..queue import enqueue
from ..tasks import activation as activation_tasks


_settling = threading.RLock()


class Rectified(Batch):
    """max(source, 0), computed when somebody asks for the numbers.

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
                made = activation_forward("relu", self.source)
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


def settled(x):
    """The batch, computed if it was not yet: for one whose own gradient is wanted."""
    return x.settled() if type(x) is Rectified else x


def relu_forward(x):
    """max(x, 0), computed when needed; x itself if it is such a batch."""
    return x if type(x) is Rectified else Rectified(x)


def relu_backward(dout, out):
    """dx from the output of the forward pass."""
    return dout if type(dout) is RectifiedGradient else activation_backward("relu", dout, out)


def add_forward(x, y):
    """x + y."""
    return x.plus(y)


def tanh_forward(x):
    """tanh(x)."""
    return activation_forward("tanh", x)


def tanh_backward(dout, out):
    """dx from the output of the forward pass."""
    return activation_backward("tanh", dout, out)


def activation_forward(name, x, *settings):
    """The non-linearity of that name in `kernels.activation`."""
    return _run(activation_tasks.forward.of(name, *settings), x)


def activation_backward(name, dout, saved, *settings):
    """dx from what the loop of that name needs: the input or the output of the forward pass."""
    return _run(activation_tasks.backward.of(name, *settings), dout, saved)


def _run(task, *inputs):
    out = Batch(inputs[0].shape)
    names = ("a", "b")[:len(inputs)]
    enqueue(_plan(task, out.shape, names), out=out.buffer,
            **{name: batch.buffer for name, batch in zip(names, inputs)})
    return out


@lru_cache(maxsize=256)
def _plan(task, shape, names):
    lay = layout(shape)
    slices = lay.blocks * activation_tasks.slices_of(lay.flat("out").shape[1])
    return Plan().row(task, slices, [lay.flat(name) for name in names], [lay.flat("out")],
                      blocks=lay.blocks).finish()
