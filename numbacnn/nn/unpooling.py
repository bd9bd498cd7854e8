"""The way back from a max-pooling, other kinds of pooling, and normalization by neighboring channels."""

from numbacnn.nn import functional as F
from numbacnn.nn.arguments import several
from numbacnn.nn.module import Module
from numbacnn.nn.traceable import traceable


class MaxUnpool2d(Module):
    """Images of zeros with the numbers put back where they were before a `MaxPool2d(return_indices=True)`.

    Parameters
    ----------
    kernel_size, stride, padding : int or (int, int)
        Those of the pooling.
    """

    dimensions = 2

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        name, count = type(self).__name__, self.dimensions
        self.kernel_size = several(name, "kernel_size", kernel_size, 1, count)
        self.stride = self.kernel_size if stride is None else several(name, "stride", stride, 1, count)
        self.padding = several(name, "padding", padding, 0, count)

    def forward(self, input, indices, output_size=None):
        """Put `input` (N, C, ...) back at its `indices`."""
        unpool = getattr(F, f"max_unpool{self.dimensions}d")
        return unpool(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(MaxUnpool2d):
    """Rows of zeros with the numbers put back where they were; arguments as for `MaxUnpool2d`, an int each."""

    dimensions = 1


class MaxUnpool3d(MaxUnpool2d):
    """Volumes of zeros with the numbers put back where they were; arguments as for `MaxUnpool2d`, an int or three."""

    dimensions = 3


class LPPool2d(Module):
    """(sum of x**p over each window)**(1 / p), p = norm_type: the average for p = 1, near the maximum for a large one.

    Parameters
    ----------
    norm_type : float
        p.
    kernel_size, stride : int or (int, int)
        As for `AvgPool2d`.
    ceil_mode : bool
        Whether a last window may reach beyond the image.
    """

    dimensions = 2

    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        super().__init__()
        self.norm_type, self.kernel_size, self.stride, self.ceil_mode = norm_type, kernel_size, stride, ceil_mode

    @traceable
    def forward(self, input):
        """Pool `input`."""
        pool = getattr(F, f"lp_pool{self.dimensions}d")
        return pool(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self):
        return (f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
                f"ceil_mode={self.ceil_mode}")


class LPPool1d(LPPool2d):
    """(sum of x**p over each window of a row)**(1 / p); arguments as for `LPPool2d`, an int each."""

    dimensions = 1


class LocalResponseNorm(Module):
    """x / (k + alpha * mean of the squares of `size` neighboring channels)**beta, as AlexNet has it.

    Parameters
    ----------
    size : int
        Channels that count, the channel itself in their middle.
    alpha, beta, k : float
    """

    def __init__(self, size, alpha=1e-4, beta=0.75, k=1.0):
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    @traceable
    def forward(self, input):
        """Normalize `input` (N, C, ...)."""
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self):
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
