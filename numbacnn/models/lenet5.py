"""LeNet-5 in the form that is taught today."""
from collections import OrderedDict

from numbacnn import nn

SMALLEST = 12  # the smallest side that leaves one pixel: ((12 + 2*2 - 5 + 1) // 2 - 5 + 1) // 2 = 1


class LeNet5(nn.Sequential):
    """LeNet-5: two convolutions with pooling, then three dense layers (61,706 parameters on 28x28 digits).

    The network of LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document
    Recognition", Proc. IEEE 86(11), 1998, section II.B, as it is usually built today. What differs from 1998:

    - 28x28 images, padded by 2 inside `conv1`; the paper feeds 32x32 images with the digit in the middle.
    - ReLU in place of the scaled tanh.
    - Max pooling in place of the trainable average ("sub-sampling": mean times weight plus bias, then tanh).
    - Every filter of `conv2` sees all 6 maps; the paper's table I leaves most pairs out (1,516 parameters, here 2,416).
    - A plain dense layer and cross-entropy in place of the Euclidean RBF outputs.

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
        If the images are too small for two convolutions and two poolings.

    Examples
    --------
    >>> LeNet5()(numbacnn.zeros(64, 1, 28, 28)).shape
    (64, 10)
    """

    def __init__(self, in_channels=1, classes=10, height=28, width=28):
        rows, columns = (_side_after_pool2(side, height, width) for side in (height, width))
        super().__init__(OrderedDict(
            conv1=nn.Conv2d(in_channels, 6, 5, padding=2),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(6, 16, 5),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            fc1=nn.Linear(16 * rows * columns, 120),
            relu3=nn.ReLU(),
            fc2=nn.Linear(120, 84),
            relu4=nn.ReLU(),
            fc3=nn.Linear(84, classes),
        ))


def _side_after_pool2(side, height, width):
    """Rows (or columns) that are left for the dense part: (side//2 - 4) // 2."""
    conv2 = side // 2 - 5 + 1
    if conv2 < 2:
        raise ValueError(
            f"lenet5: images of {height}x{width} are too small: pool1 halves a side of {side} to {side // 2}, the 5x5 "
            f"filters of conv2 leave {side // 2} - 5 + 1 = {conv2} and pool2 needs 2; "
            f"use images of at least {SMALLEST}x{SMALLEST}, or the model mlp")
    return conv2 // 2
