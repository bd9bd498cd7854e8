"""Images to learn from: built in, downloaded, from one's own files, or one picture to read."""

from .datasets import NAMES, ImageData, load_dataset
from .digits import draw_digits
from .errors import DataError
from .idx import read_images, read_labels
from .image_file import DigitImage, load_digit_image
from .npz import load_npz

__all__ = [
    "NAMES",
    "DataError",
    "DigitImage",
    "ImageData",
    "draw_digits",
    "load_dataset",
    "load_digit_image",
    "load_npz",
    "read_images",
    "read_labels",
]
