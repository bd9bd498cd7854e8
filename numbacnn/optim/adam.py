"""Adam: each weight has a step size of its own, from running means of its gradient and of the gradient squared.

Source: Kingma & Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, arXiv:1412.6980, algorithm 1; for amsgrad
Reddi, Kale & Kumar, On the Convergence of Adam and Beyond, ICLR 2018, arXiv:1904.09237, algorithm 2.
"""

import math

import numpy as np

from numbacnn.engine.ops.update import adam_update, adamw_update, amsgrad_update
from numbacnn.optim.hints import check_hints
from numbacnn.optim.optimizer import Optimizer, check_number, rows_by


class Adam(Optimizer):
    """param -= lr * m_hat / (sqrt(v_hat) + eps), with m and v the running means of the gradient and of its square.

    m = beta1 * m + (1 - beta1) * grad and v = beta2 * v + (1 - beta2) * grad**2 start at 0. The hat corrects for that:
    m_hat = m / (1 - beta1**step) and v_hat = v / (1 - beta2**step).

    Parameters
    ----------
    params : iterable
        See `Optimizer`.
    lr : float
        Learning rate.
    betas : (float, float)
        beta1 and beta2: how much of m and of v each step keeps.
    eps : float
        Keeps the division defined.
    weight_decay : float
        Adds weight_decay * param to the gradient.
    amsgrad : bool
        Divide by the root of the largest v so far, so that no step size grows again.
    maximize : bool
        Climb instead of descend.
    foreach, fused, capturable, differentiable
        As in PyTorch; see `numbacnn.optim.hints.check_hints`.
    decoupled_weight_decay : bool
        Decay the weights beside the step, not through the gradient, as `AdamW` does.

    Raises
    ------
    ValueError
        If a setting is out of range.
    NotImplementedError
        If `capturable` or `differentiable` is asked for.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, *, foreach=None,
                 maximize=False, capturable=False, differentiable=False, fused=None, decoupled_weight_decay=False):
        check_hints(type(self).__name__, foreach, fused, capturable, differentiable)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "amsgrad": amsgrad, "maximize": maximize,
                                  "decoupled_weight_decay": decoupled_weight_decay})

    def _check(self, group):
        check_number("learning rate", group["lr"])
        check_number("epsilon value", group["eps"])
        check_number("beta parameter at index 0", group["betas"][0], below=1.0)
        check_number("beta parameter at index 1", group["betas"][1], below=1.0)
        check_number("weight_decay value", group["weight_decay"])

    def _update(self, params, grads, states, group):
        (beta1, beta2), lr = group["betas"], group["lr"]
        names = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")[:3 if group["amsgrad"] else 2]
        for param, state in zip(params, states):
            state["step"] = state.get("step", 0) + 1
            for name in names:
                if name not in state:
                    state[name] = np.zeros_like(param)
        steps, *memories = ([state[name] for state in states] for name in ("step", *names))
        for step, rows in rows_by(steps, params, grads, *memories).items():
            self._move(rows, group, step_size=lr / (1 - beta1 ** step), one_minus_beta1=1 - beta1, beta2=beta2,
                       one_minus_beta2=1 - beta2, bias_correction2_sqrt=math.sqrt(1 - beta2 ** step), eps=group["eps"])

    def _move(self, rows, group, **settings):
        """Update rows (params, grads, m, v); the weight decay is part of the gradient, or decoupled."""
        sign, decay = -1 if group["maximize"] else 1, group["weight_decay"]
        decoupled = group["decoupled_weight_decay"]
        keep = 1 - group["lr"] * decay if decoupled else 1
        if group["amsgrad"]:
            amsgrad_update(*rows, **settings, weight_decay=0 if decoupled else decay, keep=keep, sign=sign)
        elif decoupled:
            adamw_update(*rows, **settings, keep=keep, sign=sign)
        else:
            adam_update(*rows, **settings, weight_decay=decay, sign=sign)
