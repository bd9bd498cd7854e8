"""Layers that enlarge images."""

from numbacnn.nn import functional as F
from numbacnn.nn.functional.upsampling import check_mode
from numbacnn.nn.module import Module
from numbacnn.nn.traceable import traceable


class Upsample(Module):
    """Images in another size, each pixel read off what lies below it.

    Parameters
    ----------
    size : int or (int, int), optional
        Rows and columns of the output.
    scale_factor : number or pair of them, optional
        By how much there are more; either this or `size`. Of H rows become floor(H * scale_factor).
    mode : str
        "nearest", "linear", "bilinear", "trilinear" or "area"; see `numbacnn.nn.functional.interpolate`.
    align_corners : bool, optional
        For the linear modes: whether the centers of the corner pixels stay where they are, else the corners of the image do.
    recompute_scale_factor : bool, optional
        See `numbacnn.nn.functional.interpolate`.

    Raises
    ------
    ValueError
        If corners are to be aligned in another mode.
    NotImplementedError
        For what is not offered.

    Notes
    -----
    input (N, C, H, W) gives (N, C, OH, OW); where exactly a pixel lies: `numbacnn.nn.functional.interpolate`.
    """

    def __init__(self, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None):
        super().__init__()
        check_mode("Upsample", mode, align_corners)
        self.size, self.mode, self.align_corners = size, mode, align_corners
        self.recompute_scale_factor = recompute_scale_factor
        self.scale_factor = scale_factor if scale_factor is None else (
            tuple(map(float, scale_factor)) if isinstance(scale_factor, (tuple, list)) else float(scale_factor))

    @traceable
    def forward(self, input):
        """Enlarge `input` (N, C, H, W)."""
        return F.interpolate(input, self.size, self.scale_factor, self.mode, self.align_corners,
                             self.recompute_scale_factor)

    def extra_repr(self):
        how = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{how}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Images in another size, each pixel the one below it; the older name of `Upsample(mode="nearest")`.

    Parameters
    ----------
    size, scale_factor
        As for `Upsample`.
    """

    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Images in another size, corners aligned; the older name of `Upsample(mode="bilinear", align_corners=True)`.

    Parameters
    ----------
    size, scale_factor
        As for `Upsample`.
    """

    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
