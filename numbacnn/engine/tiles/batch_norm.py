"""Batch normalization on lanes: partial sums of each block of images, merged in the order of the blocks."""
from functools import lru_cache

import numpy as np

from ..batch import FLOAT, NUMBER, Batch, layout
from ..plan import Array, Plan
from ..queue import Pending, enqueue
from ..tasks import batch_norm as tasks
from .images import bits, present
from .slots import fold_channels


def batch_norm_statistics(x):
    """(mean, var) of each channel over all pixels of all images, numbers to come."""
    C = x.shape[1]
    mean, var = Pending((C,)), Pending((C,))
    enqueue(_statistics_plan(x.shape), x=x.buffer, present=present(x.shape[0]), mean=mean.memory, var=var.memory)
    return mean, var


def batch_norm_running_update(running, batch, keep, add):
    """running = keep * running + add * batch, in the memory of the array `running`, when its turn comes."""
    enqueue(_update_plan(len(running)), settings=np.array([keep, add]), batch=_memory(batch), running=running)


def batch_norm_forward(x, mean, var, weight, bias, eps):
    """The batch normalized with these (C,) and then scaled and shifted."""
    out = Batch(x.shape)
    enqueue(_forward_plan(x.shape, eps), x=x.buffer, mean=_memory(mean), var=_memory(var), weight=_memory(weight),
            bias=_memory(bias), out=out.buffer)
    return out


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
    return tuple(gradient if want else None for want, gradient in zip(wanted, (dx, dweight, dbias)))


def _memory(values):
    """Of an array, or of numbers to come that have a block of their own."""
    return values.memory if type(values) is Pending else np.ascontiguousarray(values)


def _channels(name, C):
    return Array(name, (C,), (FLOAT,))


def _images(lay):
    return Array("present", (lay.blocks,), (NUMBER,))


def _slots(plan, name, lay):
    """(blocks, C) numbers, a slot for each block."""
    plan.reserve(name, lay.blocks * lay.C * FLOAT)
    return Array(name, (lay.blocks, lay.C), (lay.C * FLOAT, FLOAT))


@lru_cache(maxsize=256)
def _statistics_plan(shape):
    lay, plan = layout(shape), Plan()
    slots = [_slots(plan, name, lay) for name in ("counts", "means", "squares")]
    plan.row(tasks.batch_norm_forward_statistics.of(), lay.blocks * lay.C, [lay.lanes("x"), _images(lay)], slots,
             blocks=lay.blocks)
    plan.row(tasks.batch_norm_forward_merge.of(), 1, slots, [_channels("mean", lay.C), _channels("var", lay.C)])
    return plan.finish()


@lru_cache(maxsize=256)
def _update_plan(C):
    return Plan().row(tasks.batch_norm_running_update.of(), 1, [_channels("batch", C)], [_channels("running", C)],
                      pointers={0: "settings"}).finish()


@lru_cache(maxsize=256)
def _forward_plan(shape, eps):
    lay = layout(shape)
    channels = [_channels(name, lay.C) for name in ("mean", "var", "weight", "bias")]
    return Plan().row(tasks.batch_norm_forward.of(), lay.blocks * lay.C, [lay.lanes("x"), *channels],
                      [lay.lanes("out")], (bits(eps),), blocks=lay.blocks).finish()


@lru_cache(maxsize=256)
def _backward_plan(shape, eps, training, wanted):
    lay, plan = layout(shape), Plan()
    want_dx, *want_sums = wanted
    slices, words = lay.blocks * lay.C, (bits(eps), bits(1 / (lay.N * lay.H * lay.W)))
    mean, var, weight, dweight, dbias = (_channels(name, lay.C) for name in ("mean", "var", "weight", "dweight", "dbias"))
    if any(want_sums) or training and want_dx:
        slots = [_slots(plan, f"{name} of blocks", lay) for name in ("dweight", "dbias")]
        plan.row(tasks.batch_norm_backward_weight.of(), slices, [lay.lanes("dout"), lay.lanes("x"), mean, var],
                 slots, words, blocks=lay.blocks)
        for slot, total in zip(slots, ("dweight", "dbias")):
            fold_channels(plan, slot, total)
    if want_dx and training:
        plan.row(tasks.batch_norm_backward_input.of(), slices,
                 [lay.lanes("dout"), lay.lanes("x"), _images(lay), mean, var, weight, dweight, dbias],
                 [lay.lanes("dx")], words, blocks=lay.blocks)
    elif want_dx:
        plan.row(tasks.batch_norm_backward_input_fixed.of(), slices, [lay.lanes("dout"), var, weight],
                 [lay.lanes("dx")], words, blocks=lay.blocks)
    return plan.finish()
