"""`Module`, where PyTorch keeps it."""

from numbacnn.nn.module import Module

__all__ = ["Module"]
