"""Non-linearities as layers."""

from numbacnn.nn import functional as F
from numbacnn.nn.module import Module
from numbacnn.nn.traceable import traceable


class _InPlace(Module):
    """Base of the non-linearities whose only setting is `inplace`.

    Parameters
    ----------
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


class ReLU(_InPlace):
    """max(x, 0) of each element.

    Parameters
    ----------
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.
    """

    @traceable
    def forward(self, input):
        """max(input, 0)."""
        return F.relu(input, self.inplace)


class Tanh(Module):
    """The hyperbolic tangent of each element."""

    @traceable
    def forward(self, input):
        """tanh(input)."""
        return F.tanh(input)


class Sigmoid(Module):
    """1 / (1 + exp(-x)) of each element."""

    @traceable
    def forward(self, input):
        """sigmoid(input)."""
        return F.sigmoid(input)


class LogSigmoid(Module):
    """The logarithm of the sigmoid of each element."""

    @traceable
    def forward(self, input):
        """log(sigmoid(input))."""
        return F.logsigmoid(input)


class LeakyReLU(Module):
    """x where it is above 0, else negative_slope * x.

    Parameters
    ----------
    negative_slope : float
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.
    """

    def __init__(self, negative_slope=0.01, inplace=False):
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    @traceable
    def forward(self, input):
        """leaky_relu(input)."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self):
        return f"negative_slope={self.negative_slope}" + (", inplace=True" if self.inplace else "")


class ELU(Module):
    """x where it is above 0, else alpha * (exp(x) - 1).

    Parameters
    ----------
    alpha : float
        Minus the limit for numbers far below 0.
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.
    """

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    @traceable
    def forward(self, input):
        """elu(input)."""
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self):
        return f"alpha={self.alpha}" + (", inplace=True" if self.inplace else "")


class GELU(Module):
    """x times the share of a standard normal distribution that lies below x.

    Parameters
    ----------
    approximate : {"none", "tanh"}
        Whether to use a formula with tanh for that share.
    """

    def __init__(self, approximate="none"):
        super().__init__()
        self.approximate = approximate

    @traceable
    def forward(self, input):
        """gelu(input)."""
        return F.gelu(input, self.approximate)

    def extra_repr(self):
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    """log(1 + exp(beta * x)) / beta of each element.

    Parameters
    ----------
    beta : float
        How sharp the corner is.
    threshold : float
        Where beta * x is above it, the result is x.
    """

    def __init__(self, beta=1.0, threshold=20.0):
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    @traceable
    def forward(self, input):
        """softplus(input)."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self):
        return f"beta={self.beta}, threshold={self.threshold}"


class Softmax(Module):
    """Positive numbers that sum to 1 along a dimension.

    Parameters
    ----------
    dim : int
        Which dimension; without it PyTorch's old choice is taken, with its warning.
    """

    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim

    @traceable
    def forward(self, input):
        """softmax(input)."""
        return F.softmax(input, self.dim, 5)

    def extra_repr(self):
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """The logarithm of the softmax along a dimension.

    Parameters
    ----------
    dim : int
        Which dimension; without it PyTorch's old choice is taken, with its warning.
    """

    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim

    @traceable
    def forward(self, input):
        """log_softmax(input)."""
        return F.log_softmax(input, self.dim, 5)

    def extra_repr(self):
        return f"dim={self.dim}"
