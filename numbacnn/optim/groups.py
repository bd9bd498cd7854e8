"""Parameter groups that optimizers take."""


def decay_weights_only(module, weight_decay):
    """Two parameter groups: weights, which decay, and all else (biases, scales and shifts), which does not.

    A bias moves a result without making it steeper, so its size says nothing about over-fitting. The optimizer takes
    the groups in place of `module.parameters()`: `optim.SGD(optim.decay_weights_only(model, 1e-3), lr=0.1)`.

    Parameters
    ----------
    module : numbacnn.nn.Module
        The network.
    weight_decay : float
        For the weights: the Parameters of two dimensions or more.

    Returns
    -------
    list of dict
        One or two groups, `{"params": [...], "weight_decay": ...}`; none of them is empty.

    Raises
    ------
    ValueError
        If a Parameter has no numbers yet, so that it could be either.
    """
    weights, others = [], []
    for name, param in module.named_parameters():
        if param.numel() == 0:
            raise ValueError(f"decay_weights_only: {name} has no numbers yet, its layer is lazy; call the network on "
                             "a batch first")
        (weights if param.ndim >= 2 else others).append(param)
    groups = [{"params": weights, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]
