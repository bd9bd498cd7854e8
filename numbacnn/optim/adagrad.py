"""Adagrad: each gradient is divided by the root of all its squares so far.

Source: Duchi, Hazan & Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization, JMLR 12,
2011, figure 1, with a diagonal matrix.
"""

import numpy as np

from numbacnn.engine.ops.update import adagrad_update
from numbacnn.optim.hints import check_hints
from numbacnn.optim.optimizer import Optimizer, check_number, rows_by


class Adagrad(Optimizer):
    """total += grad**2; param -= lr / (1 + (step - 1) * lr_decay) * grad / (sqrt(total) + eps).

    Parameters
    ----------
    params : iterable
        See `Optimizer`.
    lr : float
        Learning rate.
    lr_decay : float
        By how much the learning rate falls from step to step.
    weight_decay : float
        Adds weight_decay * param to the gradient.
    initial_accumulator_value : float
        What `total` is at first.
    eps : float
        Keeps the division defined.
    maximize : bool
        Climb instead of descend.
    foreach, differentiable, fused
        As in PyTorch; see `numbacnn.optim.hints.check_hints`.

    Raises
    ------
    ValueError
        If a setting is out of range.
    NotImplementedError
        If `differentiable` is asked for.
    """

    def __init__(self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, foreach=None, *,
                 maximize=False, differentiable=False, fused=None):
        check_hints("Adagrad", foreach, fused, differentiable=differentiable)
        super().__init__(params, {"lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
                                  "initial_accumulator_value": initial_accumulator_value, "maximize": maximize})

    def _check(self, group):
        check_number("learning rate", group["lr"])
        check_number("lr_decay value", group["lr_decay"])
        check_number("weight_decay value", group["weight_decay"])
        check_number("initial_accumulator_value value", group["initial_accumulator_value"])
        check_number("epsilon value", group["eps"])

    def _update(self, params, grads, states, group):
        for param, state in zip(params, states):
            if "step" not in state:
                state.update(step=0, sum=np.full_like(param, group["initial_accumulator_value"]))
            state["step"] += 1
        steps, totals = ([state[name] for state in states] for name in ("step", "sum"))
        for step, rows in rows_by(steps, params, grads, totals).items():
            adagrad_update(*rows, step_size=group["lr"] / (1 + (step - 1) * group["lr_decay"]), eps=group["eps"],
                           weight_decay=group["weight_decay"], sign=-1 if group["maximize"] else 1)
