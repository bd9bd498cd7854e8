"""What the steps of an optimizer ask of the engine, captured instead of done: the last part of a traced training step.

Plans and places come out the same each time; settings, such as the learning rate or Adam's corrections, do not. So the optimizer
is asked for every step, counts it, and its schedules stay its own.
"""

from contextlib import contextmanager

import numpy as np

from numbacnn.engine import capture_updates
from numbacnn.optim.adadelta import Adadelta
from numbacnn.optim.adagrad import Adagrad
from numbacnn.optim.adam import Adam
from numbacnn.optim.adamw import AdamW
from numbacnn.optim.rmsprop import RMSprop
from numbacnn.optim.sgd import SGD
from numbacnn.tensors.internals import overwritten
from numbacnn.tensors.tensor import Tensor


#: classes whose steps may be captured; one derived from them may do anything
CLASSES = Adadelta, Adagrad, Adam, AdamW, RMSprop, SGD


def graph_break(optimizer):
    """Why the steps of an optimizer cannot be captured; empty if they can."""
    kind = type(optimizer)
    if kind not in CLASSES:
        return (f"the optimizer is a {kind.__module__}.{kind.__qualname__}, not one of numbacnn.optim's "
                + ", ".join(each.__name__ for each in CLASSES))
    if not {"step", "zero_grad"}.isdisjoint(vars(optimizer)):
        return "step or zero_grad of the optimizer is another one than that of its class"
    if any([isinstance(value, Tensor) for group in optimizer.param_groups for value in group.values()]):
        return "a setting of the optimizer is a Tensor"
    return ""


def remembered_arrays(optimizer):
    """The arrays in which an optimizer keeps what it remembers of each Parameter, even if their numbers are still to come."""
    return [value for memory in optimizer._state.values() for value in memory.values() if isinstance(value, np.ndarray)]


@contextmanager
def all_or_nothing(optimizer):
    """If the block is left by an exception, the optimizer has not counted any step that was captured there."""
    memories = optimizer._state
    before = [(known, dict(known)) for known in [*optimizer.param_groups, *memories.values(), memories]]
    try:
        yield
    except BaseException:  # Ctrl-C while something is compiled, for example
        for now, then in before:
            now.clear()
            now.update(then)
        raise


def captured_steps(optimizer, gradients, arrays, rates):
    """What the optimizer asks for in each step, a list of (plan, settings, memories), at these learning rates.

    Parameters
    ----------
    optimizer : Optimizer
    gradients : dict of int to Pending
        By the id of a Parameter: where its gradient will lie.
    arrays : frozenset of int
        The ids of the arrays of all Parameters: what others ask for meanwhile, a signal handler for example, is done.
    rates : sequence of float or None
        One for each step; None leaves those of the groups.
    """
    groups = []
    for group in optimizer.param_groups:
        moving = [param for param in group["params"] if id(param) in gradients]
        if moving:
            groups.append(([overwritten(param) for param in moving], [gradients[id(param)] for param in moving],
                           [optimizer._state.setdefault(param, {}) for param in moving], group))
    steps = []
    with capture_updates(arrays) as asked:
        for rate in rates:
            if rate is not None:
                for group in optimizer.param_groups:
                    group["lr"] = rate
            for those in groups:
                optimizer._update(*those)
            steps.append(asked[:])
            asked.clear()
    return steps
