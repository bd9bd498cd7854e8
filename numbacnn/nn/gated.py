"""Smooth non-linearities with a gate, as layers."""

from numbacnn.nn import functional as F
from numbacnn.nn.activation import _InPlace
from numbacnn.nn.module import Module
from numbacnn.nn.traceable import traceable


class SiLU(_InPlace):
    """x * sigmoid(x) of each element, also called swish.

    Parameters
    ----------
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.
    """

    @traceable
    def forward(self, input):
        """silu(input)."""
        return F.silu(input, self.inplace)


class Mish(_InPlace):
    """x * tanh(softplus(x)) of each element.

    Parameters
    ----------
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.
    """

    @traceable
    def forward(self, input):
        """mish(input)."""
        return F.mish(input, self.inplace)


class SELU(_InPlace):
    """1.0507 * elu(x, 1.6733) of each element, which keeps mean 0 and variance 1.

    Parameters
    ----------
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.
    """

    @traceable
    def forward(self, input):
        """selu(input)."""
        return F.selu(input, self.inplace)


class CELU(Module):
    """x where it is above 0, else alpha * (exp(x / alpha) - 1).

    Parameters
    ----------
    alpha : float
        Minus the limit for numbers far below 0.
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.
    """

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    @traceable
    def forward(self, input):
        """celu(input)."""
        return F.celu(input, self.alpha, self.inplace)

    def extra_repr(self):
        return f"alpha={self.alpha}" + (", inplace=True" if self.inplace else "")


class GLU(Module):
    """a * sigmoid(b), where a and b are the two halves of the input along a dimension.

    Parameters
    ----------
    dim : int
        The dimension that is halved.
    """

    def __init__(self, dim=-1):
        super().__init__()
        self.dim = dim

    @traceable
    def forward(self, input):
        """glu(input)."""
        return F.glu(input, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class Softsign(Module):
    """x / (1 + |x|) of each element."""

    @traceable
    def forward(self, input):
        """softsign(input)."""
        return F.softsign(input)


class Tanhshrink(Module):
    """x - tanh(x) of each element."""

    @traceable
    def forward(self, input):
        """tanhshrink(input)."""
        return F.tanhshrink(input)


class Softmin(Module):
    """The softmax of -x along a dimension: the smallest number gets most.

    Parameters
    ----------
    dim : int
        Which dimension sums to 1.
    """

    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim

    @traceable
    def forward(self, input):
        """softmin(input)."""
        return F.softmin(input, self.dim, 5)

    def extra_repr(self):
        return f"dim={self.dim}"


class Softmax2d(Module):
    """The softmax over the channels at each pixel of images (N, C, H, W) or (C, H, W)."""

    @traceable
    def forward(self, input):
        """softmax(input, -3)."""
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.ndim}D instead")
        return F.softmax(input, -3)
