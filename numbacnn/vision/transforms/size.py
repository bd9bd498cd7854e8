"""Transforms that cut, pad and resize, by rule or by chance."""
import math

import numpy as np

from numbacnn.nn.module import Module
from numbacnn.tensors.generator import default_generator
from numbacnn.vision.pictures import dimensions
from numbacnn.vision.transforms import functional as F
from numbacnn.vision.transforms.functional.geometry import pair_of, sides_of
from numbacnn.vision.transforms.functional.resampling import as_mode

BILINEAR = F.InterpolationMode.BILINEAR
TRIES = 10  # rectangles that RandomResizedCrop and RandomErasing draw before they give up


class Resize(Module):
    """A picture in another size.

    Parameters
    ----------
    size : int or (int, int)
        (height, width); one number is what the shorter side becomes, and the picture keeps its shape.
    interpolation : InterpolationMode
    max_size : int, optional
        With one number as `size`: the most that the longer side may become.
    antialias : bool
        Of a Tensor: whether the filter widens as the picture shrinks, as that of a PIL image always does.
    """

    def __init__(self, size, interpolation=BILINEAR, max_size=None, antialias=True):
        super().__init__()
        pair_of("Resize", size)
        self.size, self.interpolation, self.max_size, self.antialias = size, as_mode(interpolation), max_size, antialias

    def forward(self, img):
        """See `functional.resize`."""
        return F.resize(img, self.size, self.interpolation, self.max_size, self.antialias)

    def __repr__(self):
        return (f"{type(self).__name__}(size={self.size}, interpolation={self.interpolation.value}, "
                f"max_size={self.max_size}, antialias={self.antialias})")


class CenterCrop(Module):
    """The middle of a picture; a smaller picture is padded with black first.

    Parameters
    ----------
    size : int or (int, int)
        (height, width).
    """

    def __init__(self, size):
        super().__init__()
        self.size = pair_of("CenterCrop", size)

    def forward(self, img):
        """See `functional.center_crop`."""
        return F.center_crop(img, self.size)

    def __repr__(self):
        return f"{type(self).__name__}(size={self.size})"


class Pad(Module):
    """A picture with a border.

    Parameters
    ----------
    padding : int or sequence of int
        One number for all sides, (left and right, top and bottom), or (left, top, right, bottom).
    fill : number or tuple
        Of a constant border.
    padding_mode : {"constant", "edge", "reflect", "symmetric"}
    """

    def __init__(self, padding, fill=0, padding_mode="constant"):
        super().__init__()
        sides_of(padding)
        self.padding, self.fill, self.padding_mode = padding, fill, padding_mode

    def forward(self, img):
        """See `functional.pad`."""
        return F.pad(img, self.padding, self.fill, self.padding_mode)

    def __repr__(self):
        return f"{type(self).__name__}(padding={self.padding}, fill={self.fill}, padding_mode={self.padding_mode})"


class RandomCrop(Module):
    """A part of a picture at a random place.

    Parameters
    ----------
    size : int or (int, int)
        (height, width) of the part.
    padding : int or sequence of int, optional
        The picture gets this border first; see `Pad`.
    pad_if_needed : bool
        Whether a picture that is too small is padded on both sides by what it lacks.
    fill, padding_mode
        Of the border; see `Pad`.

    Raises
    ------
    ValueError
        For a picture that is smaller than `size`.
    """

    def __init__(self, size, padding=None, pad_if_needed=False, fill=0, padding_mode="constant"):
        super().__init__()
        self.size = pair_of("RandomCrop", size)
        self.padding, self.pad_if_needed, self.fill, self.padding_mode = padding, pad_if_needed, fill, padding_mode

    @staticmethod
    def get_params(img, output_size):
        """(top, left, height, width) of a random part of `img`."""
        _, H, W = dimensions(img)
        height, width = output_size
        if H < height or W < width:
            raise ValueError(f"Required crop size {(height, width)} is larger than input image size {(H, W)}")
        top, left = (int(default_generator.numpy.integers(0, old - new + 1)) for old, new in ((H, height), (W, width)))
        return top, left, height, width

    def forward(self, img):
        """A part of `img`."""
        if self.padding is not None:
            img = F.pad(img, self.padding, self.fill, self.padding_mode)
        _, H, W = dimensions(img)
        height, width = self.size
        if self.pad_if_needed and W < width:
            img = F.pad(img, [width - W, 0], self.fill, self.padding_mode)
        if self.pad_if_needed and H < height:
            img = F.pad(img, [0, height - H], self.fill, self.padding_mode)
        return F.crop(img, *self.get_params(img, self.size))

    def __repr__(self):
        return f"{type(self).__name__}(size={self.size}, padding={self.padding})"


class RandomResizedCrop(Module):
    """A random part of a picture, of random area and shape, resized to one size.

    Szegedy et al. 2015, "Going deeper with convolutions", section 6. Ten rectangles are drawn; if none fits into the picture,
    the largest one in the middle with an allowed shape is taken.

    Parameters
    ----------
    size : int or (int, int)
        (height, width) of the result.
    scale : (float, float)
        Least and largest share of the picture's area.
    ratio : (float, float)
        Least and largest width / height; even on a logarithmic scale.
    interpolation, antialias
        As for `Resize`.
    """

    def __init__(self, size, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), interpolation=BILINEAR, antialias=True):
        super().__init__()
        self.size = pair_of("RandomResizedCrop", size)
        self.scale, self.ratio, self.antialias = scale, ratio, antialias
        self.interpolation = as_mode(interpolation)

    @staticmethod
    def get_params(img, scale, ratio):
        """(top, left, height, width) of a random part of `img`."""
        _, H, W = dimensions(img)
        drawn = draw_rectangle(H, W, scale, ratio, allow_all=True)
        if drawn:
            return drawn
        height, width = H, W
        if W / H < min(ratio):
            height = int(round(W / min(ratio)))
        elif W / H > max(ratio):
            width = int(round(H * max(ratio)))
        return (H - height) // 2, (W - width) // 2, height, width

    def forward(self, img):
        """A part of `img`, resized."""
        part = self.get_params(img, self.scale, self.ratio)
        return F.resized_crop(img, *part, self.size, self.interpolation, self.antialias)

    def __repr__(self):
        return (f"{type(self).__name__}(size={self.size}, scale={tuple(round(s, 4) for s in self.scale)}, "
                f"ratio={tuple(round(r, 4) for r in self.ratio)}, interpolation={self.interpolation.value}, "
                f"antialias={self.antialias})")


def draw_rectangle(H, W, scale, ratio, allow_all):
    """(top, left, height, width) of a random rectangle within H x W, or None if ten did not fit."""
    random = default_generator.numpy
    for _ in range(TRIES):
        area = H * W * random.uniform(*scale)
        aspect = math.exp(random.uniform(math.log(ratio[0]), math.log(ratio[1])))
        width, height = int(round(math.sqrt(area * aspect))), int(round(math.sqrt(area / aspect)))
        if 0 < width <= W - (not allow_all) and 0 < height <= H - (not allow_all):
            return int(random.integers(0, H - height + 1)), int(random.integers(0, W - width + 1)), height, width
    return None


class RandomErasing(Module):
    """With probability `p` a random rectangle of a Tensor (..., C, H, W) is erased.

    Zhong et al. 2020, "Random erasing data augmentation", algorithm 1.

    Parameters
    ----------
    p : float
    scale : (float, float)
        Least and largest share of the picture's area.
    ratio : (float, float)
        Least and largest aspect of the rectangle.
    value : number, sequence of C numbers, or "random"
        What is put there; "random": normal numbers.
    inplace : bool
        Whether to change the Tensor itself.

    Raises
    ------
    ValueError
        If `p` or `scale` is outside [0, 1], or `value` is another word.
    """

    def __init__(self, p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0, inplace=False):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"Random erasing probability should be between 0 and 1, got {p}")
        if not 0 <= scale[0] <= scale[1] <= 1:
            raise ValueError(f"Scale should be between 0 and 1, the smaller first, got {scale}")
        if isinstance(value, str) and value != "random":
            raise ValueError(f"If value is str, it should be 'random', got {value!r}")
        self.p, self.scale, self.ratio, self.value, self.inplace = p, scale, ratio, value, inplace

    def forward(self, img):
        """`img`, or `img` with a hole."""
        random = default_generator.numpy
        if random.random() >= self.p:
            return img
        C, H, W = dimensions(img)
        part = draw_rectangle(H, W, self.scale, self.ratio, allow_all=False)
        if part is None:
            return img
        if self.value == "random":
            return F.erase(img, *part, F.to_image(random.standard_normal((*part[2:], C), "float32")), self.inplace)
        if isinstance(self.value, (list, tuple)):
            return F.erase(img, *part, F.to_image(_column(self.value, C)), self.inplace)
        return F.erase(img, *part, self.value, self.inplace)


def _column(numbers, channels):
    """One number for each channel as an array (1, 1, C)."""
    if len(numbers) not in (1, channels):
        raise ValueError("If value is a sequence, it should have either a single value or "
                         f"{channels} (number of input channels), got {len(numbers)}")
    return np.resize(np.asarray(numbers, np.float32), (1, 1, channels))
