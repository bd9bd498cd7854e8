"""A trace: every operation of one forward pass in order, with its numbers, and of the backward pass the gradients there."""

from dataclasses import dataclass, field

import numpy as np

import numbacnn
from numbacnn.insight.hearing import Ear
from numbacnn.nn import functional as F
from numbacnn.tensors.internals import array_of, detached
from numbacnn.tensors.tensor import Tensor


@dataclass(eq=False)
class Step:
    """One operation of a forward pass.

    Attributes
    ----------
    name : str
        No other step of the trace has it: the layer's name, such as "conv1"; an operation that is not all that its layer
        does, or that no layer stands for, is named after both, such as "block1.add". The first is "input", and with a
        target the last is "loss".
    kind : str
        The operation: "conv2d", "relu", "max_pool2d", "batch_norm", "linear", "flatten", "add", "cat", "view" and so on;
        "identity" for a layer that leaves its input alone, such as a dropout that is not training.
    layer : str or None
        The dotted name of the innermost layer of the model that it ran in; None where that is the model itself.
    reads : tuple of int
        Which steps it read, in the order of its operands.
    output : ndarray
        Its result, a copy.
    gradient : ndarray or None
        Of the loss with respect to that; None without a target, or where the loss does not depend on it.
    weights : dict of str to ndarray
        What else it read: "weight" and "bias" of a layer, "mean" and "var" that a batch normalization used, a number.
    weight_gradients : dict of str to ndarray
        Of those that are trained; what this step adds to them, if several steps read the same.
    arguments : dict
        How it was called: stride, padding, dilation, groups of a convolution; kernel of a pooling; eps, p, and so on; "view" of a
        view is a function that takes it of any array.
    """

    name: str
    kind: str
    layer: str | None
    reads: tuple
    output: np.ndarray
    gradient: np.ndarray | None = None
    weights: dict = field(default_factory=dict)
    weight_gradients: dict = field(default_factory=dict)
    arguments: dict = field(default_factory=dict)


def trace(model, x, target=None):
    """Run one forward pass, with a target also the backward pass, and return what happened.

    The numbers are the engine's own, bit for bit those of `model(x)` and `loss.backward()`. The mode, train or eval, is
    the model's. Afterwards the model is as it was, running statistics and gradients included, and the default generator
    stands where it stood.

    Parameters
    ----------
    model : numbacnn.nn.Module
    x : ndarray or Tensor
        A batch as the model takes it, normalized: floats, or whole numbers for an embedding.
    target : int, sequence of int or Tensor (N,), optional
        The right classes. The loss is then the mean cross-entropy of the model's output (N, classes).

    Returns
    -------
    list of Step
        In the order in which they ran: first the input, last the model's output, or the loss behind it. What is computed
        from weights alone is not a step. What an operation without a derivative (a comparison) made of the input is a
        constant to the steps after it.

    Raises
    ------
    TypeError
        If the model returns no Tensor.
    ValueError
        If there is a target, but the output is not (N, classes).
    """
    numbers = array_of(x) if isinstance(x, Tensor) else np.asarray(x)
    data = detached(np.array(numbers, order="C"))
    if data.dtype.kind == "f":
        with numbacnn.enable_grad():
            data = data.requires_grad_().clone()  # no leaf: the model may change it in place
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    ear = Ear(model, data)
    try:
        with numbacnn.random.fork_rng(), numbacnn.enable_grad(), ear:
            out = model(data)
            if not isinstance(out, Tensor):
                raise TypeError(f"trace: the model must return one Tensor, not {type(out).__name__}")
            if target is not None:
                _go_back(ear, out, target)
    finally:
        with numbacnn.no_grad():
            for buffer, before in buffers:
                buffer.copy_(before)
    return [Step(*heard.facts()) for heard in ear.named()]


def _go_back(ear, out, target):
    """The loss and its backward pass."""
    if out.ndim != 2:
        raise ValueError(f"trace: with a target the model's output must be (N, classes), not {tuple(out.shape)}; leave the "
                         "target out")
    classes = detached(np.atleast_1d(np.array(array_of(target) if isinstance(target, Tensor) else target)))
    if not out.requires_grad:
        raise ValueError("trace: no gradient leads back from the output: the model computes it off the tape, or reads whole "
                         "numbers and has no weight that is trained; leave the target out")
    loss = F.cross_entropy(out, classes)
    ear.end_with_loss(classes)
    ear.go_back(loss)
