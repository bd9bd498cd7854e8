"""Layers, networks and losses; see `numbacnn.nn.functional` for the operations and `numbacnn.nn.init` for weights."""

from numbacnn.nn import functional, init, utils
from numbacnn.nn.activation import (ELU, GELU, LeakyReLU, LogSigmoid, LogSoftmax, ReLU, Sigmoid, Softmax, Softplus,
                                    Tanh)
from numbacnn.nn.adaptive_pooling import (AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptiveMaxPool1d,
                                          AdaptiveMaxPool2d, AdaptiveMaxPool3d)
from numbacnn.nn.batch_norm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from numbacnn.nn.container import ModuleList, Sequential
from numbacnn.nn.conv import Conv1d, Conv2d, Conv3d
from numbacnn.nn.dropout import Dropout, Dropout1d, Dropout2d, Dropout3d
from numbacnn.nn.embedding import Embedding
from numbacnn.nn.flatten import Flatten, Unflatten
from numbacnn.nn.linear import Identity, LazyLinear, Linear
from numbacnn.nn.loss import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, MSELoss, NLLLoss, SmoothL1Loss
from numbacnn.nn.module import Module
from numbacnn.nn.padding import ZeroPad1d, ZeroPad2d, ZeroPad3d
from numbacnn.nn.parameter import Parameter
from numbacnn.nn.pooling import AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d
from numbacnn.nn.upsampling import ConvTranspose2d, Upsample
from numbacnn.tensors.absent import absent

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d", "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d",
    "BatchNorm2d", "BatchNorm3d", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose2d", "CrossEntropyLoss", "Dropout",
    "Dropout1d", "Dropout2d", "Dropout3d", "ELU", "Embedding", "Flatten", "GELU", "Identity", "L1Loss", "LazyLinear",
    "LeakyReLU", "Linear", "LogSigmoid", "LogSoftmax", "MSELoss", "MaxPool1d", "MaxPool2d", "MaxPool3d", "Module",
    "ModuleList", "NLLLoss", "Parameter", "ReLU", "Sequential", "Sigmoid", "SmoothL1Loss", "Softmax", "Softplus",
    "Tanh", "Unflatten", "Upsample", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d", "functional", "init", "utils",
]


def __getattr__(name):
    raise absent("numbacnn.nn", name, __all__)
