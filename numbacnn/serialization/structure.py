"""Checkpoints as arrays and JSON: what is in which dict, list or tuple, and which arrays are one memory.

A value of JSON's own kinds stands for itself, a list for a list. All else is an object with one key, its kind: `{"dict": [[key,
value], ...]}`, `{"Tensor": {"array": "model.fc.weight", ...}}`. Containers are numbered in the order in which they begin, and one
that comes again is `{"again": number}`. A Module is the name of its class and its attributes, see `whole_model`.
"""

import json
import math
from collections import Counter, OrderedDict

import numpy as np

from numbacnn.nn.module import Module
from numbacnn.nn.parameter import Parameter
from numbacnn.serialization.memory import arrays_of, view_of
from numbacnn.serialization.whole_model import MEMBERS, Refused, empty_module, fill_module, name_of, parts_of_module
from numbacnn.tensors.internals import array_of, detached
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import DTYPES, Size, as_dtype, device, kind_of

KEY = "numbacnn.structure"  # among the metadata of the file
DEEPEST = 100  # containers within one another
PAIRS = {"dict": dict, "OrderedDict": OrderedDict, "Counter": Counter}
ITEMS = {"tuple": tuple, "Size": Size}
CONTAINERS = {list: "list", **{kind: name for name, kind in {**PAIRS, **ITEMS}.items()}}


def parts_of(obj):
    """(JSON of the structure, dict of names to arrays) of a checkpoint."""
    writer = _Writer()
    tree = writer.tree(obj, "", 0)
    arrays = arrays_of(writer.views)  # and fills in where in the tree each lies
    return json.dumps(tree, allow_nan=False), arrays


def header_of(content):
    """The structure that a safetensors file, found to be whole, holds as JSON; None if another program wrote it."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8:8 + length]).get("__metadata__", {}).get(KEY)


def checkpoint_of(structure, arrays, name, trusted=False):
    """The checkpoint of `parts_of`.

    Parameters
    ----------
    structure : str
    arrays : dict of str to ndarray
    name : str or path
        Of the file, for messages.
    trusted : bool
        Whether Modules of any class may be built.

    Raises
    ------
    ValueError
        If the two do not fit, or ask for a Module that is not to be built.
    """
    try:
        return _Reader(arrays, trusted).value(json.loads(structure))
    except Refused as refused:
        raise ValueError(f"load: {name}: {refused}") from None
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError(f"load: {name} is damaged: its structure does not fit its arrays ({type(error).__name__}: {error})") from None


def _number(name, value):
    """A number of NumPy's."""
    if isinstance(value, (list, dict)):
        raise TypeError(f"{value} is not a number")
    return as_dtype(name).type(value)


class _Writer:
    """Walks through a checkpoint and says what it is made of; `views` are the arrays it meets, see `memory`."""

    def __init__(self):
        self.views, self._numbers, self._kept = [], {}, []

    def tree(self, value, place, depth):
        """The JSON for a value; `place` is where it is, like "model.fc.weight"."""
        kind = type(value)
        if value is None or kind in (bool, int, str):
            return value
        if kind is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, Tensor):
            return self._tensor(value, place)
        if kind is np.ndarray:
            return {"ndarray": self._view(value, place)}
        if isinstance(value, np.generic) and value.dtype in DTYPES:
            return {"number": [value.dtype.name, value.item() if np.isfinite(value) else repr(value.item())]}
        if isinstance(value, np.dtype) and value in DTYPES:
            return {"dtype": value.name}
        if kind is device:
            return {"device": str(value)}
        if kind not in CONTAINERS and not isinstance(value, Module):
            raise _refusal(place, value)
        return self._container(value, kind, place, depth)

    def _container(self, value, kind, place, depth):
        number = self._numbers.get(id(value))
        if number is not None:
            if number < 0:
                raise ValueError(f"save: {place} is a {kind.__name__} that holds itself")
            return {"again": number}
        if depth >= DEEPEST:
            raise ValueError(f"save: {place} is nested more than {DEEPEST} containers deep")
        self._kept.append(value)  # its id is taken for as long
        self._numbers[id(value)], number = -1, len(self._numbers)
        if isinstance(value, Module):
            found = {"Module": [name_of(value, place), self._attributes(value, place, depth)]}
            self._numbers[id(value)] = number
            return found
        if CONTAINERS[kind] in PAIRS:
            inner = [[self._key(key, place), self.tree(item, f"{place}.{key}" if place else str(key), depth + 1)]
                     for key, item in value.items()]
        else:
            inner = [self.tree(item, f"{place}.{k}" if place else str(k), depth + 1) for k, item in enumerate(value)]
        self._numbers[id(value)] = number
        return inner if kind is list else {CONTAINERS[kind]: inner}

    def _attributes(self, module, place, depth):
        """[name, value] of each attribute of a Module; weights lie in the file under their names in the state_dict."""
        return [[name, self.tree(value, place if name in MEMBERS else f"{place}.{name}" if place else name, depth + 1)]
                for name, value in parts_of_module(module, place).items()]

    def _key(self, key, place):
        if key is None or type(key) in (bool, int, str, float):
            return self.tree(key, place, 0)
        if type(key) is tuple:
            return {"tuple": [self._key(part, place) for part in key]}
        raise TypeError(f"save: {place or 'what was given'} has a {kind_of(key)} among its keys; a key is a string, a number or a tuple "
                        "of such")

    def _tensor(self, tensor, place):
        known = self._numbers.get(id(tensor))
        if known is not None:
            return {"again": known}
        self._kept.append(tensor)
        self._numbers[id(tensor)] = len(self._numbers)
        if type(tensor) not in (Tensor, Parameter):
            raise _refusal(place, tensor)
        found = self._view(array_of(tensor), place)
        found["requires_grad"] = tensor.requires_grad and tensor.is_leaf
        return {type(tensor).__name__: found}

    def _view(self, array, place):
        """The JSON for an array, filled in when all are known."""
        if array.dtype not in DTYPES:
            raise TypeError(f"save: {place or 'what was given'} is an array of {array.dtype}; what can be saved are "
                            f"{', '.join(dtype.name for dtype in DTYPES)}")
        found = {}
        self.views.append((found, array, place))
        return found


def _refusal(place, value):
    """The error for a value that cannot be saved."""
    where = f"{place} is a" if place else "what was given is a"
    if hasattr(value, "state_dict"):  # an optimizer or a scheduler
        kind = type(value).__name__
        return TypeError(f"save: {where} {kind}, which is code as well as numbers; save its state_dict() instead, and after "
                         f"loading make the {kind} anew and call its load_state_dict")
    return TypeError(f"save: {where} {kind_of(value)}; what can be saved are Tensors, arrays, numbers, strings and None in dicts, "
                     "lists and tuples")


class _Reader:
    """Builds a checkpoint of its JSON and its arrays, Modules of any class if it is `trusted`."""

    def __init__(self, arrays, trusted):
        self._arrays, self._trusted, self._built = arrays, trusted, []

    def value(self, tree):
        """The value that a part of the JSON stands for."""
        if isinstance(tree, list):
            return self._begun([], lambda found: found.extend(map(self.value, tree)))
        if not isinstance(tree, dict):
            return tree
        (kind, what), = tree.items()
        if kind == "again":
            return self._built[what]
        if kind in PAIRS:
            return self._begun(PAIRS[kind](), lambda found: found.update({self._key(key): self.value(value) for key, value in what}))
        if kind in ITEMS:
            return self._later(lambda: ITEMS[kind](map(self.value, what)))
        if kind == "Module":
            return self._begun(empty_module(what[0], self._trusted),
                               lambda found: fill_module(found, {name: self.value(value) for name, value in what[1]}))
        if kind in ("Tensor", "Parameter"):
            return self._later(lambda: self._tensor(kind, what))
        return {"ndarray": lambda: view_of(self._arrays, what), "float": lambda: float(what), "dtype": lambda: as_dtype(what),
                "number": lambda: _number(*what), "device": lambda: device(what)}[kind]()

    def _begun(self, found, fill):
        """A container, numbered before what is in it."""
        self._built.append(found)
        fill(found)
        return found

    def _later(self, make):
        """A value that cannot be made before what is in it, under the number that it began with."""
        number = len(self._built)
        self._built.append(None)
        self._built[number] = make()
        return self._built[number]

    def _key(self, tree):
        return tuple(map(self._key, tree["tuple"])) if isinstance(tree, dict) and "tuple" in tree else self.value(tree)

    def _tensor(self, kind, what):
        array = view_of(self._arrays, what)
        if kind == "Parameter":
            return Parameter(detached(array), what["requires_grad"])
        tensor = detached(array)
        tensor.requires_grad = what["requires_grad"]
        return tensor
