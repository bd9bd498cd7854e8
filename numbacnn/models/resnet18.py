"""ResNet-18: the smallest residual network for photographs."""
from collections import OrderedDict

from numbacnn import nn
from numbacnn.models.residual import projection, stage
from numbacnn.models.start import refuse_small_images, start_convolutions

SMALLEST = 9  # the smallest side of which the last stage has more than one pixel, which batch normalization needs
PHOTOGRAPH = 64  # from this side on images are shrunk to a quarter before the first stage


class ResNet18(nn.Sequential):
    """ResNet-18: a convolution, eight residual blocks in four stages, one dense layer (11,689,512 parameters).

    He et al. 2016, "Deep residual learning for image recognition", table 1, with projections (shortcut B) where the shape
    changes. Images with a side below 64 pixels begin with a 3x3 convolution of stride 1 and without the first pooling:
    the paper's beginning (7x7, stride 2, pooling) would leave one pixel of 28x28 for the last two stages.

    Names and layout of the parameters are torchvision's, so that weights saved there fit.

    Parameters
    ----------
    in_channels : int
        Channels of an image: 1 for gray, 3 for color.
    classes : int
        Number of outputs.
    height, width : int
        Size of an image in pixels, at least 9 each; need not be equal.

    Raises
    ------
    ValueError
        If the images are too small for four stages.

    Examples
    --------
    >>> ResNet18(1, 10, 28, 28)(numbacnn.zeros(64, 1, 28, 28)).shape
    (64, 10)
    """

    def __init__(self, in_channels=3, classes=1000, height=224, width=224):
        refuse_small_images("resnet18", height, width, SMALLEST, "three stages halve them, and the fourth would normalize "
                            "a single pixel")
        if min(height, width) < PHOTOGRAPH:
            conv1, maxpool = nn.Conv2d(in_channels, 64, 3, padding=1, bias=False), nn.Identity()
        else:
            conv1 = nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False)
            maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        super().__init__(OrderedDict(
            conv1=conv1,
            bn1=nn.BatchNorm2d(64),
            relu=nn.ReLU(),
            maxpool=maxpool,
            layer1=stage(64, 64, 2, 1, projection),
            layer2=stage(64, 128, 2, 2, projection),
            layer3=stage(128, 256, 2, 2, projection),
            layer4=stage(256, 512, 2, 2, projection),
            avgpool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            fc=nn.Linear(512, classes),
        ))
        start_convolutions(self)
