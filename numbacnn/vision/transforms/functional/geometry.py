"""Pictures cut, padded, mirrored and in another size."""
from numbers import Number

import numpy as np
from PIL import Image, ImageOps

from numbacnn.vision.pictures import check_picture, dimensions, is_pil, on_array
from numbacnn.vision.transforms.functional.resampling import PILLOW, InterpolationMode, as_mode, resample


def get_dimensions(img):
    """[channels, height, width] of a picture."""
    check_picture("get_dimensions", img)
    return list(dimensions(img))


def get_image_size(img):
    """[width, height] of a picture."""
    check_picture("get_image_size", img)
    return [*dimensions(img)[:0:-1]]


def pair_of(name, size):
    """An extent, or (height, width), as a tuple of two whole numbers.

    Raises
    ------
    TypeError, ValueError
        If it is neither.
    """
    if isinstance(size, (int, np.integer)):
        return int(size), int(size)
    if not isinstance(size, (list, tuple)):
        raise TypeError(f"{name}: size should be an int or (height, width), got {size!r}")
    if len(size) == 1:
        return int(size[0]), int(size[0])
    if len(size) != 2:
        raise ValueError(f"{name}: size should have 1 or 2 numbers (height, width), got {size!r}")
    return int(size[0]), int(size[1])


def resize(img, size, interpolation=InterpolationMode.BILINEAR, max_size=None, antialias=True):
    """A picture in another size.

    Parameters
    ----------
    img : PIL image or Tensor (..., C, H, W)
    size : int or (int, int)
        (height, width); one number is what the shorter side becomes, and the picture keeps its shape.
    interpolation : InterpolationMode
        Of a Tensor: NEAREST, NEAREST_EXACT, BILINEAR or BICUBIC.
    max_size : int, optional
        With one number as `size`: the most that the longer side may become.
    antialias : bool
        Whether the filter widens as the picture shrinks. A PIL image always does so.

    Raises
    ------
    ValueError
        If `max_size` does not go with `size`, or a side would be 0.
    """
    check_picture("resize", img)
    mode = as_mode(interpolation)
    _, H, W = dimensions(img)
    single = isinstance(size, (int, np.integer)) or len(size) == 1
    height, width = pair_of("Resize", size)
    if single:
        short, long = min(H, W), max(H, W)
        new_short, new_long = height, int(height * long / short)
        if max_size is not None:
            if max_size <= height:
                raise ValueError(f"max_size = {max_size} must be strictly greater than the requested size for the smaller "
                                 f"edge size = {size}")
            if new_long > max_size:
                new_short, new_long = int(max_size * new_short / new_long), max_size
        height, width = (new_long, new_short) if W <= H else (new_short, new_long)
    elif max_size is not None:
        raise ValueError("max_size should only be passed if size specifies the length of the smaller edge, "
                         "i.e. size should be an int or a sequence of length 1")
    if min(height, width) < 1:
        raise ValueError(f"resize: a picture of {H}x{W} pixels cannot become {height}x{width}")
    if (height, width) == (H, W):
        return img
    if is_pil(img):
        return img.resize((width, height), PILLOW[mode])
    return on_array(img, lambda array: resample(array, height, width, mode, antialias))


def crop(img, top, left, height, width):
    """The part of `height` rows and `width` columns from row `top` and column `left` on; black beyond the edge."""
    check_picture("crop", img)
    if is_pil(img):
        return img.crop((left, top, left + width, top + height))
    _, H, W = dimensions(img)
    part = img[..., max(top, 0):max(top + height, 0), max(left, 0):max(left + width, 0)]
    if top < 0 or left < 0 or top + height > H or left + width > W:
        return pad(part, [max(min(-left, width), 0), max(min(-top, height), 0),
                          width - part.shape[-1] - max(min(-left, width), 0),
                          height - part.shape[-2] - max(min(-top, height), 0)])
    return part


def center_crop(img, output_size):
    """The middle of a picture, `output_size` (height, width) large; a smaller picture is padded with black first."""
    check_picture("center_crop", img)
    height, width = pair_of("CenterCrop", output_size)
    _, H, W = dimensions(img)
    if width > W or height > H:
        beside, above = max(width - W, 0), max(height - H, 0)
        img = pad(img, [beside // 2, above // 2, (beside + 1) // 2, (above + 1) // 2])
        _, H, W = dimensions(img)
        if (height, width) == (H, W):
            return img
    return crop(img, int(round((H - height) / 2)), int(round((W - width) / 2)), height, width)


def resized_crop(img, top, left, height, width, size, interpolation=InterpolationMode.BILINEAR, antialias=True):
    """A part of a picture, as `crop`, in another size, as `resize`."""
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)


def hflip(img):
    """A picture mirrored: left is right."""
    check_picture("hflip", img)
    return img.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if is_pil(img) else on_array(img, lambda array: array[..., ::-1])


def vflip(img):
    """A picture upside down."""
    check_picture("vflip", img)
    return img.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if is_pil(img) else on_array(img, lambda a: a[..., ::-1, :])


def five_crop(img, size):
    """(top left, top right, bottom left, bottom right, center), each `size` (height, width) large.

    Raises
    ------
    ValueError
        If the picture is smaller.
    """
    height, width = pair_of("FiveCrop", size)
    _, H, W = dimensions(img)
    if width > W or height > H:
        raise ValueError(f"Requested crop size {(height, width)} is bigger than input size {(H, W)}")
    corners = [(0, 0), (0, W - width), (H - height, 0), (H - height, W - width)]
    return (*(crop(img, top, left, height, width) for top, left in corners), center_crop(img, (height, width)))


def ten_crop(img, size, vertical_flip=False):
    """The parts of `five_crop`, and those of the picture mirrored."""
    return five_crop(img, size) + five_crop(vflip(img) if vertical_flip else hflip(img), size)


def sides_of(padding):
    """(left, top, right, bottom) of a padding: one number, (left and right, top and bottom), or all four.

    Raises
    ------
    ValueError
        If there are 3, or more than 4.
    """
    if isinstance(padding, Number):
        return (int(padding),) * 4
    padding = tuple(int(extent) for extent in padding)
    if len(padding) == 1:
        return padding * 4
    if len(padding) == 2:
        return padding * 2
    if len(padding) != 4:
        raise ValueError(f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(padding)} element tuple")
    return padding


def pad(img, padding, fill=0, padding_mode="constant"):
    """A picture with a border.

    Parameters
    ----------
    img : PIL image or Tensor (..., C, H, W)
    padding : int or sequence of int
        One number for all sides, (left and right, top and bottom), or (left, top, right, bottom); below 0 it cuts.
    fill : number or tuple
        Of a constant border; of a colored picture one number, or one for each channel.
    padding_mode : {"constant", "edge", "reflect", "symmetric"}
        "edge" repeats the last pixel, "reflect" mirrors without it, "symmetric" with it.

    Raises
    ------
    ValueError
        If the mode is another.
    """
    check_picture("pad", img)
    if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
        raise ValueError(f"Padding mode should be either constant, edge, reflect or symmetric, got {padding_mode!r}")
    left, top, right, bottom = sides_of(padding)
    if min(left, top, right, bottom) < 0:
        _, H, W = dimensions(img)
        cut_left, cut_top = max(-left, 0), max(-top, 0)
        img = crop(img, cut_top, cut_left, H - cut_top - max(-bottom, 0), W - cut_left - max(-right, 0))
        left, top, right, bottom = (max(side, 0) for side in (left, top, right, bottom))
    if is_pil(img):
        return _pad_pil(img, (left, top, right, bottom), fill, padding_mode)
    return on_array(img, lambda array: _pad_array(array, ((top, bottom), (left, right)), fill, padding_mode))


def _pad_array(array, sides, fill, mode):
    """A border round the last two dimensions."""
    spread = ((0, 0),) * (array.ndim - 2) + sides
    if mode != "constant":
        return np.pad(array, spread, mode)
    if isinstance(fill, Number) or len(fill) == 1:
        return np.pad(array, spread, constant_values=fill if isinstance(fill, Number) else fill[0])
    out = np.pad(array, spread)
    inside = np.pad(np.ones(array.shape[-2:], bool), sides)
    return np.where(inside, out, np.asarray(fill, array.dtype)[:, None, None])


def _pad_pil(img, sides, fill, mode):
    """A border round a PIL image."""
    if mode == "constant":
        return ImageOps.expand(img, border=sides, fill=fill_for(img, fill))
    left, top, right, bottom = sides
    array = np.asarray(img)
    spread = ((top, bottom), (left, right)) + ((0, 0),) * (array.ndim - 2)
    out = Image.fromarray(np.pad(array, spread, mode))
    if img.mode == "P":
        out = Image.fromarray(np.pad(array, spread, mode), "L")
        out.putpalette(img.getpalette())
    return out


def fill_for(img, fill):
    """A color in the form that Pillow wants for an image: one number for one channel, else a tuple.

    Raises
    ------
    ValueError
        If there are more numbers than one, and not one for each channel.
    """
    channels = len(img.getbands())
    numbers = (fill,) if isinstance(fill, Number) or fill is None else tuple(fill)
    numbers = (0,) if numbers == (None,) else numbers
    if len(numbers) == 1:
        numbers *= channels
    if len(numbers) != channels:
        raise ValueError(f"The number of elements in 'fill' does not match the number of channels of the image "
                         f"({len(numbers)} != {channels})")
    if img.mode not in ("F",):
        numbers = tuple(int(number) for number in numbers)
    return numbers[0] if channels == 1 else numbers
