"""Losses, where PyTorch keeps them; `_Loss` is the base class of your own losses."""

from numbacnn.nn.loss import (BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, MSELoss, NLLLoss, SmoothL1Loss, _Loss)
from numbacnn.tensors.absent import refusing

__all__ = ["BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "L1Loss", "MSELoss", "NLLLoss", "SmoothL1Loss", "_Loss"]
__getattr__ = refusing(__name__, __all__)
