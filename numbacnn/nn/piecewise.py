"""Piecewise linear non-linearities as layers."""

from numbacnn.nn import functional as F
from numbacnn.nn.arguments import whole
from numbacnn.nn.module import Module
from numbacnn.nn.parameter import Parameter
from numbacnn.nn.traceable import traceable
from numbacnn.tensors.creation import empty
from numbacnn.tensors.tape import no_grad


class Hardtanh(Module):
    """min(max(x, min_val), max_val) of each element.

    Parameters
    ----------
    min_val, max_val : float
        The range.
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.

    Raises
    ------
    ValueError
        If the range is empty.
    """

    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False):
        super().__init__()
        if not max_val > min_val:
            raise ValueError(f"{type(self).__name__}: max_val must be above min_val, got {max_val} and {min_val}")
        self.min_val, self.max_val, self.inplace = min_val, max_val, inplace

    @traceable
    def forward(self, input):
        """hardtanh(input)."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self):
        return f"min_val={self.min_val}, max_val={self.max_val}" + (", inplace=True" if self.inplace else "")


class ReLU6(Hardtanh):
    """min(max(x, 0), 6) of each element.

    Parameters
    ----------
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.
    """

    def __init__(self, inplace=False):
        super().__init__(0.0, 6.0, inplace)

    @traceable
    def forward(self, input):
        """relu6(input)."""
        return F.relu6(input, self.inplace)

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


class Hardswish(Module):
    """x * relu6(x + 3) / 6 of each element.

    Parameters
    ----------
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace

    @traceable
    def forward(self, input):
        """hardswish(input)."""
        return F.hardswish(input, self.inplace)


class Hardsigmoid(Module):
    """relu6(x + 3) / 6 of each element.

    Parameters
    ----------
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace

    @traceable
    def forward(self, input):
        """hardsigmoid(input)."""
        return F.hardsigmoid(input, self.inplace)


class Threshold(Module):
    """x where it is above a threshold, else a value.

    Parameters
    ----------
    threshold, value : float
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.
    """

    def __init__(self, threshold, value, inplace=False):
        super().__init__()
        self.threshold, self.value, self.inplace = threshold, value, inplace

    @traceable
    def forward(self, input):
        """threshold(input)."""
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self):
        return f"threshold={self.threshold}, value={self.value}" + (", inplace=True" if self.inplace else "")


class Hardshrink(Module):
    """x where it is above lambd or below -lambd, else 0.

    Parameters
    ----------
    lambd : float
        Half the width of what becomes 0.
    """

    def __init__(self, lambd=0.5):
        super().__init__()
        self.lambd = lambd

    @traceable
    def forward(self, input):
        """hardshrink(input)."""
        return F.hardshrink(input, self.lambd)

    def extra_repr(self):
        return f"{self.lambd}"


class Softshrink(Module):
    """x brought nearer to 0 by lambd; 0 where it is nearer than that.

    Parameters
    ----------
    lambd : float
        At least 0.
    """

    def __init__(self, lambd=0.5):
        super().__init__()
        self.lambd = lambd

    @traceable
    def forward(self, input):
        """softshrink(input)."""
        return F.softshrink(input, self.lambd)

    def extra_repr(self):
        return f"{self.lambd}"


class PReLU(Module):
    """x where it is above 0, else weight * x, with a weight that trains.

    Parameters
    ----------
    num_parameters : int
        1, or as many as channels.
    init : float
        What the weights are at first.

    Attributes
    ----------
    weight : Parameter (num_parameters,)
    """

    def __init__(self, num_parameters=1, init=0.25, device=None, dtype=None):
        super().__init__()
        self.num_parameters = whole("PReLU", "num_parameters", num_parameters, 1)
        self.init = init
        self.weight = Parameter(empty(self.num_parameters, dtype=dtype, device=device))
        self.reset_parameters()

    @no_grad()
    def reset_parameters(self):
        """Every weight is `init` again."""
        self.weight.fill_(self.init)

    @traceable
    def forward(self, input):
        """prelu(input)."""
        return F.prelu(input, self.weight)

    def extra_repr(self):
        return f"num_parameters={self.num_parameters}"


class RReLU(Module):
    """x where it is above 0, else slope * x; in training each slope is drawn uniformly from [lower, upper], in evaluation it is their mean.

    Parameters
    ----------
    lower, upper : float
        Limits of the slopes.
    inplace : bool
        Whether to change the input itself instead of making a new Tensor.

    Notes
    -----
    What the forward pass raises: see `numbacnn.nn.functional.rrelu`.
    """

    def __init__(self, lower=1.0 / 8, upper=1.0 / 3, inplace=False):
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input):
        """rrelu(input)."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self):
        return f"lower={self.lower}, upper={self.upper}" + (", inplace=True" if self.inplace else "")
