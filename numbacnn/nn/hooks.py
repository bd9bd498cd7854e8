"""Hooks: functions that a Module calls before or after its forward, or when gradients pass it."""

from numbacnn.nn.layer_names import name_layer
from numbacnn.nn.traceable import structure
from numbacnn.tensors.hooks import TensorHook
from numbacnn.tensors.internals import detached, needs_grad, storage_of
from numbacnn.tensors.listeners import listened_forward, listeners
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.views import Step, take_view

REGISTERS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


class HookHandle(TensorHook):
    """A registered hook of a Module; `remove()`, or leaving a `with` block, takes it away again."""

    def __init__(self, hooks, hook, first=False):
        others = dict(hooks) if first else {}
        if first:
            hooks.clear()
        super().__init__(hooks, hook)
        hooks.update(others)

    def remove(self):
        """Take the hook away; once is enough, more does no harm."""
        if self.registered:
            super().remove()
            structure.version += 1  # without hooks a chain may be traced again


class _WithKwargs:
    """A hook that is called with the keyword arguments, too."""

    def __init__(self, function):
        self.function = function


class Hooked:
    """The part of a Module that calls `forward`, and hooks around it."""

    def __call__(self, *args, **kwargs):
        try:
            for hook in [*self._forward_pre_hooks.values()]:
                if type(hook) is _WithKwargs:
                    args, kwargs = hook.function(self, args, kwargs) or (args, kwargs)
                    continue
                changed = hook(self, args)
                if changed is not None:
                    args = changed if isinstance(changed, tuple) else (changed,)
            passing = _Passing(self) if self._backward_hooks or self._backward_pre_hooks else None
            if passing is not None:
                args = passing.inputs(args)
            out = listened_forward(self, args, kwargs) if listeners else self.forward(*args, **kwargs)
            for hook in [*self._forward_hooks.values()]:
                wide = type(hook) is _WithKwargs
                changed = hook.function(self, args, kwargs, out) if wide else hook(self, args, out)
                out = out if changed is None else changed
            return out if passing is None else passing.outputs(out)
        except (IndexError, RuntimeError, TypeError, ValueError) as error:
            name_layer(error, self)
            raise

    def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False, always_call=False):
        """Call `hook(module, args, output)` after each forward; what it returns, if not None, replaces the output.

        Parameters
        ----------
        hook : callable
        prepend : bool
            Whether it comes before the hooks there are.
        with_kwargs : bool
            Whether it is called as `hook(module, args, kwargs, output)`.
        always_call : bool
            Only False is offered.
        """
        if always_call:
            raise NotImplementedError("register_forward_hook: always_call=True is not offered")
        structure.changed(self)
        return HookHandle(self._forward_hooks, _WithKwargs(hook) if with_kwargs else hook, prepend)

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        """Call `hook(module, args)` before each forward; what it returns, if not None, replaces the arguments.

        With `with_kwargs` it is called as `hook(module, args, kwargs)`, and returns a pair of them or None.
        """
        structure.changed(self)
        return HookHandle(self._forward_pre_hooks, _WithKwargs(hook) if with_kwargs else hook, prepend)

    def register_full_backward_hook(self, hook, prepend=False):
        """Call `hook(module, grad_input, grad_output)` when the gradients of the inputs are known.

        Both are tuples of Tensors, None where there is no gradient. What the hook returns, if not None, takes the place
        of `grad_input`; that is for a Module with one input.
        """
        structure.changed(self)
        return HookHandle(self._backward_hooks, hook, prepend)

    def register_full_backward_pre_hook(self, hook, prepend=False):
        """Call `hook(module, grad_output)` before gradients pass; what it returns, if not None, takes its place.

        That is for a Module with one output that has a gradient.
        """
        structure.changed(self)
        return HookHandle(self._backward_pre_hooks, hook, prepend)

    def register_backward_hook(self, hook):
        """PyTorch's deprecated name of `register_full_backward_hook`."""
        return self.register_full_backward_hook(hook)


class _Passing:
    """One call of a Module, and the gradients that pass it on the way back."""

    def __init__(self, module):
        self.module, self.expected, self.arrived = module, 0, 0
        self.grad_input, self.grad_output = [], []

    def inputs(self, args):
        """The arguments; the gradient of each Tensor among them is met on its way."""
        self.grad_input = [None] * len(args)
        met = []
        for k, arg in enumerate(args):
            if isinstance(arg, Tensor) and needs_grad(arg):
                self.expected += 1
                arg = _met(arg, lambda dx, k=k: self._arrive(k, dx))
            met.append(arg)
        return tuple(met)

    def outputs(self, out):
        """The result; the gradient of each Tensor in it is met before all others."""
        several = isinstance(out, (tuple, list))
        parts = list(out) if several else [out]
        self.grad_output = [None] * len(parts)
        recorded = sum(isinstance(part, Tensor) and needs_grad(part) for part in parts)
        if recorded > 1 and self.module._backward_pre_hooks:  # their gradients arrive one after the other
            raise NotImplementedError("a backward pre-hook is offered for a Module with one output that has a gradient; "
                                      f"{type(self.module).__name__} has {recorded}. register_hook of each output sees its own")
        parts = [_met(part, lambda dout, k=k: self._leave(k, dout)) if isinstance(part, Tensor) and needs_grad(part)
                 else part for k, part in enumerate(parts)]
        return type(out)(parts) if several else parts[0]

    def _leave(self, k, dout):
        self.grad_output[k] = detached(dout)
        for hook in [*self.module._backward_pre_hooks.values()]:
            changed = hook(self.module, tuple(self.grad_output))
            if changed is not None:
                self.grad_output = list(changed) if isinstance(changed, (tuple, list)) else [changed]
        if not self.expected:  # none of the inputs has a gradient
            self._call()
        return storage_of(self.grad_output[k])

    def _arrive(self, k, dx):
        self.grad_input[k], self.arrived = detached(dx), self.arrived + 1
        if self.arrived < self.expected:
            return dx
        self.arrived = 0  # with retain_graph the gradients come again
        changed = self._call()
        return dx if changed is None else storage_of(changed[k])

    def _call(self):
        """Gradients of the inputs as the hooks change them; None if they leave them."""
        replaced = None
        for hook in [*self.module._backward_hooks.values()]:
            changed = hook(self.module, tuple(self.grad_input), tuple(self.grad_output))
            if changed is not None:
                replaced = changed if isinstance(changed, tuple) else (changed,)
                if len(self.grad_input) != 1 or len(replaced) != 1:
                    raise NotImplementedError("a backward hook that returns gradients is offered for a Module with one input; "
                                              f"{type(self.module).__name__} has {len(self.grad_input)}")
                self.grad_input = list(replaced)
        return replaced


def _met(tensor, meet):
    """A view of the whole Tensor whose gradient goes through `meet`; as in PyTorch it cannot be changed in place."""
    return take_view(tensor, storage_of(tensor), Step("backward_hook", None, lambda dout: (meet(dout),), plain=False))
