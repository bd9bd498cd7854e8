"""Tasks of the optimisers; word 0 of a table is the address of the settings, float64 each."""
import numpy as np

from ...kernels import update
from ...simd.views import dense_floats, number, real
from ..task import Task

CHUNK = 8192  # parameters a slice works on


@Task
def sgd_update():
    def task(table, k):
        grad, param = dense_floats(table, 0, 1), dense_floats(table, 1, 1)
        velocity = dense_floats(table, 2, 1)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        settings, f = number(table, 0), np.float32
        update.sgd_update(param[own], grad[own], velocity[own], f(real(settings, 0)),
                          f(real(settings, 1)), f(real(settings, 2)), f(real(settings, 3)),
                          real(settings, 4) != 0, f(real(settings, 5)), f(real(settings, 6)))
    return task


@Task
def adam_update():
    def task(table, k):
        grad, param = dense_floats(table, 0, 1), dense_floats(table, 1, 1)
        mean, square = dense_floats(table, 2, 1), dense_floats(table, 3, 1)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        settings, f = number(table, 0), np.float32
        update.adam_update(param[own], grad[own], mean[own], square[own], f(real(settings, 0)),
                           f(real(settings, 1)), f(real(settings, 2)), f(real(settings, 3)),
                           f(real(settings, 4)), f(real(settings, 5)), f(real(settings, 6)),
                           f(real(settings, 7)), f(real(settings, 8)))
    return task


@Task
def adamw_update():
    def task(table, k):
        grad, param = dense_floats(table, 0, 1), dense_floats(table, 1, 1)
        mean, square = dense_floats(table, 2, 1), dense_floats(table, 3, 1)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        settings, f = number(table, 0), np.float32
        update.adamw_update(param[own], grad[own], mean[own], square[own], f(real(settings, 0)),
                            f(real(settings, 1)), f(real(settings, 2)), f(real(settings, 3)),
                            f(real(settings, 4)), f(real(settings, 5)), f(real(settings, 6)),
                            f(real(settings, 7)), f(real(settings, 8)))
    return task


@Task
def rmsprop_update():
    def task(table, k):
        grad, param = dense_floats(table, 0, 1), dense_floats(table, 1, 1)
        square, mean = dense_floats(table, 2, 1), dense_floats(table, 3, 1)
        velocity = dense_floats(table, 4, 1)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        settings, f = number(table, 0), np.float32
        update.rmsprop_update(param[own], grad[own], square[own], mean[own], velocity[own],
                              f(real(settings, 0)), f(real(settings, 1)), f(real(settings, 2)),
                              f(real(settings, 3)), f(real(settings, 4)), real(settings, 5) != 0,
                              f(real(settings, 6)), f(real(settings, 7)), f(real(settings, 8)))
    return task


@Task
def amsgrad_update():
    def task(table, k):
        grad, param = dense_floats(table, 0, 1), dense_floats(table, 1, 1)
        mean, square, largest = dense_floats(table, 2, 1), dense_floats(table, 3, 1), dense_floats(table, 4, 1)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        settings, f = number(table, 0), np.float32
        update.amsgrad_update(param[own], grad[own], mean[own], square[own], largest[own],
                              f(real(settings, 0)), f(real(settings, 1)), f(real(settings, 2)),
                              f(real(settings, 3)), f(real(settings, 4)), f(real(settings, 5)),
                              f(real(settings, 6)), f(real(settings, 7)), f(real(settings, 8)),
                              f(real(settings, 9)))
    return task


@Task
def adagrad_update():
    def task(table, k):
        grad, param, total = dense_floats(table, 0, 1), dense_floats(table, 1, 1), dense_floats(table, 2, 1)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        settings, f = number(table, 0), np.float32
        update.adagrad_update(param[own], grad[own], total[own], f(real(settings, 0)), f(real(settings, 1)),
                              f(real(settings, 2)), f(real(settings, 3)), f(real(settings, 4)))
    return task


@Task
def adadelta_update():
    def task(table, k):
        grad, param = dense_floats(table, 0, 1), dense_floats(table, 1, 1)
        square, moved = dense_floats(table, 2, 1), dense_floats(table, 3, 1)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        settings, f = number(table, 0), np.float32
        update.adadelta_update(param[own], grad[own], square[own], moved[own], f(real(settings, 0)),
                               f(real(settings, 1)), f(real(settings, 2)), f(real(settings, 3)),
                               f(real(settings, 4)), f(real(settings, 5)), f(real(settings, 6)))
    return task
