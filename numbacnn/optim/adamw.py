"""AdamW: Adam whose weight decay does not pass through the gradient.

Source: Loshchilov & Hutter, Decoupled Weight Decay Regularization, ICLR 2019, arXiv:1711.05101, algorithm 2; as in
PyTorch the learning rate, and so its schedule, multiplies the decay.
"""

from numbacnn.optim.adam import Adam


class AdamW(Adam):
    """param -= lr * (m_hat / (sqrt(v_hat) + eps) + weight_decay * param), m_hat and v_hat as in `Adam`.

    Parameters
    ----------
    params : iterable
        See `Optimizer`.
    lr : float
        Learning rate.
    betas : (float, float)
        beta1 and beta2: how much of m and of v each step keeps.
    eps : float
        Keeps the division defined.
    weight_decay : float
        Each step takes lr * weight_decay of the param away.
    amsgrad : bool
        Divide by the root of the largest v so far, so that no step size grows again.
    maximize : bool
        Climb instead of descend.
    foreach, capturable, differentiable, fused
        As in PyTorch; see `numbacnn.optim.hints.check_hints`.

    Raises
    ------
    ValueError
        If a setting is out of range.
    NotImplementedError
        If `capturable` or `differentiable` is asked for.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, *, maximize=False,
                 foreach=None, capturable=False, differentiable=False, fused=None):
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize,
                         capturable=capturable, differentiable=differentiable, fused=fused, decoupled_weight_decay=True)
