"""Adaptive pooling layers: the size of the output is given, not that of a window."""

from numbacnn.nn import functional as F
from numbacnn.nn.arguments import not_offered
from numbacnn.nn.module import Module
from numbacnn.nn.traceable import traceable


class AdaptiveAvgPool2d(Module):
    """The mean of each of OH x OW windows that cover the image.

    Parameters
    ----------
    output_size : int or (int, int), each int or None
        Rows and columns of the output; None keeps those of the input. 1 is global average pooling.

    Notes
    -----
    input (N, C, H, W) gives (N, C, OH, OW), whatever H and W; window oh covers the rows from floor(oh*H / OH) to
    ceil((oh + 1)*H / OH).
    """

    def __init__(self, output_size):
        super().__init__()
        self.output_size = output_size

    @traceable
    def forward(self, input):
        """Pool `input` (N, C, H, W)."""
        return F.adaptive_avg_pool2d(input, self.output_size)

    def extra_repr(self):
        return f"output_size={self.output_size}"


class AdaptiveMaxPool2d(Module):
    """The largest number of each of OH x OW windows that cover the image.

    Parameters
    ----------
    output_size
        As for `AdaptiveAvgPool2d`.
    return_indices : bool
        Only False is offered.
    """

    def __init__(self, output_size, return_indices=False):
        super().__init__()
        not_offered("AdaptiveMaxPool2d", return_indices=(return_indices, False))
        self.output_size = output_size
        self.return_indices = return_indices

    @traceable
    def forward(self, input):
        """Pool `input` (N, C, H, W)."""
        return F.adaptive_max_pool2d(input, self.output_size)

    def extra_repr(self):
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(AdaptiveAvgPool2d):
    """The mean of each of `output_size` windows that cover a row of pixels (N, C, W)."""

    @traceable
    def forward(self, input):
        """Pool `input` (N, C, W)."""
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveMaxPool1d(AdaptiveMaxPool2d):
    """The largest number of each of `output_size` windows that cover a row of pixels (N, C, W)."""

    @traceable
    def forward(self, input):
        """Pool `input` (N, C, W)."""
        return F.adaptive_max_pool1d(input, self.output_size)


class AdaptiveAvgPool3d(AdaptiveAvgPool2d):
    """The mean of each of OD x OH x OW windows that cover a volume (N, C, D, H, W); 1 is global average pooling."""

    @traceable
    def forward(self, input):
        """Pool `input` (N, C, D, H, W)."""
        return F.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveMaxPool3d(AdaptiveMaxPool2d):
    """The largest number of each of OD x OH x OW windows that cover a volume (N, C, D, H, W)."""

    @traceable
    def forward(self, input):
        """Pool `input` (N, C, D, H, W)."""
        return F.adaptive_max_pool3d(input, self.output_size)
