"""Pooling: one number for each window of the image."""

from functools import lru_cache

from numbacnn.engine import kind_for, storage_for
from numbacnn.nn.arguments import not_offered, pair, whole
from numbacnn.nn.functional.checks import check_fit, check_types, frozen
from numbacnn.tensors.tensor import Tensor


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest pixel of each window; of equal ones the first in reading order gets the gradient.

    Parameters
    ----------
    input : Tensor (N, C, H, W) or (C, H, W)
        Images, float.
    kernel_size, stride, padding, dilation : int or (int, int)
        Size of a window, distance between windows (the window's size if None), pixels around the image that never
        win, distance between the taps of a window.
    ceil_mode : bool
        Whether a last window may reach beyond the padding, where the windows would end before the image does.
    return_indices : bool
        Only False is offered.

    Returns
    -------
    Tensor (N, C, OH, OW)
        Sizes as in `conv2d`.

    Raises
    ------
    ValueError
        If the window does not fit the image, or the padding exceeds half a window.
    TypeError
        If the dtype is no float.
    """
    if return_indices:
        not_offered("max_pool2d", return_indices=(return_indices, False))
    check_types("max_pool2d", input)
    if input.ndim == 3:
        return max_pool2d(input.unsqueeze(0), kernel_size, stride, padding, dilation, ceil_mode).squeeze(0)
    kernel, stride, padding, dilation = _window("max_pool2d", input._storage.shape, frozen(kernel_size),
                                                frozen(stride), frozen(padding), frozen(dilation), bool(ceil_mode))

    kind, before = kind_for(input), input._node
    x = storage_for(kind, input)
    if input._requires_grad and (before is None or before.name != "relu"):
        x = kind.settled(x)
    out, tap = kind.max_pool2d_forward(x, kernel, stride, padding, dilation, ceil_mode)

    def backward(dout):
        winners = tap
        if before is not None and before.keeper is not None:  # somebody looks between relu and pooling
            winners = kind.max_pool2d_forward(kind.settled(x), kernel, stride, padding, dilation, ceil_mode)[1]
        return (kind.max_pool2d_backward(storage_for(kind, dout), winners, x.shape, kernel, stride, padding, dilation),)

    return Tensor._from_op(out, (input,), backward, "max_pool2d")


def avg_pool2d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
               divisor_override=None):
    """The average of each window.

    Parameters
    ----------
    input : Tensor (N, C, H, W) or (C, H, W)
        Images, float.
    kernel_size, stride, padding : int or (int, int)
        Size of a window, distance between windows (the window's size if None), zeros around the image.
    count_include_pad : bool
        Whether those zeros count.
    ceil_mode : bool
        Whether a last window may reach beyond the padding, where the windows would end before the image does.
    divisor_override : int, optional
        What to divide by, instead of the pixels of the window.

    Returns
    -------
    Tensor (N, C, OH, OW)
        Sizes as in `conv2d` with dilation 1.

    Raises
    ------
    ValueError
        If the window does not fit the image, or the padding exceeds half a window.
    TypeError
        If the dtype is no float.
    """
    check_types("avg_pool2d", input)
    if input.ndim == 3:
        return avg_pool2d(input.unsqueeze(0), kernel_size, stride, padding, ceil_mode, count_include_pad,
                          divisor_override).squeeze(0)
    kernel, stride, padding, _ = _window("avg_pool2d", input._storage.shape, frozen(kernel_size), frozen(stride),
                                         frozen(padding), 1, bool(ceil_mode))
    divisor = 0 if divisor_override is None else whole("avg_pool2d", "divisor_override", divisor_override, 1)

    kind, count_pad = kind_for(input), bool(count_include_pad)
    x = storage_for(kind, input)
    out = kind.avg_pool2d_forward(x, kernel, stride, padding, count_pad, ceil_mode, divisor)

    def backward(dout):
        dout = storage_for(kind, dout)
        return (kind.avg_pool2d_backward(dout, x.shape, kernel, stride, padding, count_pad, divisor),)

    return Tensor._from_op(out, (input,), backward, "avg_pool2d")


@lru_cache(maxsize=1024, typed=True)
def _window(op, input, kernel_size, stride, padding, dilation, ceil_mode):
    """Kernel, stride, padding and dilation of a pooling as pairs, checked."""
    if len(input) != 4:
        raise ValueError(f"{op}: expected input (N, channels, H, W), got {tuple(input)}")
    kernel, dilation = pair(op, "kernel_size", kernel_size, 1), pair(op, "dilation", dilation, 1)
    stride = kernel if stride is None else pair(op, "stride", stride, 1)
    padding = pair(op, "padding", padding, 0)
    if any(2 * p > k for p, k in zip(padding, kernel)):
        raise ValueError(f"{op}: padding must be at most half of the window, got padding {padding} and window {kernel}")
    check_fit(op, input, kernel, stride, padding, dilation, ceil_mode)
    return kernel, stride, padding, dilation
