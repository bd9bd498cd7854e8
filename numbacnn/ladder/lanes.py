"""The textbook loops on `Lanes` with plain floats as weights: one image per lane, one channel at a time.

The engine itself goes one rung further, to tiles; here you can see what the last rung adds.
"""
from functools import cached_property

import numpy as np

from numbacnn.engine import tiles
from numbacnn.engine.batch import Batch, pack
from numbacnn.engine.layout import FLOAT, plain
from numbacnn.engine.operands import Floats, Lanes, Pair
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.queue import enqueue, finish
from numbacnn.engine.task import reads
from numbacnn.kernels import conv, linear
from numbacnn.ladder.ops import whole
from numbacnn.simd.views import only

GEOMETRY = {"stride": Pair(), "padding": Pair(), "dilation": Pair()}


@reads(x=Lanes(4), weight=Floats(4), bias=Floats(1), **GEOMETRY).writes(out=Lanes(4))
def forward(op, n):
    """Convolution: a slice is a block of images."""
    conv.conv2d_forward(only(op.x, 0, n), op.weight, op.bias, op.stride, op.padding, op.dilation, only(op.out, 0, n))


@reads(dout=Lanes(4), weight=Floats(4), **GEOMETRY).writes(dx=Lanes(4))
def backward_input(op, n):
    """The gradient of the input: a slice is a block of images."""
    conv.conv2d_backward_input(only(op.dout, 0, n), op.weight, op.stride, op.padding, op.dilation, only(op.dx, 0, n))


@reads(dout=Lanes(4), x=Lanes(4), **GEOMETRY).writes(dweight=Floats(4))
def backward_weight(op, oc):
    """The gradient of the weight: a slice is an output channel; each sum ends as a float."""
    conv.conv2d_backward_weight(only(op.dout, 1, oc), op.x, op.stride, op.padding, op.dilation, only(op.dweight, 0, oc))


@reads(x=Lanes(2), weight=Floats(2), bias=Floats(1)).writes(out=Lanes(2))
def dense_forward(op, n):
    """The dense layer: a slice is a block of images."""
    linear.linear_forward(only(op.x, 0, n), op.weight, op.bias, only(op.out, 0, n))


class Prepared:
    """A program of one row with its arrays: called, it runs and returns what it wrote; the first call compiles."""

    def __init__(self, task, slices, operands, result, **places):
        self._row = task, slices, operands
        self._places = {name: place.buffer if isinstance(place, Batch) else place for name, place in places.items()}
        self.result = result

    @cached_property
    def _plan(self):
        task, slices, operands = self._row
        return Plan().add(task.of(), slices, **operands).finish()

    def __call__(self):
        enqueue(self._plan, **self._places)
        finish()
        return self.result


def conv2d_forward(x, weight, bias, settings, out_shape):
    """The convolution of a batch, ready to run; `settings` are stride, padding and dilation as pairs."""
    out = pack(np.full(out_shape, np.nan, np.float32))
    return Prepared(forward, x.layout.blocks,
                    {"x": x.layout.lanes("x"), "weight": plain("weight", weight.shape),
                     "bias": Array("bias", bias.shape, (FLOAT,)), "out": out.layout.lanes("out"), **_named(settings)},
                    out, x=x, weight=weight, bias=bias, out=out)


def conv2d_backward_input(dout, weight, settings, x_shape):
    """The gradient of the input as a batch, ready to run."""
    dx, exchanged = pack(np.full(x_shape, np.nan, np.float32)), np.ascontiguousarray(weight.swapaxes(0, 1))
    return Prepared(backward_input, dout.layout.blocks,
                    {"dout": dout.layout.lanes("dout"), "weight": plain("weight", exchanged.shape),
                     "dx": dx.layout.lanes("dx"), **_named(settings)}, dx, dout=dout, weight=exchanged, dx=dx)


def conv2d_backward_weight(dout, x, settings, weight_shape):
    """The gradient of the weight as a plain array, ready to run."""
    dweight = np.full(weight_shape, np.nan, np.float32)
    return Prepared(backward_weight, weight_shape[0],
                    {"dout": dout.layout.lanes("dout"), "x": x.layout.lanes("x"), "dweight": plain("dweight", weight_shape),
                     **_named(settings)}, dweight, dout=dout, x=x, dweight=dweight)


def linear_forward(x, weight, bias):
    """The dense layer, ready to run."""
    out = pack(np.full((x.shape[0], len(weight)), np.nan, np.float32))
    return Prepared(dense_forward, x.layout.blocks,
                    {"x": x.layout.lanes("x", 2), "weight": Array("weight", weight.shape, weight.strides),
                     "bias": Array("bias", bias.shape, (FLOAT,)), "out": out.layout.lanes("out", 2)}, out,
                    x=x, weight=weight, bias=bias, out=out)


def finished(operation):
    """An operation that is computed when it returns; left alone, the engine would wait until its result is read."""
    def run():
        result = operation()
        finish()
        return result

    return run


def _named(settings):
    return dict(zip(GEOMETRY, settings))


_OPERATIONS = {
    "conv2d_forward": lambda settings, made, x, weight, bias: conv2d_forward(x, weight, bias, settings, made),
    "conv2d_backward_input": lambda settings, made, dout, weight: conv2d_backward_input(dout, weight, settings, made),
    "conv2d_backward_weight": lambda settings, made, dout, x: conv2d_backward_weight(dout, x, settings, made),
    "linear_forward": lambda settings, made, x, weight, bias: linear_forward(x, weight, bias),
    # pooling has no tiles to go to: these are the engine's own lanes
    "max_pool2d_forward": lambda settings, made, x:
        finished(lambda: tiles.max_pool2d_forward(x, (2, 2), (2, 2), (0, 0), (1, 1))),
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
