"""Samplers: in which order a DataLoader takes the samples."""

from itertools import islice
from typing import Generic, TypeVar

import numpy as np

from numbacnn.tensors.generator import default_generator
from numbacnn.tensors.internals import detached
from numbacnn.tensors.tensor import Tensor

Index = TypeVar("Index", covariant=True)


class Sampler(Generic[Index]):
    """Base of samplers: subclasses define `__iter__`, which yields indices, and `__len__` if their number is known."""

    def __init__(self, data_source=None):
        """`data_source` is not used: programs for older PyTorch hand it over."""

    def __iter__(self):
        raise NotImplementedError(f"{type(self).__name__} must define __iter__()")


class SequentialSampler(Sampler[int]):
    """All samples in their order.

    Parameters
    ----------
    data_source : Dataset
    """

    def __init__(self, data_source):
        self.data_source = data_source

    def __iter__(self):
        return iter(range(len(self.data_source)))

    def __len__(self):
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """Samples in random order.

    Parameters
    ----------
    data_source : Dataset
    replacement : bool
        Whether a sample can be drawn again.
    num_samples : int, optional
        How many to draw; by default as many as there are. Without replacement, more than that take several rounds.
    generator : Generator, optional
        Source of the order.

    Raises
    ------
    TypeError
        If `replacement` is not a bool.
    ValueError
        If `num_samples` is not a positive int, as for an empty data set.
    """

    def __init__(self, data_source, replacement=False, num_samples=None, generator=None):
        if not isinstance(replacement, bool):
            raise TypeError(f"RandomSampler: replacement should be a boolean value, but got replacement={replacement!r}")
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self._num_samples = num_samples
        _require_positive("RandomSampler", self.num_samples)

    @property
    def num_samples(self):
        """Number of samples drawn."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self):
        rng, count = (self.generator or default_generator).numpy, len(self.data_source)
        if self.replacement:
            yield from rng.integers(count, size=self.num_samples).tolist()
            return
        for start in range(0, self.num_samples, count):
            yield from rng.permutation(count)[:self.num_samples - start].tolist()

    def __len__(self):
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """Given samples, each once, in random order.

    Parameters
    ----------
    indices : sequence of int
    generator : Generator, optional
        Source of the order.
    """

    def __init__(self, indices, generator=None):
        self.indices, self.generator = indices, generator

    def __iter__(self):
        for k in (self.generator or default_generator).numpy.permutation(len(self.indices)).tolist():
            yield self.indices[k]

    def __len__(self):
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """Samples drawn with given weights, as for classes of unequal size.

    Parameters
    ----------
    weights : sequence of float
        One for each sample; they need not sum to 1.
    num_samples : int
        How many to draw.
    replacement : bool
        Whether a sample can be drawn again.
    generator : Generator, optional
        Source of the order.

    Raises
    ------
    ValueError
        If `num_samples` is not a positive int, `replacement` not a bool, or the weights are not one-dimensional.
    RuntimeError
        When samples are drawn: if a weight is negative, infinite or NaN, all are 0, or fewer than `num_samples` can be
        drawn without replacement.
    """

    def __init__(self, weights, num_samples, replacement=True, generator=None):
        _require_positive("WeightedRandomSampler", num_samples)
        if not isinstance(replacement, bool):
            raise ValueError(f"WeightedRandomSampler: replacement should be a boolean value, but got replacement={replacement!r}")
        weights = weights.detach().numpy() if isinstance(weights, Tensor) else weights
        self.weights = detached(np.array(weights, np.float64))
        if self.weights.ndim != 1:
            raise ValueError("WeightedRandomSampler: weights should be a 1d sequence but given weights have shape "
                             f"{tuple(self.weights.shape)}")
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator

    def __iter__(self):
        weights = self.weights.numpy()
        wrong = weights[~(np.isfinite(weights) & (weights >= 0))]
        if wrong.size:
            raise RuntimeError(f"WeightedRandomSampler: weights must be finite and at least 0, got {wrong[0]}")
        possible = np.count_nonzero(weights)
        if not possible:
            raise RuntimeError("WeightedRandomSampler: at least one weight must be above 0")
        if not self.replacement and self.num_samples > possible:
            raise RuntimeError(f"WeightedRandomSampler: cannot draw {self.num_samples} samples without replacement, as only "
                               f"{possible} weights are above 0")
        rng = (self.generator or default_generator).numpy
        yield from rng.choice(len(weights), self.num_samples, self.replacement, weights / weights.sum()).tolist()

    def __len__(self):
        return self.num_samples


class BatchSampler(Sampler[list]):
    """Lists of the indices that another sampler yields.

    Parameters
    ----------
    sampler : iterable of int
    batch_size : int
        Indices in a list.
    drop_last : bool
        Whether a last list that is not full is left out.

    Raises
    ------
    ValueError
        If `batch_size` is not a positive int, or `drop_last` not a bool.
    """

    def __init__(self, sampler, batch_size, drop_last):
        _require_positive("BatchSampler", batch_size, "batch_size")
        if not isinstance(drop_last, bool):
            raise ValueError(f"BatchSampler: drop_last should be a boolean value, but got drop_last={drop_last!r}")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self):
        indices = iter(self.sampler)
        while batch := list(islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self):
        count = len(self.sampler)
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)


def _require_positive(name, value, what="num_samples"):
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name}: {what} should be a positive integer value, but got {what}={value!r}")
