"""Gradients compared with differences: the judge of every backward."""

import numpy as np

from numbacnn.autograd.gradients import grad
from numbacnn.tensors.internals import array_of, detached
from numbacnn.tensors.tape import no_grad
from numbacnn.tensors.tensor import Tensor


def gradcheck(func, inputs, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True):
    """Whether the gradients of `func` agree with central differences.

    Parameters
    ----------
    func : callable
        From Tensors to a Tensor, or several.
    inputs : tuple of Tensor
        Those that require grad are checked; take float64, since float32 is too coarse for small steps.
    eps : float
        The step.
    atol, rtol : float
        What may lie between the two: atol + rtol * |difference quotient|.
    raise_exception : bool
        Raise RuntimeError where they disagree, instead of returning False.

    Returns
    -------
    bool
    """
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    checked = [x for x in inputs if isinstance(x, Tensor) and x.requires_grad]
    if not checked:
        raise ValueError("gradcheck: none of the inputs requires grad")
    outputs = func(*inputs)
    for n, out in enumerate([outputs] if isinstance(outputs, Tensor) else outputs):
        if not out.requires_grad:
            continue
        for place in np.ndindex(tuple(out.shape)):
            seed = np.zeros(tuple(out.shape), out.dtype)
            seed[place] = 1
            found = grad(out, checked, detached(seed), retain_graph=True, materialize_grads=True)
            for x, dx in zip(checked, found):
                expected = _difference(func, inputs, x, n, place, eps)
                if not np.allclose(array_of(dx), expected, rtol, atol):
                    if raise_exception:
                        raise RuntimeError(f"gradcheck: output {n} at {place}: the gradient is {array_of(dx).tolist()}, the difference "
                                           f"quotient {expected.tolist()}")
                    return False
    return True


def _difference(func, inputs, x, n, place, eps):
    """(f(x + eps) - f(x - eps)) / (2 eps) for each element of x, of one element of output n."""
    out = np.zeros(tuple(x.shape))
    with no_grad():
        array = x.detach().numpy()
        for k in np.ndindex(out.shape):
            value, sides = array[k], []
            for step in (eps, -eps):
                array[k] = value + step
                made = func(*inputs)
                made = made if isinstance(made, Tensor) else made[n]
                sides.append(float(array_of(made)[place]))
            array[k] = value
            out[k] = (sides[0] - sides[1]) / (2 * eps)
    return out
