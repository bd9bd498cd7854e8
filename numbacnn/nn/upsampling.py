"""Layers that enlarge images."""

from numbacnn.nn import functional as F
from numbacnn.nn.arguments import not_offered, several
from numbacnn.nn.conv import _Conv
from numbacnn.nn.functional.upsampling import check_mode
from numbacnn.nn.module import Module
from numbacnn.nn.repeatable import repeatable


class Upsample(Module):
    """Images in another size, each pixel read off what lies below it.

    Parameters
    ----------
    size : int or (int, int), optional
        Rows and columns of the output.
    scale_factor : number or pair of them, optional
        By how much there are more; either this or `size`. Of H rows become floor(H * scale_factor).
    mode : str
        "nearest" takes the pixel below, "bilinear" weighs the four around it by how near they are.
    align_corners : bool, optional
        For "bilinear": whether the centres of the corner pixels stay where they are, else the corners of the image do.
    recompute_scale_factor
        Only the default is offered.

    Raises
    ------
    ValueError
        If corners are to be aligned without "bilinear".
    NotImplementedError
        For what is not offered.

    Notes
    -----
    input (N, C, H, W) gives (N, C, OH, OW); where exactly a pixel lies: `numbacnn.nn.functional.interpolate`.
    """

    def __init__(self, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None):
        super().__init__()
        not_offered("Upsample", recompute_scale_factor=(recompute_scale_factor or None, None))
        check_mode("Upsample", mode, align_corners)
        self.size, self.mode, self.align_corners = size, mode, align_corners
        self.scale_factor = scale_factor if scale_factor is None else (
            tuple(map(float, scale_factor)) if isinstance(scale_factor, (tuple, list)) else float(scale_factor))

    @repeatable
    def forward(self, input):
        """Enlarge `input` (N, C, H, W)."""
        return F.interpolate(input, self.size, self.scale_factor, self.mode, self.align_corners)

    def extra_repr(self):
        how = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{how}, mode={self.mode!r}"


class ConvTranspose2d(_Conv):
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
        If an argument is no whole number or too small, or the channels are no multiple of the groups.
    NotImplementedError
        For what is not offered.

    Notes
    -----
    input (N, in_channels, H, W) gives (N, out_channels, OH, OW) with
    OH = (H - 1)*stride - 2*padding + dilation*(KH - 1) + output_padding + 1, and OW likewise.
    """

    dimensions = 2
    transposed = True

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
                 bias=True, dilation=1, padding_mode="zeros", device=None, dtype=None):
        several("ConvTranspose2d", "padding", padding, 0, 2)
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode,
                         device, dtype)
        self.output_padding = several("ConvTranspose2d", "output_padding", output_padding, 0, 2)

    @repeatable
    def forward(self, input):
        """Enlarge `input` (N, in_channels, H, W)."""
        return F.conv_transpose2d(input, self.weight, self.bias, self.stride, self.padding, self.output_padding,
                                  self.groups, self.dilation)

    def extra_repr(self):
        text, more = super().extra_repr(), f", output_padding={self.output_padding}"
        if self.output_padding == (0, 0):
            return text
        front, groups, rest = text.partition(", groups")
        if not groups:
            front, groups, rest = text.partition(", bias")
        return front + more + groups + rest
