"""LeNet-5 as it was published."""
from collections import OrderedDict

import numbacnn
from numbacnn import nn
from numbacnn.models.start import refuse_small_images
from numbacnn.nn import functional as F

#: table I: which of the six maps of S2 each of the sixteen maps of C3 sees
TABLE_I = ((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5), (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5),
           (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5), (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5))
OWN_SIDE, SMALLEST = 32, 12  # from 12 pixels a side a pixel is left after both sub-samplings


class LeNet5Of1998(nn.Sequential):
    """LeNet-5 layer by layer as in the paper (60,850 parameters with ten classes).

    LeCun, Bottou, Bengio & Haffner 1998, "Gradient-based learning applied to document recognition", Proc. IEEE 86(11),
    section II.B and figure 2; names are the paper's. The sub-sampling layers S2 and S4 have a coefficient and a bias
    a map, maps of C3 see some of the maps of S2 only (table I), and every layer up to F6 squashes its sums. What differs:

    - The output is a dense layer for cross-entropy, in place of the Euclidean RBF units and their loss.
    - Weights are drawn evenly up to 1 / sqrt(F), where F inputs are summed. The paper's 2.4 / F (appendix A) is so small
      that training does not get going without the rate of its own that each weight has there (appendix C).
    - Images below 32 pixels a side get a frame of 2 zeros; the paper's digits of at most 20x20 stand in 32x32 pixels.
    - C5 has filters as large as the maps of S4, whatever the images: 5x5 for 32x32 as for 28x28.

    Parameters
    ----------
    in_channels : int
        Channels of an image: 1 for gray, 3 for color.
    classes : int
        Number of outputs.
    height, width : int
        Size of an image in pixels, at least 12 each; need not be equal.

    Raises
    ------
    ValueError
        If the images are too small for two convolutions and two sub-samplings.

    Examples
    --------
    >>> LeNet5Of1998()(numbacnn.zeros(64, 1, 32, 32)).shape
    (64, 10)
    """

    def __init__(self, in_channels=1, classes=10, height=OWN_SIDE, width=OWN_SIDE):
        refuse_small_images("lenet5_1998", height, width, SMALLEST, "two convolutions of 5x5 and two sub-samplings leave "
                            "no pixel of them")
        frame = 2 if min(height, width) < OWN_SIDE else 0
        s4 = [((side + 2 * frame - 4) // 2 - 4) // 2 for side in (height, width)]
        super().__init__(OrderedDict(
            c1=nn.Conv2d(in_channels, 6, 5, padding=frame),
            squash1=ScaledTanh(),
            s2=Subsampling(6),
            squash2=ScaledTanh(),
            c3=PartialConv2d(TABLE_I, 5),
            squash3=ScaledTanh(),
            s4=Subsampling(16),
            squash4=ScaledTanh(),
            c5=nn.Conv2d(16, 120, tuple(s4)),
            squash5=ScaledTanh(),
            flatten=nn.Flatten(),
            f6=nn.Linear(120, 84),
            squash6=ScaledTanh(),
            output=nn.Linear(84, classes),
        ))


class ScaledTanh(nn.Module):
    """A tanh(S x) with A = 1.7159 and S = 2/3, so that 1 and -1 stay what they are; appendix A."""

    def forward(self, input):
        """Squash `input`."""
        return 1.7159 * F.tanh(input * (2 / 3))


class Subsampling(nn.Sequential):
    """The sum of each 2x2 window, times a coefficient plus a bias, one each for a map: a 1x1 convolution in groups."""

    def __init__(self, channels):
        super().__init__(OrderedDict(
            sum=nn.AvgPool2d(2, divisor_override=1),
            coefficient=nn.Conv2d(channels, channels, 1, groups=channels),
        ))
        nn.init.constant_(self.coefficient.weight, 0.5)  # the sum of four independent numbers has twice their spread
        nn.init.zeros_(self.coefficient.bias)


class PartialConv2d(nn.Module):
    """A convolution in which each output map sees some of the input maps only.

    The filters that there are lie one after the other in `weight`; zeros take the place of those that there are not.

    Parameters
    ----------
    table : sequence of sequence of int
        For each output map the input maps that it sees.
    kernel_size : int
        Rows and columns of a filter.

    Attributes
    ----------
    weight : Parameter (filters, kernel_size, kernel_size)
    bias : Parameter (output maps,)
    """

    def __init__(self, table, kernel_size):
        super().__init__()
        self.in_channels, self.out_channels = max(map(max, table)) + 1, len(table)
        self.kernel_size, self.filters = kernel_size, sum(map(len, table))
        self.weight = nn.Parameter(numbacnn.empty(self.filters, kernel_size, kernel_size))
        self.bias = nn.Parameter(numbacnn.empty(self.out_channels))
        places = numbacnn.zeros(self.out_channels * self.in_channels, self.filters)
        first = 0
        for oc, seen in enumerate(table):
            for number, ic in enumerate(seen, first):
                places[oc * self.in_channels + ic, number] = 1
            bound = 1 / (len(seen) ** 0.5 * kernel_size)
            nn.init.uniform_(self.weight[first:first + len(seen)], -bound, bound)
            nn.init.uniform_(self.bias[oc:oc + 1], -bound, bound)
            first += len(seen)
        self.register_buffer("places", places, persistent=False)

    def forward(self, input):
        """Convolve `input` (N, in_channels, H, W)."""
        weight = (self.places @ self.weight.reshape(self.filters, -1)).reshape(
            self.out_channels, self.in_channels, self.kernel_size, self.kernel_size)
        return F.conv2d(input, weight, self.bias)

    def extra_repr(self):
        return f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, filters={self.filters}"
