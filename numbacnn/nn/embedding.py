"""Embedding layers."""

from numbacnn.nn import functional as F
from numbacnn.nn import init
from numbacnn.nn.arguments import not_offered, whole
from numbacnn.nn.module import Module
from numbacnn.nn.parameter import Parameter
from numbacnn.tensors.creation import empty
from numbacnn.tensors.tape import no_grad


class Embedding(Module):
    """A vector for each of some whole numbers: classes, words, positions.

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        How many numbers, and how long a vector.
    padding_idx : int, optional
        A number whose vector begins as zeros and stays as it is.
    max_norm, norm_type, scale_grad_by_freq, sparse
        Not offered beyond their defaults.

    Attributes
    ----------
    weight : Parameter (num_embeddings, embedding_dim)
        Drawn from the normal distribution.

    Raises
    ------
    TypeError, ValueError
        If an argument is no whole number, too small, or padding_idx none of the numbers.
    NotImplementedError
        For what is not offered.
    """

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0,
                 scale_grad_by_freq=False, sparse=False, device=None, dtype=None):
        super().__init__()
        not_offered("Embedding", max_norm=(max_norm, None), norm_type=(norm_type, 2.0), sparse=(sparse, False),
                    scale_grad_by_freq=(scale_grad_by_freq, False))
        self.num_embeddings = whole("Embedding", "num_embeddings", num_embeddings, 1)
        self.embedding_dim = whole("Embedding", "embedding_dim", embedding_dim, 1)
        if padding_idx is not None:
            if not -num_embeddings <= whole("Embedding", "padding_idx", padding_idx, -num_embeddings) < num_embeddings:
                raise ValueError(f"Embedding: padding_idx must be within num_embeddings={num_embeddings}, "
                                 f"got {padding_idx}")
            padding_idx %= num_embeddings
        self.padding_idx = padding_idx
        self.weight = Parameter(empty(num_embeddings, embedding_dim, dtype=dtype, device=device))
        self.reset_parameters()

    @no_grad()
    def reset_parameters(self):
        """Draw the vectors anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight[self.padding_idx] = 0

    def forward(self, input):
        """The vectors of the numbers in `input`."""
        return F.embedding(input, self.weight, self.padding_idx)

    def extra_repr(self):
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
