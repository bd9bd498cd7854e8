"""Convolution and pooling of volumes on floats."""
import numpy as np

from ...kernels import conv, conv3d, pooling3d
from .grouped_conv import backward_by_groups, forward_by_groups
from .loop import call, only


def _sizes(x, kernel, stride, padding, dilation, ceil_mode=False):
    return tuple(conv.output_extent(*extents, ceil_mode) for extents in zip(x.shape[2:], kernel, stride, padding, dilation))


def conv3d_forward(x, weight, bias, stride, padding, dilation, groups=1):
    """The convolution of (N, IC, D, H, W) with (OC, IC/groups, KD, KH, KW) as (N, OC, OD, OH, OW)."""
    if groups > 1:
        return forward_by_groups(conv3d_forward, x, weight, bias, (stride, padding, dilation), groups)
    out = np.empty((len(x), len(weight), *_sizes(x, weight.shape[2:], stride, padding, dilation)), x.dtype)
    bias = np.zeros(len(weight), x.dtype) if bias is None else bias
    call(conv3d.conv3d_forward, x, weight, bias, stride, padding, dilation, out)
    return out


def conv3d_backward(dout, x, weight, stride, padding, dilation, wanted, groups=1):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    if groups > 1:
        return backward_by_groups(conv3d_backward, dout, x, weight, (stride, padding, dilation), wanted, groups)
    dx, dweight, dbias = (np.empty(shape, x.dtype) for shape in (x.shape, weight.shape, weight.shape[:1]))
    if wanted[0]:
        call(conv3d.conv3d_backward_input, dout, np.ascontiguousarray(weight.swapaxes(0, 1)), stride, padding, dilation, dx)
    if wanted[1]:
        call(conv3d.conv3d_backward_weight, dout, x, stride, padding, dilation, dweight)
    if wanted[2]:  # a volume of D layers of H rows is an image of D*H rows
        N, OC, OD, OH, OW = dout.shape
        call(conv.conv2d_backward_bias, dout.reshape(N, OC, OD * OH, OW), dbias)
    return only(wanted, dx, dweight, dbias)


def max_pool3d_forward(x, kernel, stride, padding, dilation, ceil_mode=False):
    """(out, tap): the largest pixels of the windows and which tap of its window each was."""
    out, tap = np.empty((2, *x.shape[:2], *_sizes(x, kernel, stride, padding, dilation, ceil_mode)), x.dtype)
    call(pooling3d.max_pool3d_forward, x, kernel, stride, padding, dilation, out, tap)
    return out, tap


def max_pool3d_backward(dout, tap, x_shape, kernel, stride, padding, dilation):
    """dx of the shape of x."""
    dx = np.empty(x_shape, dout.dtype)
    call(pooling3d.max_pool3d_backward, dout, tap, kernel, stride, padding, dilation, dx)
    return dx


def avg_pool3d_forward(x, kernel, stride, padding, count_include_pad, ceil_mode=False, divisor=0):
    """The averages of the windows."""
    out = np.empty((*x.shape[:2], *_sizes(x, kernel, stride, padding, (1, 1, 1), ceil_mode)), x.dtype)
    call(pooling3d.avg_pool3d_forward, x, kernel, stride, padding, count_include_pad, divisor, out)
    return out


def avg_pool3d_backward(dout, x_shape, kernel, stride, padding, count_include_pad, divisor=0):
    """dx of the shape of x."""
    dx = np.empty(x_shape, dout.dtype)
    call(pooling3d.avg_pool3d_backward, dout, kernel, stride, padding, count_include_pad, divisor, dx)
    return dx
