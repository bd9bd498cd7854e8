"""Operations on volumes, or films, (N, C, D, H, W)."""

from functools import lru_cache

from numbacnn.nn.arguments import not_offered, several, whole
from numbacnn.nn.functional.adaptive_pooling import adaptive_avg_pool2d, adaptive_max_pool2d, adaptive_size
from numbacnn.nn.functional.apply import apply, batched
from numbacnn.nn.functional.checks import check_fit, check_types, frozen
from numbacnn.nn.functional.conv import check_filters
from numbacnn.nn.functional.padding import pad
from numbacnn.nn.functional.pooling import WINDOW
from numbacnn.nn.functional.winners import max_pool_with_indices
from numbacnn.tensors.internals import shape_of


@batched(4)
def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Lay every filter over every window of every volume.

    Parameters
    ----------
    input : Tensor (N, IC, D, H, W) or (IC, D, H, W)
        Volumes, or films of D pictures, float.
    weight : Tensor (OC, IC / groups, KD, KH, KW)
        Filters, of the same dtype.
    bias : Tensor (OC,), optional
    stride, padding, dilation, groups
        As for `conv2d`, an int or, but for `groups`, three of them; what is returned and raised likewise.

    Returns
    -------
    Tensor (N, OC, OD, OH, OW)

    Notes
    -----
    The loops and their sources: `numbacnn.kernels.conv3d`.
    """
    check_types("conv3d", input, weight=weight, bias=bias)
    stride, padding, dilation = check_filters("conv3d", shape_of(input), shape_of(weight),
                                              None if bias is None else shape_of(bias), frozen(stride),
                                              frozen(padding), frozen(dilation), groups)
    if padding == "same":
        missing = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
        padding = tuple(extra // 2 for extra in missing)
        if any(extra % 2 for extra in missing):  # the zeros that are too many for both sides go behind, as in PyTorch
            input = pad(input, [side for extra in reversed(missing) for side in (0, extra % 2)])
    settings = stride, padding, dilation

    def forward(kind, x, filters, numbers):
        return kind.conv3d_forward(x, filters, numbers, *settings, groups)

    def backward(kind, dout, wanted, saved):
        return kind.conv3d_backward(dout, saved["input"], saved["weight"], *settings, wanted, groups)

    how = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return apply("conv3d", forward, backward, ("input", "weight"), settings=how, input=input, weight=weight, bias=bias)


@batched(4)
def max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest pixel of each window of a volume (N, C, D, H, W); arguments as for `max_pool2d`, an int or three."""
    check_types("max_pool3d", input)
    window = _window("max_pool3d", shape_of(input), frozen(kernel_size), frozen(stride), frozen(padding),
                     frozen(dilation), bool(ceil_mode))
    if return_indices:
        return max_pool_with_indices(input, *window, ceil_mode)
    shape = shape_of(input)

    def forward(kind, x):
        return kind.max_pool3d_forward(x, *window, ceil_mode)

    def backward(kind, dout, wanted, saved):
        return (kind.max_pool3d_backward(dout, saved["kept"], shape, *window),)

    return apply("max_pool3d", forward, backward, settings=dict(zip(WINDOW, window)), input=input)


@batched(4)
def avg_pool3d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
               divisor_override=None):
    """The average of each window of a volume (N, C, D, H, W); arguments as for `avg_pool2d`, an int or three."""
    check_types("avg_pool3d", input)
    *window, _ = _window("avg_pool3d", shape_of(input), frozen(kernel_size), frozen(stride), frozen(padding), 1,
                         bool(ceil_mode))
    divisor = 0 if divisor_override is None else whole("avg_pool3d", "divisor_override", divisor_override, 1)
    shape, count_pad = shape_of(input), bool(count_include_pad)

    def forward(kind, x):
        return kind.avg_pool3d_forward(x, *window, count_pad, ceil_mode, divisor)

    def backward(kind, dout, wanted, saved):
        return (kind.avg_pool3d_backward(dout, shape, *window, count_pad, divisor),)

    how = {**dict(zip(WINDOW, window)), "count_include_pad": count_pad, "divisor": divisor}
    return apply("avg_pool3d", forward, backward, settings=how, input=input)


@batched(4)
def adaptive_avg_pool3d(input, output_size):
    """The average of each of OD x OH x OW windows that cover the volume; `output_size` 1 is global average pooling.

    Parameters
    ----------
    input : Tensor (N, C, D, H, W) or (C, D, H, W)
        Volumes, float.
    output_size : int or (int, int, int), each int or None
        Layers, rows and columns of the output; None keeps those of the input.

    Returns
    -------
    Tensor (N, C, OD, OH, OW)

    Raises
    ------
    ValueError
        If the shape or the size is none.
    TypeError
        If the dtype is not a float type.
    """
    return _adaptive("adaptive_avg_pool3d", adaptive_avg_pool2d, input, output_size)


@batched(4)
def adaptive_max_pool3d(input, output_size, return_indices=False):
    """The largest pixel of each of OD x OH x OW windows that cover the volume.

    Parameters
    ----------
    input, output_size
        As for `adaptive_avg_pool3d`, which also says what is returned and raised.
    return_indices : bool
        Only False is offered.
    """
    not_offered("adaptive_max_pool3d", return_indices=(return_indices, False))
    return _adaptive("adaptive_max_pool3d", adaptive_max_pool2d, input, output_size)


def _adaptive(op, pool, input, output_size):
    """A window of a volume is some of its rows and columns in some of its layers: one is pooled after the other.

    As images of D*H rows, then of D rows of OH*OW pixels, which costs nothing. Rows and columns come first: of equal
    pixels the first in reading order is to be the largest.
    """
    check_types(op, input)
    OD, OH, OW = adaptive_size(op, shape_of(input), frozen(output_size))
    N, C, D, H, W = input.shape
    # window d*OH + oh of the D*H rows begins at row d*H + floor(oh*H / OH), so no window reaches from layer to layer
    out = pool(input.reshape(N, C, D * H, W), (D * OH, OW)).reshape(N, C, D, OH * OW)
    return pool(out, (OD, None)).reshape(N, C, OD, OH, OW)


@lru_cache(maxsize=1024, typed=True)
def _window(op, input, kernel_size, stride, padding, dilation, ceil_mode):
    """Kernel, stride, padding and dilation of a pooling as triples, checked."""
    if len(input) != 5:
        raise ValueError(f"{op}: expected input (N, channels, D, H, W), got {tuple(input)}")
    kernel, dilation = several(op, "kernel_size", kernel_size, 1, 3), several(op, "dilation", dilation, 1, 3)
    stride = kernel if stride is None else several(op, "stride", stride, 1, 3)
    padding = several(op, "padding", padding, 0, 3)
    if any(2 * p > k for p, k in zip(padding, kernel)):
        raise ValueError(f"{op}: padding must be at most half of the window, got padding {padding} and window {kernel}")
    check_fit(op, input, kernel, stride, padding, dilation, ceil_mode)
    return kernel, stride, padding, dilation
