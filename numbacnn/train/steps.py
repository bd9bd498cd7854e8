"""Training steps: the five lines of the plain loop, and `TrainingSteps`, which runs many without Python in between where it can."""
import numpy as np

from numbacnn.nn.guards import Traces
from numbacnn.nn.traceable import structure
from numbacnn.nn.utils import clip_grad_norm_
from numbacnn.optim import captured
from numbacnn.tensors.creation import tensor
from numbacnn.tensors.internals import array_of, detached, needs_grad
from numbacnn.tensors.shape import cat
from numbacnn.tensors.tape import is_grad_enabled
from numbacnn.tensors.tensor import Tensor
from numbacnn.train.traced_step import GraphBreak, trace_step


def plain_steps(model, criterion, optimizer, prepare, clip_norm, x, y, rates):
    """Train a model on one batch after the other: the loop of every textbook.

    Parameters
    ----------
    model, criterion, optimizer, prepare, clip_norm
        As of `TrainingSteps`.
    x : ndarray (K, N, ...)
    y : ndarray of int (K, N)
        The true classes.
    rates : sequence of K floats, or None
        Learning rate of each step; None leaves those of the optimizer.

    Returns
    -------
    losses : Tensor (K,)
    scores : Tensor (K, N, classes)
        Both off the tape.
    """
    losses, scores = [], []
    for k in range(len(x)):
        optimizer.zero_grad()
        out = model(prepare(x[k].copy()))  # other threads may still read the batch when this has returned
        loss = criterion(out, tensor(y[k]))
        loss.backward()
        if clip_norm is not None:
            clip_grad_norm_(model.parameters(), clip_norm)
        if rates is not None:
            for group in optimizer.param_groups:
                group["lr"] = rates[k]
        losses.append(loss.detach().reshape(1))  # before the step, so that they are part of what it computes
        scores.append(out.detach().unsqueeze(0))
        optimizer.step()
    return _together(losses), _together(scores)


class TrainingSteps:
    """Train a model on one batch after the other: zero_grad, forward, loss, backward, step.

    The bits are those of `plain_steps`, which also makes the steps that cannot be traced.  A step is traced once for a shape
    of batch and then replayed, with no Python between the steps, if the `forward` of every layer is marked `@traceable`, the
    loss is `nn.CrossEntropyLoss` without weights and the optimizer one of numbacnn's.  The layers of numbacnn are marked where
    they do the same for every batch, so dropout, batch normalization and embeddings are not; of a `forward` of your own only
    you know, so say so with `@numbacnn.train.traceable` above it.

    Parameters
    ----------
    model : numbacnn.nn.Module
    criterion : callable
        `criterion(scores, classes)` is the loss, a single number.
    optimizer : numbacnn.optim.Optimizer
    prepare : callable, optional
        Makes the Tensor that the model takes from a batch, an ndarray, as `Normalize(mean, std).tensor` does; by default one
        of the same numbers.  Tracing also calls it, with zeros.
    clip_norm : float, optional
        Longest gradient allowed, see `numbacnn.nn.utils.clip_grad_norm_`; that takes a look at each, so nothing is traced.

    Attributes
    ----------
    replayed : bool
        Whether the latest steps were replayed.
    graph_break : str
        What kept the latest steps from being replayed, such as a layer that is not marked; else empty.

    Examples
    --------
    >>> steps = TrainingSteps(model, nn.CrossEntropyLoss(), optimizer)
    >>> losses, scores = steps(x, y)  # x (10, 64, 1, 28, 28) is ten batches, losses are (10,), scores (10, 64, 10)
    """

    def __init__(self, model, criterion, optimizer, prepare=None, clip_norm=None):
        self._model, self._criterion, self._optimizer = model, criterion, optimizer
        self._prepare, self._clip_norm = prepare or detached, clip_norm
        self.replayed, self.graph_break = False, ""
        self._params = None, []  # of which version of the layers
        self._traces = Traces()

    def __call__(self, x, y, rates=None):
        """Train on K batches; Ctrl-C waits for the last of them if they are replayed.

        Parameters
        ----------
        x : ndarray or Tensor (K, N, ...)
        y : ndarray or Tensor of int (K, N)
            The true classes.
        rates : sequence of K floats, optional
            Learning rate of each step, for all groups of the optimizer; by default they keep their own.

        Returns
        -------
        losses : Tensor (K,)
        scores : Tensor (K, N, classes)
            Both off the tape.  Replayed steps leave no gradients behind.

        Raises
        ------
        ValueError
            If there is no batch, x, y and rates are not equally many, y is that of a single batch, or a rate is not a number.
        """
        if not len(x) == len(y) == (len(y) if rates is None else len(rates)) > 0:
            given = f"{len(x)} batches, classes of {len(y)}" + ("" if rates is None else f", {len(rates)} learning rates")
            raise ValueError(f"TrainingSteps: {given}; give as many of each, at least one")
        x, y = (array_of(part) if isinstance(part, Tensor) else np.asarray(part) for part in (x, y))
        x = x.astype(x.dtype.newbyteorder("="), copy=False)
        y = y.astype(np.int64, copy=False) if y.dtype.kind in "iu" else y
        if y.ndim < 2:
            raise ValueError(f"TrainingSteps: x has shape {x.shape} and y {y.shape}, expected (batches, images, ...) and (batches, "
                             "images); of a single batch give x[None] and y[None]")
        rates = _numbers(rates)
        try:
            step, self.graph_break = self._traced(x, y), ""
        except GraphBreak as reason:
            self.graph_break = str(reason)
        self.replayed = not self.graph_break
        if self.graph_break:
            return plain_steps(self._model, self._criterion, self._optimizer, self._prepare, self._clip_norm, x, y, rates)
        self._optimizer.zero_grad()
        return tuple(map(detached, step.run(self._optimizer, x, y, rates)))

    def __getstate__(self):
        return {**self.__dict__, "_traces": Traces()}  # for copy and pickle: a trace knows addresses

    def _traced(self, x, y):
        """The step for such batches, traced; GraphBreak if there is none."""
        if self._clip_norm is not None:
            raise GraphBreak("clip_norm reads every gradient")
        reason = captured.graph_break(self._optimizer)
        if reason:
            raise GraphBreak(reason)
        if not x[0].flags.c_contiguous:
            raise GraphBreak("the numbers of a batch do not lie in memory in their order: numpy.ascontiguousarray(x) does")
        if self._params[0] != structure.version:  # only a hint: a step knows whether it still holds
            self._params = structure.version, [*self._model.parameters()]
        trained = tuple(map(needs_grad, self._params[1]))
        key = x.shape[1:], x.dtype, trained, is_grad_enabled()
        step = self._traces.get(key, trace_step, self._model, self._criterion, self._prepare, x[0])
        if type(step) is str:
            raise GraphBreak(step)
        step.check(self._optimizer, y)
        return step


def _numbers(rates):
    """Learning rates as floats, before anything happens."""
    try:
        return None if rates is None else [*map(float, rates)]
    except (TypeError, ValueError) as error:
        raise ValueError(f"TrainingSteps: rates must be numbers, a learning rate for each batch ({error})") from None


def _together(tensors):
    """One after the other, as one Tensor; a single one may wait to be computed."""
    return tensors[0] if len(tensors) == 1 else cat(tensors)
