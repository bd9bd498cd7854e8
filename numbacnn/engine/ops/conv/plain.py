"""Convolution on floats, of images and of volumes, one group of channels after the other."""
import numpy as np

from ....kernels import conv
from ...loop import as_images, made, wanted_of
from ..sizes import sizes


def convolve(kernel, x, weight, bias, stride, padding, dilation, groups):
    """What the kernel makes of (N, IC, ...) and (OC, IC/groups, ...)."""
    if groups > 1:
        biases = (None,) * groups if bias is None else _parts(bias, groups)
        parts = zip(_parts(x, groups, 1), _parts(weight, groups), biases)
        return np.concatenate([convolve(kernel, *part, stride, padding, dilation, 1) for part in parts], axis=1)
    bias = np.zeros(len(weight), x.dtype) if bias is None else bias
    shape = (len(x), len(weight), *sizes(x.shape, weight.shape[2:], stride, padding, dilation))
    return made(kernel, shape, x, weight, bias, stride, padding, dilation)


def gradients(kernels, dout, x, weight, stride, padding, dilation, wanted, groups):
    """(dx, dweight, dbias), as far as they are wanted; the kernels are those of the input and of the weight."""
    geometry = stride, padding, dilation
    if groups > 1:
        parts = zip(_parts(dout, groups, 1), _parts(x, groups, 1), _parts(weight, groups))
        found = zip(*[gradients(kernels, *part, *geometry, wanted, 1) for part in parts])
        return tuple(np.concatenate(parts, axis) if want else None for want, parts, axis in zip(wanted, found, (1, 0, 0)))
    of_input, of_weight = kernels
    dx = wanted[0] and made(of_input, x.shape, dout, np.ascontiguousarray(weight.swapaxes(0, 1)), *geometry)
    dweight = wanted[1] and made(of_weight, weight.shape, dout, x, *geometry)
    dbias = wanted[2] and made(conv.conv2d_backward_bias, len(weight), as_images(dout))
    return wanted_of(wanted, dx, dweight, dbias)


def _parts(array, groups, axis=0):
    return [np.ascontiguousarray(part) for part in np.split(array, groups, axis)]
