"""Whole Modules in a checkpoint: the name of the class and the attributes, as data.

What a class does is not in the file. To load a Module, its class must be there already, so the program must have imported it;
then an object of it is made without its `__init__` and given its attributes. No function of a file is ever called.
"""

import sys

from numbacnn.nn.hooks import REGISTERS
from numbacnn.nn.module import Module
from numbacnn.nn.state import unsaved_buffers
from numbacnn.nn.utils.weight_norm import WeightNorm

OWN = "numbacnn."  # classes below this name may always be loaded
MEMBERS = ("_parameters", "_buffers", "_modules")
_safe = []  # classes that the program has named


def add_safe_globals(safe_globals):
    """Say which classes of Modules `load` may build though `weights_only` is True.

    Parameters
    ----------
    safe_globals : list of class
        Those of numbacnn itself need not be named.
    """
    _safe.extend(safe_globals)


def clear_safe_globals():
    """Forget the classes that `add_safe_globals` has named."""
    _safe.clear()


def get_safe_globals():
    """The classes that `add_safe_globals` has named."""
    return [*_safe]


class safe_globals:
    """A `with` block inside of which `load` may build the given classes of Modules.

    Parameters
    ----------
    safe_globals : list of class
    """

    def __init__(self, safe_globals):
        self._given = [*safe_globals]

    def __enter__(self):
        self._before = [*_safe]
        _safe.extend(self._given)

    def __exit__(self, *raised):
        _safe[:] = self._before


def name_of(module, place):
    """[module, name] of the class of a Module.

    Raises
    ------
    TypeError
        If the class cannot be found again under its name, because a function defines it.
    """
    kind = type(module)
    try:
        found = _class(kind.__module__, kind.__qualname__)
    except LookupError:
        found = None
    if found is not kind:
        raise TypeError(f"save: {place or 'the model'} is a {kind.__qualname__}, a class that cannot be found again under its name; define "
                        "it at the top of a file, or save the model's state_dict()")
    return [kind.__module__, kind.__qualname__]


def parts_of_module(module, place):
    """The attributes of a Module to be saved, as a dict; the hooks of `weight_norm` are [name, dim].

    Raises
    ------
    TypeError
        If it has other hooks, which are functions.
    """
    parts = {name: value for name, value in vars(module).items() if name not in REGISTERS and name != "_unsaved_buffers"}
    hooks = [hook for register in REGISTERS for hook in vars(module)[register].values()]
    if any(type(hook) is not WeightNorm for hook in hooks):
        raise TypeError(f"save: {place or 'the model'} is a {type(module).__name__} with hooks, which are functions and cannot be saved; "
                        "remove them first, or save the model's state_dict()")
    return {**parts, "_unsaved_buffers": sorted(unsaved_buffers(module)), "weight_norm": [[hook.name, hook.dim] for hook in hooks]}


def empty_module(name, trusted):
    """A Module of the class of that [module, name], without attributes.

    Raises
    ------
    Refused
        If the class is not to be built, or is not there.
    """
    place, qualname = name
    try:
        kind = _class(place, qualname)
    except LookupError:
        raise Refused(f"it holds a whole model, of the class {qualname} of {place}, which is not there; import {place} first, or load a "
                      "state_dict") from None
    if not (isinstance(kind, type) and issubclass(kind, Module)):
        raise Refused(f"it asks for {place}.{qualname}, which is not a class of Modules")
    if not (trusted or kind in _safe or kind.__module__.startswith(OWN)):
        raise Refused(f"it holds a whole model, of the class {qualname} of {place}. If you trust the file, load(f, weights_only=False) "
                      f"builds it; or name the class: numbacnn.serialization.add_safe_globals([{qualname}])")
    module = kind.__new__(kind)
    vars(module).update({name: {} for name in (*MEMBERS, *REGISTERS)})
    return module


def fill_module(module, parts):
    """Give a Module the attributes of `parts_of_module`."""
    if any(not isinstance(parts[name], dict) for name in MEMBERS):
        raise TypeError("a Module without parameters, buffers or modules")
    hooks = parts.pop("weight_norm")
    parts["_unsaved_buffers"] = set(parts["_unsaved_buffers"])
    vars(module).update(parts)
    for name, dim in hooks:
        module.register_forward_pre_hook(WeightNorm(name, dim))


class Refused(Exception):
    """Why a Module is not built."""


def _class(place, qualname):
    found = sys.modules.get(place)
    for name in qualname.split("."):
        found = getattr(found, name, None) if name.isidentifier() else None
    if found is None:
        raise LookupError(qualname)
    return found
