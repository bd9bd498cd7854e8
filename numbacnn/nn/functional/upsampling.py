"""Larger images out of smaller ones."""

from numbacnn.engine import kind_for, storage_for
from numbacnn.nn.arguments import not_offered, pair, whole
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.tensor import Tensor


def interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None,
                antialias=False):
    """Images in another size, each pixel that of the input which lies below it.

    Parameters
    ----------
    input : Tensor (N, C, H, W)
        Float.
    size : int or (int, int), optional
        Rows and columns of the output.
    scale_factor : whole number or pair of them, optional
        By how much there are more; either this or `size`.
    mode, align_corners, recompute_scale_factor, antialias
        Only "nearest" and the defaults are offered.

    Returns
    -------
    Tensor (N, C, OH, OW)

    Raises
    ------
    ValueError
        If the input has other dimensions, or not exactly one of size and scale_factor is given.
    NotImplementedError
        For what is not offered, such as a scale_factor that is no whole number.

    Notes
    -----
    Row oh is row floor(oh*H / OH) of the input, in whole numbers. PyTorch rounds H / OH to float32 first, so for few
    pairs of sizes (2 and 82 is one) it takes the neighbour of a pixel; never where OH is a multiple of H.
    """
    not_offered("interpolate", mode=(mode, "nearest"), align_corners=(align_corners, None), antialias=(antialias, False),
                recompute_scale_factor=(recompute_scale_factor, None))
    check_types("interpolate", input)
    shape = tuple(input._storage.shape)
    if len(shape) != 4:
        raise ValueError(f"interpolate: expected input (N, channels, H, W), got {shape}")
    if (size is None) == (scale_factor is None):
        raise ValueError(f"interpolate: give either size or scale_factor, got size={size} and scale_factor={scale_factor}")
    if size is None:
        factors = scale_factor if isinstance(scale_factor, (tuple, list)) else (scale_factor,) * 2
        if any(factor != int(factor) for factor in factors):
            raise NotImplementedError(f"interpolate: scale_factor={scale_factor} is not offered, only whole numbers; "
                                      "give the size")
        factors = pair("interpolate", "scale_factor", tuple(int(factor) for factor in factors), 1)
        size = tuple(extent * factor for extent, factor in zip(shape[2:], factors))
    size = pair("interpolate", "size", size, 1)
    kind = kind_for(input)

    def backward(dout):
        return (kind.nearest2d_backward(storage_for(kind, dout), shape),)

    return Tensor._from_op(kind.nearest2d_forward(storage_for(kind, input), size), (input,), backward, "interpolate")


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
    kind, settings, filters = kind_for(input), (stride, padding, dilation), weight._array
    x = storage_for(kind, input)
    out = kind.conv_transpose2d(x, filters, out_shape, *settings, groups)
    version = weight._version

    def backward(dout):
        weight._unchanged_since(version, op)
        dout, dx, dweight = storage_for(kind, dout), None, None
        if input._requires_grad:
            dx = kind.grouped_conv2d_forward(dout, filters, None, *settings, groups)
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

    return Tensor._from_op(kind.shift_forward(storage_for(kind, input), bias._array), (input, bias), backward, "shift")


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
