"""Which arrays of a checkpoint are one memory: it is saved once, and they look at it again after loading."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numbacnn.tensors.pending import owner

MOST_DIMENSIONS = 32
EXPANDED = 1 << 20  # numbers that a Tensor with strides of 0 may have, whatever it repeats
RESERVED = "__metadata__"  # not an array's name in a safetensors file


def arrays_of(views):
    """{name: array}, C-contiguous, of what is to be saved.

    Parameters
    ----------
    views : list of (dict, ndarray, str)
        Arrays and where in the checkpoint each is.  The dict takes what `view_of` needs: the name, and where the array is a part of
        what is saved under it, its offset, shape and strides, in numbers.
    """
    arrays = {}
    for those in _overlapping(views):
        (_, first, place), *_ = those
        name = _free(place or "tensor", arrays)
        if len({_layout(array) for _, array, _ in those}) == 1:
            arrays[name] = np.array(first, order="C")
            for found, _, _ in those:
                found["array"] = name
        else:
            low, high = (bound(_bounds(array)[side] for _, array, _ in those) for side, bound in ((0, min), (1, max)))
            size = first.itemsize
            base = next(array for _, array, _ in those if _layout(array)[0] == low)
            arrays[name] = as_strided(base, ((high - low) // size,), (size,)).copy()
            for found, array, _ in those:
                address, shape, strides = _layout(array)
                found.update(array=name, offset=(address - low) // size, shape=list(shape), strides=[s // size for s in strides])
    return arrays


def view_of(arrays, what):
    """The array that `arrays_of` described; ValueError if it would reach beyond what was saved."""
    array = arrays[what["array"]]
    return view(array, what["offset"], what["shape"], what["strides"]) if "shape" in what else array


def view(flat, offset, shape, strides):
    """A part of a flat array: element (i, j, ...) is `flat[offset + i * strides[0] + j * strides[1] + ...]`.

    Raises
    ------
    ValueError
        If the extents are not whole numbers from 0 on, differ in number, or reach beyond the array; or if the part would be
        far larger than what it is a part of.
    """
    numbers = [offset, *shape, *strides]
    if len(shape) != len(strides) or len(shape) > MOST_DIMENSIONS or any(type(n) is not int or n < 0 for n in numbers):
        raise ValueError(f"offset {offset}, shape {shape} and strides {strides} do not describe a Tensor")
    count = 1
    for extent in shape:
        count *= extent
    last = offset + sum((extent - 1) * stride for extent, stride in zip(shape, strides))
    if count and last >= flat.size or not count and offset > flat.size:
        raise ValueError(f"a Tensor of shape {tuple(shape)} reaches to number {last} of {flat.size} that are there")
    if count > max(flat.size, EXPANDED):
        raise ValueError(f"a Tensor of shape {tuple(shape)} would repeat {flat.size} numbers {count} times over")
    if not count:
        return np.empty(shape, flat.dtype)
    return as_strided(flat[offset:], shape, [stride * flat.itemsize for stride in strides])


def _overlapping(views):
    """The views in lists of those that share memory, directly or over others; by where the first is in the checkpoint."""
    order = {id(found): k for k, (found, _, _) in enumerate(views)}
    lists, memory, end = [], None, None
    for view_ in sorted(views, key=lambda view_: (id(owner(view_[1])), view_[1].dtype.char, _bounds(view_[1]))):
        _, array, _ = view_
        low, high = _bounds(array)
        its = id(owner(array)), array.dtype.char, low % array.itemsize
        if its == memory and low < end:
            lists[-1].append(view_)
            end = max(end, high)
        else:
            lists.append([view_])
            memory, end = its, high
    lists = [part for those in lists for part in ([those] if _can_share(those) else [[one] for one in those])]
    for those in lists:
        those.sort(key=lambda view_: order[id(view_[0])])
    return sorted(lists, key=lambda those: order[id(those[0][0])])


def _can_share(those):
    """Whether one piece of memory and whole steps within it describe them all; backwards steps do not."""
    return all(stride >= 0 and stride % array.itemsize == 0 for _, array, _ in those for stride in array.strides)


def _layout(array):
    return array.__array_interface__["data"][0], array.shape, array.strides


def _bounds(array):
    """Addresses of the first byte of an array and of the first beyond it."""
    address, shape, strides = _layout(array)
    if 0 in shape:
        return address, address
    reach = [(extent - 1) * stride for extent, stride in zip(shape, strides)]
    return address + sum(r for r in reach if r < 0), address + sum(r for r in reach if r > 0) + array.itemsize


def _free(name, arrays):
    """A name that no array has yet."""
    while name in arrays or name == RESERVED:
        name += "_"
    return name
