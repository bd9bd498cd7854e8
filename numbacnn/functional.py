"""Functions of Tensors by another name, that of PyTorch's page for them: `numbacnn.functional.einsum`; layers are in `nn.functional`."""

from numbacnn.tensors.absent import refusing
from numbacnn.tensors.functions import norm, split, unique
from numbacnn.tensors.joining import (atleast_1d, atleast_2d, atleast_3d, broadcast_shapes, broadcast_tensors, cartesian_prod, meshgrid,
                                      unique_consecutive)
from numbacnn.tensors.products import block_diag, cdist, einsum, tensordot

__all__ = ["atleast_1d", "atleast_2d", "atleast_3d", "block_diag", "broadcast_shapes", "broadcast_tensors", "cartesian_prod", "cdist",
           "einsum", "meshgrid", "norm", "split", "tensordot", "unique", "unique_consecutive"]
__getattr__ = refusing(__name__, __all__)
