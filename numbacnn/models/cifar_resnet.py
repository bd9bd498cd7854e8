"""The residual networks for small images: ResNet-20, -32 and -56."""
from collections import OrderedDict

from numbacnn import nn
from numbacnn.models.residual import PaddedShortcut, stage
from numbacnn.models.start import refuse_small_images, start_convolutions

SMALLEST = 5  # the smallest side of which the last stage has more than one pixel, which batch normalization needs


class CifarResNet(nn.Sequential):
    """A residual network of 6n + 2 layers for small images (resnet20: 269,722 parameters).

    A 3x3 convolution, three stages of n blocks with 16, 32 and 64 maps, global average pooling, one dense layer. He et
    al. 2016, "Deep residual learning for image recognition", section 4.2, there for CIFAR-10: n = 3, 5 and 9 give 20, 32 and
    56 layers. Shortcuts are identities in all cases, as there (A): where the shape changes they take every second pixel and
    add maps of zeros, here behind those of the input.

    Parameters
    ----------
    depth : int
        Layers with weights, 6n + 2.
    in_channels : int
        Channels of an image: 1 for gray, 3 for color.
    classes : int
        Number of outputs.
    height, width : int
        Size of an image in pixels, at least 5 each; need not be equal.

    Raises
    ------
    ValueError
        If the depth is none of these, or the images are too small for three stages.

    Examples
    --------
    >>> CifarResNet(20, 1, 10, 28, 28)(numbacnn.zeros(64, 1, 28, 28)).shape
    (64, 10)
    """

    def __init__(self, depth, in_channels=3, classes=10, height=32, width=32):
        if depth < 8 or depth % 6 != 2:
            raise ValueError(f"CifarResNet: depth must be 6n + 2, such as 20, 32 or 56, not {depth!r}")
        refuse_small_images(f"resnet{depth}", height, width, SMALLEST, "two stages halve them, and the third would "
                            "normalize a single pixel")
        n = depth // 6
        super().__init__(OrderedDict(
            conv1=nn.Conv2d(in_channels, 16, 3, padding=1, bias=False),
            bn1=nn.BatchNorm2d(16),
            relu=nn.ReLU(),
            layer1=stage(16, 16, n, 1, PaddedShortcut),
            layer2=stage(16, 32, n, 2, PaddedShortcut),
            layer3=stage(32, 64, n, 2, PaddedShortcut),
            avgpool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            fc=nn.Linear(64, classes),
        ))
        start_convolutions(self)
