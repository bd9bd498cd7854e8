"""Gradients held within limits, between `backward` and `step`.

Source: Pascanu, Mikolov & Bengio, On the difficulty of training recurrent neural networks, ICML 2013,
arXiv:1211.5063, section 3.2, algorithm 1.
"""

import math
import warnings
from types import GeneratorType

import numpy as np

from numbacnn.tensors.internals import array_of, detached, writable
from numbacnn.tensors.tensor import Tensor


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    """Scale all gradients by max_norm / norm if their common norm is larger; their direction stays.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Whose gradients are scaled in place; those without are passed over.
    max_norm : float
        The largest norm allowed.
    norm_type : float
        2 for the Euclidean norm, inf for the largest entry, or another number above 0.
    error_if_nonfinite : bool
        Whether a norm of NaN or infinity is an error; else it spoils every gradient.

    Returns
    -------
    Tensor ()
        The norm before, of all gradients as one vector; 0 if there are none.

    Raises
    ------
    ValueError
        If `norm_type` is not above 0.
    RuntimeError
        If `error_if_nonfinite` and the norm is NaN or infinite.
    """
    norm_type = float(norm_type)
    if not norm_type > 0:
        raise ValueError(f"clip_grad_norm_: norm_type must be above 0, such as 2 or inf, got {norm_type:g}")
    grads = _gradients("clip_grad_norm_", parameters)
    norm = _norm([array_of(grad) for grad in grads], norm_type)
    if error_if_nonfinite and not math.isfinite(norm):
        raise RuntimeError(f"clip_grad_norm_: the norm of the gradients is {norm}; a learning rate that is too large, or "
                           "bad data, may be why")
    factor = float(max_norm) / (norm + 1e-6)
    if not factor >= 1:
        for grad in grads:
            grad.mul_(factor)
    return detached(np.asarray(norm, grads[0].dtype if grads else np.float32))


def clip_grad_value_(parameters, clip_value):
    """Hold every entry of every gradient within [-clip_value, clip_value].

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Whose gradients are changed in place; those without are passed over.
    clip_value : float
        The largest entry allowed.
    """
    limit = float(clip_value)
    for grad in _gradients("clip_grad_value_", parameters):
        array = writable(grad)
        np.clip(array, -limit, limit, out=array)


def _gradients(name, parameters):
    if isinstance(parameters, GeneratorType):
        parameters = list(parameters)
        if not parameters:
            warnings.warn(f"{name}: the parameters are a generator that is used up; no gradient is clipped. Call "
                          "model.parameters() again for each use", stacklevel=3)
    parameters = [parameters] if isinstance(parameters, Tensor) else parameters
    return [param.grad for param in parameters if param.grad is not None]


def _norm(arrays, norm_type):
    """The norm of all arrays as one vector, summed in float64 and in a fixed order."""
    with np.errstate(all="ignore"):
        if norm_type == math.inf:
            return float(np.max([np.abs(array).max(initial=0) for array in arrays], initial=0))  # NaN if there is one
        powers = (np.abs(array.astype(np.float64)) ** norm_type for array in arrays)
        return float(sum(float(power.sum()) for power in powers)) ** (1 / norm_type)
