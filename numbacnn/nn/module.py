"""Module: a layer, or a network of layers, that knows its parameters."""

from collections import OrderedDict

from numbacnn.nn.conversion import Conversion
from numbacnn.nn.hooks import REGISTERS, Hooked
from numbacnn.nn.parameter import Parameter, UninitializedBuffer, UninitializedParameter
from numbacnn.nn.printing import module_html, module_text
from numbacnn.nn.traceable import structure
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import kind_of


class Module(Hooked, Conversion):
    """Base of all layers and networks. Subclasses call `super().__init__()` and define `forward`.

    A Parameter, Module or buffer that becomes an attribute is registered under the attribute's name; that is how a
    network finds everything it consists of.

    Attributes
    ----------
    training : bool
        Whether layers behave as in training (`train()`) or as in use (`eval()`).
    """

    def __init__(self):
        # By hand, since __setattr__ looks into these dictionaries.
        for name in ("_parameters", "_buffers", "_modules", *REGISTERS):
            object.__setattr__(self, name, {})
        self._unsaved_buffers = set()
        self.training = True

    def forward(self, *input):
        """Compute the output; every subclass defines it."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    # ---- registration

    def __setattr__(self, name, value):
        places = self.__dict__
        if name != "training":
            structure.changed(self)
        if "_parameters" not in places and isinstance(value, (Parameter, Module)):
            raise AttributeError(f"cannot assign {name!r} before super().__init__() "
                                 f"in {type(self).__name__}.__init__()")
        if isinstance(value, Parameter):
            self._register(self._parameters, name, value)
        elif isinstance(value, Module):
            self._register(self._modules, name, value)
        elif name in places.get("_parameters", ()):
            if value is not None:
                raise TypeError(f"cannot assign {type(value).__name__} as parameter {name!r} "
                                "(nn.Parameter or None expected)")
            self._parameters[name] = None
        elif name in places.get("_modules", ()) and value is None:
            self._modules[name] = None
        elif name in places.get("_buffers", ()):
            if value is not None and not isinstance(value, Tensor):
                raise TypeError(f"cannot assign {type(value).__name__} as buffer {name!r} (Tensor or None expected)")
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name):
        for place in ("_parameters", "_buffers", "_modules"):
            found = self.__dict__.get(place, ())
            if name in found:
                return found[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __delattr__(self, name):
        structure.changed(self)
        for place in (self._parameters, self._buffers, self._modules):
            if name in place:
                del place[name]
                return
        object.__delattr__(self, name)

    def __dir__(self):
        return sorted({*super().__dir__(), *self._parameters, *self._buffers, *self._modules})

    def _register(self, place, name, value):
        """Put `value` into the dictionary `place`, at its old position if it has one, and out of all others."""
        structure.changed(self)
        for other in (self._parameters, self._buffers, self._modules, self.__dict__):
            if other is not place:
                other.pop(name, None)
        place[name] = value

    def _check_name(self, kind, name):
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {type(name).__name__}")
        if "." in name or not name:
            raise KeyError(f'{kind} name can\'t be empty or contain ".", got {name!r}')
        if hasattr(self, name) and name not in {**self._parameters, **self._buffers, **self._modules}:
            raise KeyError(f"attribute {name!r} already exists")

    def register_parameter(self, name, param):
        """Register a Parameter, or None to say that there may be one of that name."""
        self._check_name("parameter", name)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"cannot assign {type(param).__name__} to parameter {name!r} "
                            "(nn.Parameter or None expected)")
        self._register(self._parameters, name, param)

    def register_buffer(self, name, tensor, persistent=True):
        """Register a Tensor that belongs to the state but is not trained; `persistent=False` leaves it unsaved."""
        self._check_name("buffer", name)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"cannot assign {type(tensor).__name__} to buffer {name!r} (Tensor or None expected)")
        self._register(self._buffers, name, tensor)
        (self._unsaved_buffers.discard if persistent else self._unsaved_buffers.add)(name)

    def add_module(self, name, module):
        """Register a child Module under `name`."""
        self._check_name("module", name)
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{kind_of(module)} is not a Module subclass")
        self._register(self._modules, name, module)

    register_module = add_module

    # ---- what it consists of

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        """This Module and all below it as (dotted name, Module); one that appears twice is named once."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, child in self._modules.items():
            if child is not None:
                yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self):
        """This Module and all below it."""
        return (module for _, module in self.named_modules())

    def named_children(self):
        """The Modules directly below as (name, Module)."""
        seen = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self):
        """The Modules directly below."""
        return (child for _, child in self.named_children())

    def get_submodule(self, target):
        """The Module of that dotted name.

        Raises
        ------
        AttributeError
            If there is none.
        """
        module = self
        for name in target.split(".") if target else ():
            if module._modules.get(name) is None:
                raise AttributeError(f"{type(module).__name__} has no submodule {name!r} (looking for {target!r})")
            module = module._modules[name]
        return module

    def get_parameter(self, target):
        """The Parameter of that dotted name; AttributeError if there is none."""
        path, _, name = target.rpartition(".")
        for found, param in self.get_submodule(path).named_parameters(recurse=False):
            if found == name:
                return param
        raise AttributeError(f"{type(self).__name__} has no parameter {target!r}")

    def _named_members(self, place, prefix, recurse, remove_duplicate):
        seen = set()
        named = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        for path, module in named:
            for name, member in getattr(module, place).items():
                if member is None or member in seen:
                    continue
                if remove_duplicate:
                    seen.add(member)
                yield f"{path}.{name}" if path else name, member

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        """All Parameters as (dotted name, Parameter); one that is shared is named once."""
        return self._named_members("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse=True):
        """All Parameters, for an optimizer."""
        return (param for _, param in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        """All buffers as (dotted name, Tensor)."""
        return self._named_members("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        """All buffers."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    # ---- state

    def state_dict(self, *, destination=None, prefix="", keep_vars=False):
        """Parameters and buffers by dotted name, detached but sharing memory; `numbacnn.save` writes it.

        Parameters
        ----------
        destination : dict, optional
            What to add them to.
        prefix : str
            What each name begins with.
        keep_vars : bool
            Whether the Parameters themselves are given, not detached.
        """
        state = OrderedDict() if destination is None else destination
        for name, member in self._saved():
            keep = keep_vars or isinstance(member, (UninitializedParameter, UninitializedBuffer))
            state[prefix + name] = member if keep else member.detach()
        return state

    def _saved(self):
        for path, module in self.named_modules(remove_duplicate=False):
            saved = {name: b for name, b in module._buffers.items() if name not in module._unsaved_buffers}
            for name, member in {**module._parameters, **saved}.items():
                if member is not None:
                    yield f"{path}.{name}" if path else name, member

    def load_state_dict(self, state_dict, strict=True, assign=False):
        """Copy values by name into the parameters and buffers.

        Parameters
        ----------
        state_dict : dict of str to Tensor
            As from `state_dict` or `numbacnn.load`, or one of PyTorch's, or arrays.
        strict : bool
            Whether the names must be exactly those of this Module.
        assign : bool
            Whether the Tensors given take the place of the numbers, with their dtype, instead of being copied.

        Returns
        -------
        IncompatibleKeys
            `(missing_keys, unexpected_keys)`.

        Raises
        ------
        RuntimeError
            If shapes differ, or names do and `strict` is set; it lists all of them, and nothing has been loaded.
        """
        from numbacnn.nn.state import load_state

        return load_state(self, state_dict, strict, assign)

    def train(self, mode=True):
        """Behave as in training, here and in all Modules below; returns the Module itself."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self):
        """Behave as in use, here and in all Modules below; returns the Module itself."""
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        """Say whether the Parameters are trained (`False` freezes them); returns the Module itself."""
        for param in self.parameters():
            param.requires_grad_(requires_grad)
        return self

    def share_memory(self):
        """This Module: threads share its memory already, and numbacnn has no processes that would."""
        return self

    def zero_grad(self, set_to_none=True):
        """Reset all gradients: to None, or to zeros in place."""
        for param in self.parameters():
            if set_to_none:
                param.grad = None
            elif param.grad is not None:
                param.grad.zero_()

    def apply(self, fn):
        """Call `fn(module)` for every Module below, then for this one; returns the Module itself."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def extra_repr(self):
        """What to print between the brackets besides the children."""
        return ""

    def __repr__(self):
        return module_text(self)

    def _repr_html_(self):
        return module_html(self)
