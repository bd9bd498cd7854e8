"""Losses as layers."""

from numbacnn.nn import functional as F
from numbacnn.nn.functional.checks import check_reduction, reduction_of
from numbacnn.nn.module import Module


class _Loss(Module):
    """What all losses have: what becomes of the losses of the elements."""

    def __init__(self, size_average=None, reduce=None, reduction="mean"):
        super().__init__()
        reduction = reduction_of(size_average, reduce, reduction)
        check_reduction(type(self).__name__, reduction)
        self.reduction = reduction


class CrossEntropyLoss(_Loss):
    """How surprised the network is by the right answer: -log softmax(input)[target], averaged over the batch.

    Parameters
    ----------
    weight : Tensor (C,), optional
        How much a class counts.
    ignore_index : int
        A target that takes no part.
    reduction : {"mean", "sum", "none"}
        What becomes of the losses of a batch.
    label_smoothing : float
        In [0, 1]: this part of the right class's probability is spread over all classes evenly.
    size_average, reduce : bool, optional
        Deprecated in PyTorch, which warns and says what `reduction` to give instead.

    Raises
    ------
    ValueError
        If `reduction` is none of these, or `label_smoothing` is out of range.
    """

    def __init__(self, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
                 label_smoothing=0.0):
        super().__init__(size_average, reduce, reduction)
        if not 0 <= label_smoothing <= 1:
            raise ValueError(f"CrossEntropyLoss: label_smoothing must be between 0 and 1, got {label_smoothing!r}")
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input, target):
        """The loss of `input`, logits (N, classes, ...), given `target`, labels (N, ...)."""
        return F.cross_entropy(input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction,
                               label_smoothing=self.label_smoothing)


class NLLLoss(_Loss):
    """-input[target]: the cross-entropy, from logarithms of probabilities such as `LogSoftmax` gives.

    Parameters
    ----------
    weight, ignore_index, reduction, size_average, reduce
        As for `CrossEntropyLoss`.
    """

    def __init__(self, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index

    def forward(self, input, target):
        """The loss of `input`, log-probabilities (N, classes, ...), given `target`, labels (N, ...)."""
        return F.nll_loss(input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class MSELoss(_Loss):
    """(input - target)**2, averaged over all elements; `reduction` is "mean", "sum" or "none"."""

    def forward(self, input, target):
        """The loss of `input` given `target` of the same shape."""
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(_Loss):
    """abs(input - target), averaged over all elements; `reduction` is "mean", "sum" or "none"."""

    def forward(self, input, target):
        """The loss of `input` given `target` of the same shape."""
        return F.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """Like `L1Loss` less beta / 2, but a parabola where the distance is below beta.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What becomes of the losses of a batch.
    beta : float
        At least 0.
    size_average, reduce : bool, optional
        Deprecated in PyTorch, which warns and says what `reduction` to give instead.
    """

    def __init__(self, size_average=None, reduce=None, reduction="mean", beta=1.0):
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input, target):
        """The loss of `input` given `target` of the same shape."""
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class BCELoss(_Loss):
    """How surprised a network is by yes or no: -(target * log(input) + (1 - target) * log(1 - input)).

    Parameters
    ----------
    weight : Tensor, optional
        How much each element counts.
    reduction : {"mean", "sum", "none"}
        What becomes of the losses of a batch.
    size_average, reduce : bool, optional
        Deprecated in PyTorch, which warns and says what `reduction` to give instead.
    """

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)

    def forward(self, input, target):
        """The loss of `input`, probabilities, given `target` of the same shape."""
        return F.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """`BCELoss` of sigmoid(input), exact for large scores too.

    Parameters
    ----------
    weight : Tensor, optional
        How much each element counts.
    reduction : {"mean", "sum", "none"}
        What becomes of the losses of a batch.
    pos_weight : Tensor, optional
        How much a yes counts beside a no.
    size_average, reduce : bool, optional
        Deprecated in PyTorch, which warns and says what `reduction` to give instead.
    """

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None):
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input, target):
        """The loss of `input`, scores, given `target` of the same shape."""
        return F.binary_cross_entropy_with_logits(input, target, self.weight, reduction=self.reduction,
                                                  pos_weight=self.pos_weight)
