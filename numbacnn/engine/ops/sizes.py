"""The size law of convolution and pooling, for all axes at once."""
from functools import lru_cache

from ...kernels.conv import output_extent


@lru_cache(maxsize=1024)
def sizes(x_shape, kernel, stride, padding, dilation, ceil_mode=False):
    """(OH, OW) of (N, C, H, W), or (OD, OH, OW) of (N, C, D, H, W)."""
    return tuple(output_extent(*extents, ceil_mode) for extents in zip(x_shape[2:], kernel, stride, padding, dilation))
