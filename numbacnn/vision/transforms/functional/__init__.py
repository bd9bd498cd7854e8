"""The transforms as functions, without chance: `import numbacnn.vision.transforms.functional as TF`."""
from numbacnn.tensors.absent import refusing
from numbacnn.vision.transforms.functional.blurring import erase, gaussian_blur
from numbacnn.vision.transforms.functional.color import (adjust_brightness, adjust_contrast, adjust_gamma, adjust_hue,
                                                         adjust_saturation, invert, rgb_to_grayscale, to_grayscale)
from numbacnn.vision.transforms.functional.conversion import (convert_image_dtype, normalize, pil_to_tensor, to_dtype,
                                                              to_image, to_pil_image, to_tensor)
from numbacnn.vision.transforms.functional.geometry import (center_crop, crop, five_crop, get_dimensions, get_image_size,
                                                            hflip, pad, resize, resized_crop, ten_crop, vflip)
from numbacnn.vision.transforms.functional.resampling import InterpolationMode
from numbacnn.vision.transforms.functional.turning import affine, rotate

__all__ = ["InterpolationMode", "adjust_brightness", "adjust_contrast", "adjust_gamma", "adjust_hue", "adjust_saturation",
           "affine", "center_crop", "convert_image_dtype", "crop", "erase", "five_crop", "gaussian_blur", "get_dimensions",
           "get_image_size", "hflip", "invert", "normalize", "pad", "pil_to_tensor", "resize", "resized_crop",
           "rgb_to_grayscale", "rotate", "ten_crop", "to_dtype", "to_grayscale", "to_image", "to_pil_image", "to_tensor",
           "vflip"]
__getattr__ = refusing(__name__, __all__)
