"""Arrays as text in a page: base64 of their bytes, which `unpack` of common/packing.js reads back."""

import base64

import numpy as np

DTYPES = ("uint8", "int8", "uint16", "int16", "int32", "float32")  # those that JavaScript has arrays of


def packed(array):
    """An array as a JSON value that keeps every bit.

    Parameters
    ----------
    array : ndarray
        Of uint8, int8, uint16, int16, int32 or float32; int64 becomes int32 where its numbers fit.

    Returns
    -------
    dict
        "dtype", "shape" and "data"; in the page `unpack` makes {shape, data} of it.

    Raises
    ------
    TypeError
        If the dtype is another one.
    """
    array = np.asarray(array)
    if array.dtype == np.int64 and (not array.size or max(-int(array.min()), int(array.max())) < 1 << 31):
        array = array.astype(np.int32)
    if array.dtype.name not in DTYPES:
        raise TypeError(f"packed: an array of {array.dtype} cannot stand in a page; convert it to one of {', '.join(DTYPES)}")
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": base64.b64encode(little.tobytes()).decode()}


def packed_bytes(array):
    """An array of floats in a quarter of the room: a byte a number, on one scale, zero kept exactly.

    Parameters
    ----------
    array : ndarray of float
        Finite numbers.

    Returns
    -------
    dict
        As from `packed`, with "scale": in the page `unpack` gives float32 numbers, off by at most half of that.
    """
    array = np.asarray(array, np.float32)
    scale = float(np.abs(array).max(initial=0)) / 127
    levels = np.rint(array / scale) if scale > 0 else np.zeros(array.shape)
    return {**packed(levels.astype(np.int8)), "scale": scale}
