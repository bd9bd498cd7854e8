"""Random Tensors whose distribution other Tensors give: normal, Bernoulli, multinomial, Poisson."""

import numpy as np

from numbacnn.tensors.creation import randint
from numbacnn.tensors.generator import default_generator
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import as_dtype, check_device, default_dtype


def _source(generator):
    return (generator or default_generator).numpy


def normal(mean, std=1.0, size=None, *, generator=None, dtype=None, device=None, requires_grad=False):
    """Numbers drawn from the normal distribution.

    Parameters
    ----------
    mean, std : float or Tensor
        Of each number; Tensors broadcast.
    size : tuple of int, optional
        The shape, where both are numbers.

    Raises
    ------
    RuntimeError
        If a standard deviation is negative.
    """
    check_device(device)
    parts = [x._array if isinstance(x, Tensor) else x for x in (mean, std)]
    if (np.asarray(parts[1]) < 0).any():
        raise RuntimeError("normal: std must not be negative")
    if size is None and not any(isinstance(x, Tensor) for x in (mean, std)):
        raise TypeError("normal: with numbers for mean and std, give size=, for example size=(2, 3)")
    shape = np.broadcast_shapes(*(np.shape(x) for x in parts)) if size is None else tuple(np.atleast_1d(np.asarray(size, int)))
    given = [x.dtype for x in (mean, std) if isinstance(x, Tensor)]
    dtype = as_dtype(dtype) if dtype is not None else given[0] if given else default_dtype()
    drawn = np.asarray(_source(generator).standard_normal(shape, dtype))
    out = Tensor._detached((drawn * parts[1] + parts[0]).astype(dtype, copy=False))
    return out.requires_grad_() if requires_grad else out


def bernoulli(input, p=None, *, generator=None):
    """Ones and zeros in the dtype of `input`, a one with the probability that its element is, or `p`.

    Raises
    ------
    RuntimeError
        If a probability is not in [0, 1].
    """
    chances = input._array if p is None else np.asarray(p)
    if p is None and input.dtype.kind != "f":
        raise RuntimeError(f"bernoulli: probabilities are floating point numbers, got {input.dtype}")
    if not ((chances >= 0) & (chances <= 1)).all():
        raise RuntimeError("bernoulli: probabilities lie in [0, 1]")
    drawn = _source(generator).random(tuple(input.shape)) < chances
    return Tensor._detached(np.asarray(drawn).astype(input.dtype))


def multinomial(input, num_samples, replacement=False, *, generator=None):
    """Numbers of columns drawn with probabilities in proportion to the elements of each row, int64.

    Parameters
    ----------
    input : Tensor (M,) or (N, M)
        Weights, not negative; they need not add up to 1.
    num_samples : int
    replacement : bool
        Whether a column may be drawn again.

    Raises
    ------
    RuntimeError
        If weights are negative or all 0, or there are too few to draw from without replacement.
    """
    if input.dtype.kind != "f" or input.ndim not in (1, 2):
        raise RuntimeError(f"multinomial: expected floating point numbers in 1 or 2 dimensions, got {input.dtype} {tuple(input.shape)}")
    rows = np.atleast_2d(input._array).astype(np.float64)
    total = rows.sum(1, keepdims=True)
    if not (np.isfinite(rows).all() and (rows >= 0).all() and (total > 0).all()):
        raise RuntimeError("multinomial: weights must be finite and not negative, and not all 0")
    if num_samples <= 0:
        raise RuntimeError(f"multinomial: num_samples must be above 0, got {num_samples}")
    if not replacement and num_samples > np.count_nonzero(rows, 1).min():
        raise RuntimeError(f"multinomial: cannot draw {num_samples} of {rows.shape[1]} columns "
                           "without replacement; those with weight 0 are never drawn. replacement=True draws a column again")
    source = _source(generator)
    if replacement:
        ends = np.cumsum(rows / total, 1)
        ends[:, -1] = 1.0
        drawn = np.stack([np.searchsorted(row, source.random(num_samples), "right") for row in ends])
    else:  # the largest of the exponential races: Efraimidis & Spirakis, Weighted random sampling with a reservoir, 2006
        with np.errstate(divide="ignore"):
            race = source.standard_exponential(rows.shape) / rows
        drawn = np.argsort(race, 1, kind="stable")[:, :num_samples]
    out = Tensor._detached(drawn.astype(np.int64))
    return out if input.ndim == 2 else out.reshape(-1)


def poisson(input, generator=None):
    """Whole numbers drawn from the Poisson distribution whose mean is each element, in the dtype of `input`."""
    if input.dtype.kind != "f" or (input._array < 0).any():
        raise RuntimeError("poisson: the means are floating point numbers and not negative")
    return Tensor._detached(np.asarray(_source(generator).poisson(input._array)).astype(input.dtype))


def randint_like(input, low, high=None, *, dtype=None, device=None, requires_grad=False):
    """Whole numbers drawn from [low, high), or [0, low), in the shape and dtype of `input`."""
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, tuple(input.shape), dtype=input.dtype if dtype is None else dtype, device=device,
                   requires_grad=requires_grad)
