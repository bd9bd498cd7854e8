"""Relatives of Adam that few courses train with: Adamax, NAdam and RAdam, in NumPy and without a loop of their own."""

import math

import numpy as np

from numbacnn.optim.hints import check_hints
from numbacnn.optim.optimizer import Optimizer, arrays_of, check_number


class _Relative(Optimizer):
    """Base of Adam's relatives: running means of the gradient and of its size, one parameter after the other."""

    memories = ("exp_avg", "exp_avg_sq")

    def __init__(self, params, foreach, capturable, differentiable, **defaults):
        check_hints(type(self).__name__, foreach, None, capturable, differentiable)
        super().__init__(params, defaults)

    def _check(self, group):
        check_number("learning rate", group["lr"])
        check_number("epsilon value", group["eps"])
        check_number("beta parameter at index 0", group["betas"][0], below=1.0)
        check_number("beta parameter at index 1", group["betas"][1], below=1.0)
        check_number("weight_decay value", group["weight_decay"])

    def _update(self, params, grads, states, group):
        for param, grad, state in zip(params, arrays_of(grads), states):
            grad = -grad if group["maximize"] else grad
            if "step" not in state:
                state.update(step=0, **{name: np.zeros_like(param) for name in self.memories})
            state["step"] += 1
            if group.get("decoupled_weight_decay"):
                param *= 1 - group["lr"] * group["weight_decay"]
            elif group["weight_decay"]:
                grad = grad + group["weight_decay"] * param
            state["exp_avg"] += (1 - group["betas"][0]) * (grad - state["exp_avg"])
            with np.errstate(all="ignore"):
                self._move(param, grad, state, group)

    def _square(self, grad, state, group):
        """Move the running mean of the squares; returns it without its bias towards 0, and the correction."""
        beta2 = group["betas"][1]
        state["exp_avg_sq"] *= beta2
        state["exp_avg_sq"] += (1 - beta2) * grad * grad
        return 1 - beta2 ** state["step"]

    def _move(self, param, grad, state, group):
        """Move one parameter in place."""
        raise NotImplementedError


class Adamax(_Relative):
    """param -= lr / (1 - beta1**step) * mean / largest with largest = max(beta2 * largest, |grad| + eps).

    Parameters
    ----------
    params, lr, betas, eps, weight_decay, maximize, foreach, differentiable, capturable
        As for `Adam`.

    Notes
    -----
    Source: Kingma & Ba 2015, section 7.1, algorithm 2.
    """

    memories = ("exp_avg", "exp_inf")

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, foreach=None, *, maximize=False,
                 differentiable=False, capturable=False):
        super().__init__(params, foreach, capturable, differentiable, lr=lr, betas=betas, eps=eps,
                         weight_decay=weight_decay, maximize=maximize)

    def _move(self, param, grad, state, group):
        beta1, beta2 = group["betas"]
        np.maximum(beta2 * state["exp_inf"], np.abs(grad) + group["eps"], out=state["exp_inf"])
        param -= group["lr"] / (1 - beta1 ** state["step"]) * state["exp_avg"] / state["exp_inf"]


class NAdam(_Relative):
    """Adam with Nesterov's momentum: the mean looks one step ahead.

    Parameters
    ----------
    params, lr, betas, eps, weight_decay, foreach, maximize, capturable, differentiable
        As for `Adam`.
    momentum_decay : float
        How fast the momentum reaches beta1.
    decoupled_weight_decay : bool
        Let the weights decay beside the step, as `AdamW` does.

    Notes
    -----
    Source: Dozat 2016, "Incorporating Nesterov momentum into Adam", algorithm 2, with the schedule of its section 2.
    """

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, momentum_decay=4e-3,
                 decoupled_weight_decay=False, *, foreach=None, maximize=False, capturable=False, differentiable=False):
        super().__init__(params, foreach, capturable, differentiable, lr=lr, betas=betas, eps=eps,
                         weight_decay=weight_decay, momentum_decay=momentum_decay,
                         decoupled_weight_decay=decoupled_weight_decay, maximize=maximize)

    def _check(self, group):
        super()._check(group)
        check_number("momentum_decay value", group["momentum_decay"])

    def _move(self, param, grad, state, group):
        step = state["step"]
        now, ahead = (group["betas"][0] * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"])) for t in (step, step + 1))
        state["mu_product"] = state.get("mu_product", 1.0) * now
        correction, product = self._square(grad, state, group), state["mu_product"]
        root = np.sqrt(state["exp_avg_sq"] / correction) + group["eps"]
        param -= group["lr"] * (1 - now) / (1 - product) * grad / root
        param -= group["lr"] * ahead / (1 - product * ahead) * state["exp_avg"] / root


class RAdam(_Relative):
    """Adam that divides by the spread of the gradients only once enough of them are known.

    Parameters
    ----------
    params, lr, betas, eps, weight_decay, foreach, maximize, capturable, differentiable
        As for `Adam`.
    decoupled_weight_decay : bool
        Let the weights decay beside the step, as `AdamW` does.

    Notes
    -----
    Source: Liu et al. 2020, "On the variance of the adaptive learning rate and beyond", algorithm 2.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, decoupled_weight_decay=False, *,
                 foreach=None, maximize=False, capturable=False, differentiable=False):
        super().__init__(params, foreach, capturable, differentiable, lr=lr, betas=betas, eps=eps,
                         weight_decay=weight_decay, decoupled_weight_decay=decoupled_weight_decay, maximize=maximize)

    def _move(self, param, grad, state, group):
        (beta1, beta2), step = group["betas"], state["step"]
        correction = self._square(grad, state, group)
        mean = state["exp_avg"] / (1 - beta1 ** step)
        limit = 2 / (1 - beta2) - 1
        length = limit - 2 * step * beta2 ** step / correction  # of a plain mean with the same spread
        if length > 5:
            rectified = math.sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length))
            mean *= rectified * math.sqrt(correction) / (np.sqrt(state["exp_avg_sq"]) + group["eps"])
        param -= group["lr"] * mean
