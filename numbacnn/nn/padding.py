"""Padding layers."""

from numbacnn.nn import functional as F
from numbacnn.nn.arguments import whole
from numbacnn.nn.functional.padding import LEAST
from numbacnn.nn.module import Module
from numbacnn.nn.repeatable import repeatable


class _ZeroPad(Module):
    """What the layers share; `sides` says how many numbers `padding` has."""

    sides = 0

    def __init__(self, padding):
        super().__init__()
        self.padding = tuple(padding) if isinstance(padding, (tuple, list)) else (padding,) * self.sides
        if len(self.padding) != self.sides:
            raise ValueError(f"{type(self).__name__}: padding must be an int or {self.sides} of them, got {padding!r}")
        for extent in self.padding:
            whole(type(self).__name__, "padding", extent, LEAST)

    @repeatable
    def forward(self, input):
        """Pad `input`."""
        return F.pad(input, self.padding)

    def extra_repr(self):
        return f"{self.padding}"


class ZeroPad1d(_ZeroPad):
    """Zeros around rows of pixels (N, C, W).

    Parameters
    ----------
    padding : int or (left, right)
        Negative ones take pixels away. A causal convolution pads (dilation * (kernel_size - 1), 0).

    Raises
    ------
    TypeError, ValueError
        If it is neither.
    """

    sides = 2


class ZeroPad2d(_ZeroPad):
    """Zeros around images (N, C, H, W).

    Parameters
    ----------
    padding : int or (left, right, top, bottom)
        Negative ones take pixels away.

    Raises
    ------
    TypeError, ValueError
        If it is neither.
    """

    sides = 4


class ZeroPad3d(_ZeroPad):
    """Zeros around volumes (N, C, D, H, W).

    Parameters
    ----------
    padding : int or (left, right, top, bottom, front, back)
        Negative ones take pixels away.
    """

    sides = 6
