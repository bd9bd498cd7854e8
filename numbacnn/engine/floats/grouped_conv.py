"""Grouped convolution on floats: the loops of the convolution, one group of channels after the other."""
import numpy as np

from ...kernels import conv
from .loop import call


def grouped_conv2d_forward(x, weight, bias, stride, padding, dilation, groups):
    """The convolution of (N, IC, H, W) with (OC, IC/groups, KH, KW) as (N, OC, OH, OW)."""
    OH, OW = (conv.output_extent(*extents) for extents in zip(x.shape[2:], weight.shape[2:], stride, padding, dilation))
    bias = np.zeros(len(weight), x.dtype) if bias is None else bias
    parts = []
    for x, weight, bias in zip(_parts(x, groups, 1), _parts(weight, groups), _parts(bias, groups)):
        parts.append(np.empty((len(x), len(weight), OH, OW), x.dtype))
        call(conv.conv2d_forward, x, weight, bias, stride, padding, dilation, parts[-1])
    return np.concatenate(parts, axis=1)


def grouped_conv2d_backward(dout, x, weight, stride, padding, dilation, groups, wanted):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    dxs, dweights, dbias = [], [], np.empty(len(weight), x.dtype)
    if wanted[2]:
        call(conv.conv2d_backward_bias, dout, dbias)
    for dout, x, weight in zip(_parts(dout, groups, 1), _parts(x, groups, 1), _parts(weight, groups)):
        dxs.append(np.empty_like(x))
        dweights.append(np.empty_like(weight))
        if wanted[0]:
            exchanged = np.ascontiguousarray(weight.swapaxes(0, 1))
            call(conv.conv2d_backward_input, dout, exchanged, stride, padding, dilation, dxs[-1])
        if wanted[1]:
            call(conv.conv2d_backward_weight, dout, x, stride, padding, dilation, dweights[-1])
    gradients = np.concatenate(dxs, axis=1), np.concatenate(dweights), dbias
    return tuple(gradient if want else None for want, gradient in zip(wanted, gradients))


def _parts(array, groups, axis=0):
    return [np.ascontiguousarray(part) for part in np.split(array, groups, axis)]
