"""VGG: depth from many small filters."""
from collections import OrderedDict

from numbacnn import nn
from numbacnn.models.start import refuse_small_images, start_convolutions

#: convolutions in each of the five stages, by the number of layers with weights: columns A, B, D and E of table 1
STAGES = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
WIDTHS = (64, 128, 256, 512, 512)
SMALLEST = 17  # the smallest side that every one of the five poolings still halves, rounding up


class VGG(nn.Sequential):
    """VGG: stages of 3x3 convolutions, a pooling after each, then three dense layers (vgg16: 138,357,544 parameters).

    Two 3x3 filters, one after the other, see 5x5 pixels and three see 7x7, with fewer weights than one large filter and
    a ReLU more each. Simonyan & Zisserman 2015, "Very deep convolutional networks for large-scale image recognition",
    section 2 and table 1: columns A (11), B (13), D (16) and E (19).

    Images of the paper's size, 224x224, leave 7x7 pixels of 512 maps for the dense part, whose two hidden layers have 4096
    units. What is different for smaller images, and different from the paper:

    - Below 224 pixels a side fewer than 7x7 pixels are left, so the hidden layers have 512 units.
    - Below 32 pixels the poolings round up, so that 28x28 too has a pixel left after five of them.
    - Batch normalization, if asked for, stands before each ReLU of the convolutions (it is younger than the paper).
    - Weights are drawn by the rule of He et al. 2015; the authors started from a trained shallower network.

    Names and layout of the parameters are torchvision's, so that weights saved there fit.

    Parameters
    ----------
    depth : int
        Layers with weights: 11, 13, 16 or 19.
    in_channels : int
        Channels of an image: 1 for gray, 3 for color.
    classes : int
        Number of outputs.
    height, width : int
        Size of an image in pixels, at least 17 each; need not be equal.
    batch_norm : bool
        Whether to normalize after every convolution.

    Raises
    ------
    ValueError
        If the depth is another, or the images are too small for five poolings.

    Examples
    --------
    >>> VGG(11, 1, 10, 28, 28)(numbacnn.zeros(64, 1, 28, 28)).shape
    (64, 10)
    """

    def __init__(self, depth, in_channels=3, classes=1000, height=224, width=224, batch_norm=False):
        if depth not in STAGES:
            raise ValueError(f"VGG: depth must be one of {', '.join(map(str, STAGES))}, not {depth!r}")
        refuse_small_images(f"vgg{depth}", height, width, SMALLEST, "five poolings halve them, and the fifth would find a "
                            "single pixel")
        rounding_up = min(height, width) < 2 ** len(WIDTHS)
        rows, columns = (_side_left(side, rounding_up) for side in (height, width))
        hidden = 4096 if min(rows, columns) >= 7 else 512
        rows, columns = min(rows, 7), min(columns, 7)
        layers, channels = [], in_channels
        for width_of_stage, convolutions in zip(WIDTHS, STAGES[depth]):
            for _ in range(convolutions):
                layers.append(nn.Conv2d(channels, width_of_stage, 3, padding=1))
                layers += [nn.BatchNorm2d(width_of_stage)] if batch_norm else []
                layers.append(nn.ReLU())
                channels = width_of_stage
            layers.append(nn.MaxPool2d(2, ceil_mode=rounding_up))
        super().__init__(OrderedDict(
            features=nn.Sequential(*layers),
            avgpool=nn.AdaptiveAvgPool2d((rows, columns)),
            flatten=nn.Flatten(),
            classifier=nn.Sequential(
                nn.Linear(channels * rows * columns, hidden), nn.ReLU(), nn.Dropout(),
                nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(),
                nn.Linear(hidden, classes)),
        ))
        start_convolutions(self)


def _side_left(side, rounding_up):
    """Rows (or columns) after five poolings."""
    for _ in WIDTHS:
        side = (side + rounding_up) // 2
    return side
