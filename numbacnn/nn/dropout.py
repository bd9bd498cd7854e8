"""Dropout layers."""

from numbacnn.nn import functional as F
from numbacnn.nn.functional.dropout import check_probability
from numbacnn.nn.module import Module


class Dropout(Module):
    """Dropout: in training each number is 0 with probability p and otherwise divided by 1 - p; in `eval()` the input passes.

    Parameters
    ----------
    p : float
        From 0 to 1.
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.

    Raises
    ------
    ValueError
        If p is not a probability.

    Notes
    -----
    Where the random numbers come from: `numbacnn.nn.functional.dropout`. Source: Srivastava et al. 2014, "Dropout: a simple way
    to prevent neural networks from overfitting".
    """

    def __init__(self, p=0.5, inplace=False):
        super().__init__()
        check_probability(type(self).__name__, p)
        self.p = p
        self.inplace = inplace

    def forward(self, input):
        """Drop numbers of `input`."""
        return F.dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


class Dropout1d(Dropout):
    """`Dropout` of whole channels of rows of pixels (N, C, W)."""

    def forward(self, input):
        """Drop channels of `input`."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(Dropout):
    """`Dropout` of whole channels of images (N, C, H, W): neighboring pixels are much alike, so they are dropped together."""

    def forward(self, input):
        """Drop channels of `input`."""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(Dropout):
    """`Dropout` of whole channels of volumes (N, C, D, H, W)."""

    def forward(self, input):
        """Drop channels of `input`."""
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(Dropout):
    """Dropout for networks with SELU: dropped numbers take its lower limit, and mean and variance stay."""

    def forward(self, input):
        """Drop numbers of `input`."""
        return F.alpha_dropout(input, self.p, self.training, self.inplace)


class FeatureAlphaDropout(Dropout):
    """`AlphaDropout` of whole channels of images (N, C, ...)."""

    def forward(self, input):
        """Drop channels of `input`."""
        return F.feature_alpha_dropout(input, self.p, self.training, self.inplace)
