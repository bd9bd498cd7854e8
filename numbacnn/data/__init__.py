"""Images to learn from: built in, downloaded, from one's own files, or one picture to read."""

from .augment import Augmentation, parse_augmentation
from .datasets import NAMES, ImageData, load_dataset
from .digits import draw_digits
from .errors import DataError
from .idx import read_images, read_labels
from .image_file import DigitImage, load_digit_image
from .npz import load_npz

__all__ = [
    "NAMES",
    "Augmentation",
    "DataError",
    "DigitImage",
    "ImageData",
    "draw_digits",
    "load_dataset",
    "load_digit_image",
    "load_npz",
    "parse_augmentation",
    "read_images",
    "read_labels",
]
