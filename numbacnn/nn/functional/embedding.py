"""Embedding: whole numbers as vectors."""

import numpy as np

from numbacnn.engine import floats
from numbacnn.nn.arguments import not_offered
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import kind_of


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    """The rows of `weight` that the numbers of `input` name.

    Parameters
    ----------
    input : Tensor (...)
        Whole numbers from 0 to rows - 1.
    weight : Tensor (rows, features)
    padding_idx : int, optional
        A row that gets no gradient.
    max_norm, norm_type, scale_grad_by_freq, sparse
        Not offered beyond their defaults.

    Returns
    -------
    Tensor (..., features)

    Raises
    ------
    TypeError
        If the input is no Tensor of whole numbers, or the weight none of floats.
    IndexError
        If a number has no row.
    ValueError
        If the weight has another number of dimensions, or padding_idx is none of the rows.
    NotImplementedError
        For what is not offered.
    """
    not_offered("embedding", max_norm=(max_norm, None), norm_type=(norm_type, 2.0), sparse=(sparse, False),
                scale_grad_by_freq=(scale_grad_by_freq, False))
    if not isinstance(input, Tensor) or input.dtype.kind not in "iu":
        given = input.dtype if isinstance(input, Tensor) else kind_of(input)
        raise TypeError(f"embedding: expected a Tensor of whole numbers, got {given}; convert it with .long()")
    check_types("embedding", weight)
    if weight.ndim != 2:
        raise ValueError(f"embedding: expected a weight (rows, features), got {tuple(weight.shape)}")
    rows, numbers = weight.shape[0], input._array
    if numbers.size and (numbers.min() < 0 or numbers.max() >= rows):
        wrong, most = numbers.min(), numbers.max()
        fix = "numbers count from 0" if wrong < 0 else f"set num_embeddings={most + 1} or more, or mend the input"
        raise IndexError(f"embedding: {wrong if wrong < 0 else most} is out of range: the weight {tuple(weight.shape)} has "
                         f"rows 0 to {rows - 1}; {fix}")
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise ValueError(f"embedding: padding_idx must be within the {rows} rows, got {padding_idx}")
    numbers = np.array(numbers, np.int64, order="C")  # a copy: whoever changes the input changes no gradient

    def backward(dout):
        dweight = floats.embedding_backward(dout, numbers, rows)
        if padding_idx is not None:
            dweight[padding_idx] = 0
        return (dweight,)

    return Tensor._from_op(floats.embedding_forward(numbers, weight._array), (weight,), backward, "embedding", True)
