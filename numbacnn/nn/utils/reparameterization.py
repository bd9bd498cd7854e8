"""Parameters that are made anew before each forward pass: a hook computes the weight from Parameters of other names.

`weight_norm`, `spectral_norm` and `prune` are such hooks; here is how they are found, and taken away again.
"""

from numbacnn.nn.parameter import Parameter


def hook_of(module, kind, name):
    """The forward pre-hook of the class `kind` that makes the Parameter `name` of a Module; None if there is none."""
    return next((hook for hook in module._forward_pre_hooks.values() if isinstance(hook, kind) and hook.name == name), None)


def put_back(module, hook, weight, *others):
    """Make a weight a Parameter again: its hook goes, and so do the Parameters and buffers `others` that it was made from.

    Returns
    -------
    Module
        `module` itself.
    """
    for gone in (hook.name, *others):
        delattr(module, gone)
    module.register_parameter(hook.name, Parameter(weight.detach()))
    [key] = [key for key, each in module._forward_pre_hooks.items() if each is hook]
    del module._forward_pre_hooks[key]
    return module
