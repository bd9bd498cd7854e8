"""How a trace listens: to the operations as they run, to the layers they run in, and to the tape on the way back."""

import threading
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from numbacnn.tensors.internals import array_of, detached, node_of, shape_of, storage_of
from numbacnn.tensors.listeners import Listener
from numbacnn.tensors.storage import as_plain
from numbacnn.tensors.tape import run_backward
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.views import Step, take_view


@dataclass(eq=False)
class Heard:
    """One operation, as it is heard: what will be a `Step`, and where it stands on the tape."""

    kind: str
    layer: str | None
    call: object  # of the layer
    out: Tensor
    output: np.ndarray
    operands: list  # of (name, index of a step or None)
    reads: tuple
    weights: dict
    arguments: dict
    engine: bool = False
    name: str = ""
    gradient: np.ndarray | None = None
    weight_gradients: dict = field(default_factory=dict)

    def facts(self):
        """The fields of a `Step`, in its order."""
        return (self.name, self.kind, self.layer, self.reads, self.output, self.gradient, self.weights,
                self.weight_gradients, self.arguments)


@dataclass(eq=False)
class Call:
    """A layer whose forward runs."""

    layer: str | None
    whole: bool  # the layer consists of no others
    first: int  # the number of steps before it


class Ear(Listener):
    """The steps of one forward pass of a model in this thread, as they are heard.

    Parameters
    ----------
    model : Module
    data : Tensor
        What the model is given.
    """

    def __init__(self, model, data):
        self._thread = threading.get_ident()
        self._layers = {id(module): name for name, module in model.named_modules()}
        self._names = {id(member): name.rpartition(".")[2] for members in (model.named_parameters(), model.named_buffers())
                       for name, member in members}
        self._calls = []
        self._made_by = {}  # id of a Tensor: the index of the step whose result it shows
        self._alive = []  # as long as they live no other Tensor has their id
        self.steps = []
        self._add("input", data, (), {})

    # ---- forward

    def hears(self, name, out, operands, settings, kept, engine):
        """An operation is a step if it read the result of one."""
        if threading.get_ident() != self._thread:
            return
        arguments = {key: value for key, value in settings.items() if not isinstance(value, Tensor)}
        tensors = dict(operands) if isinstance(operands, dict) else self._named(operands)
        beside = [self._made_by.get(id(value)) for value in settings.values() if isinstance(value, Tensor)]
        if name == "batch_norm" and arguments["training"]:
            tensors |= {key: detached(as_plain(value)) for key, value in zip(("mean", "var"), kept)}
        if any(id(tensor) in self._made_by for tensor in tensors.values()) or any(step is not None for step in beside):
            self._add(name, out, tensors, arguments, beside, engine)

    def _named(self, operands):
        """Operands that came without names: a parameter has one, another constant is called "other"."""
        named = {}
        for operand in operands:
            name = wanted = self._names.get(id(operand), "other" if id(operand) not in self._made_by else "input")
            while name in named:
                name = f"{wanted}{len(named) + 1}"
            named[name] = operand
        return named

    def _add(self, kind, out, tensors, arguments, beside=(), engine=False):
        tensors = dict(tensors)
        operands = [(name, self._made_by.get(id(tensor))) for name, tensor in tensors.items()]
        reads = tuple(step for step in (*beside, *[step for _, step in operands]) if step is not None)
        weights = {name: np.array(array_of(tensors[name])) for name, step in operands
                   if step is None and tensors[name] is not None}
        call = self._calls[-1] if self._calls else None
        layer = call.layer if call else None
        self.steps.append(Heard(kind, layer, call, out, np.array(array_of(out)), operands, reads, weights, arguments, engine))
        self._show(out, len(self.steps) - 1)

    def _show(self, tensor, step):
        self._made_by[id(tensor)] = step
        self._alive.append(tensor)

    def stands_for(self, twin, tensor):
        """The twin shows what the Tensor showed."""
        step = self._made_by.get(id(tensor)) if threading.get_ident() == self._thread else None
        if step is not None:
            self._show(twin, step)
            if self.steps[step].out is tensor:
                self.steps[step].out = twin  # it keeps the place on the tape

    def became(self, tensor, out, relatives):
        """The Tensor shows the result from now on; of each view of it there are new numbers."""
        if threading.get_ident() != self._thread or id(out) not in self._made_by:
            return
        step = self._made_by[id(out)]
        self._show(tensor, step)
        for view in relatives:
            if id(view) in self._made_by:
                self._add("view", view, {"input": tensor}, {})

    # ---- layers

    def enters(self, layer):
        """What is heard from here on runs in this layer; a layer that is part of no other is unknown, and not named."""
        if threading.get_ident() == self._thread:
            above = self._calls[-1].layer if self._calls else None
            name = self._layers.get(id(layer), above) or None
            self._calls.append(Call(name, not layer._modules, len(self.steps)))

    def leaves(self, layer, args, out):
        """A layer that hands on its input as it is gets a step, and a place on the tape, so that its gradient is seen."""
        if threading.get_ident() != self._thread:
            return out
        call = self._calls[-1]
        silent = len(self.steps) == call.first and args and out is args[0] and id(out) in self._made_by
        if silent and call.whole and isinstance(out, Tensor):
            out = take_view(out, storage_of(out), Step("identity", lambda array: array, lambda dout: (dout,), plain=False))
        self._calls.pop()
        return out

    # ---- backward

    def end_with_loss(self, classes):
        """The last step is the loss."""
        self.steps[-1].name = "loss"
        self.steps[-1].arguments["target"] = np.array(array_of(classes))

    def go_back(self, loss):
        """Send the gradient 1 from the loss, and note what arrives at each step and what it passes on."""
        for step in self.steps:
            node = node_of(step.out)
            if node is not None:
                node.hooks = {**(node.hooks or {}), "trace": self._noting(step)}
                node.backward = self._passing(step, node)
        run_backward(node_of(loss), np.ones(shape_of(loss), loss.dtype), arrive=lambda leaf, gradient, source: None)

    def _noting(self, step):
        def note(gradient):
            step.gradient = np.array(as_plain(gradient))
            return gradient

        return note

    def _passing(self, step, node):
        """The operation's backward, of whose results those of trained weights are kept."""
        backward, edges = node.backward, node.edges

        def passing(dout):
            parts = tuple(backward(dout))
            for (name, read), edge, part in zip(step.operands, edges, parts):
                if read is None and edge is not None and part is not None:
                    step.weight_gradients[name] = np.array(as_plain(part))
            return parts

        return passing

    # ---- names

    def named(self):
        """The steps, each with a name of its own."""
        mains = Counter(step.call for step in self.steps if step.engine and step.call)
        steps = Counter(step.call for step in self.steps if step.call)
        taken = set()
        for step in self.steps:
            if not step.name:
                alone = step.call and (steps[step.call] == 1 or step.engine and mains[step.call] == 1)
                if step.layer and step.call.whole and alone:
                    step.name = step.layer
                else:
                    step.name = f"{step.layer}.{step.kind}" if step.layer else step.kind
            name, number = step.name, 1
            while name in taken:
                number += 1
                name = f"{step.name} ({number})"
            step.name = name
            taken.add(name)
        return self.steps
