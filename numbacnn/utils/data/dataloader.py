"""The loader that hands out batches."""

import multiprocessing
import random
import warnings
from itertools import islice, repeat
from multiprocessing.context import BaseContext
from typing import Generic

import numpy as np

from numbacnn.tensors.generator import default_generator
from numbacnn.utils.data.collate import default_collate, default_convert
from numbacnn.utils.data.dataset import IterableDataset, Sample, TensorDataset, samples_of
from numbacnn.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler
from numbacnn.utils.data.worker import WorkerInfo, working

FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")


class DataLoader(Generic[Sample]):
    """Goes through a data set in batches; every `iter` is one epoch.

    Samples are loaded in the calling thread, when their batch is asked for: the engine computes on all cores, and random
    transformations draw the same numbers in every run. So the batches are the same whatever `num_workers` is, and the options
    of workers are checked as in PyTorch and change nothing else, except that a data set is told of one worker
    (`get_worker_info`) if `num_workers` is above 0.

    Parameters
    ----------
    dataset : Dataset or IterableDataset
        Anything with `len` and `[index]`, or a stream.
    batch_size : int or None
        Samples in a batch. None hands out sample by sample, without a batch dimension.
    shuffle : bool, optional
        Whether each epoch has a random order of its own.
    sampler : iterable of int, optional
        The order of the samples, instead of `shuffle`.
    batch_sampler : iterable of lists of int, optional
        The indices of each batch, instead of `batch_size, shuffle, sampler, drop_last`.
    num_workers : int
        At least 0.
    collate_fn : callable, optional
        Makes a batch of a list of samples; `default_collate` if not given (`default_convert` without batches).
    pin_memory : bool
        Without effect: there is no GPU to copy to.
    drop_last : bool
        Whether a last batch that is not full is left out.
    timeout : float
        At least 0.
    worker_init_fn : callable, optional
        Called as `worker_init_fn(0)` when an epoch begins, if `num_workers` is above 0. It may prepare the data set; if it
        seeds random numbers, that is undone, for they are those of the whole program here.
    multiprocessing_context : str or context of multiprocessing, optional
        Only with `num_workers` above 0.
    generator : Generator, optional
        Source of the order.
    prefetch_factor : int, optional
        Only with `num_workers` above 0.
    persistent_workers : bool
        Only with `num_workers` above 0: `worker_init_fn` is called once, in the first epoch.
    pin_memory_device : str
        Without effect.
    in_order : bool
        Without effect: batches always come in order.

    Raises
    ------
    ValueError
        If a value makes no sense, or two options contradict each other.
    TypeError
        If a function cannot be called, or `multiprocessing_context` is not a context.
    """

    def __init__(self, dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None, num_workers=0,
                 collate_fn=None, pin_memory=False, drop_last=False, timeout=0, worker_init_fn=None,
                 multiprocessing_context=None, generator=None, *, prefetch_factor=None, persistent_workers=False,
                 pin_memory_device="", in_order=True):
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers, multiprocessing_context)
        streamed = isinstance(dataset, IterableDataset)
        if streamed:
            _check_stream(shuffle, sampler, batch_sampler)
        _check_batches(batch_size, shuffle, sampler, batch_sampler, drop_last)
        for name, function in (("collate_fn", collate_fn), ("worker_init_fn", worker_init_fn)):
            if function is not None and not callable(function):
                raise TypeError(f"DataLoader: {name} should be callable, but got {name}={function!r}")
        if batch_sampler is not None:
            batch_size = None
        if sampler is None:
            sampler = (repeat(None) if streamed else RandomSampler(dataset, generator=generator) if shuffle else
                       SequentialSampler(dataset))
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset, self.batch_size, self.drop_last = dataset, batch_size, drop_last
        self.sampler, self.batch_sampler, self.generator = sampler, batch_sampler, generator
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)
        self.num_workers, self.timeout, self.worker_init_fn = num_workers, timeout, worker_init_fn
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.multiprocessing_context, self.persistent_workers = multiprocessing_context, persistent_workers
        self.pin_memory, self.pin_memory_device, self.in_order = pin_memory, pin_memory_device, in_order
        self._epochs = 0  # begun
        self._complete = True

    def __setattr__(self, name, value):
        if name in FIXED and getattr(self, "_complete", False):
            raise ValueError(f"{name} attribute should not be set after DataLoader is initialized; make a new one")
        super().__setattr__(name, value)

    def __len__(self):
        if isinstance(self.dataset, IterableDataset):
            count = len(self.dataset)
            if self.batch_size is None:
                return count
            return count // self.batch_size if self.drop_last else -(-count // self.batch_size)
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)

    def __iter__(self):
        return _Batches(self, self._begin_worker() if self.num_workers else None)

    def check_worker_number_rationality(self):
        """PyTorch warns here if there are more workers than cores; numbacnn starts none."""

    def _begin_worker(self):
        """The WorkerInfo of a new epoch, the data set prepared by `worker_init_fn`."""
        seed = (self.generator or default_generator).initial_seed() + self._epochs
        info = WorkerInfo(0, 1, seed, self.dataset)
        if self.worker_init_fn is not None and not (self.persistent_workers and self._epochs):
            states = random.getstate(), np.random.get_state(), default_generator.get_state()
            try:
                with working(info):
                    self.worker_init_fn(0)
            finally:
                random.setstate(states[0])
                np.random.set_state(states[1])
                default_generator.set_state(states[2])
        self._epochs += 1
        return info


class _Batches:
    """One epoch: an iterator over the batches of a DataLoader."""

    def __init__(self, loader, worker):
        self._loader, self._worker = loader, worker
        self._steps = self._stream() if isinstance(loader.dataset, IterableDataset) else self._by_index()

    def __len__(self):
        return len(self._loader)

    def __iter__(self):
        return self

    def __next__(self):
        with working(self._worker):
            return next(self._steps)

    def _by_index(self):
        loader, dataset, collate = self._loader, self._loader.dataset, self._loader.collate_fn
        if loader.batch_sampler is None:
            for index in loader.sampler:
                yield collate(dataset[index])
        elif type(dataset) is TensorDataset and collate is default_collate:
            for indices in loader.batch_sampler:
                yield dataset.batch(np.asarray(indices, np.int64))
        else:
            for indices in loader.batch_sampler:
                yield collate(samples_of(dataset, indices))

    def _stream(self):
        loader, size, taken = self._loader, self._loader.batch_size, 0
        samples = iter(loader.dataset)
        expected = _length(loader.dataset)
        while batch := list(islice(samples, size or 1)):
            if loader.drop_last and len(batch) < size:
                return
            if expected is not None and taken <= expected < taken + len(batch):
                warnings.warn(f"{type(loader.dataset).__name__} says that it has {expected} samples, but yields more; its __len__ "
                              "is wrong", stacklevel=3)
            taken += len(batch)
            yield loader.collate_fn(batch if size else batch[0])


def _length(stream):
    """Number of samples that a stream says it has; None if it does not know."""
    try:
        return len(stream)
    except TypeError:
        return None


def _check_workers(num_workers, timeout, prefetch_factor, persistent_workers, context):
    if isinstance(num_workers, bool) or not isinstance(num_workers, int) or num_workers < 0:
        raise ValueError(f"DataLoader: num_workers should be a whole number, at least 0, but got num_workers={num_workers!r}")
    if timeout < 0:
        raise ValueError(f"DataLoader: timeout should be at least 0, but got timeout={timeout}")
    if prefetch_factor is not None and prefetch_factor < 0:
        raise ValueError(f"DataLoader: prefetch_factor should be at least 0, but got prefetch_factor={prefetch_factor}")
    for name, given in (("prefetch_factor", prefetch_factor is not None), ("persistent_workers", persistent_workers),
                        ("multiprocessing_context", context is not None)):
        if given and not num_workers:
            raise ValueError(f"DataLoader: {name} needs num_workers > 0; leave it out, or set num_workers")
    known = multiprocessing.get_all_start_methods()
    if isinstance(context, str) and context not in known:
        raise ValueError(f"DataLoader: multiprocessing_context should be one of {', '.join(known)}, but got {context!r}")
    if not isinstance(context, (str, BaseContext, type(None))):
        raise TypeError("DataLoader: multiprocessing_context should be the name of a start method or a context of "
                        f"multiprocessing, but got {context!r}")


def _check_stream(shuffle, sampler, batch_sampler):
    for name, value in (("shuffle", shuffle or None), ("sampler", sampler), ("batch_sampler", batch_sampler)):
        if value is not None:
            raise ValueError(f"DataLoader: an IterableDataset gives its samples in its own order, so it takes no {name}, but got "
                             f"{name}={value}")


def _check_batches(batch_size, shuffle, sampler, batch_sampler, drop_last):
    if sampler is not None and shuffle:
        raise ValueError("DataLoader: sampler option is mutually exclusive with shuffle")
    if batch_sampler is not None:
        others = {"batch_size": batch_size != 1, "shuffle": shuffle, "sampler": sampler is not None, "drop_last": drop_last}
        given = [name for name, is_given in others.items() if is_given]
        if given:
            raise ValueError(f"DataLoader: batch_sampler option is mutually exclusive with {', '.join(given)}")
    elif batch_size is None and drop_last:
        raise ValueError("DataLoader: batch_size=None hands out sample by sample, so drop_last makes no sense")
