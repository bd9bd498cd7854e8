"""Adam: a step size for each weight, from the mean and the spread of its gradients.

Source: Kingma & Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, arXiv:1412.6980, algorithm 1.
"""

import math

import numpy as np

from numbacnn.engine.update import adam_update
from numbacnn.optim.optimizer import Optimizer, check_number, rows_by


class Adam(Optimizer):
    """param -= lr * mean / (sqrt(square) + eps), mean and square being running means of grad and grad**2.

    Both start at 0 and are corrected for that: divided by 1 - beta**step.

    Parameters
    ----------
    params : iterable
        See `Optimizer`.
    lr : float
        Learning rate.
    betas : (float, float)
        What remains of mean and square from step to step.
    eps : float
        Keeps the division defined.
    weight_decay : float
        Adds weight_decay * param to the gradient.
    amsgrad : bool
        Only False is offered.
    maximize : bool
        Climb instead of descend.

    Raises
    ------
    ValueError
        If a setting is out of range.
    NotImplementedError
        For amsgrad.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, *,
                 maximize=False):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "amsgrad": amsgrad, "maximize": maximize})

    def _check(self, group):
        check_number("learning rate", group["lr"])
        check_number("epsilon value", group["eps"])
        check_number("beta parameter at index 0", group["betas"][0], below=1.0)
        check_number("beta parameter at index 1", group["betas"][1], below=1.0)
        check_number("weight_decay value", group["weight_decay"])
        if group["amsgrad"]:
            raise NotImplementedError(f"{type(self).__name__}: amsgrad=True is not offered")

    def _update(self, params, grads, states, group):
        (beta1, beta2), lr = group["betas"], group["lr"]
        for param, state in zip(params, states):
            if "step" not in state:
                state.update(step=0, exp_avg=np.zeros_like(param), exp_avg_sq=np.zeros_like(param))
            state["step"] += 1
        steps, means, squares = ([state[name] for state in states] for name in ("step", "exp_avg", "exp_avg_sq"))
        for step, rows in rows_by(steps, params, grads, means, squares).items():
            self._move(rows, group, rate=lr / (1 - beta1 ** step), fresh1=1 - beta1, beta2=beta2, fresh2=1 - beta2,
                       scale=math.sqrt(1 - beta2 ** step), eps=group["eps"])

    def _move(self, rows, group, **settings):
        """Update rows (params, grads, means, squares); the decay of the weights is part of the gradient."""
        adam_update(*rows, **settings, weight_decay=group["weight_decay"], sign=-1 if group["maximize"] else 1)
