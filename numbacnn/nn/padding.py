"""Padding layers."""

from numbacnn.nn import functional as F
from numbacnn.nn.arguments import whole
from numbacnn.nn.functional.padding import LEAST
from numbacnn.nn.module import Module
from numbacnn.nn.traceable import traceable


class _Pad(Module):
    """What the layers share; `sides` says how many numbers `padding` has."""

    sides = 0
    mode = "constant"

    def __init__(self, padding):
        super().__init__()
        self.padding = tuple(padding) if isinstance(padding, (tuple, list)) else (padding,) * self.sides
        if len(self.padding) != self.sides:
            raise ValueError(f"{type(self).__name__}: padding must be an int or {self.sides} of them, got {padding!r}")
        for extent in self.padding:
            whole(type(self).__name__, "padding", extent, LEAST)

    @traceable
    def forward(self, input):
        """Pad `input`."""
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self):
        return f"{self.padding}"


class ZeroPad1d(_Pad):
    """Zeros around rows of pixels (N, C, W).

    Parameters
    ----------
    padding : int or (left, right)
        Negative ones take pixels away. A causal convolution pads (dilation * (kernel_size - 1), 0).

    Raises
    ------
    TypeError, ValueError
        If `padding` is neither an int nor 2 of them.
    """

    sides = 2


class ZeroPad2d(_Pad):
    """Zeros around images (N, C, H, W).

    Parameters
    ----------
    padding : int or (left, right, top, bottom)
        Negative ones take pixels away.

    Raises
    ------
    TypeError, ValueError
        If `padding` is neither an int nor 4 of them.
    """

    sides = 4


class ZeroPad3d(_Pad):
    """Zeros around volumes (N, C, D, H, W).

    Parameters
    ----------
    padding : int or (left, right, top, bottom, front, back)
        Negative ones take pixels away.
    """

    sides = 6


class _ConstantPad(_Pad):
    """Base of the layers."""

    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value

    @traceable
    def forward(self, input):
        """Pad `input`."""
        return F.pad(input, self.padding, self.mode, self.value)

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """Numbers of one value around rows of pixels (N, C, W).

    Parameters
    ----------
    padding : int or (left, right)
    value : float

    Raises
    ------
    TypeError, ValueError
        If `padding` is neither an int nor 2 of them.
    """

    sides = 2


class ConstantPad2d(_ConstantPad):
    """Numbers of one value around images (N, C, H, W).

    Parameters
    ----------
    padding : int or (left, right, top, bottom)
    value : float

    Raises
    ------
    TypeError, ValueError
        If `padding` is neither an int nor 4 of them.
    """

    sides = 4


class ConstantPad3d(_ConstantPad):
    """Numbers of one value around volumes (N, C, D, H, W).

    Parameters
    ----------
    padding : int or (left, right, top, bottom, front, back)
    value : float

    Raises
    ------
    TypeError, ValueError
        If `padding` is neither an int nor 6 of them.
    """

    sides = 6


class ReflectionPad1d(_Pad):
    """The pixels mirrored at the border around rows of pixels (N, C, W).

    Parameters
    ----------
    padding : int or (left, right)

    Raises
    ------
    TypeError, ValueError
        If `padding` is neither an int nor 2 of them.
    """

    sides = 2
    mode = "reflect"


class ReflectionPad2d(_Pad):
    """The pixels mirrored at the border around images (N, C, H, W).

    Parameters
    ----------
    padding : int or (left, right, top, bottom)

    Raises
    ------
    TypeError, ValueError
        If `padding` is neither an int nor 4 of them.
    """

    sides = 4
    mode = "reflect"


class ReflectionPad3d(_Pad):
    """The pixels mirrored at the border around volumes (N, C, D, H, W).

    Parameters
    ----------
    padding : int or (left, right, top, bottom, front, back)

    Raises
    ------
    TypeError, ValueError
        If `padding` is neither an int nor 6 of them.
    """

    sides = 6
    mode = "reflect"


class ReplicationPad1d(_Pad):
    """The border pixels repeated around rows of pixels (N, C, W).

    Parameters
    ----------
    padding : int or (left, right)

    Raises
    ------
    TypeError, ValueError
        If `padding` is neither an int nor 2 of them.
    """

    sides = 2
    mode = "replicate"


class ReplicationPad2d(_Pad):
    """The border pixels repeated around images (N, C, H, W).

    Parameters
    ----------
    padding : int or (left, right, top, bottom)

    Raises
    ------
    TypeError, ValueError
        If `padding` is neither an int nor 4 of them.
    """

    sides = 4
    mode = "replicate"


class ReplicationPad3d(_Pad):
    """The border pixels repeated around volumes (N, C, D, H, W).

    Parameters
    ----------
    padding : int or (left, right, top, bottom, front, back)

    Raises
    ------
    TypeError, ValueError
        If `padding` is neither an int nor 6 of them.
    """

    sides = 6
    mode = "replicate"


class CircularPad1d(_Pad):
    """The pixels of the other side around rows of pixels (N, C, W).

    Parameters
    ----------
    padding : int or (left, right)

    Raises
    ------
    TypeError, ValueError
        If `padding` is neither an int nor 2 of them.
    """

    sides = 2
    mode = "circular"


class CircularPad2d(_Pad):
    """The pixels of the other side around images (N, C, H, W).

    Parameters
    ----------
    padding : int or (left, right, top, bottom)

    Raises
    ------
    TypeError, ValueError
        If `padding` is neither an int nor 4 of them.
    """

    sides = 4
    mode = "circular"


class CircularPad3d(_Pad):
    """The pixels of the other side around volumes (N, C, D, H, W).

    Parameters
    ----------
    padding : int or (left, right, top, bottom, front, back)

    Raises
    ------
    TypeError, ValueError
        If `padding` is neither an int nor 6 of them.
    """

    sides = 6
    mode = "circular"
