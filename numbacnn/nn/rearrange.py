"""Layers that put pixels in another order."""

from numbacnn.nn import functional as F
from numbacnn.nn.module import Module
from numbacnn.nn.traceable import traceable


class PixelShuffle(Module):
    """(N, C * r * r, H, W) as (N, C, H * r, W * r): the channels of a pixel become a square of r x r pixels.

    Parameters
    ----------
    upscale_factor : int
        r.
    """

    def __init__(self, upscale_factor):
        super().__init__()
        self.upscale_factor = upscale_factor

    @traceable
    def forward(self, input):
        """pixel_shuffle(input)."""
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self):
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """(N, C, H * r, W * r) as (N, C * r * r, H, W): the reverse of `PixelShuffle`.

    Parameters
    ----------
    downscale_factor : int
        r.
    """

    def __init__(self, downscale_factor):
        super().__init__()
        self.downscale_factor = downscale_factor

    @traceable
    def forward(self, input):
        """pixel_unshuffle(input)."""
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self):
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """The channels of (N, C, ...) dealt out: the first of each group, then the second of each group, and so on.

    Parameters
    ----------
    groups : int
        C is a multiple of it.
    """

    def __init__(self, groups):
        super().__init__()
        self.groups = groups

    @traceable
    def forward(self, input):
        """channel_shuffle(input)."""
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self):
        return f"groups={self.groups}"


class Unfold(Module):
    """Every window of every image as a column, (N, C, H, W) as (N, C * KH * KW, windows): im2col.

    Parameters
    ----------
    kernel_size, dilation, padding, stride : int or (int, int)
        The windows, as for `Conv2d`.
    """

    def __init__(self, kernel_size, dilation=1, padding=0, stride=1):
        super().__init__()
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    @traceable
    def forward(self, input):
        """unfold(input)."""
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self):
        return (f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, "
                f"stride={self.stride}")


class Fold(Module):
    """Columns as `Unfold` makes them, added up to images where their windows overlap.

    Parameters
    ----------
    output_size : int or (int, int)
        Rows and columns of the images.
    kernel_size, dilation, padding, stride : int or (int, int)
        The windows, as for `Conv2d`.
    """

    def __init__(self, output_size, kernel_size, dilation=1, padding=0, stride=1):
        super().__init__()
        self.output_size = output_size
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    @traceable
    def forward(self, input):
        """fold(input)."""
        return F.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self):
        return (f"output_size={self.output_size}, kernel_size={self.kernel_size}, dilation={self.dilation}, "
                f"padding={self.padding}, stride={self.stride}")
