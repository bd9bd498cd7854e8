"""Networks without a convolution, to compare a convolutional network with; they take any data."""
from collections import OrderedDict
from math import prod

from numbacnn import nn
from numbacnn.models.inputs import EXTENTS, input_shape
from numbacnn.models.text_cnn import DIMENSIONS, PADDING

DIGITS = {"in_channels": 1, "height": 28, "width": 28}
SLIMMING = 3  # the first hidden layer is so many times as wide as the second


class MLP(nn.Sequential):
    """Two hidden dense layers: every unit sees every number (266,610 parameters on 28x28 digits).

    The sizes 300 and 100 are those of the two-hidden-layer network that LeCun et al. 1998 (section III.C)
    compare LeNet-5 with. It has four times LeNet's parameters and knows nothing of neighborhoods: permute the pixels
    of all images alike and it learns just as well. Tokens first become vectors of 32 numbers.

    Parameters
    ----------
    classes : int
        Number of outputs.
    parameters : int, optional
        Make the hidden layers, 3 to 1, just so wide that there are at least so many parameters: those of the network
        it is compared with.
    **extents
        Those of one example, with the names in `numbacnn.models.inputs`; by default of the digits.

    Raises
    ------
    ValueError
        If the extents describe no kind of data, or `parameters` is below what the narrowest layers have.
    """

    takes = tuple(EXTENTS)

    def __init__(self, classes=10, parameters=None, **extents):
        layers, features, vectors = _entrance(extents or DIGITS)
        first, second = (300, 100) if parameters is None else _widths(parameters - vectors, features, classes)
        super().__init__(OrderedDict(
            **layers,
            fc1=nn.Linear(features, first),
            relu1=nn.ReLU(),
            fc2=nn.Linear(first, second),
            relu2=nn.ReLU(),
            fc3=nn.Linear(second, classes),
        ))


class Linear(nn.Sequential):
    """One dense layer: multinomial logistic regression, a template of weights a class (7,850 parameters on digits).

    Tokens first become vectors of 32 numbers.

    Parameters
    ----------
    classes : int
        Number of outputs.
    **extents
        Those of one example, with the names in `numbacnn.models.inputs`; by default of the digits.
    """

    takes = tuple(EXTENTS)

    def __init__(self, classes=10, **extents):
        layers, features, _ = _entrance(extents or DIGITS)
        super().__init__(OrderedDict(**layers, fc=nn.Linear(features, classes)))


def _entrance(extents):
    """The layers that make one row of numbers of an example, how many numbers, and the parameters of these layers."""
    numbers = prod(input_shape(extents))
    if "vocabulary" not in extents:
        return {"flatten": nn.Flatten()}, numbers, 0
    embedding = nn.Embedding(extents["vocabulary"], DIMENSIONS, padding_idx=PADDING)
    return {"embedding": embedding, "flatten": nn.Flatten()}, numbers * DIMENSIONS, extents["vocabulary"] * DIMENSIONS


def _widths(parameters, features, classes):
    """The narrowest hidden layers with at least so many parameters."""
    first = 0
    while True:
        first += 1
        second = max(1, round(first / SLIMMING))
        count = (features + 1) * first + (first + 1) * second + (second + 1) * classes
        if count >= parameters:
            break
    if first == 1 and count > parameters:
        raise ValueError(f"mlp: {parameters:,} parameters are too few for {features:,} numbers in and {classes} out: "
                         f"hidden layers of one unit have {count:,}")
    return first, second
