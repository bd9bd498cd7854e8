"""From images to vectors."""

from numbacnn.nn.module import Module
from numbacnn.nn.repeatable import repeatable


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

    @repeatable
    def forward(self, input):
        """`input.flatten(start_dim, end_dim)`."""
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"
