"""`Variable`, which every Tensor is since PyTorch 0.4."""

from numbacnn.tensors.tensor import Tensor


class _EveryTensor(type):
    def __call__(cls, data, requires_grad=False, volatile=False):
        if not isinstance(data, Tensor):
            raise TypeError(f"Variable: data must be a Tensor, got {type(data).__name__}")
        if not requires_grad and not data.requires_grad:
            return data
        return data.detach().requires_grad_() if requires_grad else data.detach()

    def __instancecheck__(cls, instance):
        return isinstance(instance, Tensor)


class Variable(metaclass=_EveryTensor):
    """A Tensor: `Variable(x)` is x outside the tape, `Variable(x, requires_grad=True)` a leaf that shares its numbers.

    Parameters
    ----------
    data : Tensor
    requires_grad : bool
    volatile : bool
        Of old, without effect; `no_grad()` does what it did.
    """
