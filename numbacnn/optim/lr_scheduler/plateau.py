"""A schedule that watches a measurement instead of counting steps."""

import math

from numbacnn.optim.lr_scheduler.scheduler import LRScheduler, check_optimizer


class ReduceLROnPlateau(LRScheduler):
    """lr * factor whenever the measurement has not improved for more than `patience` steps.

    Parameters
    ----------
    optimizer : Optimizer
    mode : {"min", "max"}
        Whether a smaller measurement (a loss) or a larger one (an accuracy) is better.
    factor : float
        What remains at a drop, below 1.
    patience : int
        How many steps without improvement are borne.
    threshold : float
        By how much a measurement must be better than the best to count.
    threshold_mode : {"rel", "abs"}
        Whether `threshold` is a part of the best, or a difference.
    cooldown : int
        Steps after a drop in which nothing is counted.
    min_lr : float, or a list of one for each group
        The lowest learning rate.
    eps : float
        A drop by less than this is not made.

    Raises
    ------
    ValueError
        If a setting is out of range.
    """

    def __init__(self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0,
                 min_lr=0, eps=1e-8):
        check_optimizer(optimizer)
        if factor >= 1:
            raise ValueError(f"ReduceLROnPlateau: factor must be below 1, got {factor!r}")
        if mode not in ("min", "max"):
            raise ValueError(f"ReduceLROnPlateau: mode must be 'min' or 'max', got {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"ReduceLROnPlateau: threshold_mode must be 'rel' or 'abs', got {threshold_mode!r}")
        groups = optimizer.param_groups
        self.min_lrs = list(min_lr) if isinstance(min_lr, (list, tuple)) else [min_lr] * len(groups)
        if len(self.min_lrs) != len(groups):
            raise ValueError(f"ReduceLROnPlateau: expected {len(groups)} min_lr, one for each group, "
                             f"got {len(self.min_lrs)}")
        self.optimizer = optimizer
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self.factor, self.patience, self.cooldown, self.eps = factor, patience, cooldown, eps
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self._last_lr = [group["lr"] for group in groups]

    def step(self, metrics):
        """Take the measurement of this step, a number or a Tensor of one element, and lower the rates if it is time."""
        current = float(metrics)
        self.last_epoch += 1
        self.num_bad_epochs += 1
        if self._is_better(current):
            self.best, self.num_bad_epochs = current, 0
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _is_better(self, current):
        margin = -self.threshold if self.mode == "min" else self.threshold
        bar = self.best + margin if self.threshold_mode == "abs" else self.best * (1 + margin)
        return current < bar if self.mode == "min" else current > bar

    def _reduce(self):
        for group, least in zip(self.optimizer.param_groups, self.min_lrs):
            lr = max(group["lr"] * self.factor, least)
            if group["lr"] - lr > self.eps:
                group["lr"] = lr
