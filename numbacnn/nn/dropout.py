"""Dropout layers."""

from numbacnn.nn import functional as F
from numbacnn.nn.functional.dropout import check_probability
from numbacnn.nn.module import Module


class Dropout(Module):
    """In training each number is 0 with probability p and otherwise divided by 1 - p; in `eval()` the input passes.

    Parameters
    ----------
    p : float
        From 0 to 1.
    inplace : bool
        Accepted as in PyTorch and shown when printed; the result is a new Tensor either way.

    Raises
    ------
    ValueError
        If p is no probability.

    Notes
    -----
    Where the lots come from: `numbacnn.nn.functional.dropout`. Source: Srivastava et al. 2014, "Dropout: a simple way
    to prevent neural networks from overfitting".
    """

    def __init__(self, p=0.5, inplace=False):
        super().__init__()
        check_probability(type(self).__name__, p)
        self.p = p
        self.inplace = inplace

    def forward(self, input):
        """Drop numbers of `input`."""
        return F.dropout(input, self.p, self.training)

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


class Dropout1d(Dropout):
    """The same for whole channels of rows of pixels (N, C, W)."""

    def forward(self, input):
        """Drop channels of `input`."""
        return F.dropout1d(input, self.p, self.training)


class Dropout2d(Dropout):
    """The same for whole channels of images (N, C, H, W): neighbouring pixels are much alike and go together."""

    def forward(self, input):
        """Drop channels of `input`."""
        return F.dropout2d(input, self.p, self.training)


class Dropout3d(Dropout):
    """The same for whole channels of volumes (N, C, D, H, W)."""

    def forward(self, input):
        """Drop channels of `input`."""
        return F.dropout3d(input, self.p, self.training)
