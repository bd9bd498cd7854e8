"""Group normalization on floats."""
import numpy as np

from ...kernels import group_norm
from .loop import as_images, call, only


def group_norm_forward(x, weight, bias, G, eps):
    """(out, mean, var): x normalized in G groups of channels, and the statistics (N, G) of the groups."""
    out, (mean, var) = np.empty(x.shape, x.dtype), np.empty((2, x.shape[0], G), x.dtype)
    call(group_norm.group_norm_forward, as_images(x), np.ascontiguousarray(weight), np.ascontiguousarray(bias),
         x.dtype.type(eps), mean, var, as_images(out))
    return out, mean, var


def group_norm_backward(dout, x, mean, var, weight, eps, wanted):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    eps, dx, (dweight, dbias) = x.dtype.type(eps), np.empty(x.shape, x.dtype), np.empty((2, x.shape[1]), x.dtype)
    if any(wanted[1:]):
        call(group_norm.group_norm_backward_weight, as_images(dout), as_images(x), mean, var, eps, dweight, dbias)
    if wanted[0]:
        call(group_norm.group_norm_backward_input, as_images(dout), as_images(x), mean, var, np.ascontiguousarray(weight), eps,
             as_images(dx))
    return only(wanted, dx, dweight, dbias)
