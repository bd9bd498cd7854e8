"""Group normalization on lanes: every lane has the statistics of its own image."""
from functools import lru_cache

from ..batch import FLOAT, Batch, layout
from ..plan import Array, Plan
from ..queue import Pending, enqueue
from ..tasks import group_norm as tasks
from .images import bits
from .slots import fold_channels


def group_norm_forward(x, weight, bias, G, eps):
    """(out, mean, var): x normalized in G groups of channels, and the statistics (N, G) of the groups."""
    mean, var, out = Batch((x.shape[0], G)), Batch((x.shape[0], G)), Batch(x.shape)
    enqueue(_forward_plan(x.shape, G, eps), x=x.buffer, weight=weight, bias=bias, mean=mean.buffer, var=var.buffer,
            out=out.buffer)
    return out, mean, var


def group_norm_backward(dout, x, mean, var, weight, eps, wanted):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    C = x.shape[1]
    dx = Batch(x.shape) if wanted[0] else None
    dweight, dbias = Pending((C,)), Pending((C,))
    enqueue(_backward_plan(x.shape, mean.shape[1], eps, wanted), dout=dout.buffer, x=x.buffer, mean=mean.buffer,
            var=var.buffer, weight=weight, dx=dx and dx.buffer, dweight=dweight.memory, dbias=dbias.memory)
    return tuple(gradient if want else None for want, gradient in zip(wanted, (dx, dweight, dbias)))


def _statistics(lay, G):
    groups = layout((lay.N, G))
    return [groups.lanes(name, 2) for name in ("mean", "var")]


@lru_cache(maxsize=256)
def _forward_plan(shape, G, eps):
    lay = layout(shape)
    channels = [Array(name, (lay.C,), (FLOAT,)) for name in ("weight", "bias")]
    return Plan().row(tasks.group_norm_forward.of(), lay.blocks * G, [lay.lanes("x"), *channels],
                      [*_statistics(lay, G), lay.lanes("out")], (bits(eps),), blocks=lay.blocks).finish()


@lru_cache(maxsize=256)
def _backward_plan(shape, G, eps, wanted):
    lay, plan = layout(shape), Plan()
    want_dx, *want_sums = wanted
    reads = [lay.lanes("dout"), lay.lanes("x"), *_statistics(lay, G)]
    if any(want_sums):
        slots = []
        for name in ("dweight", "dbias"):
            plan.reserve(f"{name} of blocks", lay.blocks * lay.C * FLOAT)
            slots.append(Array(f"{name} of blocks", (lay.blocks, lay.C), (lay.C * FLOAT, FLOAT)))
        plan.row(tasks.group_norm_backward_weight.of(), lay.blocks * G, reads, slots, (bits(eps),), blocks=lay.blocks)
        for slot, name in zip(slots, ("dweight", "dbias")):
            fold_channels(plan, slot, name)
    if want_dx:
        plan.row(tasks.group_norm_backward_input.of(), lay.blocks * G, [*reads, Array("weight", (lay.C,), (FLOAT,))],
                 [lay.lanes("dx")], (bits(eps),), blocks=lay.blocks)
    return plan.finish()
