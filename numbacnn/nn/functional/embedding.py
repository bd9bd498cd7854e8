"""Embedding: whole numbers as vectors, and bags of them."""

import numpy as np

from numbacnn.engine import floats
from numbacnn.nn.arguments import not_offered
from numbacnn.nn.functional.apply import apply
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.internals import array_of, detached
from numbacnn.tensors.selection import where
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
        If the input is not a Tensor of whole numbers, or the weight not one of floats.
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
    rows, numbers = weight.shape[0], array_of(input)
    if numbers.size and (numbers.min() < 0 or numbers.max() >= rows):
        wrong, most = numbers.min(), numbers.max()
        fix = "numbers count from 0" if wrong < 0 else f"set num_embeddings={most + 1} or more, or mend the input"
        raise IndexError(f"embedding: {wrong if wrong < 0 else most} is out of range: the weight {tuple(weight.shape)} has "
                         f"rows 0 to {rows - 1}; {fix}")
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise ValueError(f"embedding: padding_idx must be within the {rows} rows, got {padding_idx}")
    numbers = np.array(numbers, np.int64, order="C")  # a copy: a change of the input must not change the gradient

    def forward(kind, rows_of_features):
        return kind.embedding_forward(numbers, rows_of_features)

    def backward(kind, dout, wanted, saved):
        dweight = kind.embedding_backward(dout, numbers, rows)
        if padding_idx is not None:
            dweight[padding_idx] = 0
        return (dweight,)

    return apply("embedding", forward, backward, kind=floats, settings={"input": input, "padding_idx": padding_idx},
                 weight=weight)


def embedding_bag(input, weight, offsets=None, max_norm=None, norm_type=2, scale_grad_by_freq=False, mode="mean", sparse=False,
                  per_sample_weights=None, include_last_offset=False, padding_idx=None):
    """The sum, mean or maximum of the rows of `weight` that the numbers of each bag name; 0 for an empty bag.

    Parameters
    ----------
    input : Tensor (bags, numbers) or (numbers of all bags,)
        Whole numbers from 0 to rows - 1.
    weight : Tensor (rows, features)
    offsets : Tensor (bags,), optional
        Where each bag begins, for an input of one dimension.
    mode : {"mean", "sum", "max"}
    per_sample_weights : Tensor of the shape of input, optional
        What each row is multiplied with, in mode "sum".
    include_last_offset : bool
        Whether the last of `offsets` is where the last bag ends.
    padding_idx : int, optional
        A number that is left out of its bag.
    max_norm, norm_type, scale_grad_by_freq, sparse
        Not offered beyond their defaults.

    Returns
    -------
    Tensor (bags, features)

    Raises
    ------
    TypeError, IndexError
        As for `embedding`.
    ValueError
        If shapes, offsets or the mode are wrong.
    NotImplementedError
        For what is not offered, and for weights of samples in another mode.
    """
    not_offered("embedding_bag", max_norm=(max_norm, None), norm_type=(norm_type, 2), sparse=(sparse, False),
                scale_grad_by_freq=(scale_grad_by_freq, False))
    if mode not in ("mean", "sum", "max"):
        raise ValueError(f"embedding_bag: mode has to be one of sum, mean or max, got {mode!r}")
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError(f"embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for "
                                  f"mode='sum' (got mode={mode!r})")
    if per_sample_weights is not None and tuple(per_sample_weights.shape) != tuple(input.shape):
        raise ValueError(f"embedding_bag: per_sample_weights has shape {tuple(per_sample_weights.shape)}, expected that of the "
                         f"input, {tuple(input.shape)}")
    places, there = _bags(input, offsets, include_last_offset)
    vectors = embedding(input.reshape(-1), weight, padding_idx)[detached(places)]
    if padding_idx is not None:
        there = there & (array_of(input).reshape(-1)[places] != padding_idx % weight.shape[0])
    count, there = there.sum(1, keepdims=True), detached(there).unsqueeze(2)
    if mode == "max":
        largest = where(there, vectors, -np.inf).amax(1) if places.shape[1] else vectors.sum(1)
        return where(detached(count > 0), largest, 0.0)
    if per_sample_weights is not None:
        vectors = vectors * per_sample_weights.reshape(-1)[detached(places)].unsqueeze(2)
    total = where(there, vectors, 0.0).sum(1)
    return total / detached(np.maximum(count, 1).astype(weight.dtype)) if mode == "mean" else total


def _bags(input, offsets, include_last_offset):
    """(places, there) of shape (bags, longest bag): where in the flat input the numbers of each bag are, and whether there is one."""
    if input.ndim == 2:
        if offsets is not None:
            raise ValueError("embedding_bag: if input is 2D, then offsets has to be None, as input is treated as a mini-batch "
                             f"of fixed length sequences; got offsets of shape {tuple(offsets.shape)}")
        places = np.arange(input.numel()).reshape(input.shape)
        return places, np.ones(places.shape, bool)
    if input.ndim != 1 or offsets is None or offsets.ndim != 1:
        given = None if offsets is None else tuple(offsets.shape)
        raise ValueError("embedding_bag: expected input (bags, numbers), or input (numbers,) with offsets (bags,), got input "
                         f"{tuple(input.shape)} and offsets {given}")
    if offsets.dtype.kind not in "iu":
        raise TypeError(f"embedding_bag: offsets must be whole numbers, got {offsets.dtype}; take offsets.long()")
    ends = array_of(offsets).astype(np.int64)
    ends = ends if include_last_offset else np.append(ends, input.numel())
    if len(ends) == 0 or ends[0] != 0 or (np.diff(ends) < 0).any() or ends[-1] > input.numel():
        raise ValueError("embedding_bag: offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from "
                         f"position 0, and they rise to at most {input.numel()}; got {ends.tolist()}")
    lengths = np.diff(ends)
    step = np.arange(lengths.max(initial=0))
    there = step < lengths[:, None]
    return np.where(there, ends[:-1, None] + step, 0), there
