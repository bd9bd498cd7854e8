"""What a picture is here: a PIL image, or a Tensor (..., C, H, W)."""
import numpy as np
from PIL import Image

from numbacnn.tensors.creation import from_numpy
from numbacnn.tensors.tensor import Tensor


def is_pil(picture):
    """Whether it is a PIL image."""
    return isinstance(picture, Image.Image)


def check_picture(name, picture):
    """Refuse what is neither a PIL image nor a Tensor of at least two dimensions.

    Raises
    ------
    TypeError
        If it is something else, or a Tensor of fewer dimensions.
    """
    if is_pil(picture):
        return
    if not isinstance(picture, Tensor):
        raise TypeError(f"{name}: expected a PIL image or a Tensor (..., C, H, W), got {type(picture).__name__}")
    if picture.ndim < 2:
        raise TypeError(f"{name}: a picture has at least the dimensions (H, W), got a Tensor of shape {tuple(picture.shape)}")


def on_array(picture, change):
    """`change(array)` of a Tensor's numbers, as a Tensor; off the tape.

    Raises
    ------
    RuntimeError
        If the Tensor requires grad: transforms of pictures are not differentiated.
    """
    array = picture.numpy()
    changed = change(array)
    return from_numpy(np.ascontiguousarray(changed).astype(array.dtype, copy=changed is array))


def dimensions(picture):
    """(channels, height, width) of a picture."""
    if is_pil(picture):
        return len(picture.getbands()), picture.height, picture.width
    return (1 if picture.ndim == 2 else picture.shape[-3]), *picture.shape[-2:]


def brightest(dtype):
    """The number that white has: 1 for floats, the largest number of a whole-number dtype, True of bool."""
    if dtype.kind == "b":
        return 1
    return 1.0 if dtype.kind == "f" else int(np.iinfo(dtype).max)
