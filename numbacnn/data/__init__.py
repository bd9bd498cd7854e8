"""Images to learn from: built in, downloaded, from your own files, or one picture to read."""

from .augment import Augmentation, parse_augmentation
from .csv_file import load_csv, load_rows
from .datasets import NAMES, is_table, load_dataset
from .digits import draw_digits
from .drawn.blobs_video import draw_blobs_video
from .drawn.defects import draw_defects
from .drawn.multispectral import draw_multispectral
from .drawn.phrases import draw_phrases
from .drawn.products import draw_products
from .drawn.textures import draw_textures
from .drawn.waves import draw_waves
from .errors import ArgumentError, DataError
from .folder import load_folder
from .folder_tree import pictures_below
from .idx import read_images, read_labels
from .image_file import DigitImage, load_as_learned, load_digit_image, load_picture
from .npz import load_npz
from .pictures_to_come import is_like_digits
from .record import Choices, ImageData

__all__ = [
    "NAMES",
    "ArgumentError",
    "Augmentation",
    "Choices",
    "DataError",
    "DigitImage",
    "ImageData",
    "draw_blobs_video",
    "draw_defects",
    "draw_digits",
    "draw_multispectral",
    "draw_phrases",
    "draw_products",
    "draw_textures",
    "draw_waves",
    "is_like_digits",
    "is_table",
    "load_as_learned",
    "load_csv",
    "load_dataset",
    "load_digit_image",
    "load_folder",
    "load_npz",
    "load_picture",
    "load_rows",
    "parse_augmentation",
    "pictures_below",
    "read_images",
    "read_labels",
]
