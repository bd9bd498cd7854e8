"""Pictures turned, shifted, scaled and sheared: each new pixel asks where it comes from."""
import math

import numpy as np
from PIL import Image

from numbacnn.vision.pictures import check_picture, dimensions, is_pil, on_array
from numbacnn.vision.transforms.functional.geometry import fill_for
from numbacnn.vision.transforms.functional.resampling import PILLOW, InterpolationMode, as_mode


def rotation_and_shear(angle, scale, shear):
    """The 2x2 matrix R(angle) SHy SHx scale, of degrees, rows pointing down; positive angles turn clockwise."""
    a, sx, sy = (math.radians(degrees) for degrees in (angle, *shear))
    turn = np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
    return scale * turn @ np.array([[1, 0], [-math.tan(sy), 1]]) @ np.array([[1, -math.tan(sx)], [0, 1]])


def rotate(img, angle, interpolation=InterpolationMode.NEAREST, expand=False, center=None, fill=None):
    """A picture turned counter-clockwise.

    Parameters
    ----------
    img : PIL image or Tensor (..., C, H, W)
    angle : number
        In degrees.
    interpolation : InterpolationMode
        NEAREST or BILINEAR, of a PIL image also BICUBIC.
    expand : bool
        Whether the picture grows to hold all of the old one, turned about its middle.
    center : (number, number), optional
        The point (x, y) that stays, in pixels from the upper left corner; the middle if not given.
    fill : number or tuple, optional
        What is put where no picture is; 0 if not given.
    """
    check_picture("rotate", img)
    mode = as_mode(interpolation)
    if is_pil(img):
        return img.rotate(angle, PILLOW[mode], expand, center, fillcolor=fill_for(img, fill))
    _, H, W = dimensions(img)
    middle = np.array([W / 2, H / 2])
    about = middle if center is None or expand else np.asarray(center, np.float64)
    forward = rotation_and_shear(-angle, 1.0, (0.0, 0.0))
    size = (H, W)
    if expand:
        size = _size_around(forward, H, W)
    new_middle = np.array([size[1] / 2, size[0] / 2]) if expand else about
    return _warp(img, np.linalg.inv(forward), about, new_middle, size, mode, fill)


def _size_around(forward, H, W):
    """(height, width) that holds the turned picture: every pixel of the old grid that a corner reaches counts."""
    corners = forward @ np.array([[-W, -W, W, W], [-H, H, -H, H]]) / 2 + np.array([[W / 2], [H / 2]])
    corners = np.trunc(corners * 1e4) / 1e4  # what rounding adds is not another pixel
    extents = np.ceil(corners.max(axis=1)) - np.floor(corners.min(axis=1))
    return int(extents[1]), int(extents[0])


def affine(img, angle, translate, scale, shear, interpolation=InterpolationMode.NEAREST, fill=None, center=None):
    """A picture sheared, scaled, turned clockwise and shifted, in this order, about its middle.

    Parameters
    ----------
    img : PIL image or Tensor (..., C, H, W)
    angle : number
        In degrees, clockwise.
    translate : (number, number)
        How many pixels to the right, and down.
    scale : number
        Above 0.
    shear : number or (number, number)
        In degrees, along x, and along y.
    interpolation, fill, center
        As for `rotate`.

    Raises
    ------
    ValueError
        If `scale` is not above 0.
    """
    check_picture("affine", img)
    mode = as_mode(interpolation)
    if scale <= 0:
        raise ValueError(f"Argument scale should be positive, got {scale}")
    shear = (shear, 0.0) if isinstance(shear, (int, float)) else tuple(shear) if len(shear) == 2 else (shear[0], 0.0)
    _, H, W = dimensions(img)
    about = np.array([W / 2, H / 2]) if center is None else np.asarray(center, np.float64)
    backward = np.linalg.inv(rotation_and_shear(angle, scale, shear))
    target = about + np.asarray(translate, np.float64)
    if is_pil(img):
        shift = about - backward @ target
        numbers = [*backward[0], shift[0], *backward[1], shift[1]]
        return img.transform((W, H), Image.Transform.AFFINE, numbers, PILLOW[mode], fillcolor=fill_for(img, fill))
    return _warp(img, backward, about, target, (H, W), mode, fill)


def _warp(img, backward, old_point, new_point, size, mode, fill):
    """The pixel at p comes from backward (p - new_point) + old_point; pixel centers lie at halves."""
    if mode not in (InterpolationMode.NEAREST, InterpolationMode.BILINEAR):
        raise NotImplementedError(f"a Tensor is turned with NEAREST or BILINEAR, not {mode.value!r}; take a PIL image for that")
    H, W = size
    new = np.stack(np.meshgrid(np.arange(W) + 0.5, np.arange(H) + 0.5)).reshape(2, -1) - new_point[:, None]
    columns, rows = ((backward @ new) + old_point[:, None] - 0.5).reshape(2, H, W)

    def change(array):
        out, covered = (_nearest if mode is InterpolationMode.NEAREST else _bilinear)(array, rows, columns)
        if fill is not None:
            ground = np.reshape(np.asarray(fill, np.float64), (-1, 1, 1))
            out = out + (1 - covered) * ground
        if array.dtype.kind in "iu":
            out = np.rint(out)
        return out.astype(array.dtype)
    return on_array(img, change)


def _nearest(array, rows, columns):
    """The pixel that each place is in, and where there is one (1) or none (0)."""
    rows, columns = np.rint(np.round(rows, 6)).astype(int), np.rint(np.round(columns, 6)).astype(int)
    H, W = array.shape[-2:]
    inside = (rows >= 0) & (rows < H) & (columns >= 0) & (columns < W)
    out = array[..., np.clip(rows, 0, H - 1), np.clip(columns, 0, W - 1)]
    return np.where(inside, out, np.zeros((), array.dtype)), inside.astype(np.float64)


def _bilinear(array, rows, columns):
    """The mean of the four pixels round each place, weighted by nearness, and the weight that lies on the picture."""
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    out, covered = 0.0, 0.0
    for row in (top, top + 1):
        for column in (left, left + 1):
            weight = (1 - np.abs(rows - row)) * (1 - np.abs(columns - column))
            pixels, inside = _nearest(array, row, column)
            out = out + weight * pixels
            covered = covered + weight * inside
    return out, covered
