"""Settings of PyTorch's optimizers that say how a step is computed, not what it computes."""


def check_hints(name, foreach=None, fused=None, capturable=False, differentiable=False):
    """Accept what changes nothing here, refuse what would be missed.

    `foreach` and `fused` choose between implementations with equal results, of which numbacnn has one: every parameter
    in one compiled call. `capturable` is for graphs of a graphics card, `differentiable` for gradients of the step itself.

    Raises
    ------
    NotImplementedError
        If capturable or differentiable is asked for.
    RuntimeError
        If both foreach and fused are.
    """
    if foreach and fused:
        raise RuntimeError(f"{name}: `fused` and `foreach` cannot be `True` together.")
    for setting, wanted, why in (("capturable", capturable, "there are no graphs of a graphics card to capture"),
                                 ("differentiable", differentiable, "no gradient passes through a step")):
        if wanted:
            raise NotImplementedError(f"{name}: {setting}=True is not offered: {why}; leave it out")
