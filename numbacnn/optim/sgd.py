"""Stochastic gradient descent with momentum.

Source: Sutskever, Martens, Dahl & Hinton, On the importance of initialization and momentum in deep learning,
ICML 2013; with PyTorch's form of momentum, where the learning rate multiplies the whole velocity.
"""

from itertools import compress

import numpy as np

from numbacnn.engine.ops.update import sgd_update
from numbacnn.optim.hints import check_hints
from numbacnn.optim.optimizer import Optimizer, check_number, rows_by


class SGD(Optimizer):
    """velocity = momentum * velocity + (1 - dampening) * grad; param -= lr * velocity.

    Parameters
    ----------
    params : iterable
        See `Optimizer`.
    lr : float
        Learning rate.
    momentum : float
        What remains of the velocity from step to step; 0 is plain gradient descent.
    dampening : float
        By how much a gradient counts less in the velocity, from the second step on.
    weight_decay : float
        Adds weight_decay * param to the gradient.
    nesterov : bool
        Move by grad + momentum * velocity; needs momentum, and dampening 0.
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

    def __init__(self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False,
                 foreach=None, differentiable=False, fused=None):
        check_hints("SGD", foreach, fused, differentiable=differentiable)
        super().__init__(params, {"lr": lr, "momentum": momentum, "dampening": dampening,
                                  "weight_decay": weight_decay, "nesterov": nesterov, "maximize": maximize})

    def _check(self, group):
        check_number("learning rate", group["lr"])
        check_number("momentum value", group["momentum"])
        check_number("weight_decay value", group["weight_decay"])
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening, "
                             f"got momentum={group['momentum']} and dampening={group['dampening']}")

    def _update(self, params, grads, states, group):
        momentum = group["momentum"]
        first = [momentum != 0 and "momentum_buffer" not in state for state in states]
        for param, state in compress(zip(params, states), first):
            state["momentum_buffer"] = np.zeros_like(param)
        velocities = [state["momentum_buffer"] for state in states] if momentum else params
        for is_first, rows in rows_by(first, params, grads, velocities).items():
            # as in PyTorch, the first step is not dampened
            sgd_update(*rows, lr=group["lr"], momentum=momentum,
                       one_minus_dampening=1 if is_first else 1 - group["dampening"],
                       weight_decay=group["weight_decay"], nesterov=group["nesterov"], sign=-1 if group["maximize"] else 1)
