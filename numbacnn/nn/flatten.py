"""From images to vectors."""

from numbacnn.nn.module import Module
from numbacnn.nn.traceable import traceable


class Flatten(Module):
    """Dimensions `start_dim` to `end_dim`, both included, joined into one: (N, C, H, W) becomes (N, C*H*W).

    Parameters
    ----------
    start_dim, end_dim : int
        First and last dimension to join; by default all but the batch.
    """

    def __init__(self, start_dim=1, end_dim=-1):
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    @traceable
    def forward(self, input):
        """`input.flatten(start_dim, end_dim)`."""
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Dimension `dim` parted into several: with dim 1, (N, C*H*W) becomes (N, C, H, W).

    Parameters
    ----------
    dim : int
    unflattened_size : sequence of int
        One may be -1, meaning what is left.
    """

    def __init__(self, dim, unflattened_size):
        super().__init__()
        self.dim = dim
        self.unflattened_size = unflattened_size

    @traceable
    def forward(self, input):
        """Part the dimension."""
        dim = self.dim + input.ndim if self.dim < 0 else self.dim
        if not 0 <= dim < input.ndim:
            raise IndexError(f"Unflatten: dim {self.dim} is out of range for an input of {input.ndim} dimensions")
        return input.reshape(*input.shape[:dim], *self.unflattened_size, *input.shape[dim + 1:])

    def extra_repr(self):
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
