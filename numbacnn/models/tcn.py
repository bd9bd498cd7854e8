"""A temporal convolutional network for time series."""
from collections import OrderedDict

from numbacnn import nn
from numbacnn.models.branches import Residual


class TCN(nn.Sequential):
    """Causal convolutions that reach twice as far back in each residual block; the last step knows the whole series.

    Bai, Kolter and Koltun 2018, "An Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence
    Modeling", section 3. Nothing looks ahead: before each convolution zeros are put in front of the series, none
    behind it. Block k has two convolutions whose taps are 2^k steps apart, and a shortcut (a convolution of width 1
    where the number of channels changes). There are as many blocks as it takes for the last step to see the first.
    What differs from the paper: no weight normalization.

    Parameters
    ----------
    in_channels, length : int
        Shape of one series.
    classes : int
        Number of outputs.
    channels : int
        Channels of every block.
    kernel_size : int
        Taps of a filter, at least 2.
    dropout : float
        Part of the channels that are set to zero in training, after each convolution of a block.

    Examples
    --------
    >>> TCN(in_channels=1, length=128, classes=6)(numbacnn.zeros(64, 1, 128)).shape
    (64, 6)
    """

    takes = ("series",)

    def __init__(self, in_channels=1, length=128, classes=6, channels=24, kernel_size=7, dropout=0.0):
        blocks = OrderedDict()
        for k in range(blocks_needed(length, kernel_size)):
            blocks[f"block{k + 1}"] = _block(channels if k else in_channels, channels, kernel_size, 2 ** k, dropout)
            blocks[f"relu{k + 1}"] = nn.ReLU()
        super().__init__(OrderedDict(
            **blocks,
            last=nn.ZeroPad1d((1 - length, 0)),  # takes all steps away but the last
            flatten=nn.Flatten(),
            fc=nn.Linear(channels, classes),
        ))


def blocks_needed(length, kernel_size):
    """The fewest blocks with which the last of `length` steps sees all: n blocks see 1 + 2 (kernel_size - 1) (2^n - 1).

    Raises
    ------
    ValueError
        If filters of one tap never see more than one step.
    """
    if kernel_size < 2:
        raise ValueError(f"tcn: kernel_size must be at least 2 to look back, not {kernel_size}")
    blocks = 1
    while 1 + 2 * (kernel_size - 1) * (2 ** blocks - 1) < length:
        blocks += 1
    return blocks


def _block(in_channels, channels, kernel_size, dilation, dropout):
    """Two causal convolutions beside a shortcut; the ReLU after their sum stands in the chain."""
    body = OrderedDict()
    for k, channels_in in enumerate((in_channels, channels), 1):
        body[f"pad{k}"] = nn.ZeroPad1d((dilation * (kernel_size - 1), 0))
        body[f"conv{k}"] = nn.Conv1d(channels_in, channels, kernel_size, dilation=dilation)
        body[f"relu{k}"] = nn.ReLU()
        if dropout:
            body[f"dropout{k}"] = nn.Dropout1d(dropout)
    shortcut = nn.Identity() if in_channels == channels else nn.Conv1d(in_channels, channels, 1)
    return Residual(OrderedDict(body=nn.Sequential(body), shortcut=shortcut))
