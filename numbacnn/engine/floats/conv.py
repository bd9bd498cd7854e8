"""Convolution on floats."""
import numpy as np

from ...kernels import conv
from .loop import call, only


def conv2d_forward(x, weight, bias, stride, padding, dilation):
    """The convolution of (N, IC, H, W) with (OC, IC, KH, KW) as (N, OC, OH, OW)."""
    OC, _, KH, KW = weight.shape
    OH, OW = (conv.output_extent(*extents) for extents in zip(
        x.shape[2:], (KH, KW), stride, padding, dilation))
    out = np.empty((x.shape[0], OC, OH, OW), x.dtype)
    bias = np.zeros(OC, x.dtype) if bias is None else bias
    call(conv.conv2d_forward, x, weight, bias, stride, padding, dilation, out)
    return out


def conv2d_backward(dout, x, weight, stride, padding, dilation, wanted):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    dx, dweight = np.empty(x.shape, x.dtype), np.empty(weight.shape, x.dtype)
    dbias = np.empty(weight.shape[0], x.dtype)
    if wanted[0]:
        exchanged = np.ascontiguousarray(weight.swapaxes(0, 1))
        call(conv.conv2d_backward_input, dout, exchanged, stride, padding, dilation, dx)
    if wanted[1]:
        call(conv.conv2d_backward_weight, dout, x, stride, padding, dilation, dweight)
    if wanted[2]:
        call(conv.conv2d_backward_bias, dout, dbias)
    return only(wanted, dx, dweight, dbias)
