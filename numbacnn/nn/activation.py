"""Non-linearities as layers."""

from numbacnn.nn import functional as F
from numbacnn.nn.module import Module
from numbacnn.nn.repeatable import repeatable


class ReLU(Module):
    """max(x, 0) of each element.

    Parameters
    ----------
    inplace : bool
        Accepted as in PyTorch and shown when printed; the result is a new Tensor either way.
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace

    @repeatable
    def forward(self, input):
        """max(input, 0)."""
        return F.relu(input)

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


class Tanh(Module):
    """The hyperbolic tangent of each element."""

    @repeatable
    def forward(self, input):
        """tanh(input)."""
        return F.tanh(input)
