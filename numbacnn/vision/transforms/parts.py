"""Transforms that make several pictures of one."""
from numbacnn.nn.module import Module
from numbacnn.vision.transforms import functional as F
from numbacnn.vision.transforms.functional.geometry import pair_of


class FiveCrop(Module):
    """The four corners and the middle of a picture, as a tuple.

    Parameters
    ----------
    size : int or (int, int)
        (height, width) of each part.
    """

    def __init__(self, size):
        super().__init__()
        self.size = pair_of("FiveCrop", size)

    def forward(self, img):
        """See `functional.five_crop`."""
        return F.five_crop(img, self.size)


class TenCrop(Module):
    """The four corners and the middle of a picture, and of the picture mirrored, as a tuple.

    Parameters
    ----------
    size : int or (int, int)
        (height, width) of each part.
    vertical_flip : bool
        Whether the mirrored picture is upside down instead of left and right swapped.
    """

    def __init__(self, size, vertical_flip=False):
        super().__init__()
        self.size, self.vertical_flip = pair_of("TenCrop", size), vertical_flip

    def forward(self, img):
        """See `functional.ten_crop`."""
        return F.ten_crop(img, self.size, self.vertical_flip)
