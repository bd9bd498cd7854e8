"""Losses as layers."""

from numbacnn.nn import functional as F
from numbacnn.nn.arguments import not_offered
from numbacnn.nn.module import Module


class CrossEntropyLoss(Module):
    """How surprised the network is by the right answer: -log softmax(input)[target], averaged over the batch.

    Parameters
    ----------
    weight, size_average, reduce : None
        Not offered.
    ignore_index : int
        Only -100, which no label has, is offered.
    reduction : {"mean", "sum", "none"}
        What becomes of the losses of a batch.
    label_smoothing : float
        Only 0 is offered.

    Raises
    ------
    ValueError
        If `reduction` is none of these.
    NotImplementedError
        For what is not offered.
    """

    def __init__(self, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
                 label_smoothing=0.0):
        super().__init__()
        if weight is not None:
            raise NotImplementedError("CrossEntropyLoss: weight is not offered")
        not_offered("CrossEntropyLoss", size_average=(size_average, None), ignore_index=(ignore_index, -100),
                    reduce=(reduce, None), label_smoothing=(label_smoothing, 0.0))
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f"CrossEntropyLoss: reduction must be 'mean', 'sum' or 'none', got {reduction!r}")
        self.reduction = reduction

    def forward(self, input, target):
        """The loss of `input`, logits (N, classes), given `target`, labels (N,)."""
        return F.cross_entropy(input, target, reduction=self.reduction)
