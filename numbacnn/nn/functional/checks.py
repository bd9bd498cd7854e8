"""Checks that several operations share: each refusal names the operation, what was given and the fix."""

import warnings

import numpy as np

from numbacnn.kernels.conv import output_extent
from numbacnn.tensors.internals import dtype_of
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import kind_of


def check_types(op, input, **others):
    """The input must be a float Tensor, the others, or None, of its dtype."""
    if not isinstance(input, Tensor):
        raise TypeError(f"{op}: expected a numbacnn Tensor, got {kind_of(input)}; "
                        "numbacnn.tensor(data) makes one")
    dtype = dtype_of(input)
    if dtype.kind != "f":
        raise TypeError(f"{op}: expected floating point input, got {dtype}; images of whole numbers become "
                        "floats with .float(), usually divided by 255")
    for name, other in others.items():
        if other is not None and not isinstance(other, Tensor):
            raise TypeError(f"{op}: {name} must be a Tensor, got {kind_of(other)}; numbacnn.tensor(data) makes one")
        if other is not None and dtype_of(other) != dtype:
            raise TypeError(f"{op}: input is {dtype} but {name} is {other.dtype}; convert one of them, for "
                            "example input.float()")


def check_reduction(op, reduction):
    """The reduction of a loss must be one of the three there are."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{op}: reduction must be 'mean', 'sum' or 'none', got {reduction!r}")


def reduction_of(size_average, reduce, reduction):
    """The reduction of a loss; the deprecated `size_average` and `reduce` are turned into one, with PyTorch's warning."""
    if size_average is None and reduce is None:
        return reduction
    averages, reduces = (True if flag is None else flag for flag in (size_average, reduce))
    reduction = ("mean" if averages else "sum") if reduces else "none"
    warnings.warn(f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.",
                  stacklevel=4)
    return reduction


def check_fit(op, input, kernel, stride, padding, dilation, ceil_mode=False):
    """The window must fit the padded image at least once."""
    axes = ("layers", "rows", "columns")[5 - len(input):]
    what = {3: "a row", 4: "an image", 5: "a volume"}[len(input)]
    for axis, extent, k, s, p, d in zip(axes, input[2:], kernel, stride, padding, dilation):
        if output_extent(extent, k, s, p, d, ceil_mode) < 1:
            raise ValueError(
                f"{op}: a window of {d * (k - 1) + 1} {axis} does not fit {what} of {extent} {axis} with padding "
                f"{p}: ({extent} + 2*{p} - {d}*({k} - 1) - 1) // {s} + 1 = {output_extent(extent, k, s, p, d)} "
                f"(input {tuple(input)}); use a smaller window, more padding, larger inputs or fewer poolings before")


def frozen(value):
    """A list or array as a tuple: the checks of shapes remember what they have seen."""
    return value if isinstance(value, (int, str, tuple)) or value is None else tuple(np.atleast_1d(value))
