"""Adaptive pooling: as many windows as the output wants."""

from functools import lru_cache

from numbacnn.nn.arguments import not_offered, whole
from numbacnn.nn.functional.apply import apply, batched
from numbacnn.nn.functional.checks import check_types, frozen
from numbacnn.tensors.internals import shape_of


@batched(3)
def adaptive_avg_pool2d(input, output_size):
    """The average of each of OH x OW windows that cover the image; `output_size` 1 is global average pooling.

    Parameters
    ----------
    input : Tensor (N, C, H, W) or (C, H, W)
        Images, float.
    output_size : int or (int, int), each int or None
        Rows and columns of the output; None keeps those of the input.

    Returns
    -------
    Tensor (N, C, OH, OW)

    Raises
    ------
    ValueError
        If the shape or the size is none.
    TypeError
        If the dtype is not a float type.
    """
    check_types("adaptive_avg_pool2d", input)
    size = adaptive_size("adaptive_avg_pool2d", shape_of(input), frozen(output_size))
    shape = shape_of(input)

    def forward(kind, x):
        return kind.adaptive_avg_pool2d_forward(x, size)

    def backward(kind, dout, wanted, saved):
        return (kind.adaptive_avg_pool2d_backward(dout, shape),)

    return apply("adaptive_avg_pool2d", forward, backward, input=input)


@batched(3)
def adaptive_max_pool2d(input, output_size, return_indices=False):
    """The largest pixel of each of OH x OW windows that cover the image.

    Parameters
    ----------
    input, output_size
        As for `adaptive_avg_pool2d`, which also says what is returned and raised.
    return_indices : bool
        Only False is offered.
    """
    if return_indices:
        not_offered("adaptive_max_pool2d", return_indices=(return_indices, False))
    check_types("adaptive_max_pool2d", input)
    size = adaptive_size("adaptive_max_pool2d", shape_of(input), frozen(output_size))
    shape = shape_of(input)

    def forward(kind, x):
        return kind.adaptive_max_pool2d_forward(x, size)

    def backward(kind, dout, wanted, saved):
        return (kind.adaptive_max_pool2d_backward(dout, saved["kept"], shape),)

    return apply("adaptive_max_pool2d", forward, backward, input=input)


@lru_cache(maxsize=1024, typed=True)
def adaptive_size(op, input, output_size):
    """(OH, OW), or (OD, OH, OW), checked."""
    names, words = (("D", "H", "W"), "three of them (layers, rows, columns)") if op.endswith("3d") else (
        ("H", "W"), "a pair (rows, columns)")
    if len(input) != 2 + len(names) or 0 in input[1:]:
        raise ValueError(f"{op}: expected input (N, channels, {', '.join(names)}) without an extent of 0, "
                         f"got {tuple(input)}")
    size = output_size if isinstance(output_size, tuple) else (output_size,) * len(names)
    if len(size) != len(names):
        raise ValueError(f"{op}: output_size must be an int or {words}, got {output_size!r}")
    return tuple(own if extent is None else whole(op, "output_size", extent, 1) for own, extent in zip(input[2:], size))
