"""Transposed convolutions: the way back through a convolution, which enlarges."""

import numpy as np

from numbacnn.nn.arguments import several, whole
from numbacnn.nn.functional.apply import apply, batched
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.internals import shape_of
from numbacnn.tensors.storage import as_plain


@batched(3)
def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Every pixel lays its filter, times its value, over the output: the way back through a convolution.

    Parameters
    ----------
    input : Tensor (N, IC, H, W) or (IC, H, W)
        Images, float.
    weight : Tensor (IC, OC / groups, KH, KW)
        Filters, of the same dtype.
    bias : Tensor (OC,), optional
    stride, padding, dilation : int or (int, int)
        Those of the convolution that this is the way back of.
    output_padding : int or (int, int)
        Rows and columns more, for the sizes that the convolution would round down; smaller than stride or dilation.
    groups : int

    Returns
    -------
    Tensor (N, OC, OH, OW)
        With OH = (H - 1)*stride - 2*padding + dilation*(KH - 1) + output_padding + 1, OW likewise.

    Raises
    ------
    ValueError
        If the channels do not match or nothing is left of the output.
    TypeError
        If the dtypes differ or are not float types.

    Notes
    -----
    The loop is `numbacnn.kernels.conv.conv2d_backward_input`. Source: Dumoulin & Visin 2016, "A guide to convolution
    arithmetic for deep learning", chapter 4.
    """
    return _transposed("conv_transpose2d", input, weight, bias, stride, padding, output_padding, groups, dilation)


@batched(4)
def conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Every pixel of a volume lays its filter, times its value, over the output.

    Parameters
    ----------
    input : Tensor (N, IC, D, H, W) or (IC, D, H, W)
        Volumes, float.
    weight : Tensor (IC, OC / groups, KD, KH, KW)
        Filters, of the same dtype.
    bias : Tensor (OC,), optional
    stride, padding, output_padding, groups, dilation
        As for `conv_transpose2d`, an int or, but for `groups`, three of them; what is raised likewise.

    Returns
    -------
    Tensor (N, OC, OD, OH, OW)

    Notes
    -----
    The loop is `numbacnn.kernels.conv3d.conv3d_backward_input`.
    """
    return _transposed("conv_transpose3d", input, weight, bias, stride, padding, output_padding, groups, dilation)


@batched(2)
def conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Every sample of a row lays its filter, times its value, over the output.

    Parameters
    ----------
    input : Tensor (N, IC, W) or (IC, W)
        Rows of pixels, or of samples in time, float.
    weight : Tensor (IC, OC / groups, KW)
        Filters, of the same dtype.
    bias : Tensor (OC,), optional
    stride, padding, output_padding, groups, dilation
        As for `conv_transpose2d`, an int each; what is raised likewise.

    Returns
    -------
    Tensor (N, OC, OW)
    """
    op = "conv_transpose1d"
    check_types(op, input, weight=weight, bias=bias)
    settings = [several(op, name, value, least, 1) for name, value, least in (
        ("stride", stride, 1), ("padding", padding, 0), ("output_padding", output_padding, 0), ("dilation", dilation, 1))]
    _enlarged(op, input, weight, bias, *settings, groups)
    (stride,), (padding,), (more,), (dilation,) = settings
    return conv_transpose2d(input.unsqueeze(-2), weight.unsqueeze(-2), bias, (1, stride), (0, padding), (0, more), groups,
                            (1, dilation)).squeeze(-2)


def _transposed(op, input, weight, bias, stride, padding, output_padding, groups, dilation):
    """A transposed convolution of images or volumes."""
    check_types(op, input, weight=weight, bias=bias)
    count, groups = int(op[-2]), whole(op, "groups", groups, 1)
    stride, padding, more, dilation = (several(op, name, value, least, count) for name, value, least in (
        ("stride", stride, 1), ("padding", padding, 0), ("output_padding", output_padding, 0), ("dilation", dilation, 1)))
    out_shape = _enlarged(op, input, weight, bias, stride, padding, more, dilation, groups)
    shape, settings = shape_of(input), (stride, padding, dilation)

    def forward(kind, x, filters):
        return kind.conv_transpose(x, filters, out_shape, *settings, groups)

    def backward(kind, dout, wanted, saved):
        x, filters, dx, dweight = saved["input"], saved["weight"], None, None
        convolve, gradients = ((kind.conv2d_forward, kind.conv2d_backward) if count == 2 else
                               (kind.conv3d_forward, kind.conv3d_backward))
        if wanted[0]:
            dx = convolve(dout, filters, None, *settings, groups)
            if dx.shape != shape:  # output padding of a stride or more: there the filters see pixels behind the last
                dx = np.ascontiguousarray(as_plain(dx)[tuple(slice(extent) for extent in shape)])
        if wanted[1]:
            dweight = gradients(x, dout, filters, *settings, (False, True, False), groups)[1]
        return dx, dweight

    how = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    out = apply(op, forward, backward, ("input", "weight"), settings=how, input=input, weight=weight)
    if bias is None:
        return out
    if count == 2:
        return _shifted(out, bias)
    N, C, D, H, W = out_shape
    return _shifted(out.reshape(N, C, D * H, W), bias).reshape(out_shape)


def _shifted(input, bias):
    """A number added to each channel."""
    def forward(kind, x, numbers):
        return kind.shift_forward(x, numbers)

    def backward(kind, dout, wanted, saved):
        return dout, kind.shift_backward(dout) if wanted[1] else None

    return apply("shift", forward, backward, input=input, bias=bias)


def _enlarged(op, input, weight, bias, stride, padding, more, dilation, groups):
    """The shape of the result, checked."""
    shape, filters = shape_of(input), shape_of(weight)
    groups, axes = whole(op, "groups", groups, 1), ("D", "H", "W")[3 - len(stride):]
    if len(shape) != 2 + len(axes) or len(filters) != len(shape) or 0 in filters:
        raise ValueError(f"{op}: expected input (N, channels, {', '.join(axes)}) and weight (in, out, "
                         f"K{', K'.join(axes)}) without an extent of 0, got {shape} and {filters}")
    if shape[1] != filters[0] or filters[0] % groups:
        raise ValueError(f"{op}: weight {filters} takes {filters[0]} input channels in {groups} groups but "
                         f"the input {shape} has {shape[1]}; set in_channels={shape[1]}, a multiple of groups")
    if bias is not None and tuple(bias.shape) != (filters[1] * groups,):
        raise ValueError(f"{op}: the bias has shape {tuple(bias.shape)}, expected ({filters[1] * groups},)")
    if any(extra >= max(s, d) for extra, s, d in zip(more, stride, dilation)):
        raise ValueError(f"{op}: output_padding must be smaller than either stride or dilation, got "
                         f"output_padding {more}, stride {stride} and dilation {dilation}")
    size = tuple((extent - 1) * s - 2 * p + d * (k - 1) + extra + 1
                 for extent, s, p, d, k, extra in zip(shape[2:], stride, padding, dilation, filters[2:], more))
    if min(size) < 1:
        raise ValueError(f"{op}: padding {padding} leaves an output of {size} of the input {shape}; use less")
    return (shape[0], filters[1] * groups, *size)
