"""The operations as functions, with PyTorch's names: shapes and types are checked here, the engine does the work.

float32 batches run in lanes and tiles on every thread, other float types as plain textbook loops on floats; the
loops are the same (`numbacnn.kernels`).
"""

from functools import lru_cache

import numpy as np

from numbacnn.engine import kind_for, storage_for
from numbacnn.kernels.conv import output_extent
from numbacnn.nn.arguments import not_offered, pair
from numbacnn.tensor import Tensor

__all__ = ["avg_pool2d", "conv2d", "cross_entropy", "linear", "max_pool2d", "relu", "tanh"]


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Lay every filter over every window of every image.

    Parameters
    ----------
    input : Tensor (N, IC, H, W) or (IC, H, W)
        Images, float.
    weight : Tensor (OC, IC, KH, KW)
        Filters, of the same dtype.
    bias : Tensor (OC,), optional
        A number for each filter.
    stride, dilation : int or (int, int)
        Distance between windows, and between the taps of a filter; rows, columns.
    padding : int, (int, int), "same" or "valid"
        Rows and columns of zeros around the image.
    groups : int
        Only 1 is offered.

    Returns
    -------
    Tensor (N, OC, OH, OW)
        With OH = (H + 2*padding - dilation*(KH - 1) - 1) // stride + 1, OW likewise.

    Raises
    ------
    ValueError
        If the channels do not match or the filter does not fit the image.
    TypeError
        If the dtypes differ or are no floats.

    Notes
    -----
    The loops and their sources: `numbacnn.kernels.conv`.
    """
    if groups != 1:
        not_offered("conv2d", groups=(groups, 1))
    _check_types("conv2d", input, weight=weight, bias=bias)
    if input.ndim == 3:
        return conv2d(input.unsqueeze(0), weight, bias, stride, padding, dilation).squeeze(0)
    stride, padding, dilation = _filters(input._storage.shape, weight._storage.shape,
                                         None if bias is None else bias._storage.shape, _frozen(stride),
                                         _frozen(padding), _frozen(dilation))
    if padding == "same":
        return _conv2d_same(input, weight, bias, stride, dilation)

    kind = kind_for(input)
    x, taps = storage_for(kind, input), weight._array
    constants = None if bias is None else bias._array
    out = kind.conv2d_forward(x, taps, constants, stride, padding, dilation)
    parents = (input, weight) if bias is None else (input, weight, bias)

    def backward(dout):
        wanted = (*(parent._requires_grad for parent in parents), False)[:3]
        return kind.conv2d_backward(storage_for(kind, dout), x, taps, stride, padding, dilation, wanted)[:len(parents)]

    return Tensor._from_op(out, parents, backward, "conv2d")


def _conv2d_same(input, weight, bias, stride, dilation):
    """Zeros are added so that the size stays; where their number is odd, the extra one goes behind, as in PyTorch."""
    if stride != (1, 1):
        raise ValueError("conv2d: padding='same' is not supported for strided convolutions; give the padding in pixels")
    missing = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    before = [extra // 2 for extra in missing]
    after = [extra - extra // 2 for extra in missing]
    if before == after:
        return conv2d(input, weight, bias, stride, tuple(before), dilation)
    out = conv2d(input, weight, bias, stride, tuple(after), dilation)
    rows, columns = (a - b for a, b in zip(after, before))
    return out[:, :, rows:, columns:]


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest pixel of each window; of equal ones the first in reading order gets the gradient.

    Parameters
    ----------
    input : Tensor (N, C, H, W) or (C, H, W)
        Images, float.
    kernel_size, stride, padding, dilation : int or (int, int)
        Size of a window, distance between windows (the window's size if None), pixels around the image that never
        win, distance between the taps of a window.
    ceil_mode, return_indices : bool
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
    if ceil_mode or return_indices:
        not_offered("max_pool2d", ceil_mode=(ceil_mode, False), return_indices=(return_indices, False))
    _check_types("max_pool2d", input)
    if input.ndim == 3:
        return max_pool2d(input.unsqueeze(0), kernel_size, stride, padding, dilation).squeeze(0)
    kernel, stride, padding, dilation = _window("max_pool2d", input._storage.shape, _frozen(kernel_size),
                                                _frozen(stride), _frozen(padding), _frozen(dilation))

    kind = kind_for(input)
    x = storage_for(kind, input)
    out, tap = kind.max_pool2d_forward(x, kernel, stride, padding, dilation)

    def backward(dout):
        return (kind.max_pool2d_backward(storage_for(kind, dout), tap, x.shape, kernel, stride, padding, dilation),)

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
    ceil_mode, divisor_override
        Not offered.

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
    not_offered("avg_pool2d", ceil_mode=(ceil_mode, False), divisor_override=(divisor_override, None))
    _check_types("avg_pool2d", input)
    if input.ndim == 3:
        return avg_pool2d(input.unsqueeze(0), kernel_size, stride, padding,
                          count_include_pad=count_include_pad).squeeze(0)
    kernel, stride, padding, _ = _window("avg_pool2d", input._storage.shape, _frozen(kernel_size), _frozen(stride),
                                         _frozen(padding), 1)

    kind, count_pad = kind_for(input), bool(count_include_pad)
    x = storage_for(kind, input)
    out = kind.avg_pool2d_forward(x, kernel, stride, padding, count_pad)

    def backward(dout):
        return (kind.avg_pool2d_backward(storage_for(kind, dout), x.shape, kernel, stride, padding, count_pad),)

    return Tensor._from_op(out, (input,), backward, "avg_pool2d")


def linear(input, weight, bias=None):
    """input @ weight.T + bias.

    Parameters
    ----------
    input : Tensor (..., in_features)
        Float.
    weight : Tensor (out_features, in_features)
        Of the same dtype.
    bias : Tensor (out_features,), optional

    Returns
    -------
    Tensor (..., out_features)

    Raises
    ------
    ValueError
        If the features do not match.
    TypeError
        If the dtypes differ or are no floats.

    Notes
    -----
    The loops and their sources: `numbacnn.kernels.linear`.
    """
    _check_types("linear", input, weight=weight, bias=bias)
    if weight.ndim != 2 or input.ndim == 0 or input.shape[-1] != weight.shape[1]:
        features = input.shape[-1] if input.ndim else 0
        raise ValueError(f"linear: the weight {tuple(weight.shape)} takes {weight.shape[-1]} features but the input "
                         f"{tuple(input.shape)} has {features}; set in_features={features}, or use LazyLinear")
    if bias is not None and tuple(bias.shape) != (weight.shape[0],):
        raise ValueError(f"linear: the bias has shape {tuple(bias.shape)}, expected ({weight.shape[0]},): one number "
                         f"for each of the {weight.shape[0]} outputs")
    if input.ndim != 2:
        rows = linear(input.reshape(-1, weight.shape[1]), weight, bias)
        return rows.reshape(*input.shape[:-1], weight.shape[0])

    kind = kind_for(input)
    x, taps = storage_for(kind, input), weight._array
    out = kind.linear_forward(x, taps, None if bias is None else bias._array)
    parents = (input, weight) if bias is None else (input, weight, bias)

    def backward(dout):
        wanted = (*(parent._requires_grad for parent in parents), False)[:3]
        return kind.linear_backward(storage_for(kind, dout), x, taps, wanted)[:len(parents)]

    return Tensor._from_op(out, parents, backward, "linear")


def relu(input, inplace=False):
    """max(input, 0), number by number; the gradient at 0 is 0.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    inplace : bool
        Only False is offered.

    Raises
    ------
    TypeError
        If the dtype is no float.
    """
    if inplace:
        not_offered("relu", inplace=(inplace, False))
    return _elementwise("relu", input, "relu_forward", "relu_backward")


def tanh(input):
    """The hyperbolic tangent, number by number.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.

    Raises
    ------
    TypeError
        If the dtype is no float.
    """
    return _elementwise("tanh", input, "tanh_forward", "tanh_backward")


def _elementwise(name, input, forward, backward):
    _check_types(name, input)
    # a plain array of any shape needs no packing: the loop on floats takes it as it is
    kind = kind_for(input, packed=type(input._storage) is not np.ndarray)
    out = getattr(kind, forward)(storage_for(kind, input))

    def back(dout):
        return (getattr(kind, backward)(storage_for(kind, dout), out),)

    return Tensor._from_op(out, (input,), back, name)


def cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
                  label_smoothing=0.0):
    """-log softmax(input)[target]: how surprised the scores are by the right class.

    Parameters
    ----------
    input : Tensor (N, C)
        Scores (logits), float.
    target : Tensor (N,)
        Classes 0 to C - 1, integer.
    reduction : {"mean", "sum", "none"}
        What becomes of the N losses.
    weight, size_average, ignore_index, reduce, label_smoothing
        Not offered beyond their defaults.

    Returns
    -------
    Tensor () or (N,)

    Raises
    ------
    ValueError
        If the shapes do not match, a class is out of range, or the reduction is unknown.
    TypeError
        If the scores are no floats or the classes no integers.
    """
    if weight is not None:
        raise NotImplementedError("cross_entropy: weight is not offered")
    not_offered("cross_entropy", size_average=(size_average, None), ignore_index=(ignore_index, -100),
                reduce=(reduce, None), label_smoothing=(label_smoothing, 0.0))
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"cross_entropy: reduction must be 'mean', 'sum' or 'none', got {reduction!r}")
    _check_types("cross_entropy", input)
    classes = _checked_classes(input, target)

    kind = kind_for(input)
    x = storage_for(kind, input)
    N = input.shape[0]
    losses = kind.cross_entropy_forward(x, classes)
    with np.errstate(invalid="ignore", divide="ignore"):  # the mean of no images is NaN, as in PyTorch
        out = {"mean": lambda: losses.sum() / losses.dtype.type(N), "sum": losses.sum, "none": lambda: losses}[reduction]()

    def backward(dout):
        share = np.broadcast_to(dout / N if reduction == "mean" else dout, N)
        return (kind.cross_entropy_backward(x, classes, np.ascontiguousarray(share, losses.dtype)),)

    return Tensor._from_op(out, (input,), backward, "cross_entropy", plain=True)


# ---- checks


def _check_types(op, input, **others):
    if not isinstance(input, Tensor):
        raise TypeError(f"{op}: expected a numbacnn Tensor, got {type(input).__name__}; "
                        "numbacnn.tensor(data) makes one")
    dtype = input._storage.dtype
    if dtype.kind != "f":
        raise TypeError(f"{op}: expected floating point input, got {dtype}; images of whole numbers become "
                        "floats with .float(), usually divided by 255")
    for name, other in others.items():
        if other is not None and other._storage.dtype != dtype:
            raise TypeError(f"{op}: input is {dtype} but {name} is {other.dtype}; convert one of them, for "
                            "example input.float()")


def _frozen(value):
    """A list as a tuple: the checks below remember what they have seen."""
    return tuple(value) if isinstance(value, list) else value


@lru_cache(maxsize=1024)
def _filters(input, weight, bias, stride, padding, dilation):
    """Stride, padding ("same", or a pair) and dilation of a convolution of these shapes, checked."""
    stride, dilation = pair("conv2d", "stride", stride, 1), pair("conv2d", "dilation", dilation, 1)
    if len(input) != 4 or len(weight) != 4:
        raise ValueError(f"conv2d: expected input (N, channels, H, W) and weight (out, in, KH, KW), got "
                         f"{tuple(input)} and {tuple(weight)}")
    if input[1] != weight[1]:
        raise ValueError(f"conv2d: weight has {weight[1]} input channels but input has {input[1]} "
                         f"(input {tuple(input)}, weight {tuple(weight)}); set in_channels={input[1]}")
    if bias is not None and tuple(bias) != (weight[0],):
        raise ValueError(f"conv2d: the bias has shape {tuple(bias)}, expected ({weight[0]},): one number for each of "
                         f"the {weight[0]} filters")
    if padding == "same":
        return stride, padding, dilation
    padding = (0, 0) if padding == "valid" else pair("conv2d", "padding", padding, 0)
    _check_fit("conv2d", input, weight[2:], stride, padding, dilation)
    return stride, padding, dilation


@lru_cache(maxsize=1024)
def _window(op, input, kernel_size, stride, padding, dilation):
    """Kernel, stride, padding and dilation of a pooling as pairs, checked."""
    if len(input) != 4:
        raise ValueError(f"{op}: expected input (N, channels, H, W), got {tuple(input)}")
    kernel, dilation = pair(op, "kernel_size", kernel_size, 1), pair(op, "dilation", dilation, 1)
    stride = kernel if stride is None else pair(op, "stride", stride, 1)
    padding = pair(op, "padding", padding, 0)
    if any(2 * p > k for p, k in zip(padding, kernel)):
        raise ValueError(f"{op}: padding must be at most half of the window, got padding {padding} and window {kernel}")
    _check_fit(op, input, kernel, stride, padding, dilation)
    return kernel, stride, padding, dilation


def _check_fit(op, input, kernel, stride, padding, dilation):
    """The window must fit the padded image at least once."""
    for axis, extent, k, s, p, d in zip(("rows", "columns"), input[2:], kernel, stride, padding, dilation):
        if output_extent(extent, k, s, p, d) < 1:
            raise ValueError(
                f"{op}: a window of {d * (k - 1) + 1} {axis} does not fit an image of {extent} {axis} with padding "
                f"{p}: ({extent} + 2*{p} - {d}*({k} - 1) - 1) // {s} + 1 = {output_extent(extent, k, s, p, d)} "
                f"(input {tuple(input)}); use a smaller window, more padding, larger images or fewer poolings before")


def _checked_classes(input, target):
    """The target as an int64 array, each entry a class of the input."""
    if not isinstance(target, Tensor) or target.dtype.kind not in "iu":
        given = target.dtype if isinstance(target, Tensor) else type(target).__name__
        raise TypeError(f"cross_entropy: the target must be a Tensor of integers, the classes; got {given}")
    if input.ndim != 2 or target.ndim != 1:
        raise ValueError(f"cross_entropy: expected scores (N, classes) and target (N,), got {tuple(input.shape)} and "
                         f"{tuple(target.shape)}")
    rows, images = input.shape[0], target.shape[0]
    if rows != images:
        reason = ""
        if images and rows % images == 0:
            reason = (f": the network made {rows // images} rows of every image. A view(-1, features) before the dense "
                      f"layer asked for {rows // images} times fewer features than an image has; pool once more, or "
                      "use flatten(1) and a Linear of that many features")
        raise ValueError(f"Expected input batch_size ({rows}) to match target batch_size ({images}){reason}.")
    classes = np.ascontiguousarray(target._array, np.int64)
    if images and (classes.min() < 0 or classes.max() >= input.shape[1]):
        wrong = int(classes.min() if classes.min() < 0 else classes.max())
        raise ValueError(f"cross_entropy: target {wrong} is out of range: the scores have {input.shape[1]} classes, 0 "
                         f"to {input.shape[1] - 1}; give the last layer {wrong + 1} outputs or mend the labels"
                         if wrong > 0 else f"cross_entropy: target {wrong} is negative; classes count from 0")
    return classes
