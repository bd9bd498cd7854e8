"""Initial values of weights. All functions write to the Tensor they get, and return it.

Sources: Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010
(xavier); He, Zhang, Ren & Sun, Delving Deep into Rectifiers, ICCV 2015, arXiv:1502.01852 (kaiming); Saxe, McClelland &
Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear neural networks, ICLR 2014,
arXiv:1312.6120 (orthogonal).
"""

import math
import warnings
from contextlib import contextmanager

import numpy as np

from numbacnn.tensors.absent import absent
from numbacnn.tensors.creation import empty, from_numpy, zeros
from numbacnn.tensors.internals import writable
from numbacnn.tensors.tape import no_grad
from numbacnn.tensors.types import float64

_GAINS = {"linear": 1.0, "identity": 1.0, "conv1d": 1.0, "conv2d": 1.0, "conv3d": 1.0, "sigmoid": 1.0,
          "tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 0.75}
_draws = True


def calculate_gain(nonlinearity, param=None):
    """Gain by which weights must be larger for the variance to survive the non-linearity.

    Parameters
    ----------
    nonlinearity : str
        "linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu" or "selu".
    param : float, optional
        The negative slope of "leaky_relu", 0.01 if not given.

    Raises
    ------
    ValueError
        If the non-linearity is unknown.
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"negative_slope {slope!r} not a valid number")
        return math.sqrt(2.0 / (1 + slope ** 2))
    if nonlinearity not in _GAINS:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity!r}; known are {', '.join([*_GAINS, 'leaky_relu'])}")
    return _GAINS[nonlinearity]


def fan_in_and_fan_out(tensor):
    """How many inputs feed one output of a weight (OC, IC, ...), and how many outputs one input feeds.

    Raises
    ------
    ValueError
        If the Tensor has fewer than two dimensions.
    """
    if tensor.ndim < 2:
        raise ValueError("fan in and fan out can not be computed for a Tensor with fewer than 2 dimensions "
                         f"(shape {tuple(tensor.shape)})")
    taps = tensor.shape[2:].numel()
    return tensor.shape[1] * taps, tensor.shape[0] * taps


def _fan(tensor, mode):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode!r} not supported, please use one of 'fan_in', 'fan_out'")
    return fan_in_and_fan_out(tensor)[mode == "fan_out"]


@contextmanager
def undrawn():
    """In here weights that would be drawn stay what the memory holds: for code that asks for shapes only, or loads the weights.

    A network of any size is then made in no time, and takes no memory before it is written to.
    """
    global _draws
    before, _draws = _draws, False
    try:
        yield
    finally:
        _draws = before


@no_grad()
def uniform_(tensor, a=0.0, b=1.0, generator=None):
    """Numbers drawn evenly from [a, b)."""
    return tensor.uniform_(a, b, generator=generator) if _draws else tensor


@no_grad()
def normal_(tensor, mean=0.0, std=1.0, generator=None):
    """Numbers drawn from the normal distribution."""
    return tensor.normal_(mean, std, generator=generator) if _draws else tensor


@no_grad()
def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    """Numbers drawn from the normal distribution, those outside [a, b] drawn anew.

    Parameters
    ----------
    mean, std : float
        Of the distribution before it is cut off.
    a, b : float
        The smallest and the largest number.

    Raises
    ------
    ValueError
        If there is nothing between `a` and `b`, or `std` is not above 0.
    """
    if not (a < b and std > 0):
        raise ValueError(f"trunc_normal_: expected a < b and std > 0, got a={a}, b={b}, std={std}")
    if not _draws:
        return tensor
    within = 0.5 * (math.erf((b - mean) / std / math.sqrt(2)) - math.erf((a - mean) / std / math.sqrt(2)))
    peak = max(a, min(mean, b))  # where the density within [a, b] is largest
    missing = np.ones(tensor.shape, bool)
    array = writable(tensor)
    while missing.any():
        drawn = zeros(int(missing.sum()), dtype=tensor.dtype)
        if within > 0.3:
            x = normal_(drawn, mean, std, generator).numpy()
            taken = (x >= a) & (x <= b)
        else:  # few normal numbers would be taken: draw evenly, and take each with the normal density
            x = uniform_(drawn, a, b, generator).numpy()
            density = np.exp(0.5 * (((peak - mean) / std) ** 2 - ((x - mean) / std) ** 2))
            taken = uniform_(empty(len(x), dtype=tensor.dtype), generator=generator).numpy() < density
        places = np.flatnonzero(missing)[taken]
        array.flat[places] = x[taken]
        missing.flat[places] = False
    return tensor


@no_grad()
def constant_(tensor, val):
    """One number everywhere."""
    return tensor.fill_(val)


def ones_(tensor):
    """Ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor):
    """Zeros."""
    return constant_(tensor, 0.0)


@no_grad()
def eye_(tensor):
    """The identity: what goes in comes out, for a Linear without bias.

    Raises
    ------
    ValueError
        If the Tensor has not two dimensions.
    """
    if tensor.ndim != 2:
        raise ValueError(f"eye_: expected a Tensor of 2 dimensions, got shape {tuple(tensor.shape)}")
    return tensor.copy_(from_numpy(np.eye(*tensor.shape)))


@no_grad()
def dirac_(tensor, groups=1):
    """A 1 in the middle of filter c for input channel c: an image comes out of the convolution as it went in.

    Parameters
    ----------
    tensor : Tensor (OC, IC, ...)
        With one to three spatial dimensions.
    groups : int
        How many groups of output channels repeat the pattern.

    Raises
    ------
    ValueError
        If the dimensions are others, or the output channels are not a multiple of `groups`.
    """
    if tensor.ndim not in (3, 4, 5):
        raise ValueError(f"dirac_: expected a Tensor of 3, 4 or 5 dimensions, got shape {tuple(tensor.shape)}")
    OC, IC = tensor.shape[:2]
    if OC % groups:
        raise ValueError(f"dirac_: {OC} output channels cannot be divided into {groups} groups")
    tensor.zero_()
    middle = tuple(extent // 2 for extent in tensor.shape[2:])
    for oc in range(OC):
        ic = oc % (OC // groups)
        if ic < IC:
            tensor[(oc, ic, *middle)] = 1
    return tensor


@no_grad()
def orthogonal_(tensor, gain=1.0, generator=None):
    """A matrix (OC, the rest) whose rows, or columns if those are fewer, are orthogonal and of length `gain`.

    A random matrix of normal numbers, made orthogonal column by column (Gram-Schmidt).

    Raises
    ------
    ValueError
        If the Tensor has fewer than two dimensions.
    """
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_: expected a Tensor of 2 or more dimensions, got shape {tuple(tensor.shape)}")
    if tensor.numel() == 0 or not _draws:
        return tensor
    rows = tensor.shape[0]
    q = normal_(empty(rows, tensor.numel() // rows, dtype=float64), generator=generator).numpy()
    q = q.T if rows < q.shape[1] else q
    for k in range(q.shape[1]):
        for _ in range(2):  # what the rounding of the first time leaves, the second takes
            q[:, k] -= (q[:, :k] * (q[:, :k] * q[:, k, None]).sum(axis=0)).sum(axis=1)
        q[:, k] /= math.sqrt((q[:, k] ** 2).sum())
    q = q.T if rows < q.shape[0] else q
    return tensor.copy_(from_numpy(gain * q.reshape(tensor.shape)))


def xavier_uniform_(tensor, gain=1.0, generator=None):
    """Evenly from [-b, b) with b = gain * sqrt(6 / (fan_in + fan_out)); Glorot & Bengio 2010, eq. 16."""
    bound = gain * math.sqrt(6.0 / sum(fan_in_and_fan_out(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor, gain=1.0, generator=None):
    """Normal with std = gain * sqrt(2 / (fan_in + fan_out)); Glorot & Bengio 2010, eq. 12."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(fan_in_and_fan_out(tensor))), generator)


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Evenly from [-b, b) with b = gain * sqrt(3 / fan).

    Parameters
    ----------
    a : float
        The negative slope, for "leaky_relu".
    mode : {"fan_in", "fan_out"}
        Whether to keep the variance of the outputs (forward) or of the gradients (backward).
    nonlinearity : str
        What follows the weights; see `calculate_gain`.
    """
    bound = calculate_gain(nonlinearity, a) * math.sqrt(3.0 / _fan(tensor, mode))
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Normal with std = gain / sqrt(fan); arguments as for `kaiming_uniform_`. He et al. 2015, eq. 10 and 15."""
    std = calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))
    return normal_(tensor, 0.0, std, generator)


def reset_(weight, bias):
    """The start of Conv2d and Linear: both evenly from [-b, b) with b = 1 / sqrt(fan_in), as in PyTorch."""
    kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None:
        fan_in, _ = fan_in_and_fan_out(weight)
        bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
        uniform_(bias, -bound, bound)


_OFFERED = [name for name in globals() if name.endswith("_") or name == "calculate_gain"]
_OLD = "uniform normal constant eye dirac xavier_uniform xavier_normal kaiming_uniform kaiming_normal orthogonal".split()


def __getattr__(name):
    if name not in _OLD:
        raise absent(__name__, name, _OFFERED)

    def deprecated(*args, **kwargs):
        """The function with an underscore at the end, under its name in PyTorch 0.3."""
        warnings.warn(f"`nn.init.{name}` is now deprecated in favor of `nn.init.{name}_`.", FutureWarning, stacklevel=2)
        return globals()[f"{name}_"](*args, **kwargs)
    return deprecated
