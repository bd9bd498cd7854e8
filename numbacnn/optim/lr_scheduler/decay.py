"""Schedules that lower the learning rate by a formula."""

import math
from bisect import bisect_right
from collections import Counter

from numbacnn.optim.lr_scheduler.scheduler import LRScheduler


class _ByFunction(LRScheduler):
    """A schedule with a function for each group."""

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        groups = len(getattr(optimizer, "param_groups", ()))
        self.lr_lambdas = list(lr_lambda) if isinstance(lr_lambda, (list, tuple)) else [lr_lambda] * groups
        if len(self.lr_lambdas) != groups:
            raise ValueError(f"Expected {groups} lr_lambdas, but got {len(self.lr_lambdas)}")
        super().__init__(optimizer, last_epoch)


class LambdaLR(_ByFunction):
    """base_lr * lr_lambda(step).

    Parameters
    ----------
    lr_lambda : callable, or a list of one for each group
        Step number in, factor out.
    """

    def get_lr(self):
        return [base * factor(self.last_epoch) for base, factor in zip(self.base_lrs, self.lr_lambdas)]


class MultiplicativeLR(_ByFunction):
    """The learning rate times lr_lambda(step), at every step anew.

    Parameters
    ----------
    lr_lambda : callable, or a list of one for each group
        Step number in, factor out.
    """

    def get_lr(self):
        if self._beginning or self.last_epoch == 0:
            return self._scaled(1)
        return [group["lr"] * factor(self.last_epoch)
                for group, factor in zip(self.optimizer.param_groups, self.lr_lambdas)]


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
        dropped = self.last_epoch > 0 and self.last_epoch % self.step_size == 0
        return self._scaled(self.gamma if dropped else 1)

    def _at_step(self):
        return [base * self.gamma ** (self.last_epoch // self.step_size) for base in self.base_lrs]


class MultiStepLR(LRScheduler):
    """base_lr * gamma**(how many milestones are reached).

    Parameters
    ----------
    milestones : iterable of int
        The steps at which the learning rate drops; a step named twice drops twice.
    gamma : float
        What remains at a drop.
    """

    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return self._scaled(self.gamma ** self.milestones[self.last_epoch])

    def _at_step(self):
        reached = bisect_right(sorted(self.milestones.elements()), self.last_epoch)
        return [base * self.gamma ** reached for base in self.base_lrs]


class ExponentialLR(LRScheduler):
    """base_lr * gamma**step: the same drop at every step.

    Parameters
    ----------
    gamma : float
        What remains at a step.
    """

    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return self._scaled(1 if self._beginning else self.gamma)

    def _at_step(self):
        return [base * self.gamma ** self.last_epoch for base in self.base_lrs]


class PolynomialLR(LRScheduler):
    """base_lr * (1 - step / total_iters)**power, down to 0 after `total_iters` steps.

    Parameters
    ----------
    total_iters : int
        Steps down to 0.
    power : float
        1 is a straight line.
    """

    def __init__(self, optimizer, total_iters=5, power=1.0, last_epoch=-1):
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        if self._beginning or self.last_epoch == 0 or self.last_epoch > self.total_iters:
            return self._scaled(1)
        return self._scaled(((self.total_iters - self.last_epoch) / (self.total_iters - self.last_epoch + 1)) ** self.power)

    def _at_step(self):
        left = 1 - min(self.last_epoch, self.total_iters) / self.total_iters
        return [base * left ** self.power for base in self.base_lrs]


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
        if self._beginning:
            return self._scaled(1)
        before, now = self._share(self.last_epoch - 1), self._share(self.last_epoch)
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # up again from the lowest, where before is 0
            return [group["lr"] + (base - self.eta_min) * self._share(self.T_max - 1)
                    for group, base in zip(self.optimizer.param_groups, self.base_lrs)]
        return [self.eta_min + (group["lr"] - self.eta_min) * now / before for group in self.optimizer.param_groups]

    def _at_step(self):
        return [self.eta_min + (base - self.eta_min) * self._share(self.last_epoch) for base in self.base_lrs]

    def _share(self, step):
        return (1 + math.cos(math.pi * step / self.T_max)) / 2
