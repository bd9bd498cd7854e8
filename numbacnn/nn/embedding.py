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
        If an argument is not a whole number or too small, or if padding_idx is none of the numbers.
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


class EmbeddingBag(Embedding):
    """The sum, mean or maximum of the vectors of the whole numbers in each bag.

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        How many numbers, and how long a vector.
    mode : {"mean", "sum", "max"}
    include_last_offset : bool
        Whether the last of the offsets is where the last bag ends.
    padding_idx : int, optional
        A number that is left out of its bag.
    max_norm, norm_type, scale_grad_by_freq, sparse, _weight
        Not offered beyond their defaults.

    Attributes
    ----------
    weight : Parameter (num_embeddings, embedding_dim)
        Drawn from the normal distribution.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a whole number or too small, or if the mode is none of the three.
    NotImplementedError
        For what is not offered.
    """

    def __init__(self, num_embeddings, embedding_dim, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, mode="mean",
                 sparse=False, _weight=None, include_last_offset=False, padding_idx=None, device=None, dtype=None):
        not_offered("EmbeddingBag", max_norm=(max_norm, None), norm_type=(norm_type, 2.0), sparse=(sparse, False),
                    scale_grad_by_freq=(scale_grad_by_freq, False), _weight=(_weight, None))
        if mode not in ("mean", "sum", "max"):
            raise ValueError(f"EmbeddingBag: mode has to be one of sum, mean or max, got {mode!r}")
        super().__init__(num_embeddings, embedding_dim, padding_idx, device=device, dtype=dtype)
        self.mode, self.include_last_offset = mode, include_last_offset

    def forward(self, input, offsets=None, per_sample_weights=None):
        """One vector for each bag: a row of `input` (bags, numbers), or the numbers of (numbers,) from each offset on."""
        return F.embedding_bag(input, self.weight, offsets, mode=self.mode, per_sample_weights=per_sample_weights,
                               include_last_offset=self.include_last_offset, padding_idx=self.padding_idx)

    def extra_repr(self):
        return (f"{self.num_embeddings}, {self.embedding_dim}, mode={self.mode!r}"
                + ("" if self.padding_idx is None else f", padding_idx={self.padding_idx}"))
