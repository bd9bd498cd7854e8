"""Hooks of Tensors: functions that see, and may replace, the gradient that passes a Tensor in the backward pass."""

import weakref
from itertools import count

from numbacnn.tensors.memory import Memory
from numbacnn.tensors.storage import as_plain
from numbacnn.tensors.tape import leaf_hooks
from numbacnn.tensors.types import kind_of

_next_key = count().__next__


class TensorHook:
    """A registered hook; `remove()`, or leaving a `with` block, takes it away again."""

    def __init__(self, hooks, hook):
        self._hooks, self._key = hooks, _next_key()
        hooks[self._key] = hook

    @property
    def registered(self):
        """Whether it is still called."""
        return self._key in self._hooks

    def remove(self):
        """Take the hook away; once is enough, more does no harm."""
        self._hooks.pop(self._key, None)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.remove()


class Hooks:
    """Mixin of Tensor: functions that see the gradient on its way."""

    __slots__ = ()

    def register_hook(self, hook):
        """Call `hook(grad)` with the gradient of this Tensor whenever it has been computed.

        Parameters
        ----------
        hook : callable
            Gets a Tensor, which it must not change; a Tensor that it returns takes the gradient's place.

        Returns
        -------
        TensorHook
            Whose `remove()` takes the hook away.

        Raises
        ------
        RuntimeError
            If this Tensor does not require grad.
        """
        if not self._requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if self._node is not None:
            if self._node.hooks is None:
                self._node.hooks = {}
            hooks = self._node.hooks
        else:
            if id(self) not in leaf_hooks:
                leaf_hooks[id(self)] = {}
                weakref.finalize(self, leaf_hooks.pop, id(self), None).atexit = False
            hooks = leaf_hooks[id(self)]
        return TensorHook(hooks, _on_arrays(hook, self._detached, tuple(self.shape)))

    @property
    def retains_grad(self):
        """Whether `retain_grad` was called for this computed Tensor."""
        return self._node is not None and self._node.keeper is self

    @property
    def output_nr(self):
        """0: every operation on the tape has one result."""
        return 0


def _on_arrays(hook, wrap, shape):
    """The hook as the tape calls it: a gradient in, a gradient out."""
    def passing(gradient):
        found = hook(wrap(as_plain(gradient)))
        if found is None:
            return gradient
        if not isinstance(found, Memory):
            raise TypeError(f"a hook of a Tensor returns a Tensor or None, got {kind_of(found)}")
        if tuple(found.shape) != shape:
            raise RuntimeError(f"a hook of a Tensor of shape {shape} returned a gradient of shape {tuple(found.shape)}")
        return found._array

    return passing
