"""From pictures to Tensors and back, and what is done to the numbers on the way."""
import numpy as np
from PIL import Image

from numbacnn.tensors.creation import from_numpy, tensor
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import as_dtype, default_dtype, float32
from numbacnn.vision.pictures import brightest, is_pil

_INTEGERS = {"I": np.int32, "F": np.float32}
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def _channels_first(array):
    """(H, W) or (H, W, C) as a contiguous (C, H, W)."""
    return np.ascontiguousarray(array[None] if array.ndim == 2 else array.transpose(2, 0, 1))


def _pil_array(picture):
    """The numbers of a PIL image (H, W) or (H, W, C); 16-bit gray as int32, for there is no uint16 here."""
    if picture.mode == "P":  # as torchvision has it, the numbers are those of the palette's entries
        return np.array(picture)
    if picture.mode.startswith("I;16"):
        return np.array(picture).astype(np.int32)
    if picture.mode == "1":
        return 255 * np.array(picture, np.uint8)
    return np.array(picture, _INTEGERS.get(picture.mode, np.uint8))


def to_tensor(pic):
    """A PIL image or an array (H, W, C) as a Tensor (C, H, W).

    Bytes 0 to 255 become float32 numbers from 0 to 1 (see `numbacnn.set_default_dtype`); numbers of any other dtype stay what
    they are.

    Raises
    ------
    TypeError
        If `pic` is neither a PIL image nor an ndarray.
    ValueError
        If an array has other than 2 or 3 dimensions.
    """
    if isinstance(pic, np.ndarray):
        if pic.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
        array = pic
    elif is_pil(pic):
        array = _pil_array(pic)
    else:
        raise TypeError(f"pic should be PIL Image or ndarray. Got {type(pic)}")
    array = _channels_first(array)
    if array.dtype == np.uint8:
        array = array.astype(default_dtype()) / default_dtype().type(255)
    return from_numpy(array)


def pil_to_tensor(pic):
    """A PIL image as a Tensor (C, H, W) of the same numbers.

    Raises
    ------
    TypeError
        If `pic` is not a PIL image.
    """
    if not is_pil(pic):
        raise TypeError(f"pic should be PIL Image. Got {type(pic)}")
    return from_numpy(_channels_first(_pil_array(pic)))


def to_image(inpt):
    """A PIL image, an array (H, W, C) or a Tensor as a Tensor (C, H, W) of the same numbers."""
    if isinstance(inpt, Tensor):
        return inpt
    return from_numpy(_channels_first(inpt.copy())) if isinstance(inpt, np.ndarray) else pil_to_tensor(inpt)


def to_pil_image(pic, mode=None):
    """A Tensor (C, H, W) or an array (H, W, C) as a PIL image.

    Floats of a Tensor, from 0 to 1, become bytes: times 255, rounded down.

    Parameters
    ----------
    pic : Tensor or ndarray
        With 1, 2, 3 or 4 channels.
    mode : str, optional
        Of the image: by default "L", "LA", "RGB" or "RGBA" by the number of channels; one channel of int32 is "I", of float32
        in an array "F".

    Raises
    ------
    TypeError
        If `pic` is something else, or its dtype has no mode.
    ValueError
        If the dimensions or the number of channels are others, or the mode does not fit.
    """
    if isinstance(pic, Tensor):
        if pic.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
        array = pic.detach().numpy()
        if array.dtype.kind == "f" and mode != "F":
            array = (array * np.float32(255)).astype(np.int64).astype(np.uint8)
        array = array[:, :, None] if array.ndim == 2 else array.transpose(1, 2, 0)
    elif isinstance(pic, np.ndarray):
        if pic.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
        array = pic[:, :, None] if pic.ndim == 2 else pic
    else:
        raise TypeError(f"pic should be Tensor or ndarray. Got {type(pic)}.")
    channels = array.shape[2]
    if channels not in _MODES:
        raise ValueError(f"pic should not have > 4 channels. Got {channels} channels.")
    usual = _MODES[channels]
    if channels == 1:
        array = array[:, :, 0]
        usual = {"uint8": "L", "int16": "I;16", "uint16": "I;16", "int32": "I", "float32": "F"}.get(array.dtype.name)
    if usual is None or channels > 1 and array.dtype != np.uint8:
        raise TypeError(f"to_pil_image: there is no image of {channels} channel{'s' * (channels > 1)} of {array.dtype}; "
                        "give uint8, or floats from 0 to 1 in a Tensor")
    fitting = {1: (usual,), 2: ("LA",), 3: ("RGB", "YCbCr", "HSV"), 4: ("RGBA", "CMYK", "RGBX")}[channels]
    if mode is not None and mode not in fitting:
        raise ValueError(f"Incorrect mode ({mode}) supplied for input type {array.dtype} with {channels} channels. "
                         f"Should be one of {', '.join(fitting)}")
    image = Image.fromarray(np.ascontiguousarray(array))
    return image if mode in (None, image.mode) else Image.frombytes(mode, image.size, image.tobytes())


def convert_image_dtype(image, dtype=float32):
    """A Tensor in another dtype, its numbers scaled so that white stays white: bytes 0 to 255 are floats 0 to 1.

    Parameters
    ----------
    image : Tensor
    dtype : dtype

    Raises
    ------
    TypeError
        If `image` is not a Tensor.
    RuntimeError
        If floats are to become int32 or int64, which would not be exact.
    """
    if not isinstance(image, Tensor):
        raise TypeError(f"Input img should be Tensor Image, got {type(image).__name__}")
    dtype, array = as_dtype(dtype), image.numpy()
    if array.dtype == dtype:
        return image
    if array.dtype.kind == "f" or dtype.kind == "f":
        if array.dtype.kind == "f" and dtype.kind == "f":
            return image.to(dtype)
        if dtype.kind == "f":
            return from_numpy(array.astype(dtype) / dtype.type(brightest(array.dtype)))
        if dtype.itemsize > 2 and not (dtype.name == "int32" and array.dtype.name == "float64"):
            raise RuntimeError(f"The cast from {array.dtype} to {dtype} cannot be performed safely")
        top = array.dtype.type(brightest(dtype) + 1.0 - 1e-3)  # an equal share of [0, 1] for each whole number
        return from_numpy((array * top).astype(dtype))
    old, new = brightest(array.dtype), brightest(dtype)
    if old > new:
        return from_numpy((array // ((old + 1) // (new + 1))).astype(dtype))
    return from_numpy(array.astype(dtype) * dtype.type((new + 1) // (old + 1)))


def to_dtype(inpt, dtype=float32, scale=False):
    """A Tensor in another dtype; with `scale` as `convert_image_dtype`, else the numbers as they are."""
    return convert_image_dtype(inpt, dtype) if scale else inpt.to(as_dtype(dtype))


def normalize(tensor_, mean, std, inplace=False):
    """(x - mean) / std, channel by channel.

    Parameters
    ----------
    tensor_ : Tensor (..., C, H, W)
        Of floats.
    mean, std : sequence of C numbers, or of one for all
    inplace : bool
        Whether to change `tensor_` itself.

    Raises
    ------
    TypeError
        If it is not a Tensor of floats.
    ValueError
        If it has fewer than three dimensions, or a `std` is 0.
    """
    if not isinstance(tensor_, Tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(tensor_)}; ToTensor() comes before Normalize")
    if tensor_.dtype.kind != "f":
        raise TypeError(f"Input tensor should be a float tensor. Got {tensor_.dtype}.")
    if tensor_.ndim < 3:
        raise ValueError("Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = "
                         f"{tuple(tensor_.shape)}")
    mean, std = (_by_channel(name, numbers, tensor_) for name, numbers in (("mean", mean), ("std", std)))
    if (std.numpy() == 0).any():
        raise ValueError(f"std evaluated to zero after conversion to {tensor_.dtype}, leading to division by zero.")
    return tensor_.sub_(mean).div_(std) if inplace else (tensor_ - mean) / std


def _by_channel(name, numbers, picture):
    """One number for each channel, or one for all, in the shape (C, 1, 1)."""
    column = tensor(np.asarray(numbers, np.float64).reshape(-1, 1, 1), dtype=picture.dtype)
    if len(column) not in (1, picture.shape[-3]):
        raise ValueError(f"normalize: {name} has {len(column)} numbers, but the picture has {picture.shape[-3]} channels "
                         f"(shape {tuple(picture.shape)}); give one for each channel, or one for all")
    return column
