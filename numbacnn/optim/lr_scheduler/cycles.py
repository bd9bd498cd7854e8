"""Schedules that go up again: cosines with restarts, and triangles."""

import math
import warnings

from numbacnn.optim.lr_scheduler.scheduler import LRScheduler


class CosineAnnealingWarmRestarts(LRScheduler):
    """eta_min + (base_lr - eta_min) * (1 + cos(pi * T_cur / T_i)) / 2: down along half a cosine, then from the top again.

    Source: Loshchilov & Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017, section 3, eq. 5.

    Parameters
    ----------
    T_0 : int
        Steps of the first descent.
    T_mult : int
        How many times as long each descent is as the one before.
    eta_min : float
        The lowest learning rate.

    Raises
    ------
    ValueError
        If T_0 or T_mult is not a whole number above 0.
    """

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1):
        if not isinstance(T_0, int) or T_0 <= 0:
            raise ValueError(f"CosineAnnealingWarmRestarts: expected positive integer T_0, but got {T_0}")
        if not isinstance(T_mult, int) or T_mult < 1:
            raise ValueError(f"CosineAnnealingWarmRestarts: expected integer T_mult >= 1, but got {T_mult}")
        self.T_0, self.T_i, self.T_mult, self.eta_min = T_0, T_0, T_mult, eta_min
        self.T_cur = last_epoch
        super().__init__(optimizer, last_epoch)

    def step(self, epoch=None):
        """Go one step on, or to `epoch`, which may lie between two whole steps, as in `epoch + batch / batches`."""
        if epoch is not None and epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        self._set(epoch)

    def _set(self, step):
        """Go one step on, or to `step`, and set the learning rates."""
        step = self.last_epoch + 1 if step is None else step
        descents = step // self.T_0
        if self.T_mult > 1:
            descents = int(math.log(step / self.T_0 * (self.T_mult - 1) + 1, self.T_mult) + 1e-12)
        self.T_i = self.T_0 * self.T_mult ** descents
        before = descents * self.T_0 if self.T_mult == 1 else (self.T_i - self.T_0) // (self.T_mult - 1)
        self.T_cur = step - before
        super()._set(math.floor(step))

    def get_lr(self):
        share = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * share for base in self.base_lrs]


class CyclicLR(LRScheduler):
    """Up and down between two learning rates along straight lines; step it after every batch.

    Source: Smith, Cyclical Learning Rates for Training Neural Networks, WACV 2017, arXiv:1506.01186.

    Parameters
    ----------
    base_lr, max_lr : float, or a list of one for each group
        The lowest and the highest learning rate.
    step_size_up : int
        Steps from the lowest to the highest.
    step_size_down : int, optional
        Steps back; as many if not given.
    mode : {"triangular", "triangular2", "exp_range"}
        Whether all cycles are as high, each is half as high as the one before, or the height is multiplied with
        gamma**step.
    gamma : float
        For "exp_range".
    scale_fn : callable, optional
        A height of your own, of the cycle (1 at first) or the step as `scale_mode` says; then `mode` is ignored.
    scale_mode : {"cycle", "iterations"}
    cycle_momentum : bool
        Whether momentum (beta1 of Adam) moves against the learning rate, between `max_momentum` and `base_momentum`.

    Raises
    ------
    ValueError
        If an argument is out of range, or there is no momentum to move.
    """

    def __init__(self, optimizer, base_lr, max_lr, step_size_up=2000, step_size_down=None, mode="triangular", gamma=1.0,
                 scale_fn=None, scale_mode="cycle", cycle_momentum=True, base_momentum=0.8, max_momentum=0.9, last_epoch=-1):
        groups = getattr(optimizer, "param_groups", ())
        if scale_fn is None and mode not in ("triangular", "triangular2", "exp_range"):
            raise ValueError(f"CyclicLR: mode must be 'triangular', 'triangular2' or 'exp_range', got {mode!r}")
        if cycle_momentum and not all("momentum" in group or "betas" in group for group in groups):
            raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled; set "
                             "cycle_momentum=False")
        self.max_lrs = self._each(max_lr, "max_lr", groups)
        for group, lr in zip(groups, self._each(base_lr, "base_lr", groups)):
            if last_epoch == -1:
                group["lr"] = group["initial_lr"] = lr
        self.total_size = float(step_size_up + (step_size_up if step_size_down is None else step_size_down))
        self.step_ratio = step_size_up / self.total_size
        self.mode, self.gamma, self._scale_fn = mode, gamma, scale_fn
        self.scale_mode = "iterations" if scale_fn is None and mode == "exp_range" else scale_mode
        self.cycle_momentum = cycle_momentum
        self._momenta = [self._each(value, name, groups) for name, value in
                         (("base_momentum", base_momentum), ("max_momentum", max_momentum))]
        super().__init__(optimizer, last_epoch)

    @staticmethod
    def _each(value, name, groups):
        values = list(value) if isinstance(value, (list, tuple)) else [value] * len(groups)
        if len(values) != len(groups):
            raise ValueError(f"expected {len(groups)} values for {name}, got {len(values)}")
        return values

    def _height(self):
        """Height of the step between the lowest and the highest rate, from 0 to 1."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        share = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        if self._scale_fn is not None:
            return share * self._scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        return share * {"triangular": 1.0, "triangular2": 1 / 2.0 ** (cycle - 1),
                        "exp_range": self.gamma ** self.last_epoch}[self.mode]

    def get_lr(self):
        height = self._height()
        return [base + (top - base) * height for base, top in zip(self.base_lrs, self.max_lrs)]

    def _set(self, step):
        """Go to a step and set learning rates and momenta."""
        super()._set(step)
        if self.cycle_momentum:
            height = self._height()
            for group, low, high in zip(self.optimizer.param_groups, *self._momenta):
                momentum = high - (high - low) * height
                if "betas" in group:
                    group["betas"] = (momentum, *group["betas"][1:])
                else:
                    group["momentum"] = momentum

    def state_dict(self):
        """All but the optimizer and functions."""
        if self._scale_fn is not None:
            warnings.warn("CyclicLR: scale_fn is a function and not part of the state_dict; give it anew when you build "
                          "the schedule", stacklevel=2)
        return {name: value for name, value in super().state_dict().items() if name != "_scale_fn"}
