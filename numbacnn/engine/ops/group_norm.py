"""Group normalization: every lane has the statistics of its own image.

A slice is one group of channels of one block of images.
"""
from functools import lru_cache

import numpy as np

from ...kernels import group_norm
from ...simd.views import cell, group
from ..batch import Batch
from ..kinds import operation
from ..layout import FLOAT, layout
from ..loop import as_images, call, dense, wanted_of
from ..operands import Floats, Lanes, Real
from ..plan import Array, Plan
from ..queue import Pending, enqueue
from ..task import reads
from .partial_sums import fold_channels


@reads(x=Lanes(4), weight=Floats(1), bias=Floats(1), eps=Real()).writes(mean=Lanes(2), var=Lanes(2), out=Lanes(4)).by_lane
def forward(op, k):
    """A group, normalized."""
    n, g = divmod(k, op.mean.shape[1])
    channels = op.x.shape[1] // op.mean.shape[1]
    own = slice(g * channels, (g + 1) * channels)
    group_norm.group_norm_forward(group(op.x, n, g, channels), op.weight[own], op.bias[own], op.eps,
                                  cell(op.mean, n, g), cell(op.var, n, g), group(op.out, n, g, channels))


@reads(dout=Lanes(4), x=Lanes(4), mean=Lanes(2), var=Lanes(2), eps=Real()).writes(dweight=Floats(2), dbias=Floats(2))
def weight_gradient(op, k):
    """What a block adds to the gradients of weight and bias."""
    n, g = divmod(k, op.mean.shape[1])
    channels = op.x.shape[1] // op.mean.shape[1]
    own = slice(g * channels, (g + 1) * channels)
    group_norm.group_norm_backward_weight(
        group(op.dout, n, g, channels), group(op.x, n, g, channels), cell(op.mean, n, g), cell(op.var, n, g), op.eps,
        op.dweight[n][own], op.dbias[n][own])


@reads(dout=Lanes(4), x=Lanes(4), mean=Lanes(2), var=Lanes(2), weight=Floats(1), eps=Real()).writes(dx=Lanes(4))
def input_gradient(op, k):
    """The gradient of the input, through the statistics as well."""
    n, g = divmod(k, op.mean.shape[1])
    channels = op.x.shape[1] // op.mean.shape[1]
    group_norm.group_norm_backward_input(
        group(op.dout, n, g, channels), group(op.x, n, g, channels), cell(op.mean, n, g), cell(op.var, n, g),
        op.weight[g * channels:(g + 1) * channels], op.eps, group(op.dx, n, g, channels))


@operation
def group_norm_forward(x, weight, bias, G, eps):
    """(out, mean, var): x normalized in G groups of channels, and the statistics (N, G) of the groups."""
    mean, var, out = Batch((x.shape[0], G)), Batch((x.shape[0], G)), Batch(x.shape)
    enqueue(_forward_plan(x.shape, G, eps), x=x.buffer, weight=weight, bias=bias, mean=mean.buffer, var=var.buffer,
            out=out.buffer)
    return out, mean, var


@operation
def group_norm_backward(dout, x, mean, var, weight, eps, wanted):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    C = x.shape[1]
    dx = Batch(x.shape) if wanted[0] else None
    dweight, dbias = Pending((C,)), Pending((C,))
    enqueue(_backward_plan(x.shape, mean.shape[1], eps, wanted), dout=dout.buffer, x=x.buffer, mean=mean.buffer,
            var=var.buffer, weight=weight, dx=dx and dx.buffer, dweight=dweight.memory, dbias=dbias.memory)
    return wanted_of(wanted, dx, dweight, dbias)


def _statistics(lay, G):
    groups = layout((lay.N, G))
    return {name: groups.lanes(name, 2) for name in ("mean", "var")}


@lru_cache(maxsize=256)
def _forward_plan(shape, G, eps):
    lay = layout(shape)
    weight, bias = (Array(name, (lay.C,), (FLOAT,)) for name in ("weight", "bias"))
    return Plan().add(forward.of(), lay.blocks * G, x=lay.lanes("x"), weight=weight, bias=bias, eps=eps,
                      out=lay.lanes("out"), blocks=lay.blocks, **_statistics(lay, G)).finish()


@lru_cache(maxsize=256)
def _backward_plan(shape, G, eps, wanted):
    lay, plan = layout(shape), Plan()
    want_dx, *want_sums = wanted
    given = {"dout": lay.lanes("dout"), "x": lay.lanes("x"), "eps": eps, **_statistics(lay, G)}
    if any(want_sums):
        slots = {}
        for name in ("dweight", "dbias"):
            plan.reserve(f"{name} of blocks", lay.blocks * lay.C * FLOAT)
            slots[name] = Array(f"{name} of blocks", (lay.blocks, lay.C), (lay.C * FLOAT, FLOAT))
        plan.add(weight_gradient.of(), lay.blocks * G, blocks=lay.blocks, **given, **slots)
        for name, slot in slots.items():
            fold_channels(plan, slot, name)
    if want_dx:
        plan.add(input_gradient.of(), lay.blocks * G, weight=Array("weight", (lay.C,), (FLOAT,)), dx=lay.lanes("dx"),
                 blocks=lay.blocks, **given)
    return plan.finish()


@group_norm_forward.on_floats
def _(x, weight, bias, G, eps):
    out, (mean, var) = np.empty(x.shape, x.dtype), np.empty((2, x.shape[0], G), x.dtype)
    call(group_norm.group_norm_forward, as_images(x), *dense(weight, bias), x.dtype.type(eps), mean, var, as_images(out))
    return out, mean, var


@group_norm_backward.on_floats
def _(dout, x, mean, var, weight, eps, wanted):
    eps, dx, (dweight, dbias) = x.dtype.type(eps), np.empty(x.shape, x.dtype), np.empty((2, x.shape[1]), x.dtype)
    if any(wanted[1:]):
        call(group_norm.group_norm_backward_weight, as_images(dout), as_images(x), mean, var, eps, dweight, dbias)
    if wanted[0]:
        call(group_norm.group_norm_backward_input, as_images(dout), as_images(x), mean, var, *dense(weight), eps, as_images(dx))
    return wanted_of(wanted, dx, dweight, dbias)
