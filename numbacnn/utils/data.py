"""Data sets, and the loader that hands them out in batches."""

import math

import numpy as np

from numbacnn.tensors.creation import as_tensor, tensor
from numbacnn.tensors.generator import default_generator
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.shape import stack


class Dataset:
    """Base of data sets: subclasses define `__getitem__(index)`, and `__len__` for a DataLoader."""

    def __getitem__(self, index):
        """The sample number `index`."""
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(index)")


class TensorDataset(Dataset):
    """Tensors of equal length side by side; sample k is `(tensors[0][k], tensors[1][k], ...)`.

    Parameters
    ----------
    *tensors : Tensor

    Raises
    ------
    ValueError
        If they differ in length.
    """

    def __init__(self, *tensors):
        lengths = [len(t) for t in tensors]
        if len(set(lengths)) != 1:
            raise ValueError(f"TensorDataset: size mismatch between tensors, got first dimensions {lengths}")
        self.tensors = tensors

    def __getitem__(self, index):
        return tuple(t[index] for t in self.tensors)

    def __len__(self):
        return len(self.tensors[0])

    def batch(self, indices):
        """The samples `indices` as one Tensor for each of `tensors`: one look-up, no stacking."""
        return [Tensor._detached(t._array[indices]) for t in self.tensors]


class Subset(Dataset):
    """Some samples of another data set.

    Parameters
    ----------
    dataset : Dataset
    indices : sequence of int
        Which, in which order.
    """

    def __init__(self, dataset, indices):
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index):
        return self.dataset[self.indices[index]]

    def __len__(self):
        return len(self.indices)


def random_split(dataset, lengths, generator=None):
    """Deal the samples out at random to several Subsets.

    Parameters
    ----------
    dataset : Dataset
    lengths : sequence of int or of float
        How many samples each gets, or which share; shares sum to 1, and samples left by rounding are dealt one by one.
    generator : Generator, optional
        Source of the order.

    Raises
    ------
    ValueError
        If the lengths do not sum to that of the data set, or a share is outside [0, 1].
    """
    count = len(dataset)
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1 and not all(isinstance(n, int) for n in lengths):
        if not all(0 <= share <= 1 for share in lengths):
            raise ValueError(f"random_split: shares must be between 0 and 1, got {list(lengths)}")
        shares, lengths = lengths, [math.floor(count * share) for share in lengths]
        for k in range(count - sum(lengths)):
            lengths[k % len(shares)] += 1
    if sum(lengths) != count:
        raise ValueError(f"random_split: lengths {list(lengths)} sum to {sum(lengths)}, "
                         f"but the data set has {count} samples")
    order = (generator or default_generator).numpy.permutation(count).tolist()
    ends = np.cumsum(lengths).tolist()
    return [Subset(dataset, order[end - length:end]) for end, length in zip(ends, lengths)]


def default_collate(batch):
    """A list of samples as one batch: numbers and arrays become Tensors, tuples and dicts keep their form.

    Raises
    ------
    TypeError
        If a sample holds something that cannot be stacked.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, np.ndarray):
        return as_tensor(np.stack(batch))
    if isinstance(first, float):
        # Python floats, which a Tensor would otherwise make float32: as in PyTorch, samples keep their precision.
        return tensor(np.asarray(batch, np.float64))
    if isinstance(first, (int, np.generic)):
        return tensor(np.asarray(batch))
    if isinstance(first, str):
        return batch
    if isinstance(first, dict):
        return {key: default_collate([sample[key] for sample in batch]) for key in first}
    if isinstance(first, (tuple, list)):
        if len({len(sample) for sample in batch}) != 1:
            raise RuntimeError("each element in list of batch should be of equal size")
        parts = [default_collate(list(part)) for part in zip(*batch)]
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    raise TypeError(f"default_collate: cannot make a batch of {type(first).__name__}; pass collate_fn=")


class DataLoader:
    """Goes through a data set in batches; every `iter` is one epoch.

    Parameters
    ----------
    dataset : Dataset
        Anything with `len` and `[index]`.
    batch_size : int
        Samples in a batch.
    shuffle : bool
        Whether each epoch has a random order of its own.
    sampler : iterable of int, optional
        The order of the samples, instead of `shuffle`.
    num_workers : int
        Only 0 is offered: batches are made when asked for.
    collate_fn : callable, optional
        Makes a batch of a list of samples; `default_collate` if not given.
    drop_last : bool
        Whether a last batch that is not full is left out.
    generator : Generator, optional
        Source of the order.

    Raises
    ------
    ValueError
        If `batch_size` is no positive int, or both `sampler` and `shuffle` are given.
    NotImplementedError
        For `num_workers` other than 0.
    """

    def __init__(self, dataset, batch_size=1, shuffle=False, sampler=None, *, num_workers=0, collate_fn=None,
                 pin_memory=False, drop_last=False, generator=None):
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"batch_size should be a positive integer value, but got batch_size={batch_size}")
        if num_workers != 0:
            raise NotImplementedError(f"DataLoader: num_workers={num_workers} is not offered; leave it at 0, "
                                      "the engine computes on all cores")
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if shuffle and len(dataset) == 0:
            raise ValueError("DataLoader: num_samples should be a positive integer value, but got num_samples=0")
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.sampler = sampler
        self.num_workers = num_workers
        self.collate_fn = collate_fn or default_collate
        self.pin_memory = pin_memory
        self.drop_last = drop_last
        self.generator = generator

    def __len__(self):
        count = len(self.dataset if self.sampler is None else self.sampler)
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)

    def __iter__(self):
        order = self._order()
        fast = type(self.dataset) is TensorDataset and self.collate_fn is default_collate
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            indices = order[start:start + self.batch_size]
            if fast:
                yield self.dataset.batch(indices)
            else:
                yield self.collate_fn([self.dataset[k] for k in indices.tolist()])

    def _order(self):
        if self.sampler is not None:
            return np.fromiter(self.sampler, np.int64)
        if self.shuffle:
            return (self.generator or default_generator).numpy.permutation(len(self.dataset))
        return np.arange(len(self.dataset))
