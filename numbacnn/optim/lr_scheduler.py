"""Schedules of the learning rate: each is a formula for lr at step `last_epoch`.

A scheduler is stepped after the optimiser: once an epoch, or once a batch for OneCycleLR.
"""

import math

from numbacnn.optim.optimizer import Optimizer


class LRScheduler:
    """Base of the schedules. Subclasses define `get_lr()`: the learning rate of each group at `self.last_epoch`.

    Parameters
    ----------
    optimizer : Optimizer
        Whose `param_groups` get the learning rates.
    last_epoch : int
        The step to continue after; -1 to begin.

    Attributes
    ----------
    base_lrs : list of float
        The learning rates the optimiser was built with.
    last_epoch : int
        How many times `step` was called.

    Raises
    ------
    TypeError
        If `optimizer` is none.
    KeyError
        If `last_epoch` continues a schedule that never began.
    """

    def __init__(self, optimizer, last_epoch=-1):
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        for k, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(f"param 'initial_lr' is not specified in param_groups[{k}] when resuming a scheduler")
        self.optimizer = optimizer
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self.step()

    def get_lr(self):
        """The learning rate of each group at step `self.last_epoch`."""
        raise NotImplementedError

    def get_last_lr(self):
        """The learning rate of each group as last set."""
        return self._last_lr

    def step(self):
        """Go one step on and set the learning rates."""
        self.last_epoch += 1
        self._last_lr = self.get_lr()
        for group, lr in zip(self.optimizer.param_groups, self._last_lr):
            group["lr"] = lr

    def state_dict(self):
        """All but the optimiser and functions."""
        return {name: value for name, value in self.__dict__.items()
                if name not in ("optimizer", "lr_lambdas")}

    def load_state_dict(self, state_dict):
        """Take over what `state_dict` returned."""
        self.__dict__.update(state_dict)


class LambdaLR(LRScheduler):
    """base_lr * lr_lambda(step).

    Parameters
    ----------
    lr_lambda : callable, or a list of one for each group
        Step number in, factor out.
    """

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        groups = len(getattr(optimizer, "param_groups", ()))
        self.lr_lambdas = list(lr_lambda) if isinstance(lr_lambda, (list, tuple)) else [lr_lambda] * groups
        if len(self.lr_lambdas) != groups:
            raise ValueError(f"Expected {groups} lr_lambdas, but got {len(self.lr_lambdas)}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [base * factor(self.last_epoch) for base, factor in zip(self.base_lrs, self.lr_lambdas)]


class StepLR(LRScheduler):
    """base_lr * gamma**(step // step_size): a drop every `step_size` steps.

    Parameters
    ----------
    step_size : int
        Steps between two drops.
    gamma : float
        What remains at a drop.
    """

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        if not isinstance(step_size, int) or step_size < 1:
            raise ValueError(f"StepLR: step_size must be a positive int, got {step_size!r}")
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [base * self.gamma ** (self.last_epoch // self.step_size) for base in self.base_lrs]


class CosineAnnealingLR(LRScheduler):
    """eta_min + (base_lr - eta_min) * (1 + cos(pi * step / T_max)) / 2: down along half a cosine, and up again.

    Source: Loshchilov & Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017, eq. 5.

    Parameters
    ----------
    T_max : int
        Steps from the highest to the lowest learning rate.
    eta_min : float
        The lowest learning rate.
    """

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        if T_max <= 0:
            raise ValueError(f"CosineAnnealingLR: T_max must be positive, got {T_max!r}")
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        share = (1 + math.cos(math.pi * self.last_epoch / self.T_max)) / 2
        return [self.eta_min + (base - self.eta_min) * share for base in self.base_lrs]


class OneCycleLR(LRScheduler):
    """Up to `max_lr`, then far down, in one cycle over the whole training; step it after every batch.

    Source: Smith & Topin, Super-Convergence, arXiv:1708.07120; with two phases, as PyTorch does by default.

    Parameters
    ----------
    max_lr : float, or a list of one for each group
        The highest learning rate.
    total_steps : int, optional
        Length of the cycle; else `epochs * steps_per_epoch`.
    pct_start : float
        Share of the cycle that goes up.
    anneal_strategy : {"cos", "linear"}
        Along which curve.
    cycle_momentum : bool
        Whether momentum (beta1 of Adam) moves against the learning rate, between `max_momentum` and `base_momentum`.
    div_factor : float
        The cycle begins at max_lr / div_factor,
    final_div_factor : float
        and ends at that divided by `final_div_factor`.
    three_phase : bool
        Only False is offered.

    Raises
    ------
    ValueError
        If an argument is out of range, or `step` is called more than `total_steps` times.
    """

    def __init__(self, optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None, pct_start=0.3,
                 anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85, max_momentum=0.95, div_factor=25.0,
                 final_div_factor=1e4, three_phase=False, last_epoch=-1):
        if three_phase:
            raise NotImplementedError("OneCycleLR: three_phase=True is not offered")
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
            total_steps = epochs * steps_per_epoch
        if not isinstance(total_steps, int) or total_steps <= 0:
            raise ValueError(f"Expected positive integer total_steps, but got {total_steps}")
        if not 0 <= pct_start <= 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self.total_steps = total_steps
        self.anneal_strategy = anneal_strategy
        self.cycle_momentum = cycle_momentum
        self._top_step = pct_start * total_steps - 1
        self._momenta = (max_momentum, base_momentum)
        groups = getattr(optimizer, "param_groups", ())
        self._max_lrs = list(max_lr) if isinstance(max_lr, (list, tuple)) else [max_lr] * len(groups)
        if len(self._max_lrs) != len(groups):
            raise ValueError(f"max_lr must have the same length as optimizer.param_groups: "
                             f"{len(self._max_lrs)} and {len(groups)}")
        if last_epoch == -1:
            for group, top in zip(groups, self._max_lrs):
                group["initial_lr"] = top / div_factor
        self._min_lrs = [group.get("initial_lr", 0.0) / final_div_factor for group in groups]
        super().__init__(optimizer, last_epoch)

    def step(self):
        """Go one step on and set learning rates and momenta."""
        super().step()
        if self.cycle_momentum:
            high, low = self._momenta
            momentum = self._between(high, low, high)
            for group in self.optimizer.param_groups:
                if "betas" in group:
                    group["betas"] = (momentum, *group["betas"][1:])
                else:
                    group["momentum"] = momentum

    def get_lr(self):
        if self.last_epoch > self.total_steps:
            raise ValueError(f"Tried to step {self.last_epoch} times. "
                             f"The specified number of total steps is {self.total_steps}")
        return [self._between(*lrs) for lrs in zip(self.base_lrs, self._max_lrs, self._min_lrs)]

    def _between(self, first, top, last):
        """The value at this step of a quantity that goes from `first` over `top` to `last`."""
        step, turn = self.last_epoch, self._top_step
        if step <= turn:
            start, end, share = first, top, step / turn if turn else 1.0
        else:
            start, end, share = top, last, (step - turn) / (self.total_steps - 1 - turn)
        if self.anneal_strategy == "linear":
            return start + (end - start) * share
        return end + (start - end) / 2 * (1 + math.cos(math.pi * share))
