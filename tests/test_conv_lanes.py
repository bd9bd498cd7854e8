"""The loops of the convolution on `Lanes` with plain floats as weights: one image a lane, one channel at a time."""
import numpy as np
import pytest
from numba.core import config

import reference
from tolerances import assert_close

if config.DISABLE_JIT:
    pytest.skip("lanes exist only in compiled code", allow_module_level=True)

from numbacnn.engine.batch import FLOAT, address_of, layout, pack, plain
from numbacnn.engine.program import Array, Plan
from numbacnn.engine.task import Task
from numbacnn.kernels import conv
from numbacnn.simd.choice import L
from numbacnn.simd.views import floats, lanes, number, only

SHAPES = [  # x, weight, stride, padding, dilation
    ((3, 2, 6, 5), (3, 2, 3, 2), (1, 1), (0, 0), (1, 1)),
    ((L + 1, 3, 7, 6), (2, 3, 3, 3), (2, 1), (1, 2), (1, 1)),
    ((2 * L, 1, 5, 9), (5, 1, 2, 3), (1, 2), (0, 1), (2, 3)),
]


@Task
def forward():
    def task(table, n):
        x, weight = lanes(table, 0, 4, L), floats(table, 1, 4)
        bias, out = floats(table, 2, 1), lanes(table, 3, 4, L)
        stride = (number(table, 0), number(table, 1))
        padding = (number(table, 2), number(table, 3))
        dilation = (number(table, 4), number(table, 5))
        conv.conv2d_forward(only(x, 0, n), weight, bias, stride, padding, dilation, only(out, 0, n))
    return task


@Task
def backward_input():
    def task(table, n):
        dout, weight, dx = lanes(table, 0, 4, L), floats(table, 1, 4), lanes(table, 2, 4, L)
        stride = (number(table, 0), number(table, 1))
        padding = (number(table, 2), number(table, 3))
        dilation = (number(table, 4), number(table, 5))
        conv.conv2d_backward_input(only(dout, 0, n), weight, stride, padding, dilation, only(dx, 0, n))
    return task


@Task
def backward_weight():
    def task(table, oc):
        dout, x, dweight = lanes(table, 0, 4, L), lanes(table, 1, 4, L), floats(table, 2, 4)
        stride = (number(table, 0), number(table, 1))
        padding = (number(table, 2), number(table, 3))
        dilation = (number(table, 4), number(table, 5))
        conv.conv2d_backward_weight(only(dout, 1, oc), x, stride, padding, dilation, only(dweight, 0, oc))
    return task


@pytest.fixture(params=SHAPES, ids=lambda s: "-".join("x".join(map(str, part)) for part in s))
def given(request, rng):
    """x, weight, bias, dout and the settings of a shape."""
    x_shape, weight_shape, *settings = request.param
    x, weight = (rng.standard_normal(shape).astype(np.float32) for shape in (x_shape, weight_shape))
    bias = rng.standard_normal(weight_shape[0]).astype(np.float32)
    out_shape = reference.conv2d_forward(x, weight, bias, *settings).shape
    return x, weight, bias, rng.standard_normal(out_shape).astype(np.float32), settings


def words(settings):
    return [number for two in settings for number in two]


def test_forward(given):
    x, weight, bias, dout, settings = given
    batch, out = pack(x), pack(np.full_like(dout, np.nan))
    arrays = [batch.layout.lanes("x"), plain("weight", weight.shape), Array("bias", bias.shape, (FLOAT,)),
              out.layout.lanes("out")]
    Plan().row(forward.address(), batch.layout.blocks, arrays, words(settings)).finish().run(
        x=batch.address, weight=address_of(weight), bias=address_of(bias), out=out.address)
    assert_close(out.numpy(), reference.conv2d_forward(x, weight, bias, *settings), weight[0].size + 1)


def test_backward_input(given):
    x, weight, _, dout, settings = given
    batch, dx = pack(dout), pack(np.full_like(x, np.nan))
    exchanged = np.ascontiguousarray(weight.swapaxes(0, 1))
    arrays = [batch.layout.lanes("dout"), plain("weight", exchanged.shape), dx.layout.lanes("dx")]
    Plan().row(backward_input.address(), batch.layout.blocks, arrays, words(settings)).finish().run(
        dout=batch.address, weight=address_of(exchanged), dx=dx.address)
    assert_close(dx.numpy(), reference.conv2d_backward_input(dout, weight, *settings, x.shape), exchanged[0].size)


def test_backward_weight(given):
    """The sum starts as a float zero, becomes lanes with the first product, and ends as a float."""
    x, weight, _, dout, settings = given
    images, gradients = pack(x), pack(dout)
    dweight = np.full_like(weight, np.nan)
    arrays = [gradients.layout.lanes("dout"), layout(x.shape).lanes("x"), plain("dweight", weight.shape)]
    Plan().row(backward_weight.address(), weight.shape[0], arrays, words(settings)).finish().run(
        dout=gradients.address, x=images.address, dweight=address_of(dweight))
    assert_close(dweight, reference.conv2d_backward_weight(dout, x, *settings, weight.shape), dout[:, 0].size)
