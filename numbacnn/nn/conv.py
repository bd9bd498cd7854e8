"""Convolution layers."""

from numbacnn.tensors.creation import empty
from numbacnn.nn import functional as F
from numbacnn.nn import init
from numbacnn.nn.arguments import several, whole
from numbacnn.nn.module import Module
from numbacnn.nn.parameter import Parameter
from numbacnn.nn.traceable import traceable


class _Conv(Module):
    """Base of the layers; `dimensions` says along how many the filter moves."""

    dimensions = 0
    transposed = False

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
                 padding_mode="zeros", device=None, dtype=None):
        super().__init__()
        name, count = type(self).__name__, self.dimensions
        if padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            raise ValueError(f"{name}: padding_mode must be 'zeros', 'reflect', 'replicate' or 'circular', got "
                             f"{padding_mode!r}")
        self.in_channels = whole(name, "in_channels", in_channels, 1)
        self.out_channels = whole(name, "out_channels", out_channels, 1)
        self.kernel_size = several(name, "kernel_size", kernel_size, 1, count)
        self.stride = several(name, "stride", stride, 1, count)
        self.dilation = several(name, "dilation", dilation, 1, count)
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ValueError(f"{name}: padding must be a number, 'same' or 'valid', got {padding!r}")
            if padding == "same" and self.stride != (1,) * count:
                raise ValueError(f"{name}: padding='same' is not supported for strided convolutions, got stride={self.stride}; "
                                 "give the padding in pixels")
            self.padding = padding
        else:
            self.padding = several(name, "padding", padding, 0, count)
        self.groups = whole(name, "groups", groups, 1)
        for argument, channels in (("in_channels", self.in_channels), ("out_channels", self.out_channels)):
            if channels % groups:
                raise ValueError(f"{name}: {argument} must be divisible by groups, got {argument}={channels} and "
                                 f"groups={groups}")
        self.padding_mode = padding_mode
        size = (self.out_channels, self.in_channels // groups, *self.kernel_size)
        if self.transposed:
            size = (self.in_channels, self.out_channels // groups, *self.kernel_size)
        self.weight = Parameter(empty(size, dtype=dtype, device=device))
        if bias:
            self.bias = Parameter(empty(self.out_channels, dtype=dtype, device=device))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw weight and bias anew."""
        init.reset_(self.weight, self.bias)

    def _convolved(self, convolve, input):
        """The convolution, of an input that goes on beyond its border if that is asked."""
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self._frame(), self.padding_mode), 0
        return convolve(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _frame(self):
        """Padding of an input for each side, the last dimension first."""
        if self.padding == "same":
            missing = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size)]
            return [side for extra in reversed(missing) for side in (extra // 2, extra - extra // 2)]
        padding = (0,) * self.dimensions if self.padding == "valid" else self.padding
        return [side for extent in reversed(padding) for side in (extent, extent)]

    def extra_repr(self):
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        if self.padding != (0,) * self.dimensions:
            text += f", padding={self.padding}"
        if self.dilation != (1,) * self.dimensions:
            text += f", dilation={self.dilation}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        return text if self.padding_mode == "zeros" else text + f", padding_mode={self.padding_mode}"


class Conv2d(_Conv):
    """A small filter moved over the image: out[n, oc, oh, ow] is the filter oc laid over one window of image n.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels of the input, and number of filters.
    kernel_size : int or (int, int)
        Rows and columns of a filter.
    stride : int or (int, int)
        How far the filter moves from one output to the next.
    padding : int, (int, int), "same" or "valid"
        Rows and columns of zeros around the image; "same" keeps its size, "valid" adds none.
    dilation : int or (int, int)
        Distance between neighboring taps of a filter.
    groups : int
        Input and output channels are parted into as many groups, and each output sees the inputs of its group only;
        with as many groups as input channels the convolution is depthwise.
    bias : bool
        Whether a number for each filter is added.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        Whether zeros are around the image, or it goes on; see `numbacnn.nn.functional.pad`.

    Attributes
    ----------
    weight : Parameter (out_channels, in_channels / groups, KH, KW)
        Drawn evenly from [-b, b) with b = 1 / sqrt(in_channels / groups * KH * KW).
    bias : Parameter (out_channels,) or None
        Drawn likewise.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a whole number or too small, or the channels are not a multiple of the groups.
    NotImplementedError
        For what is not offered.

    Notes
    -----
    input (N, in_channels, H, W) gives (N, out_channels, OH, OW) with
    OH = (H + 2*padding - dilation*(KH-1) - 1) // stride + 1, and OW likewise.
    """

    dimensions = 2

    @traceable
    def forward(self, input):
        """Convolve `input` (N, in_channels, H, W)."""
        return self._convolved(F.conv2d, input)


class Conv1d(_Conv):
    """A small filter moved along a row of pixels, or of samples in time: the convolution of images of one row.

    input (N, in_channels, W) gives (N, out_channels, OW); arguments and attributes as for `Conv2d`, with one number
    where there are two. A causal convolution, whose output sees no later sample, comes after
    `ZeroPad1d((dilation * (kernel_size - 1), 0))`.
    """

    dimensions = 1

    @traceable
    def forward(self, input):
        """Convolve `input` (N, in_channels, W)."""
        return self._convolved(F.conv1d, input)


class Conv3d(_Conv):
    """A small filter moved through a volume, or through a film of D pictures.

    input (N, in_channels, D, H, W) gives (N, out_channels, OD, OH, OW); arguments and attributes as for `Conv2d`, with
    three numbers where there are two.
    """

    dimensions = 3

    @traceable
    def forward(self, input):
        """Convolve `input` (N, in_channels, D, H, W)."""
        return self._convolved(F.conv3d, input)
