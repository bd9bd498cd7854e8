"""Rprop: only the sign of a gradient counts; each weight has a step of its own, which grows while the sign stays.

Source: Riedmiller & Braun 1993, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm",
equations 4 to 6, in the form that waits one step after a change of sign (Riedmiller 1994, algorithm 1).
"""

import numpy as np

from numbacnn.optim.hints import check_hints
from numbacnn.optim.optimizer import Optimizer, arrays_of, check_number


class Rprop(Optimizer):
    """param -= sign(grad) * step_size; it grows by etaplus where the sign stayed, shrinks by etaminus where it changed.

    For gradients of all images at once: those of small batches change their sign by chance.

    Parameters
    ----------
    params : iterable
        See `Optimizer`.
    lr : float
        The first step size.
    etas : (float, float)
        etaminus, below 1, and etaplus, above 1.
    step_sizes : (float, float)
        The smallest and the largest step size.
    capturable, foreach, differentiable
        As in PyTorch; see `numbacnn.optim.hints.check_hints`.
    maximize : bool
        Climb instead of descend.

    Raises
    ------
    ValueError
        If a setting is out of range.
    NotImplementedError
        If `capturable` or `differentiable` is asked for.
    """

    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50), *, capturable=False, foreach=None,
                 maximize=False, differentiable=False):
        check_hints("Rprop", foreach, None, capturable, differentiable)
        super().__init__(params, {"lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize})

    def _check(self, group):
        check_number("learning rate", group["lr"])
        if not 0 < group["etas"][0] < 1 < group["etas"][1]:
            raise ValueError(f"Invalid eta values: {group['etas'][0]}, {group['etas'][1]} (must be below and above 1)")
        low, high = group["step_sizes"]
        if not 0 < low <= high:
            raise ValueError(f"Invalid step sizes: {low}, {high} (must be above 0, the smallest first)")

    def _update(self, params, grads, states, group):
        (shrink, grow), limits = group["etas"], group["step_sizes"]
        for param, grad, state in zip(params, arrays_of(grads), states):
            if "step" not in state:
                state.update(step=0, prev=np.zeros_like(param), step_size=np.full_like(param, group["lr"]))
            state["step"] += 1
            grad = -grad if group["maximize"] else grad
            agreement = grad * state["prev"]
            factor = np.where(agreement > 0, grow, np.where(agreement < 0, shrink, 1)).astype(param.dtype)
            np.clip(state["step_size"] * factor, *limits, out=state["step_size"])
            grad = np.where(agreement < 0, 0, grad).astype(param.dtype)
            param -= np.sign(grad) * state["step_size"]
            state["prev"][...] = grad
