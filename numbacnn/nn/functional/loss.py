"""Losses."""

import numpy as np

from numbacnn.engine import kind_for, storage_for
from numbacnn.nn.arguments import not_offered
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.tensor import Tensor


def cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
                  label_smoothing=0.0):
    """-log softmax(input)[target]: how surprised the scores are by the right class.

    Parameters
    ----------
    input : Tensor (N, C)
        Scores (logits), float.
    target : Tensor (N,)
        Classes 0 to C - 1, integer.
    reduction : {"mean", "sum", "none"}
        What becomes of the N losses.
    weight, size_average, ignore_index, reduce, label_smoothing
        Not offered beyond their defaults.

    Returns
    -------
    Tensor () or (N,)

    Raises
    ------
    ValueError
        If the shapes do not match, a class is out of range, or the reduction is unknown.
    TypeError
        If the scores are no floats or the classes no integers.
    """
    if weight is not None:
        raise NotImplementedError("cross_entropy: weight is not offered")
    not_offered("cross_entropy", size_average=(size_average, None), ignore_index=(ignore_index, -100),
                reduce=(reduce, None), label_smoothing=(label_smoothing, 0.0))
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"cross_entropy: reduction must be 'mean', 'sum' or 'none', got {reduction!r}")
    check_types("cross_entropy", input)
    classes = _checked_classes(input, target)

    kind = kind_for(input)
    x = storage_for(kind, input)
    N = input.shape[0]
    classes = kind.class_numbers(classes)
    losses = kind.cross_entropy_forward(x, classes)
    share = 1 if reduction == "sum" else np.float64(1) / N  # the mean of no images is NaN, as in PyTorch
    out = kind.losses_of(losses, N) if reduction == "none" else kind.weighted_sum(losses, N, share)

    def backward(dout):
        return (kind.cross_entropy_backward(x, classes, dout if reduction == "none" else dout * x.dtype.type(share)),)

    return Tensor._from_op(out, (input,), backward, "cross_entropy", plain=True)


def _checked_classes(input, target):
    """The target as an int64 array, each entry a class of the input."""
    if not isinstance(target, Tensor) or target.dtype.kind not in "iu":
        given = target.dtype if isinstance(target, Tensor) else type(target).__name__
        raise TypeError(f"cross_entropy: the target must be a Tensor of integers, the classes; got {given}")
    if input.ndim != 2 or target.ndim != 1:
        raise ValueError(f"cross_entropy: expected scores (N, classes) and target (N,), got {tuple(input.shape)} and "
                         f"{tuple(target.shape)}")
    rows, images = input.shape[0], target.shape[0]
    if rows != images:
        reason = ""
        if images and rows % images == 0:
            reason = (f": the network made {rows // images} rows of every image. A view(-1, features) before the dense "
                      f"layer asked for {rows // images} times fewer features than an image has; pool once more, or "
                      "use flatten(1) and a Linear of that many features")
        raise ValueError(f"Expected input batch_size ({rows}) to match target batch_size ({images}){reason}.")
    classes = np.ascontiguousarray(target._array, np.int64)
    # a negative number is a very large one without a sign, so one comparison sees both ends
    if images and classes.view(np.uint64).max() >= input.shape[1]:
        wrong = int(classes.min() if classes.min() < 0 else classes.max())
        raise ValueError(f"cross_entropy: target {wrong} is out of range: the scores have {input.shape[1]} classes, 0 "
                         f"to {input.shape[1] - 1}; give the last layer {wrong + 1} outputs or mend the labels"
                         if wrong >= 0 else f"cross_entropy: target {wrong} is negative; classes count from 0")
    return classes
