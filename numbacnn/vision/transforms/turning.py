"""Transforms that mirror, turn, shift and scale by chance."""
from numbers import Number

from numbacnn.nn.module import Module
from numbacnn.tensors.generator import default_generator
from numbacnn.vision.pictures import dimensions
from numbacnn.vision.transforms import functional as F
from numbacnn.vision.transforms.compose import ByChance
from numbacnn.vision.transforms.functional.resampling import as_mode

NEAREST = F.InterpolationMode.NEAREST


class RandomHorizontalFlip(ByChance):
    """A picture mirrored, left and right swapped, with probability `p`.

    Parameters
    ----------
    p : float
    """

    change = staticmethod(F.hflip)


class RandomVerticalFlip(ByChance):
    """A picture upside down, with probability `p`.

    Parameters
    ----------
    p : float
    """

    change = staticmethod(F.vflip)


def interval(name, given, least=None):
    """(-given, given) for one number, else the two numbers themselves.

    Raises
    ------
    ValueError
        If one number is below 0, there are not two, or one is below `least`.
    """
    if isinstance(given, Number):
        if given < 0:
            raise ValueError(f"If {name} is a single number, it must be positive, got {given}")
        return -given, given
    if len(given) != 2:
        raise ValueError(f"{name} should be a sequence of length 2, got {given}")
    if least is not None and min(given) < least:
        raise ValueError(f"{name} values should be at least {least}, got {given}")
    return tuple(given)


class RandomRotation(Module):
    """A picture turned counter-clockwise by a random angle.

    Parameters
    ----------
    degrees : number or (number, number)
        The least and the largest angle; one number means (-degrees, degrees).
    interpolation : InterpolationMode
    expand : bool
        Whether the picture grows to hold all of the old one.
    center : (number, number), optional
        The point (x, y) that stays; the middle if not given.
    fill : number or tuple
        What is put where no picture is.
    """

    def __init__(self, degrees, interpolation=NEAREST, expand=False, center=None, fill=0):
        super().__init__()
        self.degrees = [float(d) for d in interval("degrees", degrees)]
        self.interpolation, self.expand, self.center, self.fill = as_mode(interpolation), expand, center, fill

    @staticmethod
    def get_params(degrees):
        """A random angle."""
        return float(default_generator.numpy.uniform(*degrees))

    def forward(self, img):
        """`img` turned."""
        return F.rotate(img, self.get_params(self.degrees), self.interpolation, self.expand, self.center, self.fill)

    def __repr__(self):
        return (f"{type(self).__name__}(degrees={self.degrees}, interpolation={self.interpolation.value}, "
                f"expand={self.expand}, fill={self.fill})")


class RandomAffine(Module):
    """A picture turned, shifted, scaled and sheared about its middle, each by a random amount.

    Parameters
    ----------
    degrees : number or (number, number)
        The least and the largest angle, clockwise; one number means (-degrees, degrees), 0 no turn.
    translate : (float, float), optional
        The largest shift along x and y, as a share of the picture's width and height.
    scale : (float, float), optional
        The least and the largest scale.
    shear : number or sequence of 2 or 4 numbers, optional
        The least and the largest angle of shear along x, and, if there are four, along y; one number means
        (-shear, shear).
    interpolation, fill, center
        As for `RandomRotation`.

    Raises
    ------
    ValueError
        If a share is outside [0, 1] or a scale not above 0.
    """

    def __init__(self, degrees, translate=None, scale=None, shear=None, interpolation=NEAREST, fill=0, center=None):
        super().__init__()
        self.degrees = [float(d) for d in interval("degrees", degrees)]
        if translate is not None and not all(0 <= share <= 1 for share in translate):
            raise ValueError(f"translation values should be between 0 and 1, got {translate}")
        if scale is not None and min(scale) <= 0:
            raise ValueError(f"scale values should be positive, got {scale}")
        self.translate, self.scale = translate, scale
        self.shear = shear if shear is None or not isinstance(shear, Number) and len(shear) == 4 else interval("shear", shear)
        self.interpolation, self.fill, self.center = as_mode(interpolation), fill, center

    @staticmethod
    def get_params(degrees, translate, scale_ranges, shears, img_size):
        """Angle, shift (pixels along x, y), scale and shear (degrees along x, y); `img_size` is (width, height)."""
        random = default_generator.numpy
        angle = float(random.uniform(*degrees))
        shift = (0, 0)
        if translate is not None:
            shift = tuple(int(round(random.uniform(-share * side, share * side))) for share, side in zip(translate, img_size))
        scale = 1.0 if scale_ranges is None else float(random.uniform(*scale_ranges))
        shear = (0.0, 0.0)
        if shears is not None:
            shear = (float(random.uniform(*shears[:2])), float(random.uniform(*shears[2:])) if len(shears) == 4 else 0.0)
        return angle, shift, scale, shear

    def forward(self, img):
        """`img` changed."""
        size = dimensions(img)[:0:-1]
        drawn = self.get_params(self.degrees, self.translate, self.scale, self.shear, size)
        return F.affine(img, *drawn, self.interpolation, self.fill, self.center)
