"""The step of an optimiser over all its parameters: one program, a row a parameter."""
from functools import lru_cache

import numpy as np
from numba.core import config

from ..kernels import update
from .batch import FLOAT, address_of
from .floats import loop
from .program import Array, Plan
from .tasks import update as update_tasks

FLOAT32 = np.dtype(np.float32)
FLOOR = np.finfo(np.float32).tiny  # below it numbers are denormal, and slow


def sgd_update(params, grads, velocities, **settings):
    """One step in place; settings are those of `kernels.update.sgd_update`, in its order."""
    _update(update.sgd_update, update_tasks.sgd_update, (params, grads, velocities), settings)


def adam_update(params, grads, means, squares, **settings):
    """One step in place; settings are those of `kernels.update.adam_update`, in its order."""
    _update(update.adam_update, update_tasks.adam_update, (params, grads, means, squares), settings)


def adamw_update(params, grads, means, squares, **settings):
    """One step in place; settings are those of `kernels.update.adamw_update`, in its order."""
    _update(update.adamw_update, update_tasks.adamw_update, (params, grads, means, squares), settings)


def rmsprop_update(params, grads, squares, means, velocities, **settings):
    """One step in place; settings are those of `kernels.update.rmsprop_update`, in its order."""
    _update(update.rmsprop_update, update_tasks.rmsprop_update, (params, grads, squares, means, velocities), settings)


def _update(kernel, task, arrays, settings):
    """Run the task where all arrays are dense float32, else the loop on floats, one by one."""
    values = np.array([*settings.values(), FLOOR])
    rows = list(zip(*arrays))
    for row in rows:
        if any(array.size != row[0].size for array in row):
            raise ValueError(f"update: arrays of one parameter differ: {[array.shape for array in row]}")
    if not config.DISABLE_JIT and all(is_dense(array) for row in rows for array in row):
        _run(task, rows, values)
        return
    for row in rows:
        values[-1] = np.finfo(row[0].dtype).tiny
        flat = [np.ascontiguousarray(array).reshape(-1) for array in row]
        loop(kernel)(*flat, *row[0].dtype.type(values))
        row[0][...] = flat[0].reshape(row[0].shape)
        for memory, changed in zip(row[2:], flat[2:]):
            if memory is not row[0]:  # the parameter stands in for a memory that is not needed
                memory[...] = changed.reshape(memory.shape)


def is_dense(array):
    """Whether an array is float32 without gaps."""
    return array.dtype == FLOAT32 and array.flags.c_contiguous


def _run(task, rows, values):
    plan = _plan(task, tuple([row[0].size for row in rows]), len(rows[0]))
    addresses = {"settings": address_of(values)}
    for names, row in zip(_names(len(rows), len(rows[0])), rows):
        for name, array in zip(names, row):
            addresses[name] = address_of(array)
    plan.run(**addresses)


@lru_cache(maxsize=None)
def _names(rows, arrays):
    return [[f"{row}/{array}" for array in range(arrays)] for row in range(rows)]


@lru_cache(maxsize=64)
def _plan(task, sizes, arrays):
    plan = Plan()
    for size, names in zip(sizes, _names(len(sizes), arrays)):
        plan.row(task.address(), -(-size // update_tasks.CHUNK),
                 [Array(name, (size,), (FLOAT,)) for name in names], pointers={0: "settings"})
    return plan.finish()
