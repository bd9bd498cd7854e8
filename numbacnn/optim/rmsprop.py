"""RMSprop: each gradient is divided by the root of its running mean square.

Source: Hinton, Srivastava & Swersky, Neural Networks for Machine Learning, lecture 6e, 2012; centered and with
momentum: Graves, Generating Sequences With Recurrent Neural Networks, 2013, arXiv:1308.0850, equations 38 to 41.
"""

import numpy as np

from numbacnn.engine.ops.update import rmsprop_update
from numbacnn.optim.hints import check_hints
from numbacnn.optim.optimizer import Optimizer, check_number


class RMSprop(Optimizer):
    """square = alpha * square + (1 - alpha) * grad**2; param -= lr * grad / (sqrt(square) + eps).

    Parameters
    ----------
    params : iterable
        See `Optimizer`.
    lr : float
        Learning rate.
    alpha : float
        What remains of the mean square from step to step.
    eps : float
        Keeps the division defined.
    weight_decay : float
        Adds weight_decay * param to the gradient.
    momentum : float
        What remains of the velocity from step to step; the divided gradients add to it.
    centered : bool
        Divide by the standard deviation: take the square of the running mean off the mean square.
    maximize : bool
        Climb instead of descend.
    capturable, foreach, differentiable
        As in PyTorch; see `numbacnn.optim.hints.check_hints`.

    Raises
    ------
    ValueError
        If a setting is out of range.
    NotImplementedError
        If `capturable` or `differentiable` is asked for.
    """

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False,
                 capturable=False, foreach=None, maximize=False, differentiable=False):
        check_hints("RMSprop", foreach, None, capturable, differentiable)
        super().__init__(params, {"lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered,
                                  "weight_decay": weight_decay, "maximize": maximize})

    def _check(self, group):
        check_number("learning rate", group["lr"])
        check_number("epsilon value", group["eps"])
        check_number("momentum value", group["momentum"])
        check_number("weight_decay value", group["weight_decay"])
        check_number("alpha value", group["alpha"])

    def _update(self, params, grads, states, group):
        needed = {"square_avg": True, "grad_avg": group["centered"], "momentum_buffer": group["momentum"] > 0}
        memories = []
        for param, state in zip(params, states):
            state["step"] = state.get("step", 0) + 1
            for name, needs in needed.items():
                if needs and name not in state:
                    state[name] = np.zeros_like(param)
            memories.append([state[name] if needs else param for name, needs in needed.items()])
        rmsprop_update(params, grads, *zip(*memories), lr=group["lr"], alpha=group["alpha"], one_minus_alpha=1 - group["alpha"],
                       eps=group["eps"], momentum=group["momentum"], centered=group["centered"],
                       weight_decay=group["weight_decay"], sign=-1 if group["maximize"] else 1)
