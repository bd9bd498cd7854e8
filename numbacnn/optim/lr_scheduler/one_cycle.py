"""The one-cycle schedule: up, then far down."""

import math

from numbacnn.optim.lr_scheduler.scheduler import LRScheduler


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

    def _set(self, step):
        """Go to a step and set learning rates and momenta."""
        super()._set(step)
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
