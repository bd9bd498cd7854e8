"""Switches of PyTorch's libraries. They are read and set as programs do, and change nothing here: every algorithm is
numbacnn's own and deterministic."""

from numbacnn.backends import cpu, cuda, cudnn, mkl, mkldnn, mps, openmp
from numbacnn.tensors.absent import refusing

__all__ = ["cpu", "cuda", "cudnn", "mkl", "mkldnn", "mps", "openmp"]
__getattr__ = refusing(__name__, __all__)
