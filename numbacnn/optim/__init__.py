"""Optimisers, and schedules of their learning rate."""

from numbacnn.optim import lr_scheduler
from numbacnn.optim.adam import Adam
from numbacnn.optim.optimizer import Optimizer
from numbacnn.optim.sgd import SGD

__all__ = ["Adam", "Optimizer", "SGD", "lr_scheduler"]


def __getattr__(name):
    raise AttributeError(f"numbacnn.optim has no {name!r}; PyTorch's optim.{name}, if there is one, is not offered")
