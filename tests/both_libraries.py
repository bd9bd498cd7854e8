"""A program run with numbacnn and with PyTorch: what it returns, or that it is refused, must agree."""
import numpy as np

import numbacnn as nc
from numbacnn import nn
from numbacnn.nn import functional as F


class Library:
    """numbacnn or PyTorch, with what a program needs of it."""

    def __init__(self, lib, functional, layers):
        self.lib, self.F, self.nn = lib, functional, layers

    def leaf(self, array):
        return self.lib.tensor(array.copy(), requires_grad=True)

    def constant(self, array):
        return self.lib.tensor(array.copy())


def outcome(program, library):
    try:
        return [None if each is None else np.asarray(each.detach().numpy()) for each in program(library)]
    except RuntimeError as error:
        return str(error)


def agree(program, torch, rtol=1e-4, atol=1e-5):
    """`program(library)` returns Tensors, or raises RuntimeError; both libraries must do the same."""
    ours = outcome(program, Library(nc, F, nn))
    theirs = outcome(program, Library(torch, torch.nn.functional, torch.nn))
    if isinstance(theirs, str) or isinstance(ours, str):
        assert isinstance(theirs, str) and isinstance(ours, str), (ours, theirs)
        return
    for one, other in zip(ours, theirs, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_allclose(one, other, rtol=rtol, atol=atol)
            assert one.shape == other.shape and one.dtype == other.dtype
