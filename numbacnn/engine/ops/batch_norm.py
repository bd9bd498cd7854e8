"""Batch normalization: partial sums of each block of images, merged in the order of the blocks.

A slice is one channel of one block of images. On floats, all images are one block.
"""
from functools import lru_cache

import numpy as np

from ...kernels import batch_norm
from ...simd.views import cell, only
from ..batch import Batch
from ..images import present
from ..kinds import operation
from ..layout import FLOAT, NUMBER, layout
from ..loop import as_images, call, dense, wanted_of
from ..operands import Floats, Lanes, Real, Settings
from ..plan import Array, Plan
from ..queue import Pending, enqueue
from ..task import reads
from .partial_sums import fold_channels


@reads(x=Lanes(4), present=Lanes(1)).writes(counts=Floats(2), means=Floats(2), squares=Floats(2))
def block_statistics(op, k):
    """Count, mean and squared distances of a block."""
    n, c = divmod(k, op.x.shape[1])
    batch_norm.batch_norm_forward_statistics(cell(op.x, n, c), only(op.present, 0, n), only(op.counts[n], 0, c),
                                             only(op.means[n], 0, c), only(op.squares[n], 0, c))


@reads(counts=Floats(2), means=Floats(2), squares=Floats(2)).writes(mean=Floats(1), var=Floats(1))
def merge(op, k):
    """The statistics of all blocks."""
    batch_norm.batch_norm_forward_merge(op.counts, op.means, op.squares, op.mean, op.var)


@reads(batch=Floats(1), settings=Settings(2)).writes(running=Floats(1))
def running_update(op, k):
    """The settings are `keep` and `add`."""
    batch_norm.batch_norm_running_update(op.running, op.batch, op.settings[0], op.settings[1])


@reads(x=Lanes(4), mean=Floats(1), var=Floats(1), weight=Floats(1), bias=Floats(1), eps=Real()).writes(out=Lanes(4)).by_lane
def forward(op, k):
    """A channel of a block, normalized."""
    n, c = divmod(k, op.x.shape[1])
    batch_norm.batch_norm_forward(cell(op.x, n, c), only(op.mean, 0, c), only(op.var, 0, c), only(op.weight, 0, c),
                                  only(op.bias, 0, c), op.eps, cell(op.out, n, c))


@reads(dout=Lanes(4), x=Lanes(4), mean=Floats(1), var=Floats(1), eps=Real()).writes(dweight=Floats(2), dbias=Floats(2))
def weight_gradient(op, k):
    """What a block adds to the gradients of weight and bias."""
    n, c = divmod(k, op.x.shape[1])
    batch_norm.batch_norm_backward_weight(
        cell(op.dout, n, c), cell(op.x, n, c), only(op.mean, 0, c), only(op.var, 0, c), op.eps,
        only(op.dweight[n], 0, c), only(op.dbias[n], 0, c))


@reads(dout=Lanes(4), x=Lanes(4), present=Lanes(1), mean=Floats(1), var=Floats(1), weight=Floats(1), dweight=Floats(1),
       dbias=Floats(1), eps=Real(), share=Real()).writes(dx=Lanes(4))
def input_gradient(op, k):
    """The gradient of the input, through the statistics as well; `share` is 1 / the number of pixels of a channel."""
    n, c = divmod(k, op.x.shape[1])
    batch_norm.batch_norm_backward_input(
        cell(op.dout, n, c), cell(op.x, n, c), only(op.present, 0, n), only(op.mean, 0, c), only(op.var, 0, c),
        only(op.weight, 0, c), op.eps, only(op.dweight, 0, c), only(op.dbias, 0, c), op.share, cell(op.dx, n, c))


@reads(dout=Lanes(4), var=Floats(1), weight=Floats(1), eps=Real()).writes(dx=Lanes(4))
def input_gradient_fixed(op, k):
    """The gradient of the input where mean and variance are the running ones."""
    n, c = divmod(k, op.dx.shape[1])
    batch_norm.batch_norm_backward_input_fixed(cell(op.dout, n, c), only(op.var, 0, c), only(op.weight, 0, c), op.eps,
                                               cell(op.dx, n, c))


@operation
def batch_norm_statistics(x):
    """(mean, var) of each channel over all pixels of all images."""
    C = x.shape[1]
    mean, var = Pending((C,)), Pending((C,))
    enqueue(_statistics_plan(x.shape), x=x.buffer, present=present(x.shape[0]), mean=mean.memory, var=var.memory)
    return mean, var


@operation
def batch_norm_running_update(running, batch, keep, add):
    """running = keep * running + add * batch, in the memory of the array `running`, when its turn comes."""
    enqueue(_update_plan(len(running)), settings=np.array([keep, add]), batch=_memory(batch), running=running)


@operation
def batch_norm_forward(x, mean, var, weight, bias, eps):
    """x normalized with these (C,) and then scaled and shifted."""
    out = Batch(x.shape)
    enqueue(_forward_plan(x.shape, eps), x=x.buffer, mean=_memory(mean), var=_memory(var), weight=_memory(weight),
            bias=_memory(bias), out=out.buffer)
    return out


@operation
def batch_norm_backward(dout, x, mean, var, weight, eps, training, wanted):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools.

    In `training` mean and var are those of x itself, so they pass a gradient on.
    """
    C = x.shape[1]
    dx = Batch(x.shape) if wanted[0] else None
    dweight, dbias = Pending((C,)), Pending((C,))
    enqueue(_backward_plan(x.shape, eps, training, wanted), dout=dout.buffer, x=x.buffer, present=present(x.shape[0]),
            mean=_memory(mean), var=_memory(var), weight=_memory(weight), dx=dx and dx.buffer,
            dweight=dweight.memory, dbias=dbias.memory)
    return wanted_of(wanted, dx, dweight, dbias)


def _memory(values):
    """The memory of an array, or of numbers to come that have a block of their own."""
    return values.memory if type(values) is Pending else np.ascontiguousarray(values)


def _channels(C, *names):
    return {name: Array(name, (C,), (FLOAT,)) for name in names}


def _images(lay):
    return Array("present", (lay.blocks,), (NUMBER,))


def _slots(plan, lay, *names):
    """(blocks, C) numbers each, a slot for each block."""
    shape, strides = (lay.blocks, lay.C), (lay.C * FLOAT, FLOAT)
    return {name: Array(plan.reserve(f"{name} of blocks", lay.blocks * lay.C * FLOAT), shape, strides) for name in names}


@lru_cache(maxsize=256)
def _statistics_plan(shape):
    lay, plan = layout(shape), Plan()
    slots = _slots(plan, lay, "counts", "means", "squares")
    plan.add(block_statistics.of(), lay.blocks * lay.C, x=lay.lanes("x"), present=_images(lay), blocks=lay.blocks, **slots)
    return plan.add(merge.of(), 1, **slots, **_channels(lay.C, "mean", "var")).finish()


@lru_cache(maxsize=256)
def _update_plan(C):
    return Plan().add(running_update.of(), 1, settings="settings", **_channels(C, "batch", "running")).finish()


@lru_cache(maxsize=256)
def _forward_plan(shape, eps):
    lay = layout(shape)
    return Plan().add(forward.of(), lay.blocks * lay.C, x=lay.lanes("x"), eps=eps, out=lay.lanes("out"), blocks=lay.blocks,
                      **_channels(lay.C, "mean", "var", "weight", "bias")).finish()


@lru_cache(maxsize=256)
def _backward_plan(shape, eps, training, wanted):
    lay, plan = layout(shape), Plan()
    want_dx, *want_sums = wanted
    slices, dout, x, dx = lay.blocks * lay.C, lay.lanes("dout"), lay.lanes("x"), lay.lanes("dx")
    if any(want_sums) or training and want_dx:
        slots = _slots(plan, lay, "dweight", "dbias")
        plan.add(weight_gradient.of(), slices, dout=dout, x=x, eps=eps, blocks=lay.blocks, **slots,
                 **_channels(lay.C, "mean", "var"))
        for name, slot in slots.items():
            fold_channels(plan, slot, name)
    if want_dx and training:
        plan.add(input_gradient.of(), slices, dout=dout, x=x, present=_images(lay), eps=eps,
                 share=1 / (lay.N * lay.H * lay.W), dx=dx, blocks=lay.blocks,
                 **_channels(lay.C, "mean", "var", "weight", "dweight", "dbias"))
    elif want_dx:
        plan.add(input_gradient_fixed.of(), slices, dout=dout, eps=eps, dx=dx, blocks=lay.blocks,
                 **_channels(lay.C, "var", "weight"))
    return plan.finish()


@batch_norm_statistics.on_floats
def _(x):
    x = as_images(x)
    ones, (count, mean, square) = np.ones(len(x), x.dtype), np.empty((3, 1, x.shape[1]), x.dtype)
    call(batch_norm.batch_norm_forward_statistics, x, ones, count[0], mean[0], square[0])
    merged, var = np.empty((2, x.shape[1]), x.dtype)
    call(batch_norm.batch_norm_forward_merge, count, mean, square, merged, var)
    return merged, var


@batch_norm_running_update.on_floats
def _(running, batch, keep, add):
    call(batch_norm.batch_norm_running_update, running, batch, *running.dtype.type([keep, add]))


@batch_norm_forward.on_floats
def _(x, mean, var, weight, bias, eps):
    out = np.empty(x.shape, x.dtype)
    call(batch_norm.batch_norm_forward, as_images(x), *dense(mean, var, weight, bias), x.dtype.type(eps), as_images(out))
    return out


@batch_norm_backward.on_floats
def _(dout, x, mean, var, weight, eps, training, wanted):
    mean, var, weight = dense(mean, var, weight)
    eps, dx, (dweight, dbias) = x.dtype.type(eps), np.empty(x.shape, x.dtype), np.empty((2, x.shape[1]), x.dtype)
    pixels, dpixels = as_images(x), as_images(dout)
    call(batch_norm.batch_norm_backward_weight, dpixels, pixels, mean, var, eps, dweight, dbias)
    if wanted[0] and training:
        ones, share = np.ones(len(x), x.dtype), x.dtype.type(x.shape[1] / x.size)
        call(batch_norm.batch_norm_backward_input, dpixels, pixels, ones, mean, var, weight, eps, dweight, dbias, share,
             as_images(dx))
    elif wanted[0]:
        call(batch_norm.batch_norm_backward_input_fixed, dpixels, var, weight, eps, as_images(dx))
    return wanted_of(wanted, dx, dweight, dbias)
