"""What a data set is told of the worker that loads it: there is one at most, and it is the calling thread."""

from contextlib import contextmanager
from dataclasses import dataclass

_current = None


@dataclass(frozen=True)
class WorkerInfo:
    """The worker that loads a data set.

    Attributes
    ----------
    id : int
        Always 0.
    num_workers : int
        Always 1, whatever the DataLoader was given: a data set that shares its samples out among workers hands out all.
    seed : int
        Another one in each epoch.
    dataset : Dataset
        That of the DataLoader itself, not a copy.
    """

    id: int
    num_workers: int
    seed: int
    dataset: object


def get_worker_info():
    """The WorkerInfo while a DataLoader with `num_workers` above 0 loads samples; otherwise None."""
    return _current


@contextmanager
def working(info):
    """Let `get_worker_info` return `info` meanwhile."""
    global _current
    before, _current = _current, info
    try:
        yield
    finally:
        _current = before
