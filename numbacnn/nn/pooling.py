"""Pooling layers: one number for each window of the image."""

from numbacnn.nn import functional as F
from numbacnn.nn.arguments import several, whole
from numbacnn.nn.module import Module
from numbacnn.nn.traceable import traceable


def _check(pool, **given):
    """Refuse arguments that are not whole numbers, or padding by more than half a window, where windows are empty."""
    layer, least = type(pool).__name__, {"padding": 0}
    pairs = {name: several(layer, name, value, least.get(name, 1), pool.dimensions) for name, value in given.items()}
    for k, p in zip(pairs["kernel_size"], pairs["padding"]):
        if 2 * p > k:
            raise ValueError(f"{layer}: padding must be at most half of kernel_size, "
                             f"got padding={given['padding']} and kernel_size={given['kernel_size']}")


class MaxPool2d(Module):
    """The largest number of each window.

    Parameters
    ----------
    kernel_size : int or (int, int)
        Rows and columns of a window.
    stride : int or (int, int), optional
        Distance from one window to the next; `kernel_size` if not given.
    padding : int or (int, int)
        Rows and columns around the image that never win.
    dilation : int or (int, int)
        Distance between neighbors in a window.
    return_indices : bool
        Whether to tell, too, which pixel of its channel each was, for `MaxUnpool2d`.
    ceil_mode : bool
        Whether a last window may reach beyond the padding, where the windows would end before the image does.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a whole number or too small, or if the padding exceeds half a window.
    NotImplementedError
        For what is not offered.

    Notes
    -----
    input (N, C, H, W) gives (N, C, OH, OW), sizes as for `Conv2d`.
    """

    dimensions = 2

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False):
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode
        _check(self, kernel_size=kernel_size, stride=self.stride, padding=padding, dilation=dilation)

    @traceable
    def forward(self, input):
        """Pool `input` (N, C, H, W)."""
        return F.max_pool2d(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
                            self.return_indices)

    def extra_repr(self):
        return (f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
                f"dilation={self.dilation}, ceil_mode={self.ceil_mode}")


class AvgPool2d(Module):
    """The mean of each window.

    Parameters
    ----------
    kernel_size : int or (int, int)
        Rows and columns of a window.
    stride : int or (int, int), optional
        Distance from one window to the next; `kernel_size` if not given.
    padding : int or (int, int)
        Rows and columns of zeros around the image.
    ceil_mode : bool
        Whether a last window may reach beyond the padding, where the windows would end before the image does.
    count_include_pad : bool
        Whether those zeros count in the mean.
    divisor_override : int, optional
        What to divide by, instead of the pixels of the window.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a whole number or too small, or if the padding exceeds half a window.

    Notes
    -----
    input (N, C, H, W) gives (N, C, OH, OW), sizes as for `Conv2d` with dilation 1.
    """

    dimensions = 2

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
                 divisor_override=None):
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        if divisor_override is not None:
            whole(type(self).__name__, "divisor_override", divisor_override, 1)
        self.divisor_override = divisor_override
        _check(self, kernel_size=kernel_size, stride=self.stride, padding=padding)

    @traceable
    def forward(self, input):
        """Pool `input` (N, C, H, W)."""
        return F.avg_pool2d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad,
                            self.divisor_override)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxPool1d(MaxPool2d):
    """The largest number of each window of a row of pixels (N, C, W); arguments as for `MaxPool2d`, an int each."""

    dimensions = 1

    @traceable
    def forward(self, input):
        """Pool `input` (N, C, W)."""
        return F.max_pool1d(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
                            self.return_indices)


class AvgPool1d(Module):
    """The mean of each window of a row of pixels (N, C, W); arguments as for `AvgPool2d`, an int each."""

    dimensions = 1

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
        super().__init__()
        self.kernel_size, self.stride, self.padding = (
            several("AvgPool1d", name, value, least, 1) for name, value, least in (
                ("kernel_size", kernel_size, 1), ("stride", kernel_size if stride is None else stride, 1),
                ("padding", padding, 0)))
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        _check(self, kernel_size=kernel_size, stride=self.stride, padding=padding)

    @traceable
    def forward(self, input):
        """Pool `input` (N, C, W)."""
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxPool3d(MaxPool2d):
    """The largest number of each window of a volume (N, C, D, H, W); arguments as for `MaxPool2d`, an int or three."""

    dimensions = 3

    @traceable
    def forward(self, input):
        """Pool `input` (N, C, D, H, W)."""
        return F.max_pool3d(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
                            self.return_indices)


class AvgPool3d(AvgPool2d):
    """The mean of each window of a volume (N, C, D, H, W); arguments as for `AvgPool2d`, an int or three."""

    dimensions = 3

    @traceable
    def forward(self, input):
        """Pool `input` (N, C, D, H, W)."""
        return F.avg_pool3d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad,
                            self.divisor_override)
