"""The loops of the convolution on `Lanes` with plain floats as weights: one image a lane, one channel at a time."""
import numpy as np
import pytest
from numba.core import config

import reference
from conv_shapes import SHAPES, case
from tolerances import assert_close

if config.DISABLE_JIT:
    pytest.skip("lanes exist only in compiled code", allow_module_level=True)

from numbacnn.engine.batch import pack
from numbacnn.ladder import lanes


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


def run_forward(given):
    x, weight, bias, dout, settings = given
    return lanes.conv2d_forward(pack(x), weight, bias, settings, dout.shape)().numpy(), weight[0].size + 1


def run_backward_input(given):
    x, weight, _, dout, settings = given
    return lanes.conv2d_backward_input(pack(dout), weight, settings, x.shape)().numpy(), weight[:, 0].size


def run_backward_weight(given):
    """The sum starts as a float zero, becomes lanes with the first product, and ends as a float."""
    x, weight, _, dout, settings = given
    return lanes.conv2d_backward_weight(pack(dout), pack(x), settings, weight.shape)(), dout[:, 0].size


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
