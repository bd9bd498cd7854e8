"""Losses of scores, given the right classes."""

from math import nan

import numpy as np

from numbacnn.engine import kind_for
from numbacnn.nn.functional.activation import log_softmax
from numbacnn.nn.functional.apply import apply
from numbacnn.nn.functional.checks import check_reduction, check_types, reduction_of
from numbacnn.tensors.creation import ones, zeros
from numbacnn.tensors.internals import array_of, detached, shape_of, storage_of
from numbacnn.tensors.shape import cat
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import kind_of


def cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
                  label_smoothing=0.0):
    """-log softmax(input)[target]: how surprised the scores are by the right class.

    Parameters
    ----------
    input : Tensor (N, C), (N, C, d1, ...) or (C,)
        Scores (logits), float.
    target : Tensor (N,), (N, d1, ...) or (); or float, of the shape of `input`
        Classes 0 to C - 1, integer; or how probable each class is.
    weight : Tensor (C,), optional
        How much a class counts; a mean divides by the sum of the weights of the targets.
    ignore_index : int
        A target that takes no part, neither in the sum nor in what the mean divides by.
    reduction : {"mean", "sum", "none"}
        What becomes of the losses.
    label_smoothing : float
        In [0, 1]: this part of the right class's probability is spread over all classes evenly, as in Szegedy et al.,
        Rethinking the Inception Architecture for Computer Vision, CVPR 2016, arXiv:1512.00567, section 7.
    size_average, reduce : bool, optional
        Deprecated in PyTorch, which warns and says what `reduction` to give instead.

    Returns
    -------
    Tensor (), or of the shape of `target`

    Raises
    ------
    ValueError
        If the shapes do not match, a class is out of range, or the reduction is unknown.
    TypeError
        If the scores are not floats or the classes are not integers.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    check_reduction("cross_entropy", reduction)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing must be between 0 and 1, got {label_smoothing!r}")
    check_types("cross_entropy", input, weight=weight)
    if isinstance(target, Tensor) and target.dtype.kind == "f" and target.shape == input.shape:
        return _of_probabilities(input, target, weight, ignore_index, reduction, label_smoothing)
    plain = weight is None and ignore_index < 0 and input.ndim == 2
    classes = _checked_classes(input, target, ignore_index) if plain else None
    if classes is None:
        return _over_rows("cross_entropy", input, target, weight, ignore_index, reduction,
                          lambda *rows: _smoothed_losses(*rows, label_smoothing))

    kind = kind_for(storage_of(input))
    return of_classes(kind, input, kind.class_numbers(classes), reduction, label_smoothing)


def of_classes(kind, input, classes, reduction, label_smoothing):
    """The cross-entropy without any checks, with the classes as the engine takes them, from `kind.class_numbers`."""
    N = shape_of(input)[0]
    share = 1 if reduction == "sum" else 1 / N if N else nan  # the mean of no images is NaN, as in PyTorch

    def forward(kind, x):
        losses = kind.cross_entropy_forward(x, classes, label_smoothing)
        out = kind.losses_of(losses, N) if reduction == "none" else kind.weighted_sum(losses, N, share)
        return out, x.copy()  # as in PyTorch, the scores may be changed in place afterwards

    def backward(kind, dout, wanted, saved):
        x = saved["kept"]
        shares = dout if reduction == "none" else dout * x.dtype.type(share)
        return (kind.cross_entropy_backward(x, classes, shares, label_smoothing),)

    how = {"reduction": reduction, "label_smoothing": label_smoothing}
    return apply("cross_entropy", forward, backward, (), kind, plain=True, settings=how, input=input)


def _of_probabilities(input, target, weight, ignore_index, reduction, label_smoothing):
    """-sum_{c} weight[c] * target[c] * log softmax(input)[c], with classes in the second dimension, or the only one."""
    if not input.ndim:
        raise ValueError("cross_entropy: scores need a dimension of classes, got a single number")
    if ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    check_types("cross_entropy", input, target=target)
    dim = 0 if input.ndim == 1 else 1
    C = input.shape[dim]
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / C
    if weight is not None:
        if tuple(weight.shape) != (C,):
            raise ValueError(f"cross_entropy: weight must have shape ({C},), a number for each class; got "
                             f"{tuple(weight.shape)}")
        target = target * weight.reshape(C, *(1,) * (input.ndim - 1 - dim))
    losses = -(log_softmax(input, dim) * target).sum(dim)
    return losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()


def _checked_classes(input, target, ignore_index):
    """The target as an int64 array, each entry a class of the input; None if some are `ignore_index`."""
    _check_integers("cross_entropy", target)
    shape = shape_of(input)
    _check_target("cross_entropy", shape, shape_of(target))
    classes = np.array(array_of(target), np.int64, order="C")  # a copy: the target may be changed before backward
    # a negative number is a very large one without a sign, so one comparison sees both ends
    if classes.size and classes.view(np.uint64).max() >= shape[1]:
        if (classes == ignore_index).any():
            return None
        _check_range("cross_entropy", classes, shape)
    return classes


def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
    """-input[target]: the loss of `cross_entropy`, from logarithms of probabilities instead of scores.

    Parameters
    ----------
    input : Tensor (N, C), (N, C, d1, ...) or (C,)
        Logarithms of probabilities, as `log_softmax` gives them.
    target, weight, ignore_index, reduction, size_average, reduce
        As for `cross_entropy`.

    Returns
    -------
    Tensor (), or of the shape of `target`

    Raises
    ------
    ValueError, TypeError
        As for `cross_entropy`.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    check_reduction("nll_loss", reduction)
    check_types("nll_loss", input, weight=weight)

    def losses(rows, classes, weight):
        return -_picked(rows, classes) * weight[classes]

    return _over_rows("nll_loss", input, target, weight, ignore_index, reduction, losses)


def _smoothed_losses(rows, classes, weight, smoothing):
    """-sum_{c} q[c] * weight[c] * log p[c], where q is 1 - smoothing for the right class plus smoothing / C for each.

    Since -log p[c] is the plain loss plus the distance of the two scores, x[target] - x[c], the plain loss is all that
    has to be computed with powers and logarithms.
    """
    losses, share = cross_entropy(rows, detached(classes), reduction="none"), weight[classes]
    if smoothing == 0:
        return losses * share
    even, whole = smoothing / rows.shape[1], weight.sum()
    distances = _picked(rows, classes) * whole - (rows * weight).sum(1)
    return losses * ((1 - smoothing) * share + even * whole) + even * distances


def _picked(rows, classes):
    """The entry of each row that belongs to its class."""
    return rows[np.arange(len(classes)), classes]


def _over_rows(name, input, target, weight, ignore_index, reduction, losses):
    """The loss of any number of dimensions: `losses(rows (R, C), classes (R,), weight (C,))` of all that is not ignored."""
    _check_integers(name, target)
    shape, single = tuple(target.shape), input.ndim == 1
    _check_target(name, tuple(input.shape), shape)
    C = input.shape[0 if single else 1]
    if weight is not None and tuple(weight.shape) != (C,):
        raise ValueError(f"{name}: weight must have shape ({C},), a number for each class; got {tuple(weight.shape)}")
    weight = ones(C, dtype=input.dtype) if weight is None else weight.detach()
    rows = input.reshape(1, C) if single else input.permute(0, *range(2, input.ndim), 1).reshape(-1, C)
    classes = array_of(target).reshape(-1).astype(np.int64)
    kept = np.flatnonzero(classes != ignore_index)
    _check_range(name, classes[kept], tuple(input.shape))
    if len(kept) < len(classes):
        rows, classes = rows[kept], classes[kept]
    each = losses(rows, classes, weight)
    if reduction == "sum":
        return each.sum()
    if reduction == "mean":
        return each.sum() / weight[classes].sum()  # NaN if all are ignored, as in PyTorch
    place = np.full(target.numel(), len(kept))  # behind the losses stands a zero for those that are ignored
    place[kept] = np.arange(len(kept))
    return cat([each, zeros(1, dtype=each.dtype)])[place].reshape(shape)


def _check_integers(name, target):
    if not isinstance(target, Tensor) or target.dtype.kind not in "iu":
        given = target.dtype if isinstance(target, Tensor) else kind_of(target)
        raise TypeError(f"{name}: the target must be a Tensor of integers, the classes; got {given}; take "
                        "numbacnn.tensor(labels) of a list, target.argmax(1) of ones and zeros, or target.long(); only a "
                        "target of the shape of the scores may hold the probabilities of the classes, for cross_entropy")


def _check_target(name, scores, shape):
    """The target must have the dimensions of the scores but for the classes."""
    if not scores:
        raise ValueError(f"{name}: scores need a dimension of classes, got a single number")
    expected = scores[:1] + scores[2:] if len(scores) > 1 else ()
    if shape == expected:
        return
    if shape and len(shape) == len(expected) and shape[0] != scores[0]:
        rows, images = scores[0], shape[0]
        reason = f"{name}: scores {scores}, target {shape}; take both from the same batch"
        if len(scores) == 2 and 0 < images < rows and rows % images == 0:
            reason = (f"{name}: if both are of the same batch, the network made {rows // images} rows of every image. A "
                      f"view(-1, features) before the dense layer asked for {rows // images} times fewer features than an "
                      "image has; pool once more, or use flatten(1) and a Linear of that many features")
        raise ValueError(f"Expected input batch_size ({rows}) to match target batch_size ({images}): {reason}")
    fix = ""
    if shape == scores:
        fix = "; if it holds a one for the class and zeros for the others, take target.argmax(1)"
    elif shape == (*expected[:1], 1, *expected[1:]):
        fix = "; take target.squeeze(1)"
    elif len(shape) == len(expected):
        fix = "; bring scores and target to one size"
    raise ValueError(f"{name}: a target for input {scores} has shape {expected}: its dimensions but for the classes, the "
                     f"{'first' if len(scores) == 1 else 'second'}; got {shape}{fix}")


def _check_range(name, classes, scores):
    """Every class must be one that there are scores of."""
    C = scores[0 if len(scores) == 1 else 1]
    wrong = classes[(classes < 0) | (classes >= C)]
    if len(wrong) and wrong.min() < 0:
        raise ValueError(f"{name}: target {wrong.min()} is negative; classes count from 0, and only ignore_index is left out")
    if len(wrong):
        most = wrong.max()
        raise ValueError(f"{name}: target {most} is out of range: the scores {scores} have {C} classes, 0 to {C - 1}; give "
                         f"the last layer {most + 1} outputs, mend the labels, or leave them out with ignore_index={most}")
