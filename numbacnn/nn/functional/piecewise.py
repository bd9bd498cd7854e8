"""Piecewise linear non-linearities; those without a loop are composed."""

from numbacnn.nn.functional.activation import _activation
from numbacnn.nn.functional.apply import in_place
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.selection import where


def relu6(input, inplace=False):
    """min(max(input, 0), 6); the gradient is 0 outside and at both ends.

    Source: Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10", section 2; the loop is
    `numbacnn.kernels.activation.relu6_forward`.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    inplace : bool
        Whether to change the input itself, and return it.

    Raises
    ------
    TypeError
        If the dtype is not a float type.
    """
    if inplace:
        return in_place("relu6_", input, relu6)
    return _activation("relu6", input)


def hardswish(input, inplace=False):
    """input * relu6(input + 3) / 6; parameters as for `relu6`.

    Source: Howard et al. 2019, "Searching for MobileNetV3", section 5.2; the loop is
    `numbacnn.kernels.swish.hardswish_forward`.
    """
    if inplace:
        return in_place("hardswish_", input, hardswish)
    return _activation("hardswish", input)


def hardsigmoid(input, inplace=False):
    """relu6(input + 3) / 6, a sigmoid of three straight lines; parameters as for `relu6`.

    Source: Courbariaux, Bengio & David 2015, "BinaryConnect", section 2.3, with PyTorch's slope.
    """
    if inplace:
        return in_place("hardsigmoid_", input, hardsigmoid)
    check_types("hardsigmoid", input)
    return relu6(input + 3) / 6


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """min(max(input, min_val), max_val); the gradient is 0 outside and at both ends.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    min_val, max_val : float
        The range.
    inplace : bool
        Whether to change the input itself, and return it.

    Raises
    ------
    ValueError
        If min_val is above max_val.
    TypeError
        If the dtype is not a float type.
    """
    if inplace:
        return in_place("hardtanh_", input, lambda before: hardtanh(before, min_val, max_val))
    check_types("hardtanh", input)
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val cannot be greater than max_val, got {min_val} and {max_val}")
    low = where(input <= min_val, float(min_val), input)
    return where(input >= max_val, float(max_val), low)


def hardtanh_(input, min_val=-1.0, max_val=1.0):
    """`hardtanh`, in place."""
    return hardtanh(input, min_val, max_val, True)


def threshold(input, threshold, value, inplace=False):
    """input where it is above `threshold`, else `value`.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    threshold, value : float
    inplace : bool
        Whether to change the input itself, and return it.

    Raises
    ------
    TypeError
        If the dtype is not a float type.
    """
    return (threshold_ if inplace else _above)(input, threshold, value)


def threshold_(input, threshold, value):
    """`threshold`, in place."""
    return in_place("threshold_", input, lambda before: _above(before, threshold, value))


def _above(input, threshold, value):
    check_types("threshold", input)
    return where(input <= threshold, float(value), input)


def hardshrink(input, lambd=0.5):
    """input where it is above lambd or below -lambd, else 0.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    lambd : float
        Half the width of what becomes 0.
    """
    check_types("hardshrink", input)
    return where((input >= -lambd) & (input <= lambd), 0.0, input)


def softshrink(input, lambd=0.5):
    """input, brought nearer to 0 by lambd; 0 where it is nearer than that.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    lambd : float
        At least 0.

    Raises
    ------
    RuntimeError
        If lambd is below 0.
    """
    check_types("softshrink", input)
    if lambd < 0:
        raise RuntimeError(f"lambda must be greater or equal to 0, but found to be {lambd}.")
    outside = where(input > lambd, input - lambd, input + lambd)
    return where((input >= -lambd) & (input <= lambd), input * 0.0, outside)


def prelu(input, weight):
    """input where it is above 0, else weight * input, with a weight that trains.

    Source: He et al. 2015, "Delving deep into rectifiers", section 2.1, equation 1.

    Parameters
    ----------
    input : Tensor (N, C, ...), or of any shape where there is one weight
        Float.
    weight : Tensor (1,) or (C,)
        One for all numbers, or one for each channel.

    Raises
    ------
    TypeError
        If the dtypes differ or are not float types.
    RuntimeError
        If there are neither one weight nor as many as channels.
    """
    check_types("prelu", input, weight=weight)
    if weight.ndim > 1:
        raise RuntimeError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.ndim}")
    if weight.numel() != 1:
        channels = input.shape[1] if input.ndim > 1 else 1
        if weight.numel() != channels:
            raise RuntimeError(f"Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                               f"{weight.numel()} and channel size = {channels}.")
        weight = weight.reshape(1, -1, *(1,) * (input.ndim - 2))
    elif weight.ndim:
        weight = weight.reshape(())
    return where(input > 0, input, weight * input)
