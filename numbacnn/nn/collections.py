"""Modules and Parameters in dicts and lists that the network around them knows of."""

from numbacnn.nn.module import Module
from numbacnn.nn.parameter import Parameter
from numbacnn.tensors.tensor import Tensor


class ModuleDict(Module):
    """A dict of Modules that the network around it knows of; it has no forward of its own.

    Parameters
    ----------
    modules : dict of str to Module, or iterable of such pairs, optional
    """

    def __init__(self, modules=None):
        super().__init__()
        self.update(modules or {})

    def __getitem__(self, key):
        return self._modules[key]

    def __setitem__(self, key, module):
        self.add_module(key, module)

    def __delitem__(self, key):
        if key not in self._modules:
            raise KeyError(key)
        delattr(self, key)

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules)

    def __contains__(self, key):
        return key in self._modules

    def clear(self):
        """Take all Modules out."""
        for key in [*self]:
            del self[key]

    def pop(self, key):
        """Take a Module out and return it."""
        module = self[key]
        del self[key]
        return module

    def keys(self):
        """The names."""
        return self._modules.keys()

    def items(self):
        """Pairs (name, Module)."""
        return self._modules.items()

    def values(self):
        """The Modules."""
        return self._modules.values()

    def update(self, modules):
        """Add Modules, or replace those of the same names."""
        for key, module in (modules.items() if hasattr(modules, "items") else modules):
            self[key] = module

    def _check_name(self, kind, name):
        """Names of methods are fine here, for the Modules are asked for by key."""
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {type(name).__name__}")
        if "." in name or not name:
            raise KeyError(f'{kind} name can\'t be empty or contain ".", got {name!r}')


class ParameterList(Module):
    """A list of Parameters that the network around it knows of; Tensors become Parameters.

    Parameters
    ----------
    values : iterable of Tensor, optional
    """

    def __init__(self, values=None):
        super().__init__()
        self.extend(values or ())

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)([*self][index])
        return [*self][index]

    def __setitem__(self, index, param):
        name = [*self._parameters][index]
        self.register_parameter(name, _parameter(param))

    def __len__(self):
        return len(self._parameters)

    def __iter__(self):
        return iter(self._parameters.values())

    def append(self, value):
        """Add a Parameter at the end; returns the list itself."""
        self.register_parameter(str(len(self)), _parameter(value))
        return self

    def extend(self, values):
        """Add Parameters at the end; returns the list itself."""
        for value in values:
            self.append(value)
        return self

    __iadd__ = extend

    def extra_repr(self):
        return _listed(self._parameters)


class ParameterDict(Module):
    """A dict of Parameters that the network around it knows of; Tensors become Parameters.

    Parameters
    ----------
    parameters : dict of str to Tensor, or iterable of such pairs, optional
    """

    def __init__(self, parameters=None):
        super().__init__()
        self.update(parameters or {})

    def __getitem__(self, key):
        return self._parameters[key]

    def __setitem__(self, key, value):
        self.register_parameter(key, _parameter(value))

    def __delitem__(self, key):
        del self._parameters[key]

    def __len__(self):
        return len(self._parameters)

    def __iter__(self):
        return iter(self._parameters)

    def __contains__(self, key):
        return key in self._parameters

    def keys(self):
        """The names."""
        return self._parameters.keys()

    def items(self):
        """Pairs (name, Parameter)."""
        return self._parameters.items()

    def values(self):
        """The Parameters."""
        return self._parameters.values()

    def get(self, key, default=None):
        """The Parameter of that name, or `default`."""
        return self._parameters.get(key, default)

    def pop(self, key):
        """Take a Parameter out and return it."""
        return self._parameters.pop(key)

    def update(self, parameters):
        """Add Parameters, or replace those of the same names."""
        for key, value in (parameters.items() if hasattr(parameters, "items") else parameters):
            self[key] = value

    _check_name = ModuleDict._check_name

    def extra_repr(self):
        return _listed(self._parameters)


def _parameter(value):
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


def _listed(parameters):
    """One line for each Parameter, as PyTorch prints it, so that the numbers do not fill the screen."""
    return "\n".join(f"  ({name}): Parameter containing: [numbacnn.{param.dtype} of size "
                     f"{'x'.join(map(str, param.shape))}]" for name, param in parameters.items())
