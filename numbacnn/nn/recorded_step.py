"""Recorded training steps: forward, loss, backward and the optimiser's step of a chain of layers as one program.

What Python does for a step takes a fifth of its time, and comes out the same each time.  So a step is listened to once for a
shape of batch, and run again and again from there.  Only what an optimiser is set to is asked of it for every step.
"""

from itertools import groupby

import numpy as np

from numbacnn.engine import Batch, Pending, Replay, Unrepeatable, is_dense, listening, tiles
from numbacnn.nn.functional.loss import of_classes
from numbacnn.nn.loss import CrossEntropyLoss
from numbacnn.nn.repeatable import structure
from numbacnn.nn.snapshot import Snapshot, all_repeatable, gradients_of
from numbacnn.tensors.types import float32


def recorded_step(model, criterion, prepare, x):
    """A `RecordedStep`; None if there can be none until the layers, or the criterion, change."""
    structure.watch([*model.modules(), criterion])
    if not all_repeatable(model) or not _is_plain(criterion):
        return None
    try:
        return RecordedStep(model, criterion, prepare, x)
    except Unrepeatable:
        return None


def _is_plain(criterion):
    """Whether a criterion is the cross-entropy, as one number, of batches in which every image counts the same."""
    return (type(criterion) is CrossEntropyLoss and criterion.weight is None and criterion.ignore_index < 0
            and criterion.reduction != "none" and "forward" not in criterion.__dict__
            and not criterion._forward_hooks and not criterion._forward_pre_hooks)


class RecordedStep:
    """A training step for one shape of batch.

    Parameters
    ----------
    model : Module
        All of its layers repeatable.
    criterion : CrossEntropyLoss
        Without weights of the classes.
    prepare : callable
        Makes the Tensor that the model takes, from a batch.
    x : ndarray (N, ...)
        A batch, dense; its shape and dtype count, not its numbers.

    Raises
    ------
    Unrepeatable
        If somebody has to see a number in between.
    """

    def __init__(self, model, criterion, prepare, x):
        self._snapshot = Snapshot(model)
        stand_in, self._classes = np.zeros_like(x), tiles.class_numbers(np.zeros(len(x), np.int64))
        with listening() as self._heard:
            out = model(prepare(stand_in))
            if out._node is None or not isinstance(out._storage, Batch) or len(out.shape) != 2:
                raise Unrepeatable("the scores are no batch of rows that a gradient could come from")
            loss = of_classes(tiles, out, self._classes, criterion.reduction, criterion.label_smoothing)
            scores = out.detach()
            self._gradients = gradients_of(loss._node, np.ones((), float32))
        if not all(isinstance(gradient, Pending) for gradient in self._gradients.values()):
            raise Unrepeatable("a parameter is trained that is none of the engine's")
        found = {id(place): place for _, places in self._heard for place in places
                 if isinstance(place, np.ndarray) and np.shares_memory(place, stand_in)}
        if len(found) != 1:
            raise Unrepeatable("the batch is not what the first operation reads")
        (self._x,) = found.values()
        self._loss, self._scores = loss._storage.memory, scores._storage.memory
        self.classes, self._images = out.shape[1], (len(x),)
        self._replays = {}

    def holds(self):
        """Whether the layers and their parameters are those that were recorded."""
        return self._snapshot.holds()

    def fits(self, optimizer, y):
        """Whether the engine can move all that the optimiser remembers, and y (K, N) are classes of the model."""
        arrays = [value for state in optimizer._state.values() for value in state.values() if isinstance(value, np.ndarray)]
        arrays += [array for _, array, _ in self._snapshot.params]
        return (all(map(is_dense, arrays)) and y.dtype.kind in "iu" and y.shape[1:] == self._images
                and 0 <= y.min() and y.max() < self.classes)

    def run(self, optimizer, x, y, rates):
        """Train on one batch after the other.

        Parameters
        ----------
        optimizer : Optimizer
        x : ndarray (K, N, ...)
            K dense batches of the recorded shape.
        y : ndarray of int64 (K, N)
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
        parts = [x, lanes.floats((len(y), lanes.nbytes // (losses.itemsize * len(y)))), losses, scores]
        done = 0
        for key, updates in groupby(self._updates(optimizer, len(x), rates), _places):  # as a rule they are all of one kind
            updates = [*updates]
            these, done = slice(done, done + len(updates)), done + len(updates)
            settings = [np.array(rows) for rows in zip(*([places[0] for _, places in update] for update in updates))]
            self._replay(key, updates[0]).run([part[these] for part in parts] + settings)
        return losses, scores

    def _updates(self, optimizer, steps, rates):
        """What the optimiser asks for in each step: lists of (plan, places), of which the first place holds the settings."""
        groups = []
        for group in optimizer.param_groups:
            moving = [param for param in group["params"] if id(param) in self._gradients]
            if moving:
                states = [optimizer._state.setdefault(param, {}) for param in moving]
                for param in moving:
                    param._overwritten()
                groups.append(([param._plain for param in moving], [self._gradients[id(param)] for param in moving],
                               states, group))
        updates = []
        for step in range(steps):
            with listening() as heard:
                for params, grads, states, group in groups:
                    if rates is not None:
                        group["lr"] = rates[step]
                    optimizer._update(params, grads, states, group)
            updates.append(heard)
        return updates

    def _replay(self, key, update):
        """The program of a step that ends in this update."""
        if key not in self._replays:
            moving = [self._x, self._classes, self._loss, self._scores, *(places[0] for _, places in update)]
            self._replays = {key: Replay([*self._heard, *update], moving)}
        return self._replays[key]


def _places(update):
    """What tells an update from one that finds its parameters or its memories elsewhere."""
    return tuple([(plan, *map(id, places[1:])) for plan, places in update])
