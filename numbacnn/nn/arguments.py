"""Checks of the arguments that layers are built with: each refusal names layer, argument and what was given."""

import numpy as np


def whole(layer, name, value, least):
    """`value` as an int of at least `least`.

    Raises
    ------
    TypeError, ValueError
        If it is not a whole number, or too small.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{layer}: {name} must be an int, got {value!r}")
    if value < least:
        raise ValueError(f"{layer}: {name} must be at least {least}, got {value}")
    return int(value)


def pair(layer, name, value, least):
    """`value`, an int or a pair of them, as a pair (rows, columns).

    Raises
    ------
    TypeError, ValueError
        If it is neither, or too small.
    """
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise ValueError(f"{layer}: {name} must be an int or a pair (rows, columns), got {value!r}")
        return tuple(whole(layer, name, part, least) for part in value)
    return (whole(layer, name, value, least),) * 2


def several(layer, name, value, least, count):
    """`value`, an int or `count` of them, as a tuple of `count`.

    Raises
    ------
    TypeError, ValueError
        If it is neither, or too small.
    """
    if count == 2:
        return pair(layer, name, value, least)
    if isinstance(value, (tuple, list)):
        if len(value) != count:
            raise ValueError(f"{layer}: {name} must be an int or {count} of them, got {value!r}")
        return tuple(whole(layer, name, part, least) for part in value)
    return (whole(layer, name, value, least),) * count


def not_offered(layer, **given):
    """Refuse arguments of PyTorch that numbacnn lacks; each comes as `name=(value, the only value there is)`.

    Raises
    ------
    NotImplementedError
        If a value differs from the only one there is.
    """
    for name, (value, only) in given.items():
        if value != only:
            raise NotImplementedError(f"{layer}: {name}={value!r} is not offered; numbacnn has {name}={only!r} only")
