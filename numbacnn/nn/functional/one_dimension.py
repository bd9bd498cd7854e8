"""Operations on rows of pixels (N, C, W): a row is an image of height 1, so the loops are those of two dimensions.

Giving a batch one more dimension of extent 1 costs nothing, in lanes or out of them.
"""

from numbacnn.nn.arguments import whole
from numbacnn.nn.functional.adaptive_pooling import adaptive_avg_pool2d, adaptive_max_pool2d
from numbacnn.nn.functional.checks import check_fit, frozen
from numbacnn.nn.functional.conv import check_filters, conv2d
from numbacnn.nn.functional.pooling import avg_pool2d, max_pool2d


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Lay every filter over every window of every row.

    Parameters
    ----------
    input : Tensor (N, IC, W) or (IC, W)
        Rows of pixels, or of samples in time, float.
    weight : Tensor (OC, IC / groups, KW)
        Filters, of the same dtype.
    bias : Tensor (OC,), optional
    stride, padding, dilation, groups
        As for `conv2d`, an int each; what is returned and raised likewise.

    Returns
    -------
    Tensor (N, OC, OW)
    """
    _check("conv1d", input)
    check_filters("conv1d", _batched(input), tuple(weight.shape), None if bias is None else tuple(bias.shape),
                  frozen(stride), frozen(padding), frozen(dilation), groups)
    stride, dilation = _number("conv1d", "stride", stride, 1), _number("conv1d", "dilation", dilation, 1)
    padding = padding if isinstance(padding, str) else (0, _number("conv1d", "padding", padding, 0))
    return conv2d(input.unsqueeze(-2), weight.unsqueeze(-2), bias, (1, stride), padding, (1, dilation),
                  groups).squeeze(-2)


def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest of each window of a row (N, C, W) or (C, W); arguments as for `max_pool2d`, an int each."""
    _check("max_pool1d", input)
    kernel, stride, padding = _window("max_pool1d", kernel_size, stride, padding)
    dilation = 1, _number("max_pool1d", "dilation", dilation, 1)
    check_fit("max_pool1d", _batched(input), kernel[1:], stride[1:], padding[1:], dilation[1:], ceil_mode)
    out = max_pool2d(input.unsqueeze(-2), kernel, stride, padding, dilation, ceil_mode, return_indices)
    return tuple(each.squeeze(-2) for each in out) if return_indices else out.squeeze(-2)


def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """The average of each window of a row (N, C, W) or (C, W); arguments as for `avg_pool2d`, an int each."""
    _check("avg_pool1d", input)
    kernel, stride, padding = _window("avg_pool1d", kernel_size, stride, padding)
    check_fit("avg_pool1d", _batched(input), kernel[1:], stride[1:], padding[1:], (1,), ceil_mode)
    return avg_pool2d(input.unsqueeze(-2), kernel, stride, padding, ceil_mode, count_include_pad).squeeze(-2)


def adaptive_avg_pool1d(input, output_size):
    """The average of each of OW windows that cover a row (N, C, W) or (C, W)."""
    _check("adaptive_avg_pool1d", input)
    size = 1, _number("adaptive_avg_pool1d", "output_size", output_size, 1)
    return adaptive_avg_pool2d(input.unsqueeze(-2), size).squeeze(-2)


def adaptive_max_pool1d(input, output_size, return_indices=False):
    """The largest of each of OW windows that cover a row (N, C, W) or (C, W)."""
    _check("adaptive_max_pool1d", input)
    size = 1, _number("adaptive_max_pool1d", "output_size", output_size, 1)
    return adaptive_max_pool2d(input.unsqueeze(-2), size, return_indices).squeeze(-2)


def _batched(input):
    """(N, C, W), also of a single row (C, W)."""
    return (1,) * (3 - input.ndim) + tuple(input.shape)


def _check(op, input):
    if input.ndim not in (2, 3):
        raise ValueError(f"{op}: expected input (N, channels, W) or (channels, W), got {tuple(input.shape)}")


def _window(op, kernel_size, stride, padding):
    kernel = _number(op, "kernel_size", kernel_size, 1)
    stride = kernel if stride is None else _number(op, "stride", stride, 1)
    return (1, kernel), (1, stride), (0, _number(op, "padding", padding, 0))


def _number(op, name, value, least):
    """An int, also as a tuple of one."""
    if isinstance(value, (tuple, list)) and len(value) == 1:
        value = value[0]
    return whole(op, name, value, least)
