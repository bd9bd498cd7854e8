"""L-BFGS: steps of Newton's method, its matrix guessed from the last gradients. It needs the loss anew for every step.

Source: Nocedal & Wright, Numerical Optimization, 2nd ed. 2006, section 7.2, algorithms 7.4 and 7.5.
"""

import numpy as np

from numbacnn.optim.optimizer import Optimizer, check_number
from numbacnn.tensors.internals import array_of, dtype_of, overwritten
from numbacnn.tensors.pending import settle
from numbacnn.tensors.tape import enable_grad


class LBFGS(Optimizer):
    """param += lr * direction, with direction = -H @ grad and H from the last `history_size` steps.

    One `step` makes up to `max_iter` such moves. The gradient must be that of one and the same loss, so no batches
    that change from step to step.

    Parameters
    ----------
    params : iterable of Parameter
        One group only.
    lr : float
        Length of a step; the very first one is at most lr / (sum of |grad|) long.
    max_iter : int
        Moves in one `step`.
    max_eval : int, optional
        Calls of the closure in one `step`; 1.25 * max_iter by default.
    tolerance_grad : float
        Stop where no gradient is larger.
    tolerance_change : float
        Stop where neither loss nor parameters change by more.
    history_size : int
        Steps to remember.
    line_search_fn : None
        "strong_wolfe" is not offered.

    Raises
    ------
    ValueError
        If a setting is out of range, or there are several groups.
    NotImplementedError
        For a line search.
    """

    by_parameter = False

    def __init__(self, params, lr=1, max_iter=20, max_eval=None, tolerance_grad=1e-7, tolerance_change=1e-9,
                 history_size=100, line_search_fn=None):
        if line_search_fn is not None:
            raise NotImplementedError(f"LBFGS: line_search_fn={line_search_fn!r} is not offered; leave it out and use a "
                                      "smaller lr if the loss grows")
        super().__init__(params, {
            "lr": lr, "max_iter": max_iter, "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change, "history_size": history_size,
            "line_search_fn": line_search_fn})
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    def _check(self, group):
        check_number("learning rate", group["lr"])

    def step(self, closure):
        """Make up to `max_iter` moves.

        Parameters
        ----------
        closure : callable
            Clears the gradients, computes the loss, calls backward, and returns the loss.

        Returns
        -------
        The loss before the first move.
        """
        group = self.param_groups[0]
        params, known = group["params"], self._state.setdefault(group["params"][0], {"func_evals": 0, "n_iter": 0})
        first, evaluations = self._evaluate(closure, known), 1
        loss, grad = float(first), _flat(params)
        if np.abs(grad).max(initial=0) <= group["tolerance_grad"]:
            return first
        for move in range(1, group["max_iter"] + 1):
            known["n_iter"] += 1
            direction, length = self._direction(grad, known, group)
            slope, known["prev_flat_grad"], before = float(grad @ direction), grad, loss
            known.update(d=direction, t=length)
            if slope > -group["tolerance_change"]:
                break
            _add(params, length * direction)
            if move == group["max_iter"]:
                break
            loss, evaluations = float(self._evaluate(closure, known)), evaluations + 1
            grad = _flat(params)
            if (evaluations >= group["max_eval"] or np.abs(grad).max() <= group["tolerance_grad"]
                    or np.abs(length * direction).max() <= group["tolerance_change"]
                    or abs(loss - before) < group["tolerance_change"]):
                break
        return first

    def _evaluate(self, closure, known):
        known["func_evals"] += 1
        with enable_grad():
            return closure()

    def _direction(self, grad, known, group):
        """Direction and length of the next step."""
        if known["n_iter"] == 1:
            known.update(old_dirs=[], old_stps=[], H_diag=1.0)
            return -grad, min(1.0, 1 / float(np.abs(grad).sum())) * group["lr"]
        turn, moved = grad - known["prev_flat_grad"], known["d"] * known["t"]
        curvature = float(turn @ moved)
        if curvature > 1e-10:
            known["old_dirs"], known["old_stps"] = ([*known[name], new][-group["history_size"]:] for name, new in
                                                    (("old_dirs", turn), ("old_stps", moved)))
            known["H_diag"] = curvature / float(turn @ turn)
        pairs = [(s, y, 1 / float(y @ s)) for s, y in zip(known["old_stps"], known["old_dirs"])]
        direction, along = -grad, []
        for s, y, rho in reversed(pairs):
            along.append(rho * float(s @ direction))
            direction = direction - along[-1] * y
        direction = direction * known["H_diag"]
        for (s, y, rho), part in zip(pairs, reversed(along)):
            direction = direction + (part - rho * float(y @ direction)) * s
        return direction, group["lr"]


def _flat(params):
    """All gradients in one row; zeros where there is none."""
    return np.concatenate([np.zeros(p.numel(), dtype_of(p)) if p.grad is None else np.array(array_of(p.grad)).reshape(-1)
                           for p in params])


def _add(params, change):
    """Move the parameters by their parts of a row."""
    settle()
    for param in params:
        part, change = change[:param.numel()], change[param.numel():]
        array = overwritten(param)
        array += part.reshape(array.shape)
