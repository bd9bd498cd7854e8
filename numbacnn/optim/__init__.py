"""Optimizers, and schedules of their learning rate."""

from numbacnn.optim import lr_scheduler
from numbacnn.optim.adadelta import Adadelta
from numbacnn.optim.adagrad import Adagrad
from numbacnn.optim.adam import Adam
from numbacnn.optim.adam_relatives import Adamax, NAdam, RAdam
from numbacnn.optim.adamw import AdamW
from numbacnn.optim.asgd import ASGD
from numbacnn.optim.groups import decay_weights_only
from numbacnn.optim.lbfgs import LBFGS
from numbacnn.optim.optimizer import Optimizer
from numbacnn.optim.rmsprop import RMSprop
from numbacnn.optim.rprop import Rprop
from numbacnn.optim.sgd import SGD
from numbacnn.tensors.absent import absent

__all__ = ["ASGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "LBFGS", "NAdam", "Optimizer", "RAdam", "RMSprop",
           "Rprop", "SGD", "decay_weights_only", "lr_scheduler"]


def __getattr__(name):
    raise absent("numbacnn.optim", name, __all__)
