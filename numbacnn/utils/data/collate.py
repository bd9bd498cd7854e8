"""From a list of samples to a batch."""

import copy
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence

import numpy as np

from numbacnn.tensors.creation import as_tensor, tensor
from numbacnn.tensors.shape import stack
from numbacnn.tensors.tensor import Tensor

TEXT = "SUO"  # kinds of arrays that hold no numbers


def default_collate(batch):
    """A list of samples as one batch: numbers, arrays and Tensors become Tensors, and dicts and sequences keep their form.

    Python floats become float64 and ints int64; numbers of NumPy and arrays keep their dtype; strings and bytes stay a list.
    A named tuple stays one, another tuple becomes a list.

    Parameters
    ----------
    batch : sequence of samples
        All of one form.

    Raises
    ------
    TypeError
        If a sample holds something that cannot be stacked.
    RuntimeError
        If samples differ in length or shape.
    KeyError
        If a sample lacks a key of the first one.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, np.ndarray):
        if first.dtype.kind in TEXT:
            raise TypeError(f"default_collate: cannot make a batch of arrays of {first.dtype}; pass collate_fn=")
        return stack([as_tensor(array) for array in batch])
    if isinstance(first, (np.bool_, np.number)):
        return tensor(np.asarray(batch))
    if isinstance(first, float):
        # Python floats, which a Tensor would otherwise make float32: samples keep their precision
        return tensor(np.asarray(batch, np.float64))
    if isinstance(first, int):
        return tensor(list(batch))
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        return _like(first, {key: default_collate([sample[key] for sample in batch]) for key in first})
    if isinstance(first, Sequence):
        lengths = sorted({len(sample) for sample in batch})
        if len(lengths) != 1:
            raise RuntimeError(f"default_collate: each sample of a batch should be of equal size, got lengths {lengths}")
        return _like(first, [default_collate(part) for part in zip(*batch)])
    raise TypeError(f"default_collate: cannot make a batch of {type(first).__name__}; return Tensors, arrays, numbers, strings, "
                    "dicts or lists of these, or pass collate_fn=")


def default_convert(data):
    """A single sample with its arrays and NumPy's numbers as Tensors, all else as it is; for `DataLoader(batch_size=None)`."""
    if isinstance(data, np.ndarray):
        return data if data.dtype.kind in TEXT else as_tensor(data)
    if isinstance(data, (np.bool_, np.number)):
        return tensor(data)
    if isinstance(data, Mapping):
        return _like(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _like(data, [default_convert(part) for part in data])
    return data


def _like(first, parts):
    """`parts`, a dict or a list, as the kind of container that `first` is, so far as such a one can be made."""
    if hasattr(first, "_fields"):
        return type(first)(*parts)
    if type(first) in (dict, list, tuple):
        return parts
    try:
        if isinstance(first, (MutableMapping, MutableSequence)):
            out = copy.copy(first)  # it may hold more than its items, such as the factory of a defaultdict
            for key, part in parts.items() if isinstance(first, Mapping) else enumerate(parts):
                out[key] = part
            return out
        return type(first)(parts) if not isinstance(first, tuple) else parts
    except TypeError:  # a range, say, can be neither changed nor made of a list
        return parts
