"""The building block of residual networks, and the two shortcuts for where its size changes."""
import numbacnn
from numbacnn import nn
from numbacnn.nn import functional as F


class BasicBlock(nn.Module):
    """relu(F(x) + x), where F is two 3x3 convolutions with batch normalization.

    The layers learn what is to be added to x, and the gradient reaches x past them. He et al. 2016, "Deep residual
    learning for image recognition", section 3.2 and figure 2.

    Parameters
    ----------
    in_channels, out_channels : int
    stride : int
        Of the first convolution: 2 halves rows and columns.
    downsample : numbacnn.nn.Module, optional
        What brings x to the shape of F(x), where that is another one.
    """

    def __init__(self, in_channels, out_channels, stride=1, downsample=None):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.downsample = downsample

    def forward(self, input):
        """Apply the block to `input` (N, in_channels, H, W)."""
        out = self.relu(self.bn1(self.conv1(input)))
        out = self.bn2(self.conv2(out))
        shortcut = input if self.downsample is None else self.downsample(input)
        return self.relu(out + shortcut)


class PaddedShortcut(nn.Module):
    """Shortcut A: every second pixel as it is, and maps of zeros for the channels that x does not have.

    No parameters. He et al. 2016, section 3.3.

    Parameters
    ----------
    in_channels, out_channels : int
    stride : int
    """

    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.in_channels, self.out_channels, self.stride = in_channels, out_channels, stride

    def forward(self, input):
        """(N, in_channels, H, W) gives (N, out_channels, OH, OW), with OH = (H - 1) // stride + 1."""
        kept = F.avg_pool2d(input, 1, self.stride)
        N, C, OH, OW = kept.shape
        return numbacnn.cat([kept, numbacnn.zeros(N, self.out_channels - C, OH, OW)], 1)

    def extra_repr(self):
        return f"{self.in_channels}, {self.out_channels}, stride={self.stride}"


def projection(in_channels, out_channels, stride):
    """Shortcut B: a 1x1 convolution and batch normalization; He et al. 2016, section 3.3."""
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels))


def stage(in_channels, out_channels, blocks, stride, shortcut):
    """Blocks one after the other; the first has the stride, and a `shortcut` where the shape changes."""
    changed = stride != 1 or in_channels != out_channels
    first = BasicBlock(in_channels, out_channels, stride,
                       shortcut(in_channels, out_channels, stride) if changed else None)
    return nn.Sequential(first, *(BasicBlock(out_channels, out_channels) for _ in range(blocks - 1)))
