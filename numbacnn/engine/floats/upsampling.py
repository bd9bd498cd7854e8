"""Upsampling on floats, and the convolution that enlarges."""
import numpy as np

from ...kernels import addition, conv, upsampling
from .grouped_conv import grouped_conv2d_backward
from .loop import call


def upsample2d_forward(mode, x, size, rows, columns):
    """Images of `size` (OH, OW) out of x, "nearest2d" or "bilinear2d"; the grids are those of `kernels.upsampling`."""
    out = np.empty((*x.shape[:2], *size), x.dtype)
    call(getattr(upsampling, f"{mode}_forward"), x, rows, columns, out)
    return out


def upsample2d_backward(mode, dout, x_shape, rows, columns):
    """dx of the shape of x."""
    dx = np.empty(x_shape, dout.dtype)
    call(getattr(upsampling, f"{mode}_backward"), dout, rows, columns, dx)
    return dx


def conv_transpose2d(x, weight, out_shape, stride, padding, dilation, groups):
    """The gradient that a convolution of images of `out_shape` with this weight would have if x came back to it."""
    convolved = np.empty(out_shape, x.dtype)
    return grouped_conv2d_backward(x, convolved, weight, stride, padding, dilation, groups, (True, False, False))[0]


def shift_forward(x, bias):
    """x with a number for each channel added."""
    out = np.empty(x.shape, x.dtype)
    call(addition.shift_forward, x, np.ascontiguousarray(bias), out)
    return out


def shift_backward(dout):
    """The gradient of those numbers, (C,)."""
    dbias = np.empty(dout.shape[1], dout.dtype)
    call(conv.conv2d_backward_bias, dout, dbias)
    return dbias
