"""Guards: what must hold for layers to be traced, and for their trace to be used again."""

from operator import is_

from numbacnn.engine import GraphBreak
from numbacnn.nn.hooks import REGISTERS
from numbacnn.nn.module import Module
from numbacnn.nn.traceable import structure
from numbacnn.tensors.internals import needs_grad, plain_of, shared_array
from numbacnn.tensors.tape import leaf_hooks

KEPT = 16  # traces of one network, for shapes of input


class Traces:
    """What was traced of a network: for each shape of input, and whatever else a trace depends on, a trace or why there is none."""

    def __init__(self):
        self._known = {}

    def get(self, key, trace, *arguments):
        """The trace for `key`; a str, the reason for the graph break, if there can be none.

        It is `trace(*arguments)`, which may raise GraphBreak, if there is none yet or its `guards` do not hold any more.
        """
        version, found = self._known.get(key, (None, None))
        if version != structure.version or type(found) is not str and not found.guards.hold():
            self._known = {other: known for other, known in [*self._known.items()][1 - KEPT:] if known[0] == structure.version}
            try:
                found = trace(*arguments)
            except GraphBreak as reason:
                found = str(reason)
            self._known[key] = structure.version, found
        return found


class Guards:
    """The layers of a network and their parameters as they are now, to tell later whether a trace of them still holds.

    Parameters
    ----------
    model : Module

    Attributes
    ----------
    params : list of (Parameter, ndarray, bool)
        With the array that holds its numbers, and whether it is trained.
    """

    def __init__(self, model):
        modules = [*model.modules()]
        structure.watch(modules)
        self._structure = structure.version
        self._registers = [(register, [*register.values()]) for module in modules
                           for register in (module._modules, module._parameters) if register]
        self.params = [(param, shared_array(param), needs_grad(param)) for param in model.parameters()]

    def hold(self):
        """Whether the layers and their parameters are what they were."""
        if self._structure != structure.version:
            return False
        for register, members in self._registers:  # user code may write to module._parameters itself, past __setattr__
            if len(register) != len(members) or not all(map(is_, register.values(), members)):
                return False
        for param, array, requires_grad in self.params:
            if leaf_hooks and leaf_hooks.get(id(param)):
                return False
            if plain_of(param) is not array or needs_grad(param) != requires_grad:
                return False
        return True


def graph_break(model):
    """Why a network cannot be traced: a layer does not say it may be, or is not called as it was made; empty if it can."""
    for name, module in model.named_modules():
        layer = f"layer {name} ({type(module).__name__})" if name else f"the network ({type(module).__name__})"
        if not getattr(type(module).forward, "traceable", False):
            own = "" if type(module).__module__.startswith("numbacnn.") else (
                "; if it does not, mark that with @numbacnn.train.traceable")
            return f"{layer} has a forward that could do something else with every batch{own}"
        if not is_as_made(module):
            return f"{layer} has hooks, or a __call__ or forward of its own"
    if leaf_hooks and any(leaf_hooks.get(id(param)) for param in model.parameters()):
        return "a parameter has a hook that wants to see its gradient"
    return ""


def is_as_made(module):
    """Whether calling a Module is calling the `forward` of its class: no hooks, and none of its own."""
    return (type(module).__call__ is Module.__call__ and "forward" not in module.__dict__
            and not any(getattr(module, register) for register in REGISTERS))
