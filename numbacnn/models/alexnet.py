"""AlexNet: the network that won ImageNet in 2012."""
from collections import OrderedDict

from numbacnn import nn
from numbacnn.models.start import refuse_small_images, start_convolutions

SMALLEST = 15  # the smallest side that three poolings of 3x3 windows leave a pixel of
PHOTOGRAPH = 64  # from this side on the first convolution has the paper's large filters and stride


class AlexNet(nn.Sequential):
    """AlexNet: five convolutions with overlapping pooling, three dense layers with dropout (61,100,840 parameters).

    Krizhevsky, Sutskever & Hinton 2012, "ImageNet classification with deep convolutional neural networks", section 3,
    as it is usually built today. What differs from 2012:

    - One tower of 64, 192, 384, 256 and 256 maps, as in Krizhevsky 2014, "One weird trick for parallelizing convolutional
      neural networks", instead of two halves on two GPUs (sections 3.2 and 3.5).
    - No local response normalization (section 3.3).
    - Images below 64 pixels a side begin with a 5x5 convolution of stride 1; 11x11 filters of stride 4 would leave 6x6
      pixels of 28x28 and nothing for the poolings.
    - Where fewer than 6x6 pixels are left for the dense part, that is below 223 pixels a side, its hidden layers have 512
      units instead of 4096.

    Names and layout of the parameters are torchvision's, so that weights saved there fit.

    Parameters
    ----------
    in_channels : int
        Channels of an image: 1 for gray, 3 for color.
    classes : int
        Number of outputs.
    height, width : int
        Size of an image in pixels, at least 15 each; need not be equal.

    Raises
    ------
    ValueError
        If the images are too small for three poolings.

    Examples
    --------
    >>> AlexNet(1, 10, 28, 28)(numbacnn.zeros(64, 1, 28, 28)).shape
    (64, 10)
    """

    def __init__(self, in_channels=3, classes=1000, height=224, width=224):
        refuse_small_images("alexnet", height, width, SMALLEST, "three poolings halve them, and the third would not find "
                            "3x3 pixels")
        if min(height, width) < PHOTOGRAPH:
            conv1, rows, columns = nn.Conv2d(in_channels, 64, 5, padding=2), height, width
        else:
            conv1 = nn.Conv2d(in_channels, 64, 11, stride=4, padding=2)
            rows, columns = ((side + 2 * 2 - 11) // 4 + 1 for side in (height, width))
        rows, columns = _side_left(rows), _side_left(columns)
        hidden = 4096 if min(rows, columns) >= 6 else 512
        rows, columns = min(rows, 6), min(columns, 6)
        super().__init__(OrderedDict(
            features=nn.Sequential(
                conv1, nn.ReLU(), nn.MaxPool2d(3, stride=2),
                nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2),
                nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(),
                nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
                nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, stride=2)),
            avgpool=nn.AdaptiveAvgPool2d((rows, columns)),
            flatten=nn.Flatten(),
            classifier=nn.Sequential(
                nn.Dropout(), nn.Linear(256 * rows * columns, hidden), nn.ReLU(),
                nn.Dropout(), nn.Linear(hidden, hidden), nn.ReLU(),
                nn.Linear(hidden, classes)),
        ))
        start_convolutions(self)


def _side_left(side):
    """Rows (or columns) after three poolings of 3x3 windows, two pixels apart."""
    for _ in range(3):
        side = (side - 3) // 2 + 1
    return side
