"""How alike rows of numbers are, and rows brought to length 1; composed of Tensors."""

import numpy as np

from numbacnn.nn.functional.checks import check_types
from numbacnn.nn.functional.linear import linear
from numbacnn.tensors.internals import array_of, detached
from numbacnn.tensors.tensor import Tensor


def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    """input / max(norm, eps), with the p-norm along a dimension, or several.

    Parameters
    ----------
    input : Tensor
        Float.
    p : float
    dim : int or sequence of int
    eps : float
        What the norm is at least, so that nothing is divided by 0.
    out : None
        Not offered.
    """
    if out is not None:
        raise NotImplementedError("normalize: out= is not offered; take the result")
    check_types("normalize", input)
    return input / input.norm(p, dim, keepdim=True).clamp_min(eps)


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """The cosine of the angle between x1 and x2 along a dimension; their lengths count as `eps` at least.

    Parameters
    ----------
    x1, x2 : Tensor
        Floats, that broadcast.
    dim : int
    eps : float
    """
    check_types("cosine_similarity", x1)
    check_types("cosine_similarity", x2)
    lengths = [(x * x).sum(dim, keepdim=True).clamp_min(eps * eps).sqrt() for x in (x1, x2)]
    return ((x1 / lengths[0]) * (x2 / lengths[1])).sum(dim)


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """The p-norm of x1 - x2 + eps along the last dimension.

    Parameters
    ----------
    x1, x2 : Tensor
        Floats, that broadcast.
    p, eps : float
    keepdim : bool
    """
    check_types("pairwise_distance", x1)
    check_types("pairwise_distance", x2)
    return (x1 - x2 + eps).norm(p, -1, keepdim=keepdim)


def bilinear(input1, input2, weight, bias=None):
    """out[..., o] = sum_{i, j} input1[..., i] * weight[o, i, j] * input2[..., j] + bias[o].

    Parameters
    ----------
    input1 : Tensor (..., IN1)
    input2 : Tensor (..., IN2)
        With the same dimensions but the last.
    weight : Tensor (OUT, IN1, IN2)
    bias : Tensor (OUT,), optional

    Raises
    ------
    ValueError
        If the shapes do not match.
    """
    check_types("bilinear", input1, input2=input2, weight=weight, bias=bias)
    OUT, IN1, IN2 = weight.shape
    if input1.shape[:-1] != input2.shape[:-1] or (input1.shape[-1], input2.shape[-1]) != (IN1, IN2):
        raise ValueError(f"bilinear: inputs (..., {IN1}) and (..., {IN2}) with the same first dimensions are expected, got "
                         f"{tuple(input1.shape)} and {tuple(input2.shape)}")
    a, b = input1.reshape(-1, IN1), input2.reshape(-1, IN2)
    products = (a.unsqueeze(2) * b.unsqueeze(1)).reshape(-1, IN1 * IN2)
    return linear(products, weight.reshape(OUT, IN1 * IN2), bias).reshape(*input1.shape[:-1], OUT)


def one_hot(tensor, num_classes=-1):
    """Classes as rows with a 1 at the class and zeros elsewhere, int64.

    Parameters
    ----------
    tensor : Tensor of int64, of any shape
        Classes, from 0 on.
    num_classes : int
        Length of a row; -1 for one more than the largest class.

    Returns
    -------
    Tensor (*shape, num_classes) of int64

    Raises
    ------
    RuntimeError
        If a class is negative or too large, the dtype is not int64, or there are no classes to count.
    """
    if not isinstance(tensor, Tensor) or tensor.dtype != np.int64:
        given = tensor.dtype if isinstance(tensor, Tensor) else type(tensor).__name__
        raise RuntimeError(f"one_hot is only applicable to index tensor of type LongTensor, got {given}; take .long()")
    classes = array_of(tensor)
    if num_classes < 0 and not classes.size:
        raise RuntimeError("Can not infer total number of classes from empty tensor: one_hot needs num_classes")
    if classes.size and classes.min() < 0:
        raise RuntimeError(f"Class values must be non-negative: one_hot got {classes.min()}")
    count = int(classes.max()) + 1 if num_classes < 0 else num_classes
    if classes.size and classes.max() >= count:
        raise RuntimeError(f"Class values must be smaller than num_classes: one_hot got class {classes.max()} with "
                           f"num_classes={count}")
    return detached((classes[..., None] == np.arange(count)).astype(np.int64))
