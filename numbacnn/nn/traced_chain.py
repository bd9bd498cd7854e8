"""Traced chains of layers: what a Sequential of known layers does for one shape of input, asked for in one call.

The first input of a shape goes through the layers while their operations are only captured, forward and then backward. From then
on the whole chain is one operation on the tape. Every layer's `forward` says by `@traceable` whether that is allowed: that
it does the same operations each time for the same shapes, and nothing else.
"""

from weakref import WeakKeyDictionary

import numpy as np

from numbacnn.engine import Batch, GraphBreak, Pending, TracedPlan, capture, is_tracing, kind_for, tiles
from numbacnn.engine.buffers import FLOAT, aligned_size
from numbacnn.nn.functional.apply import numbers_for
from numbacnn.nn.guards import Guards, Traces, graph_break
from numbacnn.nn.traceable import structure
from numbacnn.tensors.internals import array_of, detached, needs_grad, node_of, record, shape_of, storage_of, version_of
from numbacnn.tensors.listeners import listeners
from numbacnn.tensors.storage import added
from numbacnn.tensors.tape import grad_mode, run_backward
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import float32

_traces = WeakKeyDictionary()  # chain: its traces; not in the chain itself, which may be pickled


def traced(chain, input):
    """What `chain.forward` does to `input` as a `TracedChain`; None if it has to be done layer by layer."""
    if listeners or not isinstance(input, Tensor) or is_tracing() or kind_for(storage_of(input)) is not tiles:
        return None
    storage = storage_of(input)
    batch = isinstance(storage, Batch)
    if not batch:
        storage = array_of(input)
        if not storage.flags.c_contiguous:
            return None
    traces = _traces.get(chain)
    if traces is None:
        traces = _traces.setdefault(chain, Traces())
    found = traces.get((storage.shape, batch, needs_grad(input), grad_mode.enabled), _trace, chain, input, batch)
    return found if type(found) is TracedChain else None


def _trace(chain, input, batch):
    """A `TracedChain`; GraphBreak if there can be none."""
    structure.watch(chain.modules())
    reason = graph_break(chain)
    if reason:
        raise GraphBreak(reason)
    try:
        return TracedChain(chain, input, batch)
    except RuntimeError as error:  # the stand-in for the input is a leaf, which must not be changed in place
        raise GraphBreak(str(error)) from error


class TracedChain:
    """A chain of layers for one shape of input.

    Parameters
    ----------
    chain : Sequential
    input : Tensor
        Its shape counts, not its numbers.
    batch : bool
        Whether the input is a batch already.

    Attributes
    ----------
    guards : Guards

    Raises
    ------
    GraphBreak
        If a layer wants to see a number.
    """

    def __init__(self, chain, input, batch):
        self.guards = Guards(chain)
        self._params = self.guards.params
        self._arrays = {f"p{i}": array for i, (_, array, _) in enumerate(self._params)}
        self._batch = batch
        shape = shape_of(input)
        stand_in = detached(Batch(shape) if batch else np.empty(shape, float32))
        stand_in.requires_grad_(needs_grad(input))
        with capture() as operations:
            out = chain.layer_by_layer(stand_in)
            if not isinstance(storage_of(out), Batch) or storage_of(out) is storage_of(stand_in):
                raise GraphBreak("the layers leave a plain array, or the input itself")
            if version_of(stand_in).count:
                raise GraphBreak("a layer changes the input in place")
            last = storage_of(out).buffer  # a batch that is made when needed is made now
        if last is self._place(stand_in):
            raise GraphBreak("the layers leave the numbers of the input in another shape")
        known = {id(last): ("out", 0), id(self._place(stand_in)): ("x", 0)}
        known.update((id(array), (name, 0)) for name, array in self._arrays.items())
        self._shape, self._out_shape = shape, shape_of(out)
        self._forward = TracedPlan(operations, known, "inner")
        self._backward, self._needs_input = None, False
        if node_of(out) is not None:
            self._trace_backward(stand_in, out, self._forward.parts)

    def _trace_backward(self, stand_in, out, known):
        dout = Batch(self._out_shape)
        with capture() as operations:
            gradients = gradients_of(node_of(out), dout)
        known[id(dout.buffer)] = ("dout", 0)
        dx = gradients.get(id(stand_in))
        if dx is not None:
            if dx.buffer is dout.buffer:
                raise GraphBreak("the gradient passes through unchanged")
            known[id(dx.buffer)] = ("dx", 0)
        self._gradients, self._room = [], 0  # (number of a parameter, its shape, where in their block its gradient begins)
        for i, (param, _, _) in enumerate(self._params):
            gradient = gradients.get(id(param))
            if gradient is not None:
                known[id(gradient.memory)] = ("gradients", self._room)
                self._gradients.append((i, gradient.shape, self._room))
                self._room += aligned_size(gradient.memory.nbytes)
        self._wants_dx = dx is not None
        self._backward = TracedPlan(operations, known, "inner gradients")
        self._needed = [i for i in range(len(self._params)) if f"p{i}" in self._backward.plan.names]
        self._needs_input = "x" in self._backward.plan.names

    def __call__(self, input):
        """The result of the last layer, one operation on the tape."""
        out, params = Batch(self._out_shape), self._params
        places = {"x": self._place(input), "out": out.buffer, **self._arrays}
        places["inner"] = self._forward.enqueue(places)
        parents = (input, *[param for param, _, _ in params])
        saves = [params[i][0] for i in self._needed] if self._backward else []
        if self._needs_input:
            saves.append(input)

        def backward(dout):
            return self._gradients_for(numbers_for(tiles, dout), dict(places))

        return record(out, parents, backward, "sequential", saves=saves)

    def _gradients_for(self, dout, places):
        places["dout"] = dout.buffer
        result = [None] * (1 + len(self._params))
        if self._wants_dx:
            result[0] = Batch(self._shape)
            places["dx"] = result[0].buffer
        if self._gradients:
            block = places["gradients"] = np.empty(self._room // FLOAT, float32)
            for i, shape, offset in self._gradients:
                result[1 + i] = Pending(shape, block, offset)
        self._backward.enqueue(places)
        return result

    def _place(self, input):
        return storage_of(input).buffer if self._batch else array_of(input)


def gradients_of(node, dout):
    """The gradients of the leaves below a node of the tape, of operations that are only captured, by the leaf's id.

    Raises
    ------
    GraphBreak
        If they cannot be had without looking at a number.
    """
    gradients = {}

    def arrive(leaf, gradient, source):
        if gradient.shape != shape_of(leaf):
            raise GraphBreak("a gradient is of another shape")
        if id(leaf) in gradients:  # it was used more than once
            gradient = added(gradients[id(leaf)], gradient)
            if gradient is None:
                raise GraphBreak("a parameter is used twice")
        gradients[id(leaf)] = gradient

    run_backward(node, dout, arrive=arrive)
    return gradients
