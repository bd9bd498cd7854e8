"""Larger images out of smaller ones."""

from fractions import Fraction
from math import isfinite

import numpy as np

from numbacnn.engine import kind_for, storage_for, weights_for
from numbacnn.nn.arguments import not_offered, pair, whole
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.tape import as_plain
from numbacnn.tensors.tensor import Tensor

FINEST = 1 << 30  # the largest denominator: no double is further from such a fraction than it is from its neighbour


def interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None,
                antialias=False):
    """Images in another size, each pixel read off what lies below it.

    Parameters
    ----------
    input : Tensor (N, C, H, W)
        Float.
    size : int or (int, int), optional
        Rows and columns of the output.
    scale_factor : number or pair of them, optional
        By how much there are more; either this or `size`. Of H rows become floor(H * scale_factor).
    mode : str
        "nearest" takes the pixel below, "bilinear" weighs the four around it by how near they are.
    align_corners : bool, optional
        For "bilinear": whether the centres of the corner pixels stay where they are, else, and by default, the
        corners of the image do.
    recompute_scale_factor, antialias
        Only the defaults are offered.

    Returns
    -------
    Tensor (N, C, OH, OW)

    Raises
    ------
    ValueError
        If the shape or mode is none, not exactly one of size and scale_factor is given, or nothing is left.
    TypeError
        If the dtype is no float.
    NotImplementedError
        For what is not offered.

    Notes
    -----
    With s = H / OH, or 1 / scale_factor if that is given, row oh of the output lies at row floor(oh * s) of the input
    for "nearest", at max((oh + 1/2) * s - 1/2, 0) for "bilinear" and at oh * (H - 1) / (OH - 1) with aligned corners.
    Where a factor leaves the size as it is, it leaves the pixels too. All that is computed in whole numbers. PyTorch
    rounds s to float32 first, so for a few s its "nearest" takes the pixel before where oh * s is whole: of 2 rows that
    become 82, row 41 of the output is then row 0 of the input, and not row 1.

    The loops and their sources: `numbacnn.kernels.upsampling`.
    """
    not_offered("interpolate", recompute_scale_factor=(recompute_scale_factor or None, None),
                antialias=(antialias, False))
    check_mode("interpolate", mode, align_corners)
    check_types("interpolate", input)
    shape = tuple(input._storage.shape)
    if len(shape) != 4 or 0 in shape[1:]:
        raise ValueError(f"interpolate: expected input (N, channels, H, W) without an extent of 0, got {shape}")
    if (size is None) == (scale_factor is None):
        raise ValueError(f"interpolate: give either size or scale_factor, got size={size} and "
                         f"scale_factor={scale_factor}")
    factors = (None, None) if scale_factor is None else _factors(scale_factor)
    if size is None:
        size = tuple(int(extent * factor) for extent, factor in zip(shape[2:], factors))
        if 0 in size:
            raise ValueError(f"interpolate: scale_factor={scale_factor} leaves nothing of an image of {shape[2]} rows and "
                             f"{shape[3]} columns; use a larger one")
    size = pair("interpolate", "size", size, 1)
    rows, columns = (_grid(mode, align_corners, *axis) for axis in zip(shape[2:], size, factors))
    kind, mode = kind_for(input), f"{mode}2d"

    def backward(dout):
        return (kind.upsample2d_backward(mode, storage_for(kind, dout), shape, rows, columns),)

    out = kind.upsample2d_forward(mode, storage_for(kind, input), size, rows, columns)
    return Tensor._from_op(out, (input,), backward, "interpolate")


def check_mode(name, mode, align_corners):
    """The mode must be one of those that there are, and have corners to align if that is asked."""
    if mode not in ("nearest", "bilinear"):
        raise NotImplementedError(f"{name}: mode={mode!r} is not offered; numbacnn has 'nearest' and 'bilinear'")
    if mode == "nearest" and align_corners is not None:
        raise ValueError(f"{name}: align_corners={align_corners} is for mode='bilinear' only; leave it out")


def _factors(scale_factor):
    """A factor for rows and one for columns, checked."""
    factors = tuple(scale_factor) if isinstance(scale_factor, (tuple, list)) else (scale_factor,) * 2
    if len(factors) != 2 or not all(isfinite(factor) and factor > 0 for factor in factors):
        raise ValueError("interpolate: scale_factor must be a number above 0 or a pair of them (rows, columns), got "
                         f"{scale_factor!r}")
    return factors


def _grid(mode, align_corners, extent, outputs, factor):
    """Where the outputs lie along an axis, as the loops take it: (step, start, unit), whole numbers.

    From one output to the next there are `over / under` pixels.
    """
    if outputs == extent or mode == "nearest" and outputs == 2 * extent:
        return 1, 0, outputs // extent  # as in PyTorch, a factor that leaves the size, or doubles it, is exactly that
    if align_corners:
        return (extent - 1, 0, outputs - 1) if outputs > 1 else (0, 0, 1)
    over, under = extent, outputs
    if factor is not None:
        under, over = Fraction(float(factor)).limit_denominator(FINEST).as_integer_ratio()
    if mode == "bilinear":  # the centre of output o, half a step behind its border, less half a pixel
        return 2 * over, over - under, 2 * under
    return over, 0, under


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
        If the dtypes differ or are no floats.

    Notes
    -----
    The loop is `numbacnn.kernels.conv.conv2d_backward_input`. Source: Dumoulin & Visin 2016, "A guide to convolution
    arithmetic for deep learning", chapter 4.
    """
    op = "conv_transpose2d"
    check_types(op, input, weight=weight, bias=bias)
    if input.ndim == 3:
        return conv_transpose2d(input.unsqueeze(0), weight, bias, stride, padding, output_padding, groups,
                                dilation).squeeze(0)
    stride, padding, dilation = (pair(op, "stride", stride, 1), pair(op, "padding", padding, 0),
                                 pair(op, "dilation", dilation, 1))
    out_shape = _enlarged(input, weight, bias, stride, padding, pair(op, "output_padding", output_padding, 0), groups,
                          dilation)
    kind, settings = kind_for(input), (stride, padding, dilation)
    x, filters, shape = storage_for(kind, input), weights_for(kind, weight), tuple(input._storage.shape)
    out = kind.conv_transpose2d(x, filters, out_shape, *settings, groups)
    version = weight._version

    def backward(dout):
        weight._unchanged_since(version, op)
        dout, dx, dweight = storage_for(kind, dout), None, None
        if input._requires_grad:
            dx = kind.grouped_conv2d_forward(dout, filters, None, *settings, groups)
            if dx.shape != shape:  # output padding of a stride or more: there the filters see pixels behind the last
                dx = np.ascontiguousarray(as_plain(dx)[:, :, :shape[2], :shape[3]])
        if weight._requires_grad:
            wanted = False, True, False
            dweight = kind.grouped_conv2d_backward(x, dout, filters, *settings, groups, wanted)[1]
        return dx, dweight

    out = Tensor._from_op(out, (input, weight), backward, op)
    return out if bias is None else _shifted(kind, out, bias)


def _shifted(kind, input, bias):
    """A number added to each channel."""
    def backward(dout):
        return dout, kind.shift_backward(storage_for(kind, dout)) if bias._requires_grad else None

    out = kind.shift_forward(storage_for(kind, input), weights_for(kind, bias))
    return Tensor._from_op(out, (input, bias), backward, "shift")


def _enlarged(input, weight, bias, stride, padding, more, groups, dilation):
    """The shape of the result, checked."""
    shape, filters = tuple(input._storage.shape), tuple(weight._storage.shape)
    groups = whole("conv_transpose2d", "groups", groups, 1)
    if len(shape) != 4 or len(filters) != 4 or 0 in filters:
        raise ValueError(f"conv_transpose2d: expected input (N, channels, H, W) and weight (in, out, KH, KW) without an "
                         f"extent of 0, got {shape} and {filters}")
    if shape[1] != filters[0] or filters[0] % groups:
        raise ValueError(f"conv_transpose2d: weight {filters} takes {filters[0]} input channels in {groups} groups but "
                         f"the input {shape} has {shape[1]}; set in_channels={shape[1]}, a multiple of groups")
    if bias is not None and tuple(bias.shape) != (filters[1] * groups,):
        raise ValueError(f"conv_transpose2d: the bias has shape {tuple(bias.shape)}, expected ({filters[1] * groups},)")
    if any(extra >= max(s, d) for extra, s, d in zip(more, stride, dilation)):
        raise ValueError(f"conv_transpose2d: output_padding must be smaller than either stride or dilation, got "
                         f"output_padding {more}, stride {stride} and dilation {dilation}")
    size = tuple((extent - 1) * s - 2 * p + d * (k - 1) + extra + 1
                 for extent, s, p, d, k, extra in zip(shape[2:], stride, padding, dilation, filters[2:], more))
    if min(size) < 1:
        raise ValueError(f"conv_transpose2d: padding {padding} leaves an output of {size} of the input {shape}; use less")
    return (shape[0], filters[1] * groups, *size)
