"""Non-linearities that draw numbers; composed of others."""

import math

from numbacnn.nn.functional.activation import leaky_relu, softmax
from numbacnn.nn.functional.apply import in_place
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.creation import zeros_like
from numbacnn.tensors.generator import default_generator
from numbacnn.tensors.internals import detached
from numbacnn.tensors.selection import where


def rrelu(input, lower=1.0 / 8, upper=1.0 / 3, training=False, inplace=False):
    """input where it is above 0, else slope * input; in training each slope is drawn, else it is the mean of the limits.

    Source: Xu, Wang, Chen & Li 2015, "Empirical evaluation of rectified activations", arXiv:1505.00853, section 2.4.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    lower, upper : float
        Limits of the slopes, which are drawn evenly between them.
    training : bool
    inplace : bool
        Whether to change the input itself, and return it.

    Raises
    ------
    ValueError
        If a limit is not finite, or lower is above upper.
    TypeError
        If the dtype is not a float type.
    """
    if inplace:
        return rrelu_(input, lower, upper, training)
    check_types("rrelu", input)
    if not (math.isfinite(lower) and math.isfinite(upper) and lower <= upper):
        raise ValueError(f"rrelu: lower should be less than or equal to the upper, and both finite, got {lower} and {upper}")
    if not training:
        return leaky_relu(input, (lower + upper) / 2)
    slopes = default_generator.numpy.uniform(lower, upper, input.shape).astype(input.dtype)
    return where(input > 0, input, input * detached(slopes))


def rrelu_(input, lower=1.0 / 8, upper=1.0 / 3, training=False):
    """`rrelu`, in place."""
    return in_place("rrelu_", input, lambda before: rrelu(before, lower, upper, training))


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """softmax((logits + g) / tau) with drawn g: a class drawn by its probability, through which gradients pass.

    Source: Jang, Gu & Poole 2017, "Categorical reparameterization with Gumbel-softmax", equations 1 and 2.

    Parameters
    ----------
    logits : Tensor
        Float; logarithms of probabilities, of any sum.
    tau : float
        Temperature: the nearer to 0, the nearer the result is to one class.
    hard : bool
        Whether the result is 1 at the largest and 0 elsewhere; the gradient is that of the soft one.
    eps : float
        Changes nothing, as in PyTorch.
    dim : int
        Where the classes are.

    Raises
    ------
    ValueError
        If tau is not above 0.
    TypeError
        If the dtype is not a float type.
    """
    check_types("gumbel_softmax", logits)
    if not tau > 0:
        raise ValueError(f"gumbel_softmax: tau must be above 0, got {tau}")
    waits = detached(default_generator.numpy.standard_exponential(logits.shape).astype(logits.dtype))
    soft = softmax((logits - waits.log()) / tau, dim)
    if not hard:
        return soft
    chosen = zeros_like(logits).detach().scatter(dim, soft.argmax(dim, keepdim=True), 1.0)
    return chosen - soft.detach() + soft
