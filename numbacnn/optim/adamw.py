"""AdamW: Adam whose weight decay does not pass through the gradient.

Source: Loshchilov & Hutter, Decoupled Weight Decay Regularization, ICLR 2019, arXiv:1711.05101, algorithm 2; as in
PyTorch the learning rate, and so its schedule, multiplies the decay.
"""

from numbacnn.engine.update import adamw_update
from numbacnn.optim.adam import Adam


class AdamW(Adam):
    """param -= lr * (mean / (sqrt(square) + eps) + weight_decay * param), mean and square as in `Adam`.

    Parameters
    ----------
    params : iterable
        See `Optimizer`.
    lr : float
        Learning rate.
    betas : (float, float)
        What remains of mean and square from step to step.
    eps : float
        Keeps the division defined.
    weight_decay : float
        Each step takes lr * weight_decay of the param away.
    amsgrad : bool
        Only False is offered.
    maximize : bool
        Climb instead of descend.

    Raises
    ------
    ValueError
        If a setting is out of range.
    NotImplementedError
        For amsgrad.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, *,
                 maximize=False):
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)

    def _move(self, rows, group, **settings):
        adamw_update(*rows, **settings, keep=1 - group["lr"] * group["weight_decay"],
                     sign=-1 if group["maximize"] else 1)
