"""Every task: it takes its slice of the arrays in its table and hands it to a textbook loop.

Words of a table: stride, padding, dilation and the size of a window are pairs in this order.
"""
import numpy as np

from ..kernels import activation, conv, linear, loss, pooling, update
from ..simd import packing
from ..simd.choice import L
from ..simd.views import (columns, dense_floats, floats, lanes, number, only, patches, real, tiles)
from .task import Task

HALF = L // 2  # weight gradients add up half a number at a time: twice the sums fit the registers
CHUNK = 256  # numbers a slice of an elementwise operation works on
CHUNK_FLOATS = 8192  # parameters a slice of an optimiser works on


# ---------------------------------------------------------------- order of memory
@Task
def pack_images():
    def task(table, block):
        x, out = floats(table, 0, 4), floats(table, 1, 5)
        packing.pack_images(x[block * L:], only(out, 0, block))
    return task


@Task
def unpack_images():
    def task(table, block):
        x, out = floats(table, 0, 5), floats(table, 1, 4)
        packing.unpack_images(only(x, 0, block), out[block * L:])
    return task


@Task
def pack_columns(T):
    def task(table, tile):
        weight, out = floats(table, 0, 4), floats(table, 1, 5)
        packing.pack_columns(weight[tile * T:], only(out, 0, tile))
    return task


@Task
def copy_numbers():
    def task(table, block):
        x, out = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        packing.copy_numbers(only(x, 0, block), only(out, 0, block))
    return task


@Task
def pad_numbers():
    def task(table, block):
        x, out = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        margin = (number(table, 0), number(table, 1))
        packing.pad_numbers(only(x, 0, block), margin, only(out, 0, block))
    return task


@Task
def fold_slots():
    def task(table, oc):
        slots, out = floats(table, 0, 7), floats(table, 1, 4)
        T = slots.shape[2]
        own = slots[:, oc // T:oc // T + 1, oc % T:oc % T + 1]
        packing.fold_slots(own, only(out, 0, oc))
    return task


# ---------------------------------------------------------------- convolution
@Task
def conv2d_forward(T):
    def task(table, k):
        x, weight = lanes(table, 0, 4, L), columns(table, 1, 4, T)
        bias, out = columns(table, 2, 1, T), tiles(table, 3, 4, T, L, L)
        n, oc = divmod(k, weight.shape[0])
        stride = (number(table, 0), number(table, 1))
        padding = (number(table, 2), number(table, 3))
        dilation = (number(table, 4), number(table, 5))
        conv.conv2d_forward(only(x, 0, n), only(weight, 0, oc), only(bias, 0, oc),
                            stride, padding, dilation, only(only(out, 0, n), 1, oc))
    return task


@Task
def conv2d_backward_input(T):
    def task(table, k):
        dout, weight = lanes(table, 0, 4, L), columns(table, 1, 4, T)
        dx = tiles(table, 2, 4, T, L, L)
        n, ic = divmod(k, weight.shape[0])
        stride = (number(table, 0), number(table, 1))
        padding = (number(table, 2), number(table, 3))
        dilation = (number(table, 4), number(table, 5))
        conv.conv2d_backward_input(only(dout, 0, n), only(weight, 0, ic), stride, padding,
                                   dilation, only(only(dx, 0, n), 1, ic))
    return task


@Task
def conv2d_backward_weight(T, K, pitch):
    """A grid of T output channels x K numbers of x: input channels, or the taps of a row."""
    def task(table, k):
        dout, x = tiles(table, 0, 5, T, HALF, L), tiles(table, 1, 5, K, HALF, pitch)
        slots = patches(table, 2, 5, T, K, HALF)
        k, ic = divmod(k, slots.shape[2])
        n, oc = divmod(k, slots.shape[1])
        stride = (number(table, 0), number(table, 1))
        padding = (number(table, 2), number(table, 3))
        dilation = (number(table, 4), number(table, 5))
        conv.conv2d_backward_weight(only(dout[n], 1, oc), only(x[n], 1, ic), stride, padding,
                                    dilation, only(only(slots[n], 0, oc), 1, ic))
    return task


@Task
def conv2d_backward_bias(T):
    def task(table, oc):
        dout, dbias = tiles(table, 0, 4, T, L, L), columns(table, 1, 1, T)
        conv.conv2d_backward_bias(only(dout, 1, oc), only(dbias, 0, oc))
    return task


# ---------------------------------------------------------------- dense layers
@Task
def linear_forward(T):
    def task(table, k):
        x, weight = lanes(table, 0, 2, L), columns(table, 1, 2, T)
        bias, out = columns(table, 2, 1, T), tiles(table, 3, 2, T, L, L)
        n, oc = divmod(k, weight.shape[0])
        linear.linear_forward(only(x, 0, n), only(weight, 0, oc), only(bias, 0, oc),
                              only(only(out, 0, n), 1, oc))
    return task


@Task
def linear_backward_input(T):
    def task(table, k):
        dout, weight, dx = lanes(table, 0, 2, L), columns(table, 1, 2, T), tiles(table, 2, 2, T, L, L)
        n, ic = divmod(k, weight.shape[0])
        linear.linear_backward_input(only(dout, 0, n), only(weight, 0, ic),
                                     only(only(dx, 0, n), 1, ic))
    return task


@Task
def linear_backward_weight(T):
    """The lanes are inputs; a slice then copies its tiles to its rows of the plain gradient."""
    def task(table, oc):
        dout, x = columns(table, 0, 2, T), lanes(table, 1, 2, L)
        block = tiles(table, 2, 2, T, L, L)
        rows, dweight = dense_floats(table, 3, 4), dense_floats(table, 4, 2)
        linear.linear_backward_weight(only(dout, 1, oc), x, only(block, 0, oc))
        packing.unpack_rows(rows[oc], dweight[oc * T:])
    return task


@Task
def linear_backward_bias(T):
    def task(table, oc):
        dout, dbias = tiles(table, 0, 2, T, L, L), columns(table, 1, 1, T)
        linear.linear_backward_bias(only(dout, 1, oc), only(dbias, 0, oc))
    return task


# ---------------------------------------------------------------- pooling
@Task
def max_pool2d_forward():
    def task(table, k):
        x, out, tap = lanes(table, 0, 4, L), lanes(table, 1, 4, L), lanes(table, 2, 4, L)
        n, c = divmod(k, x.shape[1])
        stride = (number(table, 0), number(table, 1))
        padding = (number(table, 2), number(table, 3))
        dilation = (number(table, 4), number(table, 5))
        kernel = (number(table, 6), number(table, 7))
        pooling.max_pool2d_forward(
            only(only(x, 0, n), 1, c), kernel, stride, padding, dilation,
            only(only(out, 0, n), 1, c), only(only(tap, 0, n), 1, c))
    return task


@Task
def max_pool2d_backward():
    def task(table, k):
        dout, tap, dx = lanes(table, 0, 4, L), lanes(table, 1, 4, L), lanes(table, 2, 4, L)
        n, c = divmod(k, dx.shape[1])
        stride = (number(table, 0), number(table, 1))
        padding = (number(table, 2), number(table, 3))
        dilation = (number(table, 4), number(table, 5))
        kernel = (number(table, 6), number(table, 7))
        pooling.max_pool2d_backward(
            only(only(dout, 0, n), 1, c), only(only(tap, 0, n), 1, c), kernel, stride, padding,
            dilation, only(only(dx, 0, n), 1, c))
    return task


@Task
def avg_pool2d_forward():
    def task(table, k):
        x, out = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        n, c = divmod(k, x.shape[1])
        stride = (number(table, 0), number(table, 1))
        padding = (number(table, 2), number(table, 3))
        kernel = (number(table, 6), number(table, 7))
        pooling.avg_pool2d_forward(only(only(x, 0, n), 1, c), kernel, stride, padding,
                                   number(table, 8) != 0, only(only(out, 0, n), 1, c))
    return task


@Task
def avg_pool2d_backward():
    def task(table, k):
        dout, dx = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        n, c = divmod(k, dx.shape[1])
        stride = (number(table, 0), number(table, 1))
        padding = (number(table, 2), number(table, 3))
        kernel = (number(table, 6), number(table, 7))
        pooling.avg_pool2d_backward(only(only(dout, 0, n), 1, c), kernel, stride, padding,
                                    number(table, 8) != 0, only(only(dx, 0, n), 1, c))
    return task


# ---------------------------------------------------------------- elementwise
@Task
def relu_forward():
    def task(table, k):
        x, out = lanes(table, 0, 1, L), lanes(table, 1, 1, L)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        activation.relu_forward(x[own], out[own])
    return task


@Task
def relu_backward():
    def task(table, k):
        dout, out, dx = lanes(table, 0, 1, L), lanes(table, 1, 1, L), lanes(table, 2, 1, L)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        activation.relu_backward(dout[own], out[own], dx[own])
    return task


@Task
def tanh_forward():
    def task(table, k):
        x, out = lanes(table, 0, 1, L), lanes(table, 1, 1, L)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        activation.tanh_forward(x[own], out[own])
    return task


@Task
def tanh_backward():
    def task(table, k):
        dout, out, dx = lanes(table, 0, 1, L), lanes(table, 1, 1, L), lanes(table, 2, 1, L)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        activation.tanh_backward(dout[own], out[own], dx[own])
    return task


# ---------------------------------------------------------------- loss
@Task
def cross_entropy_forward():
    def task(table, n):
        x, target, losses = lanes(table, 0, 2, L), lanes(table, 1, 1, L), lanes(table, 2, 1, L)
        loss.cross_entropy_forward(only(x, 0, n), only(target, 0, n), only(losses, 0, n))
    return task


@Task
def cross_entropy_backward():
    def task(table, n):
        x, target = lanes(table, 0, 2, L), lanes(table, 1, 1, L)
        share, dx = lanes(table, 2, 1, L), lanes(table, 3, 2, L)
        loss.cross_entropy_backward(only(x, 0, n), only(target, 0, n), only(share, 0, n),
                                    only(dx, 0, n))
    return task


# ---------------------------------------------------------------- optimisers
@Task
def sgd_update():
    def task(table, k):
        param, grad = dense_floats(table, 0, 1), dense_floats(table, 1, 1)
        velocity = dense_floats(table, 2, 1)
        own = slice(k * CHUNK_FLOATS, (k + 1) * CHUNK_FLOATS)
        settings, f = number(table, 0), np.float32
        update.sgd_update(param[own], grad[own], velocity[own], f(real(settings, 0)),
                          f(real(settings, 1)), f(real(settings, 2)), f(real(settings, 3)),
                          real(settings, 4) != 0, f(real(settings, 5)), f(real(settings, 6)))
    return task


@Task
def adam_update():
    def task(table, k):
        param, grad = dense_floats(table, 0, 1), dense_floats(table, 1, 1)
        mean, square = dense_floats(table, 2, 1), dense_floats(table, 3, 1)
        own = slice(k * CHUNK_FLOATS, (k + 1) * CHUNK_FLOATS)
        settings, f = number(table, 0), np.float32
        update.adam_update(param[own], grad[own], mean[own], square[own], f(real(settings, 0)),
                           f(real(settings, 1)), f(real(settings, 2)), f(real(settings, 3)),
                           f(real(settings, 4)), f(real(settings, 5)), f(real(settings, 6)),
                           f(real(settings, 7)), f(real(settings, 8)))
    return task
