"""The loops of the convolution on `Lanes` with plain floats as weights: one image a lane, one channel at a time."""
import numpy as np
import pytest
from numba.core import config

import reference
from conv_shapes import SHAPES, case
from tolerances import assert_close

if config.DISABLE_JIT:
    pytest.skip("lanes exist only in compiled code", allow_module_level=True)

from numbacnn.engine.batch import FLOAT, layout, pack, plain
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.queue import enqueue, finish
from numbacnn.engine.task import Task, geometry
from numbacnn.kernels import conv
from numbacnn.simd.choice import L
from numbacnn.simd.views import floats, lanes, only


@Task
def forward():
    def task(table, n):
        x, weight = lanes(table, 0, 4, L), floats(table, 1, 4)
        bias, out = floats(table, 2, 1), lanes(table, 3, 4, L)
        stride, padding, dilation, _ = geometry(table)
        conv.conv2d_forward(only(x, 0, n), weight, bias, stride, padding, dilation, only(out, 0, n))
    return task


@Task
def backward_input():
    def task(table, n):
        dout, weight, dx = lanes(table, 0, 4, L), floats(table, 1, 4), lanes(table, 2, 4, L)
        stride, padding, dilation, _ = geometry(table)
        conv.conv2d_backward_input(only(dout, 0, n), weight, stride, padding, dilation, only(dx, 0, n))
    return task


@Task
def backward_weight():
    def task(table, oc):
        dout, x, dweight = lanes(table, 0, 4, L), lanes(table, 1, 4, L), floats(table, 2, 4)
        stride, padding, dilation, _ = geometry(table)
        conv.conv2d_backward_weight(only(dout, 1, oc), x, stride, padding, dilation, only(dweight, 0, oc))
    return task


@pytest.fixture(params=SHAPES)
def given(request):
    """x, weight, bias (zeros for none), dout and the settings of a shape."""
    x, weight, bias, dout = case(request.param).arrays(np.float32)
    bias = np.zeros(len(weight), np.float32) if bias is None else bias
    return x, weight, bias, dout, case(request.param).settings


def peers(torch, given):
    """out, dx and dweight as PyTorch has them."""
    x, weight, bias, dout, (stride, padding, dilation) = given
    x, weight = (torch.tensor(array, requires_grad=True) for array in (x, weight))
    out = torch.nn.functional.conv2d(x, weight, torch.tensor(bias), stride, padding, dilation)
    out.backward(torch.tensor(dout))
    return [tensor.detach().numpy() for tensor in (out, x.grad, weight.grad)]


def run(task, slices, reads, write, settings, **places):
    words = [number for two in settings for number in two]
    enqueue(Plan().row(task.address(), slices, reads, [write], words).finish(), **places)
    finish()


def run_forward(given):
    x, weight, bias, dout, settings = given
    batch, out = pack(x), pack(np.full_like(dout, np.nan))
    reads = [batch.layout.lanes("x"), plain("weight", weight.shape), Array("bias", bias.shape, (FLOAT,))]
    run(forward, batch.layout.blocks, reads, out.layout.lanes("out"), settings,
        x=batch.buffer, weight=weight, bias=bias, out=out.buffer)
    return out.numpy(), weight[0].size + 1


def run_backward_input(given):
    x, weight, _, dout, settings = given
    batch, dx = pack(dout), pack(np.full_like(x, np.nan))
    exchanged = np.ascontiguousarray(weight.swapaxes(0, 1))
    reads = [batch.layout.lanes("dout"), plain("weight", exchanged.shape)]
    run(backward_input, batch.layout.blocks, reads, dx.layout.lanes("dx"), settings,
        dout=batch.buffer, weight=exchanged, dx=dx.buffer)
    return dx.numpy(), exchanged[0].size


def run_backward_weight(given):
    """The sum starts as a float zero, becomes lanes with the first product, and ends as a float."""
    x, weight, _, dout, settings = given
    images, gradients = pack(x), pack(dout)
    dweight = np.full_like(weight, np.nan)
    reads = [gradients.layout.lanes("dout"), layout(x.shape).lanes("x")]
    run(backward_weight, weight.shape[0], reads, plain("dweight", weight.shape), settings,
        dout=gradients.buffer, x=images.buffer, dweight=dweight)
    return dweight, dout[:, 0].size


RUNS = [run_forward, run_backward_input, run_backward_weight]


def test_lanes_equal_the_twin(given):
    x, weight, bias, dout, settings = given
    twins = [reference.conv2d_forward(x, weight, bias, *settings),
             reference.conv2d_backward_input(dout, weight, *settings, x.shape),
             reference.conv2d_backward_weight(dout, x, *settings, weight.shape)]
    for run, twin in zip(RUNS, twins):
        actual, terms = run(given)
        assert_close(actual, twin, terms)


def test_lanes_equal_pytorch(given, torch):
    for run, peer in zip(RUNS, peers(torch, given)):
        actual, terms = run(given)
        assert_close(actual, peer, terms)
