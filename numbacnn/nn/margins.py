"""Losses with a margin, and of probabilities, as layers."""

from numbacnn.nn import functional as F
from numbacnn.nn.functional.checks import check_reduction, reduction_of
from numbacnn.nn.loss import _Loss
from numbacnn.nn.module import Module


class HingeEmbeddingLoss(_Loss):
    """input where the target is 1, max(0, margin - input) where it is -1.

    Parameters
    ----------
    margin : float
    size_average, reduce, reduction
        As for `MSELoss`.
    """

    def __init__(self, margin=1.0, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input, target):
        """The loss of distances `input`."""
        return F.hinge_embedding_loss(input, target, self.margin, reduction=self.reduction)


class CosineEmbeddingLoss(_Loss):
    """1 - cos(input1, input2) where the target is 1, max(0, cos - margin) where it is -1.

    Parameters
    ----------
    margin : float
    size_average, reduce, reduction
        As for `MSELoss`.
    """

    def __init__(self, margin=0.0, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1, input2, target):
        """The loss of two inputs (N, D), given `target` (N,)."""
        return F.cosine_embedding_loss(input1, input2, target, self.margin, reduction=self.reduction)


class MarginRankingLoss(_Loss):
    """max(0, margin - target * (input1 - input2)): with target 1 the first shall be larger, with -1 the second.

    Parameters
    ----------
    margin : float
    size_average, reduce, reduction
        As for `MSELoss`.
    """

    def __init__(self, margin=0.0, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1, input2, target):
        """The loss of two inputs of one shape."""
        return F.margin_ranking_loss(input1, input2, target, self.margin, reduction=self.reduction)


class TripletMarginLoss(_Loss):
    """max(0, margin + distance(anchor, positive) - distance(anchor, negative)).

    Parameters
    ----------
    margin, p, eps, swap
        As for `numbacnn.nn.functional.triplet_margin_loss`.
    size_average, reduce, reduction
        As for `MSELoss`.
    """

    def __init__(self, margin=1.0, p=2.0, eps=1e-6, swap=False, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        if margin <= 0:
            raise ValueError(f"TripletMarginLoss: expected margin to be greater than 0, got {margin} instead")
        self.margin, self.p, self.eps, self.swap = margin, p, eps, swap

    def forward(self, anchor, positive, negative):
        """The loss of three inputs (N, D)."""
        return F.triplet_margin_loss(anchor, positive, negative, self.margin, self.p, self.eps, self.swap,
                                     reduction=self.reduction)


class TripletMarginWithDistanceLoss(Module):
    """`TripletMarginLoss` with a distance of your own, a function of two Tensors.

    Parameters
    ----------
    distance_function : callable, optional
        `pairwise_distance` by default.
    margin, swap
        As for `TripletMarginLoss`.
    reduction : {"mean", "sum", "none"}
    """

    def __init__(self, *, distance_function=None, margin=1.0, swap=False, reduction="mean"):
        super().__init__()
        check_reduction("TripletMarginWithDistanceLoss", reduction)
        if margin <= 0:
            raise ValueError(f"TripletMarginWithDistanceLoss: expected margin to be greater than 0, got {margin} instead")
        self.distance_function, self.margin, self.swap, self.reduction = distance_function, margin, swap, reduction

    def forward(self, anchor, positive, negative):
        """The loss of three inputs (N, D)."""
        return F.triplet_margin_with_distance_loss(anchor, positive, negative, distance_function=self.distance_function,
                                                   margin=self.margin, swap=self.swap, reduction=self.reduction)


class SoftMarginLoss(_Loss):
    """log(1 + exp(-target * input)), with targets 1 and -1; `reduction` is "mean", "sum" or "none"."""

    def forward(self, input, target):
        """The loss of scores `input`."""
        return F.soft_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(_Loss):
    """The binary cross-entropy with logits, averaged over the classes, the last dimension.

    Parameters
    ----------
    weight : Tensor (C,), optional
        How much a class counts.
    size_average, reduce, reduction
        As for `MSELoss`.
    """

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)

    def forward(self, input, target):
        """The loss of scores `input` (N, C), given ones and zeros."""
        return F.multilabel_soft_margin_loss(input, target, self.weight, reduction=self.reduction)


class MultiMarginLoss(_Loss):
    """sum over the wrong classes c of max(0, margin - input[target] + input[c])**p, divided by the number of classes.

    Parameters
    ----------
    p : int
        1 or 2.
    margin : float
    weight : Tensor (C,), optional
        How much a class counts, as a target.
    size_average, reduce, reduction
        As for `MSELoss`.
    """

    def __init__(self, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        if p not in (1, 2):
            raise ValueError(f"MultiMarginLoss: only p == 1 and p == 2 supported, got {p}")
        self.p, self.margin = p, margin
        self.register_buffer("weight", weight)

    def forward(self, input, target):
        """The loss of scores `input` (N, C), given classes (N,)."""
        return F.multi_margin_loss(input, target, self.p, self.margin, self.weight, reduction=self.reduction)


class KLDivLoss(_Loss):
    """target * (log(target) - input), with input a logarithm: how far the target is from what is predicted.

    Parameters
    ----------
    reduction : {"mean", "batchmean", "sum", "none"}
    log_target : bool
        Whether the target is a logarithm, too.
    size_average, reduce
        As for `MSELoss`.
    """

    def __init__(self, size_average=None, reduce=None, reduction="mean", log_target=False):
        reduction = reduction_of(size_average, reduce, reduction)
        super().__init__(None, None, "mean" if reduction == "batchmean" else reduction)
        self.reduction, self.log_target = reduction, log_target

    def forward(self, input, target):
        """The loss of `input`, logarithms of probabilities."""
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class MultiLabelMarginLoss(_Loss):
    """sum over the targets t and the other classes c of max(0, 1 - input[t] + input[c]), divided by the number of classes.

    Parameters
    ----------
    size_average, reduce, reduction
        As for `MSELoss`.
    """

    def forward(self, input, target):
        """The loss of scores (N, C), given in each row of `target` (N, C) the classes that are meant, up to the first -1."""
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)


class HuberLoss(_Loss):
    """d**2 / 2 where the distance d is at most delta, else delta * (d - delta / 2).

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
    delta : float
        Above 0.
    """

    def __init__(self, reduction="mean", delta=1.0):
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input, target):
        """The loss of `input` given `target` of the same shape."""
        return F.huber_loss(input, target, self.reduction, self.delta)


class GaussianNLLLoss(_Loss):
    """(log(var) + (input - target)**2 / var) / 2: minus the logarithm of a normal density.

    Parameters
    ----------
    full : bool
        Whether the constant log(2 * pi) / 2 is added.
    eps : float
        What a variance is at least.
    reduction : {"mean", "sum", "none"}
    """

    def __init__(self, *, full=False, eps=1e-6, reduction="mean"):
        super().__init__(reduction=reduction)
        self.full, self.eps = full, eps

    def forward(self, input, target, var):
        """The loss of means `input` and variances `var`."""
        return F.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)


class PoissonNLLLoss(_Loss):
    """exp(input) - target * input: minus the logarithm of a Poisson probability, with input the logarithm of the rate.

    Parameters
    ----------
    log_input, full, eps
        As for `numbacnn.nn.functional.poisson_nll_loss`.
    size_average, reduce, reduction
        As for `MSELoss`.
    """

    def __init__(self, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.log_input, self.full, self.eps = log_input, full, eps

    def forward(self, input, target):
        """The loss of `input`, logarithms of rates."""
        return F.poisson_nll_loss(input, target, self.log_input, self.full, eps=self.eps, reduction=self.reduction)
