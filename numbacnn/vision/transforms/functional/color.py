"""Brightness, contrast, saturation, hue; color to gray."""
import numpy as np
from PIL import Image, ImageEnhance

from numbacnn.vision.pictures import brightest, check_picture, dimensions, is_pil, on_array

#: how bright red, green and blue are to the eye (ITU-R BT.601)
LUMA = (0.2989, 0.587, 0.114)


def _gray(array):
    """The luma (..., 1, H, W) of an array (..., 3, H, W), floats as they are, whole numbers rounded down."""
    luma = sum(weight * array[..., k, :, :].astype(np.float64) for k, weight in enumerate(LUMA))[..., None, :, :]
    return luma if array.dtype.kind == "f" else np.floor(luma)


def _check_colors(name, img):
    """Refuse other pictures than gray and red, green, blue."""
    check_picture(name, img)
    channels = dimensions(img)[0]
    if not is_pil(img) and channels not in (1, 3):
        raise TypeError(f"{name}: Input image tensor permitted channel values are 1 or 3, but found {channels}")


def _blend(array, other, ratio):
    """ratio * array + (1 - ratio) * other, kept between black and white."""
    out = np.clip(ratio * array.astype(np.float64) + (1 - ratio) * other, 0, brightest(array.dtype))
    return out.astype(array.dtype)


def adjust_brightness(img, brightness_factor):
    """A picture brighter (above 1) or darker; 0 is black.

    Raises
    ------
    ValueError
        If the factor is below 0; so for contrast and saturation.
    """
    _check_factor("brightness", brightness_factor)
    _check_colors("adjust_brightness", img)
    if is_pil(img):
        return ImageEnhance.Brightness(img).enhance(brightness_factor)
    return on_array(img, lambda array: _blend(array, 0.0, brightness_factor))


def adjust_contrast(img, contrast_factor):
    """A picture with more (above 1) or less contrast; 0 is gray, as bright as the picture is in the mean."""
    _check_factor("contrast", contrast_factor)
    _check_colors("adjust_contrast", img)
    if is_pil(img):
        return ImageEnhance.Contrast(img).enhance(contrast_factor)

    def change(array):
        gray = _gray(array) if array.shape[-3] == 3 else array.astype(np.float64)
        return _blend(array, gray.mean(axis=(-3, -2, -1), keepdims=True), contrast_factor)
    return on_array(img, change)


def adjust_saturation(img, saturation_factor):
    """A picture with stronger (above 1) or fainter colors; 0 is black and white."""
    _check_factor("saturation", saturation_factor)
    _check_colors("adjust_saturation", img)
    if is_pil(img):
        return ImageEnhance.Color(img).enhance(saturation_factor)
    if dimensions(img)[0] == 1:
        return img
    return on_array(img, lambda array: _blend(array, _gray(array), saturation_factor))


def _check_factor(name, factor):
    if factor < 0:
        raise ValueError(f"{name}_factor ({factor}) is not non-negative.")


def adjust_hue(img, hue_factor):
    """A picture whose colors are turned round the color wheel: 0.5 and -0.5 is to the opposite, 0 stays.

    Raises
    ------
    ValueError
        If the factor is outside [-0.5, 0.5].
    """
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"hue_factor ({hue_factor}) is not in [-0.5, 0.5].")
    _check_colors("adjust_hue", img)
    if is_pil(img):
        if img.mode in ("L", "1", "I", "F"):
            return img
        hue, saturation, value = img.convert("HSV").split()
        turned = (np.asarray(hue).astype(int) + int(hue_factor * 255)) % 256
        return Image.merge("HSV", (Image.fromarray(turned.astype(np.uint8)), saturation, value)).convert(img.mode)
    if dimensions(img)[0] == 1:
        return img
    return on_array(img, lambda array: _turn_hue(array, hue_factor))


def _turn_hue(array, turn):
    """Hue, saturation, value and back, of red, green, blue (..., 3, H, W). Source: Smith 1978, "Color gamut transform pairs"."""
    top = brightest(array.dtype)
    r, g, b = np.moveaxis(array.astype(np.float64) / top, -3, 0)
    value, low = np.maximum(np.maximum(r, g), b), np.minimum(np.minimum(r, g), b)
    spread = value - low
    safe = np.where(spread == 0, 1, spread)
    sextant = np.where(value == r, (g - b) / safe % 6, np.where(value == g, 2 + (b - r) / safe, 4 + (r - g) / safe))
    sextant = (np.where(spread == 0, 0, sextant) / 6 + turn) % 1 * 6
    # along the wheel each color is full for two sextants, falls, is lowest for two, and rises
    out = [value - spread * np.clip(np.minimum((sextant + n) % 6, 4 - (sextant + n) % 6), 0, 1) for n in (5, 3, 1)]
    out = np.stack(out, axis=-3)
    return out.astype(array.dtype) if array.dtype.kind == "f" else np.floor(out * (top + 0.999)).astype(array.dtype)


def adjust_gamma(img, gamma, gain=1):
    """Each number of a picture between 0 and 1 becomes gain * number ** gamma.

    Raises
    ------
    ValueError
        If `gamma` is below 0.
    """
    if gamma < 0:
        raise ValueError("Gamma should be a non-negative real number")
    check_picture("adjust_gamma", img)
    if is_pil(img):
        table = [(255 + 1 - 1e-3) * gain * (k / 255) ** gamma for k in range(256)] * len(img.getbands())
        return img.point([int(min(max(number, 0), 255)) for number in table])

    def change(array):
        top = brightest(array.dtype)
        out = np.clip(gain * (array / top) ** gamma, 0, 1)
        return out.astype(array.dtype) if array.dtype.kind == "f" else (out * (top + 0.999)).astype(array.dtype)
    return on_array(img, change)


def rgb_to_grayscale(img, num_output_channels=1):
    """A color picture in gray, with 1 channel, or with 3 that are alike.

    Raises
    ------
    ValueError
        If the number of channels is another.
    """
    if num_output_channels not in (1, 3):
        raise ValueError("num_output_channels should be either 1 or 3")
    _check_colors("rgb_to_grayscale", img)
    if is_pil(img):
        gray = img.convert("L")
        return gray if num_output_channels == 1 else Image.merge("RGB", [gray] * 3)

    def change(array):
        gray = array if array.shape[-3] == 1 else _gray(array).astype(array.dtype)
        return np.repeat(gray, num_output_channels, axis=-3)
    return on_array(img, change)


def to_grayscale(img, num_output_channels=1):
    """A PIL image in gray, with 1 or 3 channels."""
    if not is_pil(img):
        raise TypeError("Input should be PIL Image; of a Tensor rgb_to_grayscale")
    return rgb_to_grayscale(img, num_output_channels)


def invert(img):
    """A picture with black and white swapped."""
    check_picture("invert", img)
    if is_pil(img):
        return img.point([255 - k for k in range(256)] * len(img.getbands()))
    return on_array(img, lambda array: (brightest(array.dtype) - array).astype(array.dtype))
