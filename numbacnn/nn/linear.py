"""Dense layers, and one that does nothing."""

from numbacnn.tensors.creation import empty
from numbacnn.nn import functional as F
from numbacnn.nn import init
from numbacnn.nn.arguments import whole
from numbacnn.nn.module import Module
from numbacnn.nn.parameter import Parameter, UninitializedParameter
from numbacnn.nn.traceable import traceable


class Linear(Module):
    """Every output sees every input: out = input @ weight.T + bias.

    Parameters
    ----------
    in_features, out_features : int
        Numbers in and out for each sample.
    bias : bool
        Whether a number for each output is added.

    Attributes
    ----------
    weight : Parameter (out_features, in_features)
        Drawn evenly from [-b, b) with b = 1 / sqrt(in_features).
    bias : Parameter (out_features,) or None
        Drawn likewise.

    Raises
    ------
    TypeError, ValueError
        If an extent is not a whole number of at least 1.
    """

    def __init__(self, in_features, out_features, bias=True, device=None, dtype=None):
        super().__init__()
        self.in_features = whole("Linear", "in_features", in_features, 1)
        self.out_features = whole("Linear", "out_features", out_features, 1)
        self.weight = Parameter(empty(self.out_features, self.in_features, dtype=dtype, device=device))
        if bias:
            self.bias = Parameter(empty(self.out_features, dtype=dtype, device=device))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw weight and bias anew."""
        init.reset_(self.weight, self.bias)

    @traceable
    def forward(self, input):
        """Apply to the last dimension of `input` (..., in_features)."""
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self):
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class LazyLinear(Linear):
    """A Linear that takes `in_features` from its first input, and is an ordinary Linear from then on.

    Parameters
    ----------
    out_features : int
        Numbers out for each sample.
    bias : bool
        Whether a number for each output is added.
    """

    def __init__(self, out_features, bias=True, device=None, dtype=None):
        Module.__init__(self)
        self.in_features = 0
        self.out_features = whole("LazyLinear", "out_features", out_features, 1)
        self._made_with = {"device": device, "dtype": dtype}
        self.weight = UninitializedParameter()
        if bias:
            self.bias = UninitializedParameter()
        else:
            self.register_parameter("bias", None)

    def reset_parameters(self):
        """Nothing to draw yet."""

    def forward(self, input):
        """Become a Linear of the right size, then apply it."""
        if isinstance(self.weight, UninitializedParameter):
            made = Linear(input.shape[-1], self.out_features, self.bias is not None, **self._made_with)
            self.weight.materialize(made.weight)
            if self.bias is not None:
                self.bias.materialize(made.bias)
        self.in_features = self.weight.shape[1]
        del self._made_with
        self.__class__ = Linear
        return self.forward(input)


class Identity(Module):
    """Hands its input on; takes any arguments, so that it can stand in for another layer."""

    def __init__(self, *args, **kwargs):
        super().__init__()

    @traceable
    def forward(self, input):
        """`input` itself."""
        return input
