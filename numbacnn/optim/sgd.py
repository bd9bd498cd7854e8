"""Stochastic gradient descent with momentum.

Source: Sutskever, Martens, Dahl & Hinton, On the importance of initialization and momentum in deep learning,
ICML 2013; with PyTorch's form of momentum, where the learning rate multiplies the whole velocity.
"""

import numpy as np

from numbacnn.optim.optimizer import Optimizer, check_number


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

    Raises
    ------
    ValueError
        If a setting is out of range.
    """

    def __init__(self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False):
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
        momentum, decay = group["momentum"], group["weight_decay"]
        for param, grad, state in zip(params, grads, states):
            if "scratch" not in state:
                state["scratch"] = np.empty_like(param), np.empty_like(param)
            step, product = state["scratch"]
            np.multiply(grad, -1 if group["maximize"] else 1, out=step)
            if decay:
                np.add(step, np.multiply(param, decay, out=product), out=step)
            if momentum:
                velocity = state.get("momentum_buffer")
                if velocity is None:
                    velocity = state["momentum_buffer"] = step.copy()
                else:
                    np.multiply(velocity, momentum, out=velocity)
                    np.add(velocity, np.multiply(step, 1 - group["dampening"], out=product), out=velocity)
                if group["nesterov"]:
                    np.add(step, np.multiply(velocity, momentum, out=product), out=step)
                else:
                    step = velocity
            np.subtract(param, np.multiply(step, group["lr"], out=product), out=param)
