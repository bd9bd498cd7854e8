"""Data sets: by index, as a stream, and put together from others."""

import bisect
import math
import warnings
from itertools import accumulate
from typing import Generic, TypeVar

from numbacnn.tensors.generator import default_generator
from numbacnn.tensors.internals import array_of, detached
from numbacnn.tensors.tensor import Tensor

Sample = TypeVar("Sample", covariant=True)


class Dataset(Generic[Sample]):
    """Base of data sets: subclasses define `__getitem__(index)`, and `__len__` for a DataLoader.

    A subclass may also define `__getitems__(indices)`, which returns a list of samples; the DataLoader then asks for a
    whole batch at once. `a + b` is a ConcatDataset.
    """

    def __getitem__(self, index):
        """The sample number `index`."""
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(index)")

    def __add__(self, other):
        return ConcatDataset([self, other])


class IterableDataset(Dataset[Sample]):
    """Base of data sets that are streams: subclasses define `__iter__`, and `__len__` if the length is known.

    A DataLoader takes the samples in the order in which they come. `a + b` is a ChainDataset.
    """

    def __iter__(self):
        raise NotImplementedError(f"{type(self).__name__} must define __iter__()")

    def __add__(self, other):
        return ChainDataset([self, other])


class TensorDataset(Dataset):
    """Tensors of equal length side by side; sample k is `(tensors[0][k], tensors[1][k], ...)`.

    Parameters
    ----------
    *tensors : Tensor

    Raises
    ------
    AssertionError
        If they differ in length.
    TypeError
        If one is not a Tensor.
    ValueError
        If there are none.
    """

    def __init__(self, *tensors):
        if not tensors:
            raise ValueError("TensorDataset: give at least one Tensor")
        odd = next((t for t in tensors if not isinstance(t, Tensor)), None)
        if odd is not None:
            raise TypeError(f"TensorDataset: expected Tensors, got {type(odd).__name__}; numbacnn.as_tensor(array) makes one")
        lengths = [len(t) for t in tensors]
        if len(set(lengths)) != 1:
            raise AssertionError(f"TensorDataset: size mismatch between tensors, got first dimensions {lengths}")
        self.tensors = tensors

    def __getitem__(self, index):
        return tuple(t[index] for t in self.tensors)

    def __len__(self):
        return len(self.tensors[0])

    def batch(self, indices):
        """The samples `indices` as one Tensor for each of `tensors`: one look-up, no stacking."""
        return [detached(array_of(t)[indices]) for t in self.tensors]


class StackDataset(Dataset):
    """Data sets of equal length side by side; sample k is a tuple, or with keywords a dict, of their samples k.

    Parameters
    ----------
    *datasets, **named_datasets : Dataset
        Either all by position or all by name.

    Raises
    ------
    ValueError
        If there are none, some have a name and some have not, or they differ in length.
    """

    def __init__(self, *datasets, **named_datasets):
        if datasets and named_datasets:
            raise ValueError("StackDataset: give all data sets by position (for tuples) or all by name (for dicts), not both")
        self.datasets = datasets or named_datasets
        parts = list(datasets or named_datasets.values())
        if not parts:
            raise ValueError("StackDataset: give at least one data set")
        lengths = [len(part) for part in parts]
        if len(set(lengths)) != 1:
            raise ValueError(f"StackDataset: size mismatch between data sets, got lengths {lengths}")

    def __getitem__(self, index):
        if isinstance(self.datasets, dict):
            return {name: part[index] for name, part in self.datasets.items()}
        return tuple(part[index] for part in self.datasets)

    def __getitems__(self, indices):
        """The samples `indices` as a list."""
        named = isinstance(self.datasets, dict)
        columns = [samples_of(part, indices) for part in (self.datasets.values() if named else self.datasets)]
        return [dict(zip(self.datasets, sample)) if named else sample for sample in zip(*columns)]

    def __len__(self):
        return len(next(iter(self.datasets.values())) if isinstance(self.datasets, dict) else self.datasets[0])


class ConcatDataset(Dataset[Sample]):
    """Data sets one after the other.

    Parameters
    ----------
    datasets : iterable of Dataset

    Attributes
    ----------
    cumulative_sizes : list of int
        Where each data set ends.

    Raises
    ------
    AssertionError
        If there are none, or one is an IterableDataset.
    """

    def __init__(self, datasets):
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("ConcatDataset: datasets should not be an empty iterable")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise AssertionError("ConcatDataset does not support IterableDataset; ChainDataset does")
        self.cumulative_sizes = list(accumulate(len(dataset) for dataset in self.datasets))

    def __len__(self):
        return self.cumulative_sizes[-1]

    def __getitem__(self, index):
        count = len(self)
        if index < -count:
            raise ValueError(f"ConcatDataset: index {index} is outside of {count} samples")
        if index >= count:
            raise IndexError(f"ConcatDataset: index {index} is outside of {count} samples")
        index %= count
        which = bisect.bisect_right(self.cumulative_sizes, index)
        return self.datasets[which][index - (self.cumulative_sizes[which - 1] if which else 0)]


class ChainDataset(IterableDataset[Sample]):
    """Streams one after the other.

    Parameters
    ----------
    datasets : iterable of IterableDataset

    Raises
    ------
    AssertionError
        When it is gone through, or its length is asked for: if one is not an IterableDataset.
    """

    def __init__(self, datasets):
        self.datasets = datasets

    def __iter__(self):
        for dataset in self.datasets:
            yield from self._checked(dataset)

    def __len__(self):
        return sum(len(self._checked(dataset)) for dataset in self.datasets)

    @staticmethod
    def _checked(dataset):
        if not isinstance(dataset, IterableDataset):
            raise AssertionError(f"ChainDataset only supports IterableDataset, got {type(dataset).__name__}")
        return dataset


class Subset(Dataset[Sample]):
    """Some samples of another data set.

    Parameters
    ----------
    dataset : Dataset
    indices : sequence of int
        Which samples, in which order.
    """

    def __init__(self, dataset, indices):
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index):
        if isinstance(index, list):
            return self.dataset[[self.indices[k] for k in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices):
        """The samples `indices` as a list."""
        return samples_of(self.dataset, [self.indices[k] for k in indices])

    def __len__(self):
        return len(self.indices)


def samples_of(dataset, indices):
    """A list of samples, asked for at once if the data set has `__getitems__`, else one by one.

    An error of the data set itself carries a note with the index of its sample.

    Raises
    ------
    ValueError
        If `__getitems__` returns more or fewer samples than were asked for.
    """
    many = getattr(dataset, "__getitems__", None)
    if not callable(many):
        return [_sample_of(dataset, index) for index in indices]
    samples = many(indices)
    if len(samples) != len(indices):
        raise ValueError(f"{type(dataset).__name__}.__getitems__ returned {len(samples)} samples for {len(indices)} indices")
    return samples


def _sample_of(dataset, index):
    try:
        return dataset[index]
    except Exception as error:
        if hasattr(error, "add_note"):  # from Python 3.11 on
            error.add_note(f"raised for index {index} of a {type(dataset).__name__}")
        raise


def random_split(dataset, lengths, generator=None):
    """Deal the samples out at random to several Subsets.

    Parameters
    ----------
    dataset : Dataset
    lengths : sequence of int or of float
        How many samples each gets, or which share; shares sum to 1, and samples left by rounding are dealt one by one.
    generator : Generator, optional
        Source of the order.

    Returns
    -------
    list of Subset

    Raises
    ------
    ValueError
        If the lengths do not sum to that of the data set, are not whole numbers, or a share is outside [0, 1].
    """
    count, lengths = len(dataset), list(lengths)
    if math.isclose(sum(lengths), 1):
        lengths = _dealt(count, lengths)
    elif not all(isinstance(length, int) and length >= 0 for length in lengths):
        raise ValueError(f"random_split: lengths must be whole numbers that sum to {count}, or shares that sum to 1, "
                         f"got {lengths}")
    if sum(lengths) != count:
        raise ValueError(f"random_split: lengths {lengths} sum to {sum(lengths)}, but the data set has {count} samples")
    order = (generator or default_generator).numpy.permutation(count).tolist()
    return [Subset(dataset, order[end - length:end]) for end, length in zip(accumulate(lengths), lengths)]


def _dealt(count, shares):
    """Number of the `count` samples in each share."""
    if not all(0 <= share <= 1 for share in shares):
        raise ValueError(f"random_split: shares must be between 0 and 1, got {shares}")
    lengths = [math.floor(count * share) for share in shares]
    for k in range(count - sum(lengths)):
        lengths[k % len(shares)] += 1
    for k, length in enumerate(lengths):
        if not length:
            warnings.warn(f"random_split: part {k} (share {shares[k]:g} of {count} samples) is empty", stacklevel=3)
    return lengths
