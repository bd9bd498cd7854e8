"""The step of an optimizer over all its parameters, one row per parameter.

Each function `..._update` starts the program of everything that waits, the step included, and returns without waiting.

A slice is CHUNK numbers of a parameter; `op.settings` are those of the loop, in its order.
"""
from functools import lru_cache
from math import prod
from operator import is_

import numpy as np
from numba.core import config

from ...kernels import update
from ..layout import FLOAT
from ..loop import loop
from ..operands import DenseFloats, Settings
from ..plan import Array, Plan
from ..queue import Pending, append, finish, start, tracing
from ..task import reads

FLOAT32 = np.dtype(np.float32)
FLOOR = np.finfo(np.float32).tiny  # below it numbers are denormal, and slow
CHUNK = 8192  # parameters a slice works on


@reads(grad=DenseFloats(1), settings=Settings(7)).writes(param=DenseFloats(1), velocity=DenseFloats(1))
def sgd(op, k):
    """One step of SGD on slice k of a parameter."""
    own, s = slice(k * CHUNK, (k + 1) * CHUNK), op.settings
    update.sgd_update(op.param[own], op.grad[own], op.velocity[own], s[0], s[1], s[2], s[3], s[4] != 0, s[5], s[6])


@reads(grad=DenseFloats(1), settings=Settings(9)).writes(param=DenseFloats(1), mean=DenseFloats(1), square=DenseFloats(1))
def adam(op, k):
    """One step of Adam on slice k of a parameter."""
    own, s = slice(k * CHUNK, (k + 1) * CHUNK), op.settings
    update.adam_update(op.param[own], op.grad[own], op.mean[own], op.square[own], s[0], s[1], s[2], s[3], s[4], s[5], s[6],
                       s[7], s[8])


@reads(grad=DenseFloats(1), settings=Settings(9)).writes(param=DenseFloats(1), mean=DenseFloats(1), square=DenseFloats(1))
def adamw(op, k):
    """One step of AdamW on slice k of a parameter."""
    own, s = slice(k * CHUNK, (k + 1) * CHUNK), op.settings
    update.adamw_update(op.param[own], op.grad[own], op.mean[own], op.square[own], s[0], s[1], s[2], s[3], s[4], s[5], s[6],
                        s[7], s[8])


@reads(grad=DenseFloats(1), settings=Settings(9)).writes(param=DenseFloats(1), square=DenseFloats(1), mean=DenseFloats(1),
                                                          velocity=DenseFloats(1))
def rmsprop(op, k):
    """One step of RMSprop on slice k of a parameter."""
    own, s = slice(k * CHUNK, (k + 1) * CHUNK), op.settings
    update.rmsprop_update(op.param[own], op.grad[own], op.square[own], op.mean[own], op.velocity[own], s[0], s[1], s[2],
                          s[3], s[4], s[5] != 0, s[6], s[7], s[8])


@reads(grad=DenseFloats(1), settings=Settings(10)).writes(param=DenseFloats(1), mean=DenseFloats(1), square=DenseFloats(1),
                                                           largest=DenseFloats(1))
def amsgrad(op, k):
    """One step of AMSGrad on slice k of a parameter."""
    own, s = slice(k * CHUNK, (k + 1) * CHUNK), op.settings
    update.amsgrad_update(op.param[own], op.grad[own], op.mean[own], op.square[own], op.largest[own], s[0], s[1], s[2],
                          s[3], s[4], s[5], s[6], s[7], s[8], s[9])


@reads(grad=DenseFloats(1), settings=Settings(5)).writes(param=DenseFloats(1), total=DenseFloats(1))
def adagrad(op, k):
    """One step of Adagrad on slice k of a parameter."""
    own, s = slice(k * CHUNK, (k + 1) * CHUNK), op.settings
    update.adagrad_update(op.param[own], op.grad[own], op.total[own], s[0], s[1], s[2], s[3], s[4])


@reads(grad=DenseFloats(1), settings=Settings(7)).writes(param=DenseFloats(1), square=DenseFloats(1), moved=DenseFloats(1))
def adadelta(op, k):
    """One step of Adadelta on slice k of a parameter."""
    own, s = slice(k * CHUNK, (k + 1) * CHUNK), op.settings
    update.adadelta_update(op.param[own], op.grad[own], op.square[own], op.moved[own], s[0], s[1], s[2], s[3], s[4], s[5],
                           s[6])


def sgd_update(params, grads, velocities, **settings):
    """Ask for one step of SGD over all parameters, in place; settings are those of `kernels.update.sgd_update`, in its order."""
    _update(update.sgd_update, sgd, (params, grads, velocities), settings)


def adam_update(params, grads, means, squares, **settings):
    """Ask for one step of Adam over all parameters, in place; settings are those of `kernels.update.adam_update`, in its order."""
    _update(update.adam_update, adam, (params, grads, means, squares), settings)


def adamw_update(params, grads, means, squares, **settings):
    """Ask for one step of AdamW over all parameters, in place; settings are those of `kernels.update.adamw_update`, in its order."""
    _update(update.adamw_update, adamw, (params, grads, means, squares), settings)


def rmsprop_update(params, grads, squares, means, velocities, **settings):
    """Ask for one step of RMSprop over all parameters, in place; settings are those of `kernels.update.rmsprop_update`, in its order."""
    _update(update.rmsprop_update, rmsprop, (params, grads, squares, means, velocities), settings)


def amsgrad_update(params, grads, means, squares, largest, **settings):
    """Ask for one step of AMSGrad over all parameters, in place; settings are those of `kernels.update.amsgrad_update`, in its order."""
    _update(update.amsgrad_update, amsgrad, (params, grads, means, squares, largest), settings)


def adagrad_update(params, grads, totals, **settings):
    """Ask for one step of Adagrad over all parameters, in place; settings are those of `kernels.update.adagrad_update`, in its order."""
    _update(update.adagrad_update, adagrad, (params, grads, totals), settings)


def adadelta_update(params, grads, squares, moved, **settings):
    """Ask for one step of Adadelta over all parameters, in place; settings are those of `kernels.update.adadelta_update`, in its order."""
    _update(update.adadelta_update, adadelta, (params, grads, squares, moved), settings)


def _update(kernel, task, arrays, settings):
    """Start the task where all arrays are dense float32, else run the loop on floats, one by one."""
    values, first = [*map(float, settings.values()), FLOOR], id(arrays[0][0])
    captured = tracing.updates
    if captured is not None and first not in captured.params:
        captured = None
    if captured is not None and first in captured.known:
        known_task, known, plan, memories = captured.known[first]
        if task is known_task and len(known) == len(arrays) and all(map(_are_same, known, arrays)):
            captured.asked.append((plan, values, memories))
            return
    shapes = [array.shape for array in arrays[0]]
    for those in arrays[1:]:
        if [array.shape for array in those] != shapes:
            _refuse(shapes, those, "gradient" if those is arrays[1] else "state")
    everything = [array for row in zip(*arrays) for array in row]
    if not config.DISABLE_JIT and all(map(is_dense, everything)):
        memories = [array.memory if type(array) is Pending else array for array in everything]
        offsets = tuple([array.offset if type(array) is Pending else 0 for array in everything])
        plan = _plan(task, tuple(shapes), offsets)
        if captured is not None:
            captured.known[first] = task, arrays, plan, memories
            captured.asked.append((plan, values, memories))
            return
        append(plan, [np.array(values), *memories])
        start()
        return
    finish()
    for row in zip(*arrays):
        _update_floats(kernel, row, np.array(values))


def _are_same(arrays, others):
    """Whether these are the very arrays, one by one."""
    return len(arrays) == len(others) and all(map(is_, arrays, others))


def _refuse(shapes, arrays, what):
    """Say which parameter has a gradient, or a state, of another shape."""
    shape, other = next((shape, array.shape) for shape, array in zip(shapes, arrays) if array.shape != shape)
    raise ValueError(f"step: a parameter of shape {shape} has a {what} of shape {other}")


def is_dense(array):
    """Whether an array is float32 without gaps; one that is still to be written always is."""
    return type(array) is Pending or array.dtype == FLOAT32 and array.flags.c_contiguous


def _update_floats(kernel, row, values):
    """The loop on floats for the arrays of one parameter."""
    values[-1] = np.finfo(row[0].dtype).tiny
    flat = [np.ascontiguousarray(array if type(array) is np.ndarray else array.numpy()).reshape(-1) for array in row]
    loop(kernel)(*flat, *row[0].dtype.type(values))
    row[0][...] = flat[0].reshape(row[0].shape)
    for memory, changed in zip(row[2:], flat[2:]):
        if memory is not row[0]:  # the parameter stands in for a memory that is not needed
            memory[...] = changed.reshape(memory.shape)


@lru_cache(maxsize=64)
def _plan(task, shapes, offsets):
    """One row per parameter; buffer 0 holds the settings, the others follow parameter by parameter, each from its offset on."""
    plan, arrays = Plan(), len(offsets) // len(shapes)
    names = "param", "grad", *[name for name in task.operands.kinds if name not in ("param", "grad", "settings")]
    buffers = [*enumerate(offsets, 1)]
    for i, shape in enumerate(shapes):
        size = prod(shape)
        own = {name: Array(buffer, (size,), (FLOAT,)) for name, buffer in zip(names, buffers[i * arrays:(i + 1) * arrays])}
        plan.add(task.of(), -(-size // CHUNK), settings=0, **own)
    return plan.finish()
