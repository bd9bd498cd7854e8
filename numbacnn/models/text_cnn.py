"""A convolutional network for sentences."""
from collections import OrderedDict

from numbacnn import nn
from numbacnn.models.branches import Concatenated

DIMENSIONS = 32  # of a word vector
PADDING = 0  # the token behind the end of a sentence


class WordVectors(nn.Embedding):
    """Tokens (N, length) as vectors (N, dimensions, length): the dimensions are the channels of a convolution."""

    def forward(self, input):
        """The vectors of the tokens in `input`, one in each column."""
        return super().forward(input).transpose(1, 2).contiguous()


class TextCNN(nn.Sequential):
    """A vector for each word, filters over 3, 4 and 5 words, the strongest answer of each filter, one dense layer.

    The network of Kim 2014, "Convolutional Neural Networks for Sentence Classification", EMNLP, section 2, as its
    CNN-rand: the word vectors are learned with the rest. A filter that knows "not very good" finds it anywhere in the
    sentence, for of its answers at all places only the largest counts ("max over time"). What differs from the paper:

    - 32 filters of each width on vectors of 32 numbers, for small vocabularies; the paper has 100 and 300.
    - Weights are not kept below a norm; dropout is the paper's.

    Parameters
    ----------
    vocabulary : int
        How many tokens there are; token 0 stands behind the end of a sentence, and its vector is zeros.
    length : int
        Tokens of a sentence, at least as many as the widest filter spans.
    classes : int
        Number of outputs.
    dimensions : int
        Numbers of a word vector.
    filters : int
        How many of each width.
    widths : sequence of int
        Words that a filter spans.
    dropout : float
        Part of the filters' answers that are set to zero in training.

    Raises
    ------
    ValueError
        If the sentences are too short for the filters.

    Examples
    --------
    >>> TextCNN(vocabulary=43, length=16)(numbacnn.zeros(64, 16, dtype=numbacnn.int64)).shape
    (64, 2)
    """

    takes = ("tokens",)

    def __init__(self, vocabulary=43, length=16, classes=2, dimensions=DIMENSIONS, filters=32, widths=(3, 4, 5),
                 dropout=0.5):
        if length < max(widths):
            raise ValueError(f"text_cnn: sequences of {length} tokens are too short: a filter spans {max(widths)}; use "
                             f"sequences of at least {max(widths)}, or the model mlp")
        super().__init__(OrderedDict(
            embedding=WordVectors(vocabulary, dimensions, padding_idx=PADDING),
            filters=Concatenated(OrderedDict(
                (f"width{width}", _over_time(dimensions, filters, width, length - width + 1)) for width in widths)),
            flatten=nn.Flatten(),
            dropout=nn.Dropout(dropout),
            fc=nn.Linear(filters * len(widths), classes),
        ))


def _over_time(dimensions, filters, width, places):
    """Filters of one width at all places, and the largest answer of each."""
    return nn.Sequential(OrderedDict(conv=nn.Conv1d(dimensions, filters, width), relu=nn.ReLU(),
                                     pool=nn.MaxPool1d(places)))
