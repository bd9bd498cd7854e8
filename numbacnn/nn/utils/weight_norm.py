"""Weights split into a length and a direction, each trained for itself.

Source: Salimans & Kingma, Weight Normalization: A Simple Reparameterization to Accelerate Training of Deep Neural Networks,
NeurIPS 2016, arXiv:1602.07868, section 2, eq. 2.
"""

from numbacnn.nn.parameter import Parameter
from numbacnn.nn.utils.reparameterization import hook_of, put_back


def _length(v, dim):
    """The Euclidean length of v for each index along `dim`, in a shape that divides v; of all of v if `dim` is None."""
    axes = tuple(axis for axis in range(v.ndim) if axis != dim)
    return (v * v).sum(axes, keepdim=True).sqrt() if dim is not None else (v * v).sum().sqrt()


class WeightNorm:
    """The forward pre-hook that makes the weight anew: g v / |v|."""

    def __init__(self, name, dim):
        self.name, self.dim = name, dim

    def weight(self, module):
        """The weight from its length and direction, recorded."""
        g, v = getattr(module, f"{self.name}_g"), getattr(module, f"{self.name}_v")
        return v * (g / _length(v, self.dim))

    def __call__(self, module, args):
        setattr(module, self.name, self.weight(module))


def weight_norm(module, name="weight", dim=0):
    """Train the length and the direction of a weight: weight = g v / |v|, made anew before each forward.

    The Parameter `name` gives way to `name_g`, the lengths, and `name_v`, the direction, which begins as the weight.

    Parameters
    ----------
    module : Module
    name : str
        Of its Parameter.
    dim : int or None
        Along which dimension each index has a length of its own, 0 for one per output channel; None for one in all.

    Returns
    -------
    Module
        `module` itself.

    Raises
    ------
    RuntimeError
        If the weight is normalized already.
    """
    if hook_of(module, WeightNorm, name):
        raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
    weight = getattr(module, name)
    if dim is not None:
        dim = None if dim == -1 else dim % weight.ndim  # as in PyTorch, -1 is one length for all
    hook = WeightNorm(name, dim)
    delattr(module, name)
    module.register_parameter(f"{name}_g", Parameter(_length(weight.detach(), dim)))
    module.register_parameter(f"{name}_v", Parameter(weight.detach()))
    setattr(module, name, hook.weight(module))
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module, name="weight"):
    """Make the weight of `weight_norm` a Parameter again.

    Returns
    -------
    Module
        `module` itself.

    Raises
    ------
    ValueError
        If it is not normalized.
    """
    hook = hook_of(module, WeightNorm, name)
    if hook is None:
        raise ValueError(f"weight_norm of '{name}' not found in {type(module).__name__}")
    return put_back(module, hook, hook.weight(module), f"{name}_g", f"{name}_v")
