"""Optimisers, and schedules of their learning rate."""

from numbacnn.optim import lr_scheduler
from numbacnn.optim.adam import Adam
from numbacnn.optim.adamw import AdamW
from numbacnn.optim.groups import decay_weights_only
from numbacnn.optim.optimizer import Optimizer
from numbacnn.optim.rmsprop import RMSprop
from numbacnn.optim.sgd import SGD
from numbacnn.tensors.absent import absent

__all__ = ["Adam", "AdamW", "Optimizer", "RMSprop", "SGD", "decay_weights_only", "lr_scheduler"]


def __getattr__(name):
    raise absent("numbacnn.optim", name, __all__)
