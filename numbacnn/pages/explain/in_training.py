"""Operations that differ in training: dropout draws a mask, batch normalization takes the statistics of the batch."""

import numbacnn
from numbacnn.insight import trace
from numbacnn.insight.evaluating import in_mode
from numbacnn.pages.explain.operations import arguments_of, can_step, kind_of


def in_training(model, x, target, steps):
    """The operations that differ in training, on a batch of one example.

    Parameters
    ----------
    model : Module
        In evaluation mode.
    x : ndarray
        One example, normalized.
    target : int
    steps : sequence of Step
        The trace of the model in evaluation mode, up to the scores.

    Returns
    -------
    dict of str to dict
        By the number of the operation: "kind" and "args". Empty if training changes nothing, or if the page cannot show it: the model runs
        other operations, or a batch of one example is too small for it.
    """
    try:
        with in_mode(model, training=True), numbacnn.random.fork_rng():
            numbacnn.manual_seed(0)  # the same page each time
            other = trace(model, x, [target])[:-1]
    except ValueError:  # a batch normalization of a single number
        return {}
    if [(step.reads, step.output.shape) for step in other] != [(step.reads, step.output.shape) for step in steps]:
        return {}
    changed = {k: step for k, (step, before) in enumerate(zip(other, steps))
               if step.kind != before.kind or step.arguments.get("training") != before.arguments.get("training")}
    if not all(can_step(step, other) for step in changed.values()):
        return {}
    return {str(k): {"kind": kind_of(step), "args": arguments_of(step, other)} for k, step in changed.items()}
