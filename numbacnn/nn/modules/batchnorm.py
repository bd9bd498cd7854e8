"""Batch normalization, where PyTorch keeps it; `_BatchNorm` is what the layers share, for `isinstance`."""

from numbacnn.nn.batch_norm import BatchNorm1d, BatchNorm2d, BatchNorm3d, _BatchNorm
from numbacnn.tensors.absent import refusing

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "_BatchNorm"]
__getattr__ = refusing(__name__, __all__)
