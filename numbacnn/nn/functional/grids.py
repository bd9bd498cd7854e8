"""Images read off at places that a network chooses: affine grids and sampling, composed of Tensors.

Source: Jaderberg et al. 2015, "Spatial transformer networks", sections 3.2 and 3.3, equations 1 and 5.
"""

import numpy as np

from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.internals import array_of, detached


def affine_grid(theta, size, align_corners=None):
    """The places (x, y) that an affine transformation sends the pixels of an output to, from -1 to 1.

    Parameters
    ----------
    theta : Tensor (N, 2, 3)
        The transformations, float.
    size : sequence of int (N, C, H, W)
        Of the output.
    align_corners : bool
        Whether -1 and 1 are the centers of the corner pixels, else the corners of the image.

    Returns
    -------
    Tensor (N, H, W, 2)

    Raises
    ------
    ValueError
        If the shapes do not match.
    NotImplementedError
        For volumes.
    """
    check_types("affine_grid", theta)
    if len(size) == 5:
        raise NotImplementedError("affine_grid: volumes are not offered; numbacnn has images (N, C, H, W)")
    if len(size) != 4 or tuple(theta.shape) != (size[0], 2, 3):
        raise ValueError(f"affine_grid: expected a batch of 2D affine matrices of shape Nx2x3 for size {tuple(size)}, got "
                         f"{tuple(theta.shape)}")
    N, _, H, W = size
    x, y = (_centers(extent, align_corners, theta.dtype) for extent in (W, H))
    base = np.stack([np.broadcast_to(x, (H, W)), np.broadcast_to(y[:, None], (H, W)), np.ones((H, W), theta.dtype)], axis=2)
    return (detached(base.reshape(H * W, 3)) @ theta.transpose(1, 2)).reshape(N, H, W, 2)


def _centers(extent, align_corners, dtype):
    if align_corners:
        return np.linspace(-1, 1, extent, dtype=dtype) if extent > 1 else np.zeros(1, dtype)
    return ((2 * np.arange(extent) + 1) / extent - 1).astype(dtype)


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """Images read off at places of their own for every output pixel.

    Parameters
    ----------
    input : Tensor (N, C, H, W)
        Float.
    grid : Tensor (N, OH, OW, 2)
        Places (x, y), from -1 to 1 within the image.
    mode : {"bilinear", "nearest"}
        Whether the four pixels around a place are weighed by how near they are, or the nearest one is taken.
    padding_mode : {"zeros", "border"}
        What is read beyond the image.
    align_corners : bool
        Whether -1 and 1 are the centers of the corner pixels, else the corners of the image.

    Returns
    -------
    Tensor (N, C, OH, OW)

    Raises
    ------
    ValueError
        If the shapes do not match.
    NotImplementedError
        For another mode, or volumes.
    """
    check_types("grid_sample", input, grid=grid)
    if mode not in ("bilinear", "nearest") or padding_mode not in ("zeros", "border"):
        raise NotImplementedError(f"grid_sample: mode={mode!r} with padding_mode={padding_mode!r} is not offered; numbacnn has "
                                  "'bilinear' and 'nearest' with 'zeros' and 'border'")
    if input.ndim == 5:
        raise NotImplementedError("grid_sample: volumes are not offered; numbacnn has images (N, C, H, W)")
    if input.ndim != 4 or grid.ndim != 4 or grid.shape[0] != input.shape[0] or grid.shape[3] != 2:
        raise ValueError(f"grid_sample: expected input (N, C, H, W) and grid (N, OH, OW, 2), got {tuple(input.shape)} and "
                         f"{tuple(grid.shape)}")
    N, C, H, W = input.shape
    x, y = (_pixels(grid[..., k], extent, align_corners, padding_mode) for k, extent in enumerate((W, H)))
    rows = input.permute(0, 2, 3, 1).reshape(N * H * W, C)
    images = np.arange(N).reshape(N, 1, 1) * (H * W)
    if mode == "nearest":
        return _read(rows, images, np.rint(array_of(y.detach())), np.rint(array_of(x.detach())), H, W).permute(0, 3, 1, 2)
    left, top = np.floor(array_of(x.detach())), np.floor(array_of(y.detach()))
    right, below = x - detached(left), y - detached(top)  # how far to the next pixel
    out = None
    for dy, share_y in ((0, 1 - below), (1, below)):
        for dx, share_x in ((0, 1 - right), (1, right)):
            part = _read(rows, images, top + dy, left + dx, H, W) * (share_y * share_x).unsqueeze(-1)
            out = part if out is None else out + part
    return out.permute(0, 3, 1, 2)


def _pixels(places, extent, align_corners, padding_mode):
    """Places from -1 to 1 in pixels."""
    pixels = (places + 1) / 2 * (extent - 1) if align_corners else ((places + 1) * extent - 1) / 2
    return pixels.clamp(0, extent - 1) if padding_mode == "border" else pixels


def _read(rows, images, row, column, H, W):
    """The pixels (N, OH, OW, C) at these places; zeros beyond the image."""
    inside = (row >= 0) & (row < H) & (column >= 0) & (column < W)
    place = images + np.where(inside, row, 0).astype(np.int64) * W + np.where(inside, column, 0).astype(np.int64)
    return rows[place] * detached(inside[..., None].astype(rows.dtype))
