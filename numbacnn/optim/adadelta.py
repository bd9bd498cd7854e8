"""Adadelta: steps as large as the last ones, in the units of the weights.

Source: Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012, arXiv:1212.5701, algorithm 1.
"""

import numpy as np

from numbacnn.engine.ops.update import adadelta_update
from numbacnn.optim.hints import check_hints
from numbacnn.optim.optimizer import Optimizer, check_number


class Adadelta(Optimizer):
    """param -= lr * move with move = sqrt(moved + eps) / sqrt(square + eps) * grad.

    `square` and `moved` are running means of grad**2 and move**2.

    Parameters
    ----------
    params : iterable
        See `Optimizer`.
    lr : float
        Scales the steps; the paper has none.
    rho : float
        What remains of the running means from step to step.
    eps : float
        Keeps the division defined, and lets the first step begin.
    weight_decay : float
        Adds weight_decay * param to the gradient.
    maximize : bool
        Climb instead of descend.
    foreach, capturable, differentiable
        As in PyTorch; see `numbacnn.optim.hints.check_hints`.

    Raises
    ------
    ValueError
        If a setting is out of range.
    NotImplementedError
        If `capturable` or `differentiable` is asked for.
    """

    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0, foreach=None, *, capturable=False, maximize=False,
                 differentiable=False):
        check_hints("Adadelta", foreach, None, capturable, differentiable)
        super().__init__(params, {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize})

    def _check(self, group):
        check_number("learning rate", group["lr"])
        if not 0 <= group["rho"] <= 1:
            raise ValueError(f"Invalid rho value: {group['rho']} (must be in [0, 1])")
        check_number("epsilon value", group["eps"])
        check_number("weight_decay value", group["weight_decay"])

    def _update(self, params, grads, states, group):
        for param, state in zip(params, states):
            if "step" not in state:
                state.update(step=0, square_avg=np.zeros_like(param), acc_delta=np.zeros_like(param))
            state["step"] += 1
        squares, moved = ([state[name] for state in states] for name in ("square_avg", "acc_delta"))
        adadelta_update(params, grads, squares, moved, lr=group["lr"], rho=group["rho"], one_minus_rho=1 - group["rho"],
                        eps=group["eps"], weight_decay=group["weight_decay"], sign=-1 if group["maximize"] else 1)
