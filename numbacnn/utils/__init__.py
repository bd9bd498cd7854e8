"""Tools around training; see `numbacnn.utils.data`."""

from numbacnn.tensors.absent import refusing
from numbacnn.utils import data

__all__ = ["data"]
__getattr__ = refusing(__name__, __all__)
