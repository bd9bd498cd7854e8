"""Transposed convolution layers, which enlarge."""

from numbacnn.nn import functional as F
from numbacnn.nn.arguments import several, whole
from numbacnn.nn.conv import _Conv
from numbacnn.nn.traceable import traceable


class _ConvTranspose(_Conv):
    """Base of the layers."""

    transposed = True

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
                 bias=True, dilation=1, padding_mode="zeros", device=None, dtype=None):
        name, count = type(self).__name__, self.dimensions
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {name}, got {padding_mode!r}')
        several(name, "padding", padding, 0, count)
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode,
                         device, dtype)
        self.output_padding = several(name, "output_padding", output_padding, 0, count)

    @traceable
    def forward(self, input, output_size=None):
        """Enlarge `input` (N, in_channels, ...), to `output_size` if that is one of the sizes that the stride admits."""
        more = self.output_padding if output_size is None else self._more(input, output_size)
        enlarge = getattr(F, f"conv_transpose{self.dimensions}d")
        return enlarge(input, self.weight, self.bias, self.stride, self.padding, more, self.groups, self.dilation)

    def _more(self, input, output_size):
        """The output padding that gives this size."""
        name, count = type(self).__name__, self.dimensions
        size = [whole(name, "output_size", extent, 1) for extent in output_size]
        if len(size) not in (count, input.ndim):
            raise ValueError(f"{name}: output_size must have {count} or {input.ndim} extents, got {tuple(size)}")
        size = size[len(size) - count:]
        least = [(extent - 1) * s - 2 * p + d * (k - 1) + 1 for extent, s, p, d, k in zip(
            input.shape[input.ndim - count:], self.stride, self.padding, self.dilation, self.kernel_size)]
        most = [extent + s - 1 for extent, s in zip(least, self.stride)]
        if any(not low <= wanted <= high for low, wanted, high in zip(least, size, most)):
            raise ValueError(f"{name}: requested an output size of {size}, but valid sizes range from {least} to {most} "
                             f"(for an input of {list(input.shape[input.ndim - count:])})")
        return tuple(wanted - low for wanted, low in zip(size, least))

    def extra_repr(self):
        text, more = super().extra_repr(), f", output_padding={self.output_padding}"
        if not any(self.output_padding):
            return text
        front, groups, rest = text.partition(", groups")
        if not groups:
            front, groups, rest = text.partition(", bias")
        return front + more + groups + rest


class ConvTranspose2d(_ConvTranspose):
    """The way back through a convolution: every pixel lays its filter, times its value, over the output.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, groups, bias, dilation
        As for `Conv2d`, those of the convolution that this is the way back of; padding in pixels.
    output_padding : int or (int, int)
        Rows and columns more, for the sizes that the convolution would round down.
    padding_mode : str
        Only "zeros" is offered.

    Attributes
    ----------
    weight : Parameter (in_channels, out_channels / groups, KH, KW)
    bias : Parameter (out_channels,) or None

    Raises
    ------
    TypeError, ValueError
        If an argument is not a whole number or too small, or the channels are not a multiple of the groups.
    NotImplementedError
        For what is not offered.

    Notes
    -----
    input (N, in_channels, H, W) gives (N, out_channels, OH, OW) with
    OH = (H - 1)*stride - 2*padding + dilation*(KH - 1) + output_padding + 1, and OW likewise.
    """

    dimensions = 2


class ConvTranspose1d(_ConvTranspose):
    """The way back through a `Conv1d`: every sample lays its filter, times its value, over the output.

    input (N, in_channels, W) gives (N, out_channels, OW); arguments and attributes as for `ConvTranspose2d`, with one
    number where there are two.
    """

    dimensions = 1


class ConvTranspose3d(_ConvTranspose):
    """The way back through a `Conv3d`: every pixel of a volume lays its filter, times its value, over the output.

    input (N, in_channels, D, H, W) gives (N, out_channels, OD, OH, OW); arguments and attributes as for
    `ConvTranspose2d`, with three numbers where there are two.
    """

    dimensions = 3
