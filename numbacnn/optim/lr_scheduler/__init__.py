"""Schedules of the learning rate, stepped after the optimizer: once an epoch, or once a batch for OneCycleLR.

Two of them are made of others: `SequentialLR` runs one after the other, `ChainedScheduler` multiplies them. A warm-up is
LinearLR first: `SequentialLR(optimizer, [LinearLR(optimizer, 0.1, total_iters=5), CosineAnnealingLR(optimizer, 25)], [5])`.
"""

from numbacnn.optim.lr_scheduler.composition import ChainedScheduler, SequentialLR
from numbacnn.optim.lr_scheduler.cycles import CosineAnnealingWarmRestarts, CyclicLR
from numbacnn.optim.lr_scheduler.decay import (CosineAnnealingLR, ExponentialLR, LambdaLR, MultiplicativeLR, MultiStepLR,
                                               PolynomialLR, StepLR)
from numbacnn.optim.lr_scheduler.one_cycle import OneCycleLR
from numbacnn.optim.lr_scheduler.plateau import ReduceLROnPlateau
from numbacnn.optim.lr_scheduler.scheduler import LRScheduler
from numbacnn.optim.lr_scheduler.warm_up import ConstantLR, LinearLR
from numbacnn.tensors.absent import refusing

_LRScheduler = LRScheduler  # its name in PyTorch 1, from which programs derive schedules of their own

__all__ = ["ChainedScheduler", "ConstantLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "CyclicLR",
           "ExponentialLR", "LRScheduler", "LambdaLR", "LinearLR", "MultiStepLR", "MultiplicativeLR", "OneCycleLR",
           "PolynomialLR", "ReduceLROnPlateau", "SequentialLR", "StepLR"]
__getattr__ = refusing(__name__, __all__)
