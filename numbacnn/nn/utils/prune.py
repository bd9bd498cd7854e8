"""Pruning: some weights are held at 0 by a mask; the Parameter `name` gives way to `name_orig` and the buffer `name_mask`.

Source: Han, Pool, Tran & Dally 2015, "Learning both weights and connections for efficient neural networks", section 3.
"""

import numpy as np

from numbacnn.nn.utils.reparameterization import hook_of, put_back
from numbacnn.tensors.absent import refusing
from numbacnn.tensors.generator import default_generator
from numbacnn.tensors.internals import detached

__all__ = ["is_pruned", "l1_unstructured", "random_unstructured", "remove"]
__getattr__ = refusing(__name__, __all__)


class Pruned:
    """The forward pre-hook that makes the weight anew: the original times the mask."""

    def __init__(self, name):
        self.name = name

    def __call__(self, module, args):
        setattr(module, self.name, getattr(module, f"{self.name}_orig") * getattr(module, f"{self.name}_mask"))


def random_unstructured(module, name, amount):
    """Hold weights at 0 that are drawn, each as likely; see `l1_unstructured`."""
    return _prune(module, name, amount, lambda weight: default_generator.numpy.random(weight.size))


def l1_unstructured(module, name, amount, importance_scores=None):
    """Hold the weights at 0 that are nearest to it; pruned again, those that are left are counted.

    Parameters
    ----------
    module : Module
    name : str
        Of its Parameter.
    amount : int or float
        How many weights, or which part of them, from 0 to 1.
    importance_scores : Tensor, optional
        Of the shape of the weight; the least important go, instead of the smallest.

    Returns
    -------
    Module
        `module` itself.

    Raises
    ------
    TypeError, ValueError
        If the amount is not a number, below 0, or more than there is.
    """
    scores = None if importance_scores is None else importance_scores.detach().numpy()
    return _prune(module, name, amount, lambda weight: np.abs(weight if scores is None else scores).reshape(-1))


def _count(amount, size):
    """Number of the `size` weights that `amount` means."""
    if isinstance(amount, bool) or not isinstance(amount, (int, float)):
        raise TypeError(f"prune: amount must be an int or a float, got {amount!r}")
    if amount < 0 or isinstance(amount, float) and amount > 1:
        raise ValueError(f"prune: amount={amount} should be an int from 0 up, or a float in the range [0, 1]")
    if amount > size:
        raise ValueError(f"amount={amount} should be smaller than the number of parameters to prune={size}")
    return amount if isinstance(amount, int) else round(amount * size)


def _prune(module, name, amount, scores_of):
    hook = hook_of(module, Pruned, name)
    weight = getattr(module, name if hook is None else f"{name}_orig")
    mask = np.ones(weight.shape, weight.dtype) if hook is None else getattr(module, f"{name}_mask").numpy().copy()
    left = np.flatnonzero(mask)
    scores = scores_of(weight.detach().numpy())[left]
    mask.reshape(-1)[left[np.argsort(scores, kind="stable")[:_count(amount, len(left))]]] = 0
    if hook is None:
        hook = Pruned(name)
        delattr(module, name)
        module.register_parameter(f"{name}_orig", weight)
        module.register_forward_pre_hook(hook)
    module.register_buffer(f"{name}_mask", detached(mask))
    hook(module, ())
    return module


def remove(module, name):
    """Make the pruned weight a Parameter again; what was held at 0 is 0, and trains from now on.

    Returns
    -------
    Module
        `module` itself.

    Raises
    ------
    ValueError
        If it is not pruned.
    """
    hook = hook_of(module, Pruned, name)
    if hook is None:
        raise ValueError(f"Parameter '{name}' of module {type(module).__name__} has to be pruned before pruning can be removed")
    hook(module, ())
    return put_back(module, hook, getattr(module, name), f"{name}_orig", f"{name}_mask")


def is_pruned(module):
    """Whether a weight of the module, or of one inside, is pruned."""
    return any(isinstance(hook, Pruned) for each in module.modules() for hook in each._forward_pre_hooks.values())
