"""Layers, networks and losses; see `numbacnn.nn.functional` for the operations and `numbacnn.nn.init` for weights."""

from numbacnn.nn import functional, init, utils
from numbacnn.nn.activation import ReLU, Tanh
from numbacnn.nn.container import ModuleList, Sequential
from numbacnn.nn.conv import Conv2d
from numbacnn.nn.flatten import Flatten
from numbacnn.nn.linear import Identity, LazyLinear, Linear
from numbacnn.nn.loss import CrossEntropyLoss
from numbacnn.nn.module import Module
from numbacnn.nn.parameter import Parameter
from numbacnn.nn.pooling import AvgPool2d, MaxPool2d

__all__ = [
    "AvgPool2d", "Conv2d", "CrossEntropyLoss", "Flatten", "Identity", "LazyLinear", "Linear", "MaxPool2d", "Module",
    "ModuleList", "Parameter", "ReLU", "Sequential", "Tanh", "functional", "init", "utils",
]


def __getattr__(name):
    raise AttributeError(f"numbacnn.nn has no {name!r}; PyTorch's nn.{name}, if there is one, is not offered")
