"""Larger images out of smaller ones."""

from fractions import Fraction
from math import isfinite

from numbacnn.nn.arguments import not_offered, several
from numbacnn.nn.functional.adaptive_pooling import adaptive_avg_pool2d
from numbacnn.nn.functional.apply import apply
from numbacnn.nn.functional.checks import check_types
from numbacnn.nn.functional.one_dimension import adaptive_avg_pool1d
from numbacnn.nn.functional.three_dimensions import adaptive_avg_pool3d
from numbacnn.tensors.internals import shape_of

DIMENSIONS = {"linear": 1, "bilinear": 2, "trilinear": 3}
FINEST = 1 << 30  # the largest denominator: no double is further from such a fraction than it is from its neighbor


def interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None,
                antialias=False):
    """Images in another size, each pixel read off what lies below it.

    Parameters
    ----------
    input : Tensor (N, C, W), (N, C, H, W) or (N, C, D, H, W)
        Float.
    size : int or sequence of int, optional
        Extents of the output.
    scale_factor : number or sequence of them, optional
        By how much there are more; either this or `size`. Of H rows become floor(H * scale_factor).
    mode : str
        "nearest" takes the pixel below; "linear" (rows), "bilinear" (images) and "trilinear" (volumes) weigh those around
        it by how near they are; "area" takes the average of those that the new pixel covers.
    align_corners : bool, optional
        For the linear modes: whether the centers of the corner pixels stay where they are, else, and by default, the
        corners of the image do.
    recompute_scale_factor : bool, optional
        Whether the scale is computed anew from the sizes, so that a factor which leaves a fraction of a pixel counts as
        what the sizes make of it.
    antialias
        Only the default is offered.

    Returns
    -------
    Tensor
        Of as many dimensions.

    Raises
    ------
    ValueError
        If the shape or mode is none, not exactly one of size and scale_factor is given, or nothing is left.
    TypeError
        If the dtype is not a float type.
    NotImplementedError
        For what is not offered.

    Notes
    -----
    With s = H / OH, or 1 / scale_factor if that is given, row oh of the output lies at row floor(oh * s) of the input
    for "nearest", at max((oh + 1/2) * s - 1/2, 0) for "bilinear" and at oh * (H - 1) / (OH - 1) with aligned corners.
    Where a factor leaves the size as it is, it leaves the pixels too. All that is computed in whole numbers. PyTorch
    rounds s to float32 first, so for a few s its "nearest" takes the pixel before where oh * s is whole: of 2 rows that
    become 82, row 41 of the output is then row 0 of the input, and not row 1.

    The loops and their sources: `numbacnn.kernels.upsampling`.
    """
    not_offered("interpolate", antialias=(antialias, False))
    check_mode("interpolate", mode, align_corners)
    check_types("interpolate", input)
    shape = shape_of(input)
    if not 3 <= len(shape) <= 5 or 0 in shape[1:]:
        raise ValueError(f"interpolate: expected input (N, channels, W), (N, channels, H, W) or (N, channels, D, H, W) "
                         f"without an extent of 0, got {shape}")
    count = len(shape) - 2
    if DIMENSIONS.get(mode, count) != count:
        raise NotImplementedError(f"interpolate: mode={mode!r} is for input with {DIMENSIONS[mode] + 2} dimensions, got "
                                  f"{shape}; take mode={[*DIMENSIONS][count - 1]!r}")
    if (size is None) == (scale_factor is None):
        raise ValueError(f"interpolate: give either size or scale_factor, got size={size} and "
                         f"scale_factor={scale_factor}")
    if recompute_scale_factor and size is not None:
        raise ValueError("interpolate: recompute_scale_factor is not meaningful with an explicit size; leave it out")
    factors = (None,) * count if scale_factor is None else _factors(scale_factor, count)
    if size is None:
        size = tuple(int(extent * factor) for extent, factor in zip(shape[2:], factors))
        if 0 in size:
            extents = ", ".join(map(str, shape[2:]))
            raise ValueError(f"interpolate: scale_factor={scale_factor} leaves nothing of an image of extents {extents}; "
                             "use a larger one")
    size = several("interpolate", "size", size, 1, count)
    if mode == "area":
        return (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[count - 1](input, size)
    mode = "nearest" if mode == "nearest" else "bilinear"
    grids = [_grid(mode, align_corners, *axis) for axis in zip(shape[2:], size, (None,) * count if recompute_scale_factor
                                                               else factors)]
    if count == 1:
        return _resized(mode, input.unsqueeze(2), (1, *size), _grid(mode, None, 1, 1, None), *grids).squeeze(2)
    if count == 2:
        return _resized(mode, input, size, *grids)
    N, C, D, H, W = shape  # rows and columns of all layers, then the layers
    out = _resized(mode, input.reshape(N, C * D, H, W), size[1:], *grids[1:]).reshape(N, C, D, size[1] * size[2])
    still = _grid(mode, None, size[1] * size[2], size[1] * size[2], None)
    return _resized(mode, out, (size[0], size[1] * size[2]), grids[0], still).reshape(N, C, *size)


def _resized(mode, input, size, rows, columns):
    """The loop on images (N, C, H, W)."""
    shape = shape_of(input)

    def forward(kind, x):
        return kind.upsample2d_forward(f"{mode}2d", x, size, rows, columns)

    def backward(kind, dout, wanted, saved):
        return (kind.upsample2d_backward(f"{mode}2d", dout, shape, rows, columns),)

    return apply("interpolate", forward, backward, settings={"mode": mode, "rows": rows, "columns": columns}, input=input)


def check_mode(name, mode, align_corners):
    """The mode must be one of those that there are, and have corners to align if that is asked."""
    if mode not in (*DIMENSIONS, "nearest", "area"):
        raise NotImplementedError(f"{name}: mode={mode!r} is not offered; numbacnn has 'nearest', 'linear', 'bilinear', "
                                  "'trilinear' and 'area'")
    if mode not in DIMENSIONS and align_corners is not None:
        raise ValueError(f"{name}: align_corners={align_corners} is for the linear modes only; leave it out")


def _factors(scale_factor, count):
    """A factor for each axis, checked."""
    factors = tuple(scale_factor) if isinstance(scale_factor, (tuple, list)) else (scale_factor,) * count
    if len(factors) != count or not all(isfinite(factor) and factor > 0 for factor in factors):
        raise ValueError("interpolate: scale_factor must be a number above 0, or one for each of the "
                         f"{count} axes, got {scale_factor!r}")
    return factors


def _grid(mode, align_corners, extent, outputs, factor):
    """Where the outputs lie along an axis, as the loops take it: (step, start, unit), whole numbers.

    From one output to the next there are `over / under` pixels.
    """
    if outputs == extent or mode == "nearest" and outputs == 2 * extent:
        return 1, 0, outputs // extent  # as in PyTorch, a factor that leaves the size, or doubles it, is exactly that
    if align_corners:
        return (extent - 1, 0, outputs - 1) if outputs > 1 else (0, 0, 1)
    over, under = extent, outputs
    if factor is not None:
        under, over = Fraction(float(factor)).limit_denominator(FINEST).as_integer_ratio()
    if mode == "bilinear":  # the center of output o, half a step behind its border, less half a pixel
        return 2 * over, over - under, 2 * under
    return over, 0, under
