"""Layers, networks and losses; see `numbacnn.nn.functional` for the operations and `numbacnn.nn.init` for weights."""

from numbacnn.nn import functional, init, utils
from numbacnn.nn.activation import (ELU, GELU, LeakyReLU, LogSigmoid, LogSoftmax, ReLU, Sigmoid, Softmax, Softplus,
                                    Tanh)
from numbacnn.nn.adaptive_pooling import AdaptiveAvgPool2d, AdaptiveMaxPool2d
from numbacnn.nn.batch_norm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from numbacnn.nn.container import ModuleList, Sequential
from numbacnn.nn.conv import Conv2d
from numbacnn.nn.dropout import Dropout, Dropout1d, Dropout2d
from numbacnn.nn.flatten import Flatten
from numbacnn.nn.linear import Identity, LazyLinear, Linear
from numbacnn.nn.loss import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, MSELoss, NLLLoss, SmoothL1Loss
from numbacnn.nn.module import Module
from numbacnn.nn.parameter import Parameter
from numbacnn.nn.pooling import AvgPool2d, MaxPool2d

__all__ = [
    "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "AvgPool2d", "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d",
    "BatchNorm2d", "BatchNorm3d", "Conv2d", "CrossEntropyLoss", "Dropout", "Dropout1d", "Dropout2d", "ELU", "Flatten",
    "GELU", "Identity", "L1Loss", "LazyLinear", "LeakyReLU", "Linear", "LogSigmoid", "LogSoftmax", "MSELoss",
    "MaxPool2d", "Module", "ModuleList", "NLLLoss", "Parameter", "ReLU", "Sequential", "Sigmoid", "SmoothL1Loss",
    "Softmax", "Softplus", "Tanh", "functional", "init", "utils",
]


def __getattr__(name):
    raise AttributeError(f"numbacnn.nn has no {name!r}; PyTorch's nn.{name}, if there is one, is not offered")
