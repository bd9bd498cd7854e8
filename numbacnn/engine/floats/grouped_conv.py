"""Convolution in groups on floats: one group of channels after the other."""
import numpy as np

from .conv import conv2d_backward, conv2d_forward


def grouped_conv2d_forward(x, weight, bias, stride, padding, dilation, groups):
    """The convolution of (N, IC, H, W) with (OC, IC/groups, KH, KW) as (N, OC, OH, OW)."""
    return forward_by_groups(conv2d_forward, x, weight, bias, (stride, padding, dilation), groups)


def grouped_conv2d_backward(dout, x, weight, stride, padding, dilation, groups, wanted):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    return backward_by_groups(conv2d_backward, dout, x, weight, (stride, padding, dilation), wanted, groups)


def forward_by_groups(forward, x, weight, bias, settings, groups):
    """What `forward`, a convolution, makes of each group, side by side."""
    biases = (None,) * groups if bias is None else _parts(bias, groups)
    parts = zip(_parts(x, groups, 1), _parts(weight, groups), biases)
    return np.concatenate([forward(*part, *settings) for part in parts], axis=1)


def backward_by_groups(backward, dout, x, weight, settings, wanted, groups):
    """The gradients that `backward`, of a convolution, makes of each group, side by side."""
    parts = zip(_parts(dout, groups, 1), _parts(x, groups, 1), _parts(weight, groups))
    gradients = zip(*[backward(*part, *settings, wanted) for part in parts])
    return tuple(np.concatenate(gradient, axis) if want else None
                 for want, gradient, axis in zip(wanted, gradients, (1, 0, 0)))


def _parts(array, groups, axis=0):
    return [np.ascontiguousarray(part) for part in np.split(array, groups, axis)]
