"""Transforms between pictures and Tensors, and of a Tensor's numbers."""
from numbacnn.nn.module import Module
from numbacnn.tensors.types import float32
from numbacnn.vision.transforms import functional as F


class ToTensor:
    """A PIL image or an array (H, W, C) of bytes as a float32 Tensor (C, H, W) of numbers from 0 to 1."""

    def __call__(self, pic):
        """See `functional.to_tensor`."""
        return F.to_tensor(pic)

    def __repr__(self):
        return f"{type(self).__name__}()"


class PILToTensor(ToTensor):
    """A PIL image as a Tensor (C, H, W) of the same numbers."""

    def __call__(self, pic):
        """See `functional.pil_to_tensor`."""
        return F.pil_to_tensor(pic)


class ToImage(ToTensor):
    """A PIL image or an array (H, W, C) as a Tensor (C, H, W) of the same numbers; a Tensor as it is."""

    def __call__(self, inpt):
        """See `functional.to_image`."""
        return F.to_image(inpt)


class ToPILImage:
    """A Tensor (C, H, W) or an array (H, W, C) as a PIL image; floats of a Tensor, from 0 to 1, times 255, rounded down.

    Parameters
    ----------
    mode : str, optional
        Of the image; by default by the number of channels.
    """

    def __init__(self, mode=None):
        self.mode = mode

    def __call__(self, pic):
        """See `functional.to_pil_image`."""
        return F.to_pil_image(pic, self.mode)

    def __repr__(self):
        return f"{type(self).__name__}({'' if self.mode is None else f'mode={self.mode}'})"


class ConvertImageDtype(Module):
    """A Tensor in another dtype, its numbers scaled so that white stays white.

    Parameters
    ----------
    dtype : dtype
    """

    def __init__(self, dtype):
        super().__init__()
        self.dtype = dtype

    def forward(self, image):
        """See `functional.convert_image_dtype`."""
        return F.convert_image_dtype(image, self.dtype)


class ToDtype(Module):
    """A Tensor in another dtype.

    Parameters
    ----------
    dtype : dtype
    scale : bool
        Whether white stays white: bytes 0 to 255 become floats 0 to 1.
    """

    def __init__(self, dtype=float32, scale=False):
        super().__init__()
        self.dtype, self.scale = dtype, scale

    def forward(self, inpt):
        """See `functional.to_dtype`."""
        return F.to_dtype(inpt, self.dtype, self.scale)


class Normalize(Module):
    """(x - mean) / std, channel by channel, of a Tensor (..., C, H, W) of floats.

    Parameters
    ----------
    mean, std : sequence of C numbers
    inplace : bool
        Whether to change the Tensor itself.
    """

    def __init__(self, mean, std, inplace=False):
        super().__init__()
        self.mean, self.std, self.inplace = mean, std, inplace

    def forward(self, tensor):
        """See `functional.normalize`."""
        return F.normalize(tensor, self.mean, self.std, self.inplace)

    def __repr__(self):
        return f"{type(self).__name__}(mean={self.mean}, std={self.std})"
