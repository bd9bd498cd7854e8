"""Loading a state dict: every complaint in one message, before anything is changed."""

from collections import namedtuple

import numpy as np

from numbacnn.tensors.tape import no_grad
from numbacnn.nn.parameter import UninitializedBuffer, UninitializedParameter
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import kind_of

_WAITING = UninitializedParameter, UninitializedBuffer  # take their shape from what is loaded


class IncompatibleKeys(namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])):
    """What `load_state_dict` did not find a place for, and what it did not find."""

    __slots__ = ()

    def __repr__(self):
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"

    __str__ = __repr__


def load_state(module, state_dict, strict, assign=False):
    """What `Module.load_state_dict` does; see there."""
    if not isinstance(state_dict, dict):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
    own = dict(module._saved())
    missing = [name for name in own if name not in state_dict]
    unexpected = [name for name in state_dict if name not in own]
    complaints = []
    if strict and missing:
        complaints.append(f"Missing key(s) in state_dict: {_quoted(missing)}. ")
    if strict and unexpected:
        complaints.append(f"Unexpected key(s) in state_dict: {_quoted(unexpected)}. ")
    found = {}
    for name, target in own.items():
        if name not in state_dict:
            continue
        try:
            source = found[name] = _numbers_of(state_dict[name])
        except (TypeError, RuntimeError) as error:
            complaints.append(f"{name}: {error}")
            continue
        if tuple(source.shape) != tuple(target.shape) and not isinstance(target, _WAITING):
            complaints.append(f"size mismatch for {name}: copying a param with shape {_size(source)} from checkpoint, "
                              f"the shape in current model is {_size(target)}.")
    if complaints:
        raise RuntimeError(f"Error(s) in loading state_dict for {type(module).__name__}:\n\t" + "\n\t".join(complaints))
    with no_grad():
        for name, source in found.items():
            source = source if isinstance(source, Tensor) else Tensor(source)
            if isinstance(own[name], _WAITING):
                own[name].materialize(source.clone())
            elif assign:
                own[name].data = source.detach()
            else:
                own[name].copy_(source)
    return IncompatibleKeys(missing, unexpected)


def unsaved_buffers(module):
    """The names of the buffers that `module.state_dict()` leaves out."""
    return module._unsaved_buffers


def _numbers_of(given):
    """A Tensor, or the array of another library's tensor, which may refuse: PyTorch's of bfloat16, or on a tape."""
    if isinstance(given, Tensor):
        return given
    if not hasattr(given, "__array__"):
        raise TypeError(f"expected a Tensor, got {kind_of(given)}.")
    array = np.asarray(given)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"expected numbers, got an array of {array.dtype}.")
    return array


def _quoted(names):
    return ", ".join(f'"{name}"' for name in names)


def _size(tensor):
    return f"numbacnn.Size({list(tensor.shape)})"
