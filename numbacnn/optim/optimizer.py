"""Optimizer: parameters in groups, each group with its settings."""

import copy
import math

import numpy as np

from numbacnn.engine import Pending, finish, is_tracing, uses
from numbacnn.tensors.internals import array_of, detached, overwritten, storage_of
from numbacnn.tensors.listeners import listeners, tell_did
from numbacnn.tensors.pending import engines, settle, settle_if_exposed, will_change
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import kind_of

NUMBERS = {"step", "mu_product", "eta", "mu"}  # what is remembered for each Parameter that no Tensor holds
engines[finish] = is_tracing, uses  # there may be no layers to do it


def check_number(name, value, least=0.0, below=math.inf):
    """Refuse a setting that is NaN or outside [least, below).

    Raises
    ------
    ValueError
        Naming the setting and its value.
    """
    if not least <= value < below:
        limits = f"at least {least:g}" if below == math.inf else f"in [{least:g}, {below:g})"
        raise ValueError(f"Invalid {name}: {value} (must be {limits})")


class Optimizer:
    """Base of the optimizers. Subclasses define `_check(group)` and `_update(params, grads, states, group)`.

    Parameters
    ----------
    params : iterable of Parameter, of (name, Parameter), or of dicts
        What to train; a dict `{"params": [...], "lr": ...}` makes a group with settings of its own.
    defaults : dict
        Settings of groups that say nothing else.

    Attributes
    ----------
    param_groups : list of dict
        Parameters under "params", and the settings; a scheduler changes "lr" there.
    state : dict
        What the optimizer remembers of each Parameter, as NumPy arrays and numbers.

    Raises
    ------
    TypeError, ValueError
        If `params` holds something else than leaves, is empty, or has a Parameter twice; if a setting is out of range.
    """

    #: whether each array that is remembered has the shape of its parameter
    by_parameter = True

    def __init__(self, params, defaults):
        if isinstance(params, (Tensor, dict)):
            raise TypeError("params argument given to the optimizer should be an iterable of Tensors or dicts, "
                            f"but got {type(params).__name__}; a single Parameter goes into a list")
        if hasattr(params, "parameters"):
            raise TypeError(f"optimizer got the {type(params).__name__} itself; pass its parameters()")
        self.defaults = defaults
        self._state = {}
        self._seen = False  # whether arrays of it may be held elsewhere
        self.param_groups = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list; has the model parameters, "
                             "and was model.parameters() used up before?")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    @property
    def state(self):
        """{Parameter: {name: array or number}}; once asked for, each step is over when it returns."""
        settle()
        self._seen = True
        return self._state

    def add_param_group(self, param_group):
        """Train more Parameters: a dict with "params" and settings that differ from the defaults."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group).__name__}")
        params = param_group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        params = [param[1] if isinstance(param, tuple) else param for param in params]
        known = {id(param) for group in self.param_groups for param in group["params"]}
        for param in params:
            if not isinstance(param, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {kind_of(param)}")
            if not param.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor: it is the result of an operation")
            if id(param) in known:
                raise ValueError("some parameters appear in more than one parameter group, or twice in one")
            known.add(id(param))
        unknown = [name for name in param_group if name not in self.defaults and name not in ("params", "initial_lr")]
        if unknown:
            raise ValueError(f"{type(self).__name__} has no setting {unknown[0]!r}; it has {', '.join(self.defaults)}")
        group = {**self.defaults, **param_group, "params": params}
        self._check(group)
        self.param_groups.append(group)

    def zero_grad(self, set_to_none=True):
        """Reset the gradients of all Parameters: to None, or to zeros in place."""
        for group in self.param_groups:
            for param in group["params"]:
                if set_to_none:
                    param.grad = None
                elif param.grad is not None:
                    param.grad.zero_()

    def step(self, closure=None):
        """Move every Parameter that has a gradient.

        Parameters
        ----------
        closure : callable, optional
            Called first; computes the loss anew, and its result is returned.
        """
        loss = closure() if closure is not None else None
        for group in self.param_groups:
            moving = [param for param in group["params"] if param.grad is not None]
            if moving:
                params = [overwritten(param) for param in moving]
                grads = [_gradient(param.grad) for param in moving]
                states = [self._state.setdefault(param, {}) for param in moving]
                self._update(params, grads, states, group)
                will_change(moving, [value for state in states for value in state.values() if type(value) is np.ndarray])
                settle_if_exposed(param.grad for param in moving)
        if self._seen:
            settle()
        if listeners:
            tell_did(f"{type(self).__name__}.step")
        return loss

    def _check(self, group):
        """Refuse settings that are out of range."""
        raise NotImplementedError

    def _update(self, params, grads, states, group):
        """Move arrays `params` in place by `grads`; `states` holds a dict for each, kept from step to step."""
        raise NotImplementedError

    def state_dict(self):
        """Settings and what is remembered, Parameters replaced by their position, as in PyTorch."""
        position = {}
        for group in self.param_groups:
            for param in group["params"]:
                position[param] = len(position)
        state = {position[param]: {name: _tensor(value) for name, value in memory.items()}
                 for param, memory in self._state.items() if memory}
        groups = [{**group, "params": [position[param] for param in group["params"]]} for group in self.param_groups]
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict):
        """Take over what `state_dict` returned; the Parameters are those of this optimizer, in the same order.

        Raises
        ------
        ValueError
            If groups or Parameters differ in number.
        """
        saved, own = state_dict["param_groups"], self.param_groups
        if [len(group["params"]) for group in saved] != [len(group["params"]) for group in own]:
            raise ValueError("loaded state dict has a different number of parameter groups, or a group of another "
                             f"size: {[len(g['params']) for g in saved]} saved, {[len(g['params']) for g in own]} here")
        by_position = {}
        for theirs, group in zip(saved, own):
            by_position.update(zip(theirs["params"], group["params"]))
            group.update(copy.deepcopy({name: value for name, value in theirs.items() if name != "params"}))
        state = {by_position[k]: {name: _number(value) if name in NUMBERS else _array(value) for name, value in memory.items()}
                 for k, memory in state_dict["state"].items()}
        for param, memory in state.items():
            for name, value in memory.items():
                if self.by_parameter and isinstance(value, np.ndarray) and value.shape != tuple(param.shape):
                    raise ValueError(f"loaded state dict has {name} of shape {value.shape} for a parameter of shape "
                                     f"{tuple(param.shape)}")
        self._state = state

    def __getstate__(self):
        settle()
        return self.__dict__

    def __repr__(self):
        lines = []
        for k, group in enumerate(self.param_groups):
            lines += [f"Parameter Group {k}"]
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return f"{type(self).__name__} (\n" + "\n".join(lines) + "\n)"


def rows_by(keys, *columns):
    """The columns of the rows that have each key, {key: columns}; as a rule all have one, and the columns are what they were."""
    kinds = dict.fromkeys(keys)
    if len(kinds) == 1:
        return dict.fromkeys(kinds, columns)
    return {kind: [[value for value, key in zip(column, keys) if key == kind] for column in columns] for kind in kinds}


def arrays_of(grads):
    """Gradients as arrays, once the engine has computed those that were promises."""
    finish()
    return [grad if type(grad) is np.ndarray else grad.numpy() for grad in grads]


def _gradient(grad):
    """The numbers of a gradient, or the promise of them, which the engine takes as well."""
    return storage_of(grad) if type(storage_of(grad)) is Pending else array_of(grad)


def _tensor(value):
    return detached(value) if isinstance(value, np.ndarray) else value


def _number(value):
    """A number, also where PyTorch keeps it in a Tensor: steps are counted in whole numbers."""
    number = value.item() if isinstance(value, Tensor) else value
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _array(value):
    """A copy of what `_tensor` gave, ready to be written to."""
    return np.array(array_of(value)) if isinstance(value, Tensor) else copy.deepcopy(value)
