"""Pooling: one number for each window of the image."""

from functools import lru_cache

from numbacnn.nn.arguments import pair, whole
from numbacnn.nn.functional.apply import apply, batched
from numbacnn.nn.functional.checks import check_fit, check_types, frozen
from numbacnn.nn.functional.winners import max_pool_with_indices
from numbacnn.tensors.internals import needs_grad, node_of, shape_of

WINDOW = ("kernel", "stride", "padding", "dilation")  # what `_window` returns


@batched(3)
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
        Whether to tell, too, which pixel of its channel each was, counted in reading order.

    Returns
    -------
    Tensor (N, C, OH, OW), or a pair of them, the second int64
        Sizes as in `conv2d`.

    Raises
    ------
    ValueError
        If the window does not fit the image, or the padding exceeds half a window.
    TypeError
        If the dtype is not a float type.
    """
    check_types("max_pool2d", input)
    window = _window("max_pool2d", shape_of(input), frozen(kernel_size), frozen(stride), frozen(padding),
                     frozen(dilation), bool(ceil_mode))
    if return_indices:
        return max_pool_with_indices(input, *window, ceil_mode)
    before = node_of(input)  # of a relu only the largest number of a window is computed, unless it is asked for
    settles = needs_grad(input) and (before is None or before.name != "relu")

    def forward(kind, x):
        return kind.max_pool2d_forward(kind.settled(x) if settles else x, *window, ceil_mode)

    def backward(kind, dout, wanted, saved):
        x, winners = saved["input"], saved["kept"]
        # retain_grad() or a hook wants the gradient between relu and pooling
        if before is not None and (before.keeper is not None or before.hooks):
            winners = kind.max_pool2d_forward(kind.settled(x), *window, ceil_mode)[1]
        return (kind.max_pool2d_backward(dout, winners, x.shape, *window),)

    return apply("max_pool2d", forward, backward, ("input",), settings=dict(zip(WINDOW, window)), input=input)


@batched(3)
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
        If the dtype is not a float type.
    """
    check_types("avg_pool2d", input)
    *window, _ = _window("avg_pool2d", shape_of(input), frozen(kernel_size), frozen(stride), frozen(padding), 1,
                         bool(ceil_mode))
    divisor = 0 if divisor_override is None else whole("avg_pool2d", "divisor_override", divisor_override, 1)
    shape, count_pad = shape_of(input), bool(count_include_pad)

    def forward(kind, x):
        return kind.avg_pool2d_forward(x, *window, count_pad, ceil_mode, divisor)

    def backward(kind, dout, wanted, saved):
        return (kind.avg_pool2d_backward(dout, shape, *window, count_pad, divisor),)

    how = {**dict(zip(WINDOW, window)), "count_include_pad": count_pad, "divisor": divisor}
    return apply("avg_pool2d", forward, backward, settings=how, input=input)


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
