"""Layers that compare two inputs."""

from numbacnn.nn import functional as F
from numbacnn.nn import init
from numbacnn.nn.arguments import whole
from numbacnn.nn.module import Module
from numbacnn.nn.parameter import Parameter
from numbacnn.tensors.creation import empty


class CosineSimilarity(Module):
    """The cosine of the angle between two inputs along a dimension.

    Parameters
    ----------
    dim : int
    eps : float
        What a length counts at least.
    """

    def __init__(self, dim=1, eps=1e-8):
        super().__init__()
        self.dim, self.eps = dim, eps

    def forward(self, x1, x2):
        """cosine_similarity(x1, x2)."""
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """The p-norm of x1 - x2 + eps along the last dimension.

    Parameters
    ----------
    p, eps : float
    keepdim : bool
        Whether the last dimension stays, with extent 1.
    """

    def __init__(self, p=2.0, eps=1e-6, keepdim=False):
        super().__init__()
        self.norm, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1, x2):
        """pairwise_distance(x1, x2)."""
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


class Bilinear(Module):
    """out[..., o] = sum_{i, j} x1[..., i] * weight[o, i, j] * x2[..., j] + bias[o].

    Parameters
    ----------
    in1_features, in2_features, out_features : int
    bias : bool

    Attributes
    ----------
    weight : Parameter (out_features, in1_features, in2_features)
        Drawn evenly from [-b, b) with b = 1 / sqrt(in1_features).
    bias : Parameter (out_features,) or None
        Drawn likewise.
    """

    def __init__(self, in1_features, in2_features, out_features, bias=True, device=None, dtype=None):
        super().__init__()
        self.in1_features = whole("Bilinear", "in1_features", in1_features, 1)
        self.in2_features = whole("Bilinear", "in2_features", in2_features, 1)
        self.out_features = whole("Bilinear", "out_features", out_features, 1)
        self.weight = Parameter(empty(out_features, in1_features, in2_features, dtype=dtype, device=device))
        if bias:
            self.bias = Parameter(empty(out_features, dtype=dtype, device=device))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw weight and bias anew."""
        bound = self.in1_features ** -0.5
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1, input2):
        """bilinear(input1, input2)."""
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self):
        return (f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
                f"out_features={self.out_features}, bias={self.bias is not None}")
