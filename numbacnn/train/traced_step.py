"""Traced training steps: forward, loss, backward and the optimizer's step as one program.

What Python does for a step comes out the same each time.  So a step is traced once for a shape of batch, and replayed from then
on.  Only what an optimizer is set to is asked of it for every step.
"""

from itertools import groupby

import numpy as np

from numbacnn.engine import Batch, GraphBreak, Pending, Replay, capture, is_dense, tiles
from numbacnn.engine.buffers import FLOAT, address_of
from numbacnn.nn.functional.loss import of_classes
from numbacnn.nn.guards import Guards, graph_break, is_as_made
from numbacnn.nn.loss import CrossEntropyLoss
from numbacnn.nn.traceable import structure
from numbacnn.nn.traced_chain import gradients_of
from numbacnn.optim.captured import all_or_nothing, captured_steps, remembered_arrays
from numbacnn.tensors.internals import node_of, storage_of, version_of
from numbacnn.tensors.pending import owner
from numbacnn.tensors.types import float32


def trace_step(model, criterion, prepare, x):
    """A `TracedStep`; GraphBreak if there can be none until the layers, or the criterion, change."""
    structure.watch(model.modules())
    if type(criterion) is not CrossEntropyLoss:
        kind = criterion if hasattr(criterion, "__qualname__") else type(criterion)
        raise GraphBreak(f"the loss is {kind.__module__}.{kind.__qualname__}, not an nn.CrossEntropyLoss() of numbacnn itself")
    structure.watch([criterion])
    found = _peculiarities(criterion)
    if found:
        raise GraphBreak(f"the loss has {found}")
    reason = graph_break(model)
    if reason:
        raise GraphBreak(reason)
    return TracedStep(model, criterion, prepare, x)


def _peculiarities(criterion):
    """What keeps a cross-entropy from being a single number, to which every image adds the same way."""
    found = {"weights of the classes": criterion.weight is not None, "an ignore_index of 0 or more": criterion.ignore_index >= 0,
             "no reduction": criterion.reduction == "none", "a hook, or a forward of its own": not is_as_made(criterion)}
    return " and ".join(what for what, there in found.items() if there)


class TracedStep:
    """A training step for one shape of batch.

    Parameters
    ----------
    model : Module
        All of its layers traceable.
    criterion : CrossEntropyLoss
        Without weights of the classes.
    prepare : callable
        Makes the Tensor that the model takes, from a batch.
    x : ndarray (N, ...)
        A batch, dense; its shape and dtype count, not its numbers.

    Attributes
    ----------
    guards : Guards

    Raises
    ------
    GraphBreak
        If a number in between has to be read, or NumPy had a part in it.
    """

    def __init__(self, model, criterion, prepare, x):
        self.guards = Guards(model)
        stand_in, self._classes = np.zeros_like(x), tiles.class_numbers(np.zeros(len(x), np.int64))
        with capture() as self._operations:
            input = prepare(stand_in)
            prepared = len(self._operations)
            version = version_of(input).count
            out = model(input)
            if version_of(input).count != version:
                raise GraphBreak("a layer changes the batch in place")
            if not isinstance(storage_of(out), Batch) or len(out.shape) != 2:
                raise GraphBreak(f"the scores, {out.dtype} {tuple(out.shape)}, are no float32 rows from compiled code")
            if node_of(out) is None:
                raise GraphBreak("nothing that the scores depend on is trained")
            loss = of_classes(tiles, out, self._classes, criterion.reduction, criterion.label_smoothing)
            scores = out.detach()
            self._gradients = gradients_of(node_of(loss), np.ones((), float32))
        self._x, self._loss, self._scores = self._batch(stand_in), storage_of(loss).memory, storage_of(scores).memory
        self._refuse_other_arrays(prepared)
        self.classes, self._images, self._ids = out.shape[1], (len(x),), frozenset(map(id, self._params()))
        self._replays = {}

    def _batch(self, stand_in):
        """The array through which the first operation sees the batch."""
        found = {id(place): place for _, places in self._operations for place in places
                 if isinstance(place, np.ndarray) and np.shares_memory(place, stand_in)}
        if len(found) != 1 or address_of(*found.values()) != address_of(stand_in):
            raise GraphBreak("the first operation does not read the batch where it lies: prepare or a forward made something "
                               "else of it")
        return found.popitem()[1]

    def _refuse_other_arrays(self, prepared):
        """Refuse arrays that NumPy computed while tracing: they hold numbers of the stand-in, not of a batch.

        What `prepare` made is the same for every batch and may stay.
        """
        if not all(isinstance(gradient, Pending) for gradient in self._gradients.values()):
            raise GraphBreak("a gradient is not computed by the engine")
        own = {id(owner(array)) for array in (self._x, self._loss, self._scores, *self._params(),
                                              *(gradient.memory for gradient in self._gradients.values()))}
        if any(isinstance(place, np.ndarray) and id(owner(place)) not in own
               for _, places in self._operations[prepared:] for place in places):
            raise GraphBreak("an array is neither a parameter nor the batch")

    def _params(self):
        return [array for _, array, _ in self.guards.params]

    def check(self, optimizer, y):
        """GraphBreak if the engine cannot move all that the optimizer remembers, or y (K, N) are not classes of the model."""
        if not all(map(is_dense, remembered_arrays(optimizer) + self._params())):
            raise GraphBreak("a parameter, or what the optimizer remembers of it, does not lie in memory in its order")
        if not (y.dtype.kind in "iu" and y.shape[1:] == self._images and 0 <= y.min() and y.max() < self.classes):
            raise GraphBreak(f"y is not a class from 0 to {self.classes - 1} for each image")

    def run(self, optimizer, x, y, rates):
        """Train on one batch after the other.

        Parameters
        ----------
        optimizer : Optimizer
        x : ndarray (K, N, ...)
            K dense batches of the traced shape.
        y : ndarray of int (K, N)
            Classes, each less than `classes`.
        rates : sequence of float, or None
            The learning rate of each step; None for that of each group.

        Returns
        -------
        losses : ndarray of float32 (K,)
        scores : ndarray of float32 (K, N, classes)
        """
        losses, scores = np.empty(len(x), float32), np.empty((*y.shape, self.classes), float32)
        lanes = tiles.class_numbers(y)
        parts = [x, lanes.floats(lanes.nbytes // FLOAT).reshape(len(y), -1), losses, scores]
        for replay, these, settings in self._replays_of(optimizer, len(x), rates):
            replay.run([part[these] for part in parts] + settings)
        return losses, scores

    def _replays_of(self, optimizer, steps, rates):
        """What to run: (Replay, slice of the steps, settings); if it cannot be had, the optimizer has not counted any step."""
        done, replays = 0, []
        with all_or_nothing(optimizer):
            updates = captured_steps(optimizer, self._gradients, self._ids, [None] * steps if rates is None else rates)
            for _, same in groupby(updates, _memories):  # as a rule all are of one kind
                same = [*same]
                these, done = slice(done, done + len(same)), done + len(same)
                settings = [np.array(rows) for rows in zip(*[[values for _, values, _ in update] for update in same])]
                replays.append((self._replay(same[0]), these, settings))
        return replays

    def _replay(self, update):
        """The program of a step that ends in this update."""
        key = tuple([(plan, *map(id, memories)) for plan, _, memories in update])
        if key not in self._replays:
            settings = [np.array(values) for _, values, _ in update]
            updates = [(plan, [values, *memories]) for values, (plan, _, memories) in zip(settings, update)]
            moving = [self._x, self._classes, self._loss, self._scores, *settings]
            self._replays = {key: Replay([*self._operations, *updates], moving)}
        return self._replays[key]


def _memories(update):
    """What tells an update from one that finds its parameters or its memories elsewhere."""
    return [id(memories) for _, _, memories in update]
