"""Convolution: all channels together, in groups, or depthwise, where each group has one input and one output channel.

`forward`, `input_gradient` and `weight_gradient` say in which numbers each goes and how it is sliced.  A single channel has
numbers of its own, `strips`, and so have channels that see themselves alone, `depthwise`.  `volumes` are three dimensions,
`plain` is convolution on floats.
"""
from functools import lru_cache

from ....kernels import conv
from ...batch import Batch
from ...kinds import operation
from ...layout import layout
from ...plan import Plan
from ...queue import enqueue
from ..columns import dense
from ..sizes import sizes
from ..weights import enqueue_backward
from . import plain
from .forward import forward_plan
from .input_gradient import add_input_gradient
from .weight_gradient import add_bias_gradient, add_weight_gradient


@operation
def conv2d_forward(x, weight, bias, stride, padding, dilation, groups=1):
    """The convolution of (N, IC, H, W) with weight (OC, IC/groups, KH, KW) as (N, OC, OH, OW)."""
    out = Batch((x.shape[0], weight.shape[0], *sizes(x.shape, weight.shape[2:], stride, padding, dilation)))
    bias = dense(bias)
    plan = forward_plan(x.shape, out.shape, weight.shape, weight.strides, bias is None, stride, padding, dilation, groups)
    enqueue(plan, x=x.buffer, weight=weight, out=out.buffer, bias=bias)
    return out


@operation
def conv2d_backward(dout, x, weight, stride, padding, dilation, wanted, groups=1):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    plan = backward_plan(x.shape, dout.shape, weight.shape, weight.strides, stride, padding, dilation, wanted, groups)
    return enqueue_backward(plan, dout, x, weight, wanted)


@lru_cache(maxsize=256)
def backward_plan(x_shape, out_shape, weight_shape, strides, stride, padding, dilation, wanted, groups):
    """The plan of the gradients that are wanted of "x", "weight" and "bias", from "dout"."""
    x, dout, plan = layout(x_shape), layout(out_shape), Plan()
    geometry = {"stride": stride, "padding": padding, "dilation": dilation}
    want_dx, want_dweight, want_dbias = wanted
    if want_dbias:
        add_bias_gradient(plan, dout)
    if want_dx:
        add_input_gradient(plan, x, dout, weight_shape, strides, geometry, groups)
    if want_dweight:
        add_weight_gradient(plan, x, dout, weight_shape, geometry, groups)
    return plan.finish()


@conv2d_forward.on_floats
def _(x, weight, bias, stride, padding, dilation, groups=1):
    return plain.convolve(conv.conv2d_forward, x, weight, bias, stride, padding, dilation, groups)


@conv2d_backward.on_floats
def _(dout, x, weight, stride, padding, dilation, wanted, groups=1):
    kernels = conv.conv2d_backward_input, conv.conv2d_backward_weight
    return plain.gradients(kernels, dout, x, weight, stride, padding, dilation, wanted, groups)
