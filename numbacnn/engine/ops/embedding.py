"""Embedding on floats: a table of any float type, numbers of any shape."""
from math import prod

import numpy as np

from ...kernels import embedding
from ..kinds import on_floats
from ..loop import call


@on_floats
def embedding_forward(numbers, weight):
    """The rows (..., D) of weight (rows, D) that int64 numbers (...) name."""
    out = np.empty((*numbers.shape, weight.shape[1]), weight.dtype)
    places = _places(numbers.shape)
    call(embedding.embedding_forward, numbers.reshape(places), weight, out.reshape(*places, weight.shape[1]))
    return out


@on_floats
def embedding_backward(dout, numbers, rows):
    """dweight (rows, D) from dout (..., D)."""
    dweight = np.empty((rows, dout.shape[-1]), dout.dtype)
    places = _places(numbers.shape)
    call(embedding.embedding_backward, dout.reshape(*places, dout.shape[-1]), numbers.reshape(places), dweight)
    return dweight


def _places(shape):
    """Two extents for any shape; those of a batch of sentences stay, so nothing is copied."""
    return (shape[0], prod(shape[1:])) if shape else (1, 1)
