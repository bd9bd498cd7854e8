"""Transforms of color: brightness, contrast, saturation and hue by chance; gray; blur."""
from numbers import Number

from numbacnn.nn.module import Module
from numbacnn.tensors.generator import default_generator
from numbacnn.vision.pictures import dimensions
from numbacnn.vision.transforms import functional as F
from numbacnn.vision.transforms.compose import ByChance


def factors(name, given, center=1.0, limits=(0.0, float("inf"))):
    """The least and the largest factor, or None where it is always `center`; one number means center -+ number.

    Raises
    ------
    ValueError
        If the number is below 0, or a factor outside `limits`.
    """
    if isinstance(given, Number):
        if given < 0:
            raise ValueError(f"If {name} is a single number, it must be non negative, got {given}")
        low, high = center - given, center + given
        if center == 1.0:
            low = max(low, 0.0)
    else:
        low, high = map(float, given)
    if not limits[0] <= low <= high <= limits[1]:
        raise ValueError(f"{name} values should be between {limits}, the smaller first, but got {(low, high)}")
    return None if low == high == center else (low, high)


class ColorJitter(Module):
    """Brightness, contrast, saturation and hue changed by random factors, in random order.

    Parameters
    ----------
    brightness, contrast, saturation : number or (float, float)
        The least and the largest factor; one number b means (max(0, 1 - b), 1 + b).
    hue : number or (float, float)
        The least and the largest turn of the color wheel, within -0.5 and 0.5; one number h means (-h, h).
    """

    def __init__(self, brightness=0, contrast=0, saturation=0, hue=0):
        super().__init__()
        self.brightness = factors("brightness", brightness)
        self.contrast = factors("contrast", contrast)
        self.saturation = factors("saturation", saturation)
        self.hue = factors("hue", hue, 0.0, (-0.5, 0.5))

    def forward(self, img):
        """`img` in other colors."""
        random = default_generator.numpy
        steps = [(F.adjust_brightness, self.brightness), (F.adjust_contrast, self.contrast),
                 (F.adjust_saturation, self.saturation), (F.adjust_hue, self.hue)]
        order = random.permutation(len(steps))
        drawn = [None if limits is None else float(random.uniform(*limits)) for _, limits in steps]
        for k in order:
            if drawn[k] is not None:
                img = steps[k][0](img, drawn[k])
        return img

    def __repr__(self):
        return (f"{type(self).__name__}(brightness={self.brightness}, contrast={self.contrast}, "
                f"saturation={self.saturation}, hue={self.hue})")


class Grayscale(Module):
    """A color picture in gray.

    Parameters
    ----------
    num_output_channels : {1, 3}
        Three channels are alike.
    """

    def __init__(self, num_output_channels=1):
        super().__init__()
        self.num_output_channels = num_output_channels

    def forward(self, img):
        """See `functional.rgb_to_grayscale`."""
        return F.rgb_to_grayscale(img, self.num_output_channels)

    def __repr__(self):
        return f"{type(self).__name__}(num_output_channels={self.num_output_channels})"


class RandomGrayscale(ByChance):
    """A picture in gray, of as many channels as before, with probability `p`.

    Parameters
    ----------
    p : float
    """

    def __init__(self, p=0.1):
        super().__init__(p)

    @staticmethod
    def change(img):
        """`img` in gray."""
        return F.rgb_to_grayscale(img, dimensions(img)[0])


class RandomInvert(ByChance):
    """A picture with black and white swapped, with probability `p`.

    Parameters
    ----------
    p : float
    """

    change = staticmethod(F.invert)


class GaussianBlur(Module):
    """A picture blurred with a bell of random width.

    Parameters
    ----------
    kernel_size : int or (int, int)
        How many neighbors count, (along x, along y), odd.
    sigma : number or (float, float)
        Width of the bell in pixels, or the least and the largest.
    """

    def __init__(self, kernel_size, sigma=(0.1, 2.0)):
        super().__init__()
        self.kernel_size = kernel_size
        self.sigma = (sigma, sigma) if isinstance(sigma, Number) else tuple(sigma)
        if not 0 < self.sigma[0] <= self.sigma[1]:
            raise ValueError(f"sigma values should be positive and of the form (min, max). Got {sigma}")

    def forward(self, img):
        """`img` blurred."""
        return F.gaussian_blur(img, self.kernel_size, float(default_generator.numpy.uniform(*self.sigma)))

    def __repr__(self):
        return f"{type(self).__name__}(kernel_size={self.kernel_size}, sigma={self.sigma})"
