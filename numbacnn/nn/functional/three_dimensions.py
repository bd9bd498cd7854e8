"""Operations on volumes, or films, (N, C, D, H, W)."""

from functools import lru_cache

from numbacnn.engine import kind_for, storage_for
from numbacnn.nn.arguments import not_offered, several, whole
from numbacnn.nn.functional.checks import check_fit, check_types, frozen
from numbacnn.tensors.tensor import Tensor


def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Lay every filter over every window of every volume.

    Parameters
    ----------
    input : Tensor (N, IC, D, H, W) or (IC, D, H, W)
        Volumes, or films of D pictures, float.
    weight : Tensor (OC, IC, KD, KH, KW)
        Filters, of the same dtype.
    bias : Tensor (OC,), optional
    stride, padding, dilation
        As for `conv2d`, an int or three of them; what is returned and raised likewise. With "same" the filter
        must reach equally far to both sides.
    groups : int
        Only 1 is offered.

    Returns
    -------
    Tensor (N, OC, OD, OH, OW)

    Notes
    -----
    The loops and their sources: `numbacnn.kernels.conv3d`.
    """
    not_offered("conv3d", groups=(groups, 1))
    check_types("conv3d", input, weight=weight, bias=bias)
    if input.ndim == 4:
        return conv3d(input.unsqueeze(0), weight, bias, stride, padding, dilation).squeeze(0)
    settings = _filters(input._storage.shape, weight._storage.shape, None if bias is None else bias._storage.shape,
                        frozen(stride), frozen(padding), frozen(dilation))
    kind = kind_for(input)
    x, filters = storage_for(kind, input), weight._array
    out = kind.conv3d_forward(x, filters, None if bias is None else bias._array, *settings)
    parents = (input, weight) if bias is None else (input, weight, bias)
    version = weight._version

    def backward(dout):
        weight._unchanged_since(version, "conv3d")
        wanted = (*(parent._requires_grad for parent in parents), False)[:3]
        return kind.conv3d_backward(storage_for(kind, dout), x, filters, *settings, wanted)[:len(parents)]

    return Tensor._from_op(out, parents, backward, "conv3d")


def max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest pixel of each window of a volume (N, C, D, H, W); arguments as for `max_pool2d`, an int or three."""
    not_offered("max_pool3d", return_indices=(return_indices, False))
    check_types("max_pool3d", input)
    if input.ndim == 4:
        return max_pool3d(input.unsqueeze(0), kernel_size, stride, padding, dilation, ceil_mode).squeeze(0)
    window = _window("max_pool3d", input._storage.shape, frozen(kernel_size), frozen(stride), frozen(padding),
                     frozen(dilation), bool(ceil_mode))
    kind = kind_for(input)
    x = storage_for(kind, input)
    out, tap = kind.max_pool3d_forward(x, *window, ceil_mode)

    def backward(dout):
        return (kind.max_pool3d_backward(storage_for(kind, dout), tap, x.shape, *window),)

    return Tensor._from_op(out, (input,), backward, "max_pool3d")


def avg_pool3d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
               divisor_override=None):
    """The average of each window of a volume (N, C, D, H, W); arguments as for `avg_pool2d`, an int or three."""
    check_types("avg_pool3d", input)
    if input.ndim == 4:
        return avg_pool3d(input.unsqueeze(0), kernel_size, stride, padding, ceil_mode, count_include_pad,
                          divisor_override).squeeze(0)
    *window, _ = _window("avg_pool3d", input._storage.shape, frozen(kernel_size), frozen(stride), frozen(padding), 1,
                         bool(ceil_mode))
    divisor = 0 if divisor_override is None else whole("avg_pool3d", "divisor_override", divisor_override, 1)
    kind, count_pad = kind_for(input), bool(count_include_pad)
    x = storage_for(kind, input)
    out = kind.avg_pool3d_forward(x, *window, count_pad, ceil_mode, divisor)

    def backward(dout):
        return (kind.avg_pool3d_backward(storage_for(kind, dout), x.shape, *window, count_pad, divisor),)

    return Tensor._from_op(out, (input,), backward, "avg_pool3d")


@lru_cache(maxsize=1024, typed=True)
def _filters(input, weight, bias, stride, padding, dilation):
    """Stride, padding and dilation of a convolution of these shapes as triples, checked."""
    stride, dilation = several("conv3d", "stride", stride, 1, 3), several("conv3d", "dilation", dilation, 1, 3)
    if len(input) != 5 or len(weight) != 5 or 0 in weight:
        raise ValueError(f"conv3d: expected input (N, channels, D, H, W) and weight (out, in, KD, KH, KW) without an "
                         f"extent of 0, got {tuple(input)} and {tuple(weight)}")
    if input[1] != weight[1]:
        raise ValueError(f"conv3d: weight has {weight[1]} input channels but input has {input[1]} "
                         f"(input {tuple(input)}, weight {tuple(weight)}); set in_channels={input[1]}")
    if bias is not None and tuple(bias) != (weight[0],):
        raise ValueError(f"conv3d: the bias has shape {tuple(bias)}, expected ({weight[0]},): one number for each of "
                         f"the {weight[0]} filters")
    if padding == "same":
        missing = [d * (k - 1) for d, k in zip(dilation, weight[2:])]
        if stride != (1, 1, 1) or any(extra % 2 for extra in missing):
            raise ValueError("conv3d: padding='same' needs stride 1 and filters that reach equally far to both sides; "
                             "give the padding in pixels")
        padding = tuple(extra // 2 for extra in missing)
    padding = (0, 0, 0) if padding == "valid" else several("conv3d", "padding", padding, 0, 3)
    check_fit("conv3d", input, weight[2:], stride, padding, dilation)
    return stride, padding, dilation


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
