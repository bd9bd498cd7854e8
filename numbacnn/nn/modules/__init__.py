"""The layers under the names of the files that PyTorch keeps them in, for programs that import from there."""

from numbacnn.nn.modules import batchnorm, loss, module, utils
from numbacnn.nn.modules.module import Module
from numbacnn.tensors.absent import absent

__all__ = ["Module", "batchnorm", "loss", "module", "utils"]


def __getattr__(name):
    from numbacnn import nn  # which imports this package

    if name not in nn.__all__:
        raise absent(__name__, name, nn.__all__)
    return getattr(nn, name)
