"""The way back from a max-pooling, and other kinds of pooling; done without a loop."""

from math import prod

import numpy as np

from numbacnn.engine import floats
from numbacnn.nn.arguments import several, whole
from numbacnn.nn.functional.apply import apply
from numbacnn.nn.functional.checks import check_types
from numbacnn.nn.functional.one_dimension import avg_pool1d
from numbacnn.nn.functional.padding import pad
from numbacnn.nn.functional.pooling import avg_pool2d
from numbacnn.tensors.internals import array_of


def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Rows of zeros with the numbers put back where they were; arguments as for `max_unpool2d`, an int each."""
    return _unpooled("max_unpool1d", 1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Images of zeros with the numbers put back where they were before a max-pooling.

    Source: Zeiler & Fergus 2014, "Visualizing and understanding convolutional networks", section 2.1.

    Parameters
    ----------
    input : Tensor (N, C, H, W) or (C, H, W)
        Float.
    indices : Tensor of the same shape
        Whole numbers: what `max_pool2d(return_indices=True)` gave.
    kernel_size, stride, padding : int or (int, int)
        Those of the pooling.
    output_size : sequence of int, optional
        Rows and columns, where several sizes would have been pooled to this one.

    Returns
    -------
    Tensor (N, C, OH, OW)

    Raises
    ------
    ValueError
        If the shapes differ, or the size is not one of those.
    RuntimeError
        If an index lies outside.
    """
    return _unpooled("max_unpool2d", 2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Volumes of zeros with the numbers put back where they were; arguments as for `max_unpool2d`, an int or three."""
    return _unpooled("max_unpool3d", 3, input, indices, kernel_size, stride, padding, output_size)


def _unpooled(op, count, input, indices, kernel_size, stride, padding, output_size):
    check_types(op, input)
    if input.ndim == count + 1:
        return _unpooled(op, count, input.unsqueeze(0), indices.unsqueeze(0), kernel_size, stride, padding,
                         output_size).squeeze(0)
    if input.ndim != count + 2 or input.shape != indices.shape:
        raise ValueError(f"{op}: expected input and indices of one shape with {count + 1} or {count + 2} dimensions, got "
                         f"{tuple(input.shape)} and {tuple(indices.shape)}")
    kernel = several(op, "kernel_size", kernel_size, 1, count)
    stride = kernel if stride is None else several(op, "stride", stride, 1, count)
    padding = several(op, "padding", padding, 0, count)
    size = [(extent - 1) * s - 2 * p + k for extent, s, p, k in zip(input.shape[2:], stride, padding, kernel)]
    if output_size is not None:
        wanted = [whole(op, "output_size", extent, 1) for extent in output_size]
        if len(wanted) not in (count, count + 2):
            raise ValueError(f"{op}: output_size should be a sequence containing {count} or {count + 2} elements, but it has "
                             f"a length of '{len(wanted)}'")
        wanted = wanted[len(wanted) - count:]
        if any(abs(extent - default) >= s for extent, default, s in zip(wanted, size, stride)):
            raise ValueError(f'{op}: invalid output_size "{tuple(wanted)}": a pooling to {tuple(input.shape[2:])} begins with '
                             f"an extent that differs from {tuple(size)} by less than the stride {tuple(stride)}")
        size = wanted
    places = array_of(indices).reshape(*input.shape[:2], -1).astype(np.int64)
    if places.size and not (places.min() >= 0 and places.max() < prod(size)):
        raise RuntimeError(f"{op}: found an invalid max index: {places.max()} (output volumes are of size {tuple(size)})")
    shape, full = tuple(input.shape), (*input.shape[:2], *size)

    def forward(kind, x):
        out = np.zeros((*full[:2], prod(size)), x.dtype)
        np.put_along_axis(out, places, x.reshape(places.shape), 2)
        return out.reshape(full)

    def backward(kind, dout, wanted, saved):
        return (np.take_along_axis(dout.reshape(*full[:2], -1), places, 2).reshape(shape),)

    return apply(op, forward, backward, kind=floats, input=input)


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """(sum of x**p over the window)**(1 / p), p = norm_type; the other arguments as for `avg_pool2d`."""
    kernel = several("lp_pool2d", "kernel_size", kernel_size, 1, 2)
    return _root(avg_pool2d(input.pow(norm_type), kernel, stride, 0, ceil_mode), prod(kernel), norm_type)


def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """(sum of x**p over the window)**(1 / p), p = norm_type; the other arguments as for `avg_pool1d`."""
    kernel = whole("lp_pool1d", "kernel_size", kernel_size, 1)
    return _root(avg_pool1d(input.pow(norm_type), kernel, stride, 0, ceil_mode), kernel, norm_type)


def _root(means, count, p):
    return (means.sign() * means.abs() * count).pow(1.0 / p)


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    """input / (k + alpha * mean of the squares of `size` neighboring channels)**beta.

    Source: Krizhevsky, Sutskever & Hinton 2012, "ImageNet classification with deep convolutional neural networks",
    section 3.3; as in PyTorch alpha multiplies the mean, not the sum.

    Parameters
    ----------
    input : Tensor (N, C, ...)
        Float, of at least three dimensions.
    size : int
        Channels that count, the channel itself in their middle.
    alpha, beta, k : float

    Raises
    ------
    ValueError
        If there are fewer dimensions.
    TypeError
        If the dtype is not a float type.
    """
    check_types("local_response_norm", input)
    size = whole("local_response_norm", "size", size, 1)
    if input.ndim < 3:
        raise ValueError(f"Expected 3D or higher dimensionality input (got {input.ndim} dimensions): local_response_norm "
                         "divides by neighboring channels of images (N, C, ...)")
    C = input.shape[1]
    squares = pad(input * input, [0, 0] * (input.ndim - 2) + [size // 2, (size - 1) // 2])
    total = squares[:, :C]
    for behind in range(1, size):
        total = total + squares[:, behind:behind + C]
    return input / (total * (alpha / size) + k).pow(beta)
