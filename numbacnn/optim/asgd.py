"""ASGD: gradient descent that also keeps the average of where it has been.

Source: Polyak & Juditsky 1992, "Acceleration of stochastic approximation by averaging"; the schedules are those of Bottou
2010, "Large-scale machine learning with stochastic gradient descent", section 5.
"""

import numpy as np

from numbacnn.optim.hints import check_hints
from numbacnn.optim.optimizer import Optimizer, arrays_of, check_number


class ASGD(Optimizer):
    """param = (1 - lambd * eta) * param - eta * grad with eta = lr / (1 + lambd * lr * step)**alpha; `ax` averages param.

    Parameters
    ----------
    params : iterable
        See `Optimizer`.
    lr : float
        Learning rate.
    lambd : float
        How fast the weights decay, and the steps with them.
    alpha : float
        Power by which the steps become smaller.
    t0 : float
        At which step the average begins; until then it is the parameter.
    weight_decay : float
        Adds weight_decay * param to the gradient.
    foreach : bool, optional
        Changes nothing.
    maximize : bool
        Climb instead of descend.
    differentiable, capturable
        As in PyTorch; see `numbacnn.optim.hints.check_hints`.

    Raises
    ------
    ValueError
        If a setting is out of range.
    NotImplementedError
        If `capturable` or `differentiable` is asked for.
    """

    def __init__(self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0, foreach=None, maximize=False,
                 differentiable=False, capturable=False):
        check_hints("ASGD", foreach, None, capturable, differentiable)
        super().__init__(params, {"lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay,
                                  "maximize": maximize})

    def _check(self, group):
        check_number("learning rate", group["lr"])
        for name in ("weight_decay", "lambd", "alpha", "t0"):
            check_number(f"{name} value", group[name])

    def _update(self, params, grads, states, group):
        lr, lambd = group["lr"], group["lambd"]
        for param, grad, state in zip(params, arrays_of(grads), states):
            if "step" not in state:
                state.update(step=0, eta=lr, mu=1.0, ax=np.zeros_like(param))
            state["step"] += 1
            grad = (-grad if group["maximize"] else grad) + group["weight_decay"] * param
            param *= 1 - lambd * state["eta"]
            param -= state["eta"] * grad
            if state["mu"] == 1:
                state["ax"][...] = param  # exactly: the sum below would round
            else:
                state["ax"] += (param - state["ax"]) * state["mu"]
            state["eta"] = lr / (1 + lambd * lr * state["step"]) ** group["alpha"]
            state["mu"] = 1 / max(1, state["step"] - group["t0"])
