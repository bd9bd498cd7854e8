"""The textbook loops on `Lanes` with plain floats as weights: one image a lane, one channel at a time.

The engine itself goes one rung further, to tiles; here you can see what the last rung adds.
"""
from functools import cached_property

import numpy as np

from numbacnn.engine.batch import FLOAT, Batch, pack, plain
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.queue import enqueue, finish
from numbacnn.engine.task import Task, geometry
from numbacnn.engine.tiles import max_pool2d_forward
from numbacnn.kernels import conv, linear
from numbacnn.ladder.ops import whole
from numbacnn.simd.choice import L
from numbacnn.simd.views import floats, lanes, only


@Task
def forward():
    """Convolution: a slice is a block of images."""
    def task(table, n):
        x, weight = lanes(table, 0, 4, L), floats(table, 1, 4)
        bias, out = floats(table, 2, 1), lanes(table, 3, 4, L)
        stride, padding, dilation, _ = geometry(table)
        conv.conv2d_forward(only(x, 0, n), weight, bias, stride, padding, dilation, only(out, 0, n))
    return task


@Task
def backward_input():
    """The gradient of the input: a slice is a block of images."""
    def task(table, n):
        dout, weight, dx = lanes(table, 0, 4, L), floats(table, 1, 4), lanes(table, 2, 4, L)
        stride, padding, dilation, _ = geometry(table)
        conv.conv2d_backward_input(only(dout, 0, n), weight, stride, padding, dilation, only(dx, 0, n))
    return task


@Task
def backward_weight():
    """The gradient of the weight: a slice is an output channel; each sum ends as a float."""
    def task(table, oc):
        dout, x, dweight = lanes(table, 0, 4, L), lanes(table, 1, 4, L), floats(table, 2, 4)
        stride, padding, dilation, _ = geometry(table)
        conv.conv2d_backward_weight(only(dout, 1, oc), x, stride, padding, dilation, only(dweight, 0, oc))
    return task


@Task
def dense_forward():
    """The dense layer: a slice is a block of images."""
    def task(table, n):
        x, weight = lanes(table, 0, 2, L), floats(table, 1, 2)
        bias, out = floats(table, 2, 1), lanes(table, 3, 2, L)
        linear.linear_forward(only(x, 0, n), weight, bias, only(out, 0, n))
    return task


class Prepared:
    """A program of one row with its arrays: called, it runs and returns what it wrote; the first call compiles."""

    def __init__(self, task, slices, arrays, words, result, **places):
        *reads, writes = arrays
        self._row = task, slices, reads, [writes], words
        self._places = {name: place.buffer if isinstance(place, Batch) else place for name, place in places.items()}
        self.result = result

    @cached_property
    def _plan(self):
        task, *rest = self._row
        return Plan().row(task.of(), *rest).finish()

    def __call__(self):
        enqueue(self._plan, **self._places)
        finish()
        return self.result


def conv2d_forward(x, weight, bias, settings, out_shape):
    """The convolution of a batch, ready to run; `settings` are stride, padding and dilation as pairs."""
    out = pack(np.full(out_shape, np.nan, np.float32))
    return Prepared(forward, x.layout.blocks,
                    [x.layout.lanes("x"), plain("weight", weight.shape), Array("bias", bias.shape, (FLOAT,)),
                     out.layout.lanes("out")], _words(settings), out, x=x, weight=weight, bias=bias, out=out)


def conv2d_backward_input(dout, weight, settings, x_shape):
    """The gradient of the input as a batch, ready to run."""
    dx, exchanged = pack(np.full(x_shape, np.nan, np.float32)), np.ascontiguousarray(weight.swapaxes(0, 1))
    return Prepared(backward_input, dout.layout.blocks,
                    [dout.layout.lanes("dout"), plain("weight", exchanged.shape), dx.layout.lanes("dx")],
                    _words(settings), dx, dout=dout, weight=exchanged, dx=dx)


def conv2d_backward_weight(dout, x, settings, weight_shape):
    """The gradient of the weight as a plain array, ready to run."""
    dweight = np.full(weight_shape, np.nan, np.float32)
    return Prepared(backward_weight, weight_shape[0],
                    [dout.layout.lanes("dout"), x.layout.lanes("x"), plain("dweight", weight_shape)],
                    _words(settings), dweight, dout=dout, x=x, dweight=dweight)


def linear_forward(x, weight, bias):
    """The dense layer, ready to run."""
    out = pack(np.full((x.shape[0], len(weight)), np.nan, np.float32))
    return Prepared(dense_forward, x.layout.blocks,
                    [x.layout.lanes("x", 2), Array("weight", weight.shape, weight.strides),
                     Array("bias", bias.shape, (FLOAT,)), out.layout.lanes("out", 2)], (), out,
                    x=x, weight=weight, bias=bias, out=out)


def finished(operation):
    """An operation that is computed when it returns; left alone, the engine would wait until its result is read."""
    def run():
        result = operation()
        finish()
        return result

    return run


def _words(settings):
    return [number for pair in settings for number in pair]


_OPERATIONS = {
    "conv2d_forward": lambda settings, made, x, weight, bias: conv2d_forward(x, weight, bias, settings, made),
    "conv2d_backward_input": lambda settings, made, dout, weight: conv2d_backward_input(dout, weight, settings, made),
    "conv2d_backward_weight": lambda settings, made, dout, x: conv2d_backward_weight(dout, x, settings, made),
    "linear_forward": lambda settings, made, x, weight, bias: linear_forward(x, weight, bias),
    # pooling has no tiles to go to: these are the engine's own lanes
    "max_pool2d_forward": lambda settings, made, x:
        finished(lambda: max_pool2d_forward(x, (2, 2), (2, 2), (0, 0), (1, 1))),
}


def works(op, arrays, threads):
    """The one way to do an operation here; none for a whole step."""
    if op.method not in _OPERATIONS:
        return []
    images = len(arrays[op.images[0]])
    given = {name: pack(array) if name in op.images else array for name, array in arrays.items()}
    run = _OPERATIONS[op.method](((1, 1), (op.padding,) * 2, (1, 1)), op.made(images)[0], **given)
    return [whole(run, as_plain, images)]


def as_plain(result):
    """One array or batch, or several, as a tuple of plain arrays."""
    results = result if isinstance(result, tuple) else (result,)
    return tuple(array.copy() if isinstance(array, np.ndarray) else array.numpy() for array in results)
