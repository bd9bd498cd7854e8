"""Operations of your own, with a backward of your own."""

import numpy as np

from numbacnn.tensors.internals import array_of, detached, record, version_of
from numbacnn.tensors.tape import grad_mode, no_grad
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import kind_of
from numbacnn.tensors.version import as_saved, check


class Context:
    """The context that forward fills for backward; any attribute may be set.

    Attributes
    ----------
    needs_input_grad : tuple of bool
        For each argument of forward, whether its gradient is asked for.
    """

    def __init__(self, needs_input_grad):
        self.needs_input_grad = needs_input_grad
        self._saved = self._versions = ()
        self._fixed = ()
        self._fills = True

    def save_for_backward(self, *tensors):
        """Keep Tensors for backward; None may be among them."""
        self._saved = tensors
        self._versions = [as_saved(x) for x in tensors if isinstance(x, Tensor)]

    @property
    def saved_tensors(self):
        """The Tensors given to `save_for_backward`; RuntimeError if one has been changed in place since."""
        check("saved_tensors", self._versions)
        return self._saved

    @property
    def saved_variables(self):
        """The saved Tensors, by PyTorch's old name."""
        return self.saved_tensors

    def mark_non_differentiable(self, *tensors):
        """Name outputs through which no gradient passes."""
        self._fixed = tensors

    def mark_dirty(self, *tensors):
        """Refused: forward must not change its inputs."""
        raise NotImplementedError("mark_dirty: an operation of your own that changes its input in place is not offered; "
                                  "return a new Tensor")

    def set_materialize_grads(self, value):
        """Whether backward gets zeros, or else None, for an output that nothing depends on."""
        self._fills = value


class Function:
    """An operation with a derivative of your own: write static methods `forward(ctx, ...)` and `backward(ctx, dout)`, call `apply`.

    `forward` computes without the tape. `backward` gets the gradient of each output and returns that of each argument
    of forward, None for those that are not Tensors. Instead of saving in `forward(ctx, ...)`, a static method
    `setup_context(ctx, inputs, output)` may do it; then forward takes the arguments alone.

    Examples
    --------
    >>> class Square(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...     @staticmethod
    ...     def backward(ctx, dout):
    ...         x, = ctx.saved_tensors
    ...         return 2 * x * dout
    """

    setup_context = None

    @staticmethod
    def forward(ctx, *args, **kwargs):
        """Compute the operation; every class defines it."""
        raise NotImplementedError("Function: write a static method forward(ctx, ...)")

    @staticmethod
    def backward(ctx, *grad_outputs):
        """The gradients of the arguments of forward; to be written by each class."""
        raise NotImplementedError("Function: write a static method backward(ctx, dout)")

    def __call__(self, *args):
        raise RuntimeError(f"{type(self).__name__}: call the class: {type(self).__name__}.apply(...)")

    @classmethod
    def apply(cls, *args):
        """Run forward, and note backward on the tape.

        Returns
        -------
        Tensor or tuple of Tensor
            What forward returns.
        """
        wanted = tuple(isinstance(arg, Tensor) and arg.requires_grad for arg in args)
        ctx = Context(wanted if grad_mode.enabled else (False,) * len(args))
        with no_grad():
            if cls.setup_context is None:
                made = cls.forward(ctx, *args)
            else:
                made = cls.forward(*args)
                cls.setup_context(ctx, args, made)
        if not grad_mode.enabled or not any(wanted):
            return made
        outputs = made if isinstance(made, tuple) else (made,)
        parents = tuple(arg for arg in args if isinstance(arg, Tensor))
        tracked = [k for k, out in enumerate(outputs) if isinstance(out, Tensor) and out.dtype.kind == "f"
                   and not any(out is fixed for fixed in ctx._fixed)]
        run = _Run(cls, ctx, args, [outputs[k] for k in tracked])
        if len(tracked) == 1:
            k = tracked[0]
            new = {k: _on_tape(outputs[k], args, parents, lambda dout: run([dout]), cls.__name__)}
        else:  # a node for all, which the nodes of the outputs hand their gradients to
            hub = record(np.zeros(()), parents, lambda dout: run.finish(), cls.__name__, True, ())
            new = {k: _on_tape(outputs[k], args, (hub,), run.note(n), cls.__name__) for n, k in enumerate(tracked)}
        out = tuple(new.get(k, each) for k, each in enumerate(outputs))
        return out if isinstance(made, tuple) else out[0]


def _on_tape(out, args, parents, backward, name):
    """The output `out` of forward as the result of an operation.

    It stays in the memory of `out`, so that `saved_tensors` notices a change in place. An argument that forward returns,
    or a view of one, is copied: a change of the result must not change the argument, whose place on the tape stays.
    """
    if any(isinstance(arg, Tensor) and version_of(arg) is version_of(out) for arg in args):
        return record(array_of(out).copy(), parents, backward, name, True, ())
    result = record(array_of(out), parents, backward, name, True, ())
    version_of(out).share(out, result)
    return result


class _Run:
    """One call of a Function: takes the gradients of its outputs, gives those of its Tensors."""

    def __init__(self, function, ctx, args, outputs):
        self.function, self.ctx, self.args = function, ctx, args
        self.shapes = [(out.shape, out.dtype) for out in outputs]
        self.arrived = [None] * len(outputs)

    def note(self, n):
        """The backward of output number n: note its gradient for `finish`."""
        def backward(dout):
            self.arrived[n] = dout
            return (np.zeros(()),)

        return backward

    def finish(self):
        """Hand over what arrived, once all has."""
        arrived, self.arrived = self.arrived, [None] * len(self.shapes)
        return self(arrived)

    def __call__(self, gradients):
        filled = [detached(np.zeros(shape, dtype) if dout is None else dout) if dout is not None or self.ctx._fills
                  else None for dout, (shape, dtype) in zip(gradients, self.shapes)]
        with no_grad():
            found = self.function.backward(self.ctx, *filled)
        found = found if isinstance(found, tuple) else (found,)
        name = self.function.__name__
        if len(found) < len(self.args) or any(part is not None for part in found[len(self.args):]):
            raise RuntimeError(f"{name}: backward returned {len(found)} gradients, but forward takes {len(self.args)} arguments; "
                               "return None for those that need none")
        return [self._checked(part, arg) for part, arg in zip(found, self.args) if isinstance(arg, Tensor)]

    def _checked(self, part, arg):
        if part is None:
            return None
        if not isinstance(part, Tensor):
            raise TypeError(f"{self.function.__name__}: backward returns a Tensor or None for each argument, got {kind_of(part)}")
        if tuple(part.shape) != tuple(arg.shape):
            raise RuntimeError(f"{self.function.__name__}: backward returned a gradient of shape {tuple(part.shape)} for an "
                               f"argument of shape {tuple(arg.shape)}")
        return np.array(array_of(part), arg.dtype)
