"""Snapshots: layers and their parameters as they are now, to tell later whether a recording of them still holds."""

from operator import is_

from numbacnn.nn.hooks import REGISTERS
from numbacnn.nn.module import Module
from numbacnn.nn.repeatable import structure
from numbacnn.tensors.internals import needs_grad, plain_of, shared_array
from numbacnn.tensors.tape import leaf_hooks


class Snapshot:
    """All layers of a network and their parameters.

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

    def holds(self):
        """Whether the layers and their parameters are those of the snapshot."""
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


def first_obstacle(model):
    """What keeps a network from being recorded: a layer that does not say it may be, or is not called as it was made."""
    for name, module in model.named_modules():
        layer = f"layer {name} ({type(module).__name__})" if name else f"the network ({type(module).__name__})"
        if not getattr(type(module).forward, "repeatable", False):
            own = "" if type(module).__module__.startswith("numbacnn.") else (
                "; if it does not, mark that with @numbacnn.train.repeatable")
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
