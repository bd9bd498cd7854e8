"""What all schedules of the learning rate have in common."""

import warnings

from numbacnn.optim.optimizer import Optimizer


class LRScheduler:
    """Base of the schedules. Subclasses define `get_lr()`: the learning rate of each group at `self.last_epoch`.

    As in PyTorch most schedules multiply the learning rate that they find, so several can act on one optimizer; then
    `_at_step()` says what it is at a step if nothing else has changed it, for a schedule that is entered anew.

    Parameters
    ----------
    optimizer : Optimizer
        Whose `param_groups` get the learning rates.
    last_epoch : int
        The step to continue after; -1 to begin.

    Attributes
    ----------
    base_lrs : list of float
        The learning rates the optimizer was built with.
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
        check_optimizer(optimizer)
        for k, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(f"param 'initial_lr' is not specified in param_groups[{k}] when resuming a scheduler")
        self.optimizer = optimizer
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._begin()

    def _begin(self):
        """The step that a schedule makes when it is built: `get_lr` may tell it by `self._beginning`."""
        self._beginning = True
        self.step()
        self._beginning = False

    def get_lr(self):
        """The learning rate of each group at step `self.last_epoch`."""
        raise NotImplementedError

    def _at_step(self):
        """The learning rates at this step from the base learning rates alone, whatever the groups have now."""
        return self.get_lr()

    def get_last_lr(self):
        """The learning rate of each group as last set."""
        return self._last_lr

    def step(self, epoch=None):
        """Go one step on and set the learning rates; with `epoch`, which PyTorch has deprecated, go to that one."""
        if epoch is not None:
            warnings.warn("The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where "
                          "possible. Please use `scheduler.step()` to step the scheduler", UserWarning, stacklevel=2)
        self._set(epoch)

    def _set(self, step):
        """Go one step on, or begin anew at `step`, and set the learning rates."""
        self.last_epoch = self.last_epoch + 1 if step is None else step
        self._last_lr = self.get_lr() if step is None else self._at_step()
        for group, lr in zip(self.optimizer.param_groups, self._last_lr):
            group["lr"] = lr

    def _scaled(self, factor):
        """The learning rates as they are now, times `factor`."""
        return [group["lr"] * factor for group in self.optimizer.param_groups]

    def state_dict(self):
        """All but the optimizer and functions; the optimizer's own state holds the learning rates."""
        return {name: value for name, value in self.__dict__.items()
                if name not in ("optimizer", "lr_lambdas")}

    def load_state_dict(self, state_dict):
        """Take over what `state_dict` returned; load the optimizer's state too, the schedule goes on from its rates."""
        self.__dict__.update(state_dict)


def check_optimizer(optimizer):
    """Refuse anything but an optimizer.

    Raises
    ------
    TypeError
        Naming what was given.
    """
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
