"""Convolution."""

from functools import lru_cache

from numbacnn.nn.arguments import several, whole
from numbacnn.nn.functional.apply import apply, batched
from numbacnn.nn.functional.checks import check_fit, check_types, frozen
from numbacnn.tensors.internals import shape_of


@batched(3)
def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Lay every filter over every window of every image.

    Parameters
    ----------
    input : Tensor (N, IC, H, W) or (IC, H, W)
        Images, float.
    weight : Tensor (OC, IC / groups, KH, KW)
        Filters, of the same dtype.
    bias : Tensor (OC,), optional
        A number for each filter.
    stride, dilation : int or (int, int)
        Distance between windows, and between the taps of a filter; rows, columns.
    padding : int, (int, int), "same" or "valid"
        Rows and columns of zeros around the image.
    groups : int
        Input and output channels are parted into as many groups, and each output sees the inputs of its group only;
        with as many groups as input channels the convolution is depthwise.

    Returns
    -------
    Tensor (N, OC, OH, OW)
        With OH = (H + 2*padding - dilation*(KH - 1) - 1) // stride + 1, OW likewise.

    Raises
    ------
    ValueError
        If the channels do not match or the filter does not fit the image.
    TypeError
        If the dtypes differ or are not float types.

    Notes
    -----
    The loops and their sources: `numbacnn.kernels.conv`.
    """
    check_types("conv2d", input, weight=weight, bias=bias)
    stride, padding, dilation = check_filters("conv2d", shape_of(input), shape_of(weight),
                                              None if bias is None else shape_of(bias), frozen(stride),
                                              frozen(padding), frozen(dilation), groups)
    if padding == "same":
        return _conv2d_same(input, weight, bias, stride, dilation, groups)

    def forward(kind, x, filters, numbers):
        return kind.conv2d_forward(x, filters, numbers, stride, padding, dilation, groups)

    def backward(kind, dout, wanted, saved):
        return kind.conv2d_backward(dout, saved["input"], saved["weight"], stride, padding, dilation, wanted, groups)

    how = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return apply("conv2d", forward, backward, ("input", "weight"), settings=how, input=input, weight=weight, bias=bias)


def _conv2d_same(input, weight, bias, stride, dilation, groups):
    """Zeros are added so that the size stays; where their number is odd, the extra one goes behind, as in PyTorch."""
    missing = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    before = [extra // 2 for extra in missing]
    after = [extra - extra // 2 for extra in missing]
    if before == after:
        return conv2d(input, weight, bias, stride, tuple(before), dilation, groups)
    out = conv2d(input, weight, bias, stride, tuple(after), dilation, groups)
    rows, columns = (a - b for a, b in zip(after, before))
    return out[:, :, rows:, columns:]


@lru_cache(maxsize=1024, typed=True)
def check_filters(op, input, weight, bias, stride, padding, dilation, groups):
    """Stride, padding ("same", or as many numbers) and dilation of a convolution of these shapes, checked."""
    axes = {"conv1d": ("W",), "conv2d": ("H", "W"), "conv3d": ("D", "H", "W")}[op]
    count = len(axes)
    stride, dilation = several(op, "stride", stride, 1, count), several(op, "dilation", dilation, 1, count)
    if len(input) != 2 + count or len(weight) != 2 + count:
        raise ValueError(f"{op}: expected input (N, channels, {', '.join(axes)}) and weight "
                         f"(out, in, K{', K'.join(axes)}), got {tuple(input)} and {tuple(weight)}")
    if 0 in weight:
        raise ValueError(f"{op}: the weight {tuple(weight)} has an extent of 0; filters need at least one tap, and "
                         "there must be at least one")
    if input[1] != weight[1] * whole(op, "groups", groups, 1):
        kinds = "input channels" if groups == 1 else f"input channels in each of {groups} groups"
        fix = f"set in_channels={input[1]}"
        if input[-1] == weight[1] * groups:  # as image files and NumPy have them
            others = ", ".join(map(str, range(1, 1 + count)))
            fix += f", or, if the channels come last, bring them forward with permute(0, {1 + count}, {others})"
        raise ValueError(f"{op}: weight has {weight[1]} {kinds} but input has {input[1]} "
                         f"(input {tuple(input)}, weight {tuple(weight)}); {fix}")
    if weight[0] % groups:
        raise ValueError(f"{op}: {weight[0]} filters cannot be parted into {groups} groups; out_channels must be a "
                         "multiple of groups")
    if bias is not None and tuple(bias) != (weight[0],):
        raise ValueError(f"{op}: the bias has shape {tuple(bias)}, expected ({weight[0]},): one number for each of "
                         f"the {weight[0]} filters")
    if padding == "same":
        if any(s != 1 for s in stride):
            raise ValueError(f"{op}: padding='same' is not supported for strided convolutions; give the padding in "
                             "pixels")
        return stride, padding, dilation
    padding = (0,) * count if padding == "valid" else several(op, "padding", padding, 0, count)
    check_fit(op, input, weight[2:], stride, padding, dilation)
    return stride, padding, dilation
