"""Pictures blurred, and parts of them erased."""
import numpy as np
from PIL import Image

from numbacnn.tensors.tensor import Tensor
from numbacnn.vision.pictures import check_picture, is_pil, on_array
from numbacnn.vision.transforms.functional.geometry import pair_of


def gaussian_blur(img, kernel_size, sigma=None):
    """A picture blurred: each pixel is the mean of its neighbors, weighted with exp(-distance^2 / (2 sigma^2)).

    Parameters
    ----------
    img : PIL image or Tensor (..., C, H, W)
    kernel_size : int or (int, int)
        How many neighbors count, (along x, along y), odd.
    sigma : number or (number, number), optional
        In pixels, above 0; 0.15 * kernel_size + 0.35 if not given.

    Raises
    ------
    ValueError
        If `kernel_size` is even or `sigma` not above 0.
    """
    check_picture("gaussian_blur", img)
    sizes = pair_of("gaussian_blur", kernel_size)
    if any(size % 2 == 0 or size < 1 for size in sizes):
        raise ValueError(f"kernel_size should have odd and positive integers. Got {kernel_size}")
    if sigma is None:
        sigma = [0.15 * size + 0.35 for size in sizes]
    sigmas = (sigma, sigma) if isinstance(sigma, (int, float)) else tuple(sigma) * (2 // len(sigma))
    if min(sigmas) <= 0:
        raise ValueError(f"sigma should have positive values. Got {sigma}")
    if is_pil(img):
        array = np.asarray(img)
        planes = array[None] if array.ndim == 2 else array.transpose(2, 0, 1)
        out = _blur(planes, sizes, sigmas)
        return Image.fromarray(np.ascontiguousarray(out[0] if array.ndim == 2 else out.transpose(1, 2, 0)))
    return on_array(img, lambda array: _blur(array, sizes, sigmas))


def _blur(array, sizes, sigmas):
    """Along x, then along y, the edge mirrored."""
    out = array.astype(np.float64)
    for axis, size, sigma in zip((-1, -2), sizes, sigmas):
        places = np.arange(size) - (size - 1) / 2
        bell = np.exp(-0.5 * (places / sigma) ** 2)
        half = size // 2
        spread = [(0, 0)] * out.ndim
        spread[axis] = (half, half)
        wide, extent = np.pad(out, spread, "reflect"), out.shape[axis]
        out = sum(weight * np.take(wide, range(k, k + extent), axis) for k, weight in enumerate(bell / bell.sum()))
    return (np.rint(out) if array.dtype.kind in "iu" else out).astype(array.dtype)


def erase(img, i, j, h, w, v, inplace=False):
    """A Tensor (..., C, H, W) with the rectangle of `h` rows and `w` columns from row `i`, column `j` on replaced by `v`.

    Raises
    ------
    TypeError
        If `img` is not a Tensor.
    """
    if not isinstance(img, Tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(img)}; ToTensor() comes before RandomErasing")
    out = img if inplace else img.clone()
    out[..., i:i + h, j:j + w] = v
    return out
