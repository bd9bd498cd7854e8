"""Schedules that begin with a part of the learning rate.

Source: Goyal et al., Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour, 2017, arXiv:1706.02677, section 2.2.
"""

from numbacnn.optim.lr_scheduler.scheduler import LRScheduler


class ConstantLR(LRScheduler):
    """base_lr * factor for the first `total_iters` steps, then base_lr.

    Parameters
    ----------
    factor : float
        In (0, 1].
    total_iters : int
        How many steps are reduced.

    Raises
    ------
    ValueError
        If `factor` is out of range.
    """

    def __init__(self, optimizer, factor=1.0 / 3, total_iters=5, last_epoch=-1):
        if not 0 < factor <= 1:
            raise ValueError(f"ConstantLR: factor must be above 0 and at most 1, got {factor!r}")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        if self.last_epoch == 0:
            return self._scaled(self.factor)
        return self._scaled(1 / self.factor if self.last_epoch == self.total_iters else 1)

    def _at_step(self):
        return [base * (1 if self.last_epoch >= self.total_iters else self.factor) for base in self.base_lrs]


class LinearLR(LRScheduler):
    """base_lr times a factor that goes from `start_factor` to `end_factor` in equal steps, and stays there.

    Parameters
    ----------
    start_factor : float
        In (0, 1].
    end_factor : float
        In [0, 1].
    total_iters : int
        Steps between the two.

    Raises
    ------
    ValueError
        If a factor is out of range.
    """

    def __init__(self, optimizer, start_factor=1.0 / 3, end_factor=1.0, total_iters=5, last_epoch=-1):
        if not 0 < start_factor <= 1:
            raise ValueError(f"LinearLR: start_factor must be above 0 and at most 1, got {start_factor!r}")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"LinearLR: end_factor must be in [0, 1], got {end_factor!r}")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        if self.last_epoch == 0:
            return self._scaled(self.start_factor)
        if self._beginning or self.last_epoch > self.total_iters:
            return self._scaled(1)
        return self._scaled(self._factor(self.last_epoch) / self._factor(self.last_epoch - 1))

    def _at_step(self):
        return [base * self._factor(min(self.last_epoch, self.total_iters)) for base in self.base_lrs]

    def _factor(self, step):
        return self.start_factor + (self.end_factor - self.start_factor) * step / self.total_iters
