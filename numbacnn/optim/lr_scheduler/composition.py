"""Schedules made of others."""

from bisect import bisect_right

from numbacnn.optim.lr_scheduler.plateau import ReduceLROnPlateau
from numbacnn.optim.lr_scheduler.scheduler import LRScheduler, check_optimizer


class _Composition(LRScheduler):
    """Several schedules of one optimizer under one `step`."""

    def _take(self, schedulers, optimizer):
        name = type(self).__name__
        check_optimizer(optimizer)
        for k, scheduler in enumerate(schedulers):
            if not isinstance(scheduler, LRScheduler):
                raise TypeError(f"{name}: schedulers[{k}] is not a scheduler but {type(scheduler).__name__}")
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ValueError(f"{name}: schedulers[{k}] is a ReduceLROnPlateau, whose step needs a measurement; "
                                 "step it by itself")
            if scheduler.optimizer is not optimizer:
                raise ValueError(f"{name}: schedulers[{k}] belongs to another optimizer; all must share one")
        self._schedulers, self.optimizer = list(schedulers), optimizer

    def state_dict(self):
        """All but the optimizer, with the state of each schedule."""
        return {**{name: value for name, value in self.__dict__.items() if name != "optimizer"},
                "_schedulers": [scheduler.state_dict() for scheduler in self._schedulers]}

    def load_state_dict(self, state_dict):
        """Take over what `state_dict` returned, for the same schedules in the same order."""
        self.__dict__.update({name: value for name, value in state_dict.items() if name != "_schedulers"})
        for scheduler, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            scheduler.load_state_dict(state)


class SequentialLR(_Composition):
    """One schedule after the other; each begins anew, from the base learning rate, when its turn comes.

    Parameters
    ----------
    optimizer : Optimizer
    schedulers : list of LRScheduler
        All built on `optimizer`.
    milestones : list of int
        The steps at which the second schedule begins, the third, and so on.

    Raises
    ------
    ValueError, TypeError
        If the schedules are none, or more or fewer than one for each milestone and one, or not of `optimizer`.
    """

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        if len(schedulers) < 1:
            raise ValueError("SequentialLR: expected at least one scheduler, got none")
        self._take(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(f"SequentialLR: {len(schedulers)} schedulers need {len(schedulers) - 1} milestones, where "
                             f"the second begins and so on; got {len(milestones)}")
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        # When they were built all schedules have set the rates and made a step: undo it and begin with the first.
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        _step_back(self)
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first._begin()
        self._last_lr = first.get_last_lr()

    def step(self):
        """Go one step on: with the schedule whose turn it is."""
        self.last_epoch += 1
        turn = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[turn]
        if turn > 0 and self._milestones[turn - 1] == self.last_epoch:
            scheduler._set(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


class ChainedScheduler(_Composition):
    """All schedules at every step: their factors multiply.

    Parameters
    ----------
    schedulers : sequence of LRScheduler
        Of one optimizer.
    optimizer : Optimizer, optional
        That of the first schedule.

    Raises
    ------
    ValueError, TypeError
        If there are no schedules, or they belong to several optimizers.
    """

    def __init__(self, schedulers, optimizer=None):
        if len(schedulers) < 1:
            raise ValueError("ChainedScheduler: expected at least one scheduler to be chained, got none")
        self._take(schedulers, optimizer or getattr(schedulers[0], "optimizer", None))
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def step(self):
        """Go one step on with every schedule."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]


def _step_back(scheduler):
    for part in getattr(scheduler, "_schedulers", ()):
        _step_back(part)
    if not hasattr(scheduler, "_schedulers"):
        scheduler.last_epoch -= 1
