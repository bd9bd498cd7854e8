"""Derivatives of functions: the Jacobian, and products with it."""

from numbacnn.autograd.gradients import grad
from numbacnn.tensors.absent import refusing
from numbacnn.tensors.creation import ones_like, zeros
from numbacnn.tensors.grad_modes import set_grad_enabled
from numbacnn.tensors.shape import stack
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import kind_of

__all__ = ["jacobian", "vjp"]
__getattr__ = refusing(__name__, __all__)


def _called(name, func, inputs, create_graph):
    """The inputs as leaves of their own, and what `func` makes of them, each as a tuple; whether they were tuples."""
    if create_graph:
        raise NotImplementedError(f"{name}: create_graph=True is not offered (no second derivatives)")
    one = isinstance(inputs, Tensor)
    leaves = tuple(x.detach().clone().requires_grad_() for x in ((inputs,) if one else inputs))
    with set_grad_enabled(True):
        outputs = func(*leaves)
    single = isinstance(outputs, Tensor)
    outputs = tuple(outputs) if isinstance(outputs, (tuple, list)) else (outputs,)
    for out in outputs:
        if not isinstance(out, Tensor):
            raise TypeError(f"{name}: the function returns Tensors, got {kind_of(out)}")
    return leaves, outputs, one, single


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    """The derivatives of every number that `func` returns with respect to every number of its inputs.

    Parameters
    ----------
    func : callable
        From Tensors to a Tensor, or a tuple of Tensors.
    inputs : Tensor or tuple of Tensor
    strict : bool
        Raise an error where a result does not depend on an input, instead of giving zeros.
    vectorize, strategy
        How PyTorch computes; the numbers are the same, row by row.

    Returns
    -------
    Tensor, or tuple of Tensor, or tuple of tuple of Tensor
        Of shape (*output.shape, *input.shape); nested [output][input] where there are tuples.

    Raises
    ------
    RuntimeError
        If `strict` and a result does not depend on an input.
    NotImplementedError
        For second derivatives (`create_graph=True`).
    """
    leaves, outputs, one, single = _called("jacobian", func, inputs, create_graph)
    found = []
    for k, out in enumerate(outputs):
        if not out.requires_grad and strict:
            raise RuntimeError(f"jacobian: output {k} does not depend on the inputs")
        with set_grad_enabled(True):  # the numbers of the result are taken apart on the tape, also within no_grad
            numbers = [*out.reshape(-1)]
        rows = [_gradients("jacobian", (number,), leaves, None, strict) for number in numbers]
        jacobians = tuple(stack([row[i] for row in rows]).reshape(*out.shape, *x.shape) if rows else
                          zeros(*out.shape, *x.shape, dtype=x.dtype) for i, x in enumerate(leaves))
        found.append(jacobians[0] if one else jacobians)
    return found[0] if single else tuple(found)


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """What `func` returns, and the vector `v` times its Jacobian: the gradients if `v` arrives from behind.

    Parameters
    ----------
    func : callable
        From Tensors to a Tensor, or a tuple of Tensors.
    inputs : Tensor or tuple of Tensor
    v : Tensor or tuple of Tensor, optional
        In the shape of what `func` returns; 1 where that is a single number.
    strict : bool
        Raise an error where the result does not depend on an input, instead of giving zeros.

    Returns
    -------
    (Tensor or tuple of Tensor, Tensor or tuple of Tensor)
        The result, and a gradient for each input.

    Raises
    ------
    RuntimeError
        If `v` is missing or has another shape; if `strict` and the result does not depend on an input.
    NotImplementedError
        For second derivatives (`create_graph=True`).
    """
    leaves, outputs, one, single = _called("vjp", func, inputs, create_graph)
    if v is None:
        if len(outputs) != 1 or outputs[0].numel() != 1:
            raise RuntimeError("vjp: v may only be left out where the function returns a single number")
        v = ones_like(outputs[0])
    v = (v,) if isinstance(v, Tensor) else tuple(v)
    shapes = [[tuple(each.shape) for each in part] for part in (v, outputs)]
    if shapes[0] != shapes[1]:
        raise RuntimeError(f"vjp: v has the shapes {shapes[0]}, the function returns {shapes[1]}")
    gradients = _gradients("vjp", outputs, leaves, v, strict)
    results = tuple(out.detach() for out in outputs)
    return results[0] if single else results, gradients[0] if one else gradients


def _gradients(name, outputs, leaves, v, strict):
    """The gradients of outputs; zeros, or an error, where there are none."""
    pairs = [(out, seed) for out, seed in zip(outputs, v or [None] * len(outputs)) if out.requires_grad]
    if pairs:
        outputs, seeds = zip(*pairs)
        found = grad(outputs, leaves, None if v is None else seeds, retain_graph=True, allow_unused=True)
    else:
        found = [None] * len(leaves)
    if strict and any(each is None for each in found):
        raise RuntimeError(f"{name}: the result does not depend on input {[each is None for each in found].index(True)}")
    return tuple(zeros(*x.shape, dtype=x.dtype) if each is None else each for each, x in zip(found, leaves))
