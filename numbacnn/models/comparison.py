"""Networks without a convolution, to compare a convolutional network with."""
from collections import OrderedDict

from numbacnn import nn


class MLP(nn.Sequential):
    """Two hidden dense layers: every unit sees every pixel (266,610 parameters on 28x28 digits).

    The sizes 300 and 100 are those of the two-hidden-layer network that LeCun et al. 1998 (section III.C)
    compare LeNet-5 with. It has four times LeNet's parameters and knows nothing of neighbourhoods: permute the pixels
    of all images alike and it learns just as well.

    Parameters
    ----------
    in_channels, height, width : int
        Shape of one image.
    classes : int
        Number of outputs.
    """

    def __init__(self, in_channels=1, classes=10, height=28, width=28):
        super().__init__(OrderedDict(
            flatten=nn.Flatten(),
            fc1=nn.Linear(in_channels * height * width, 300),
            relu1=nn.ReLU(),
            fc2=nn.Linear(300, 100),
            relu2=nn.ReLU(),
            fc3=nn.Linear(100, classes),
        ))


class Linear(nn.Sequential):
    """One dense layer: multinomial logistic regression, a template of weights a class (7,850 parameters on digits).

    Parameters
    ----------
    in_channels, height, width : int
        Shape of one image.
    classes : int
        Number of outputs.
    """

    def __init__(self, in_channels=1, classes=10, height=28, width=28):
        super().__init__(OrderedDict(
            flatten=nn.Flatten(),
            fc=nn.Linear(in_channels * height * width, classes),
        ))
