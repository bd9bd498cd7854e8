"""Ready-made networks, each a chain of named layers, and the registry that builds one by its name."""
from difflib import get_close_matches
from functools import partial
from inspect import signature

from numbacnn.models.alexnet import AlexNet
from numbacnn.models.cifar_resnet import CifarResNet
from numbacnn.models.comparison import DIGITS, Linear, MLP
from numbacnn.models.conv3d import Conv3D
from numbacnn.models.inputs import EXTENTS, kind_of
from numbacnn.models.lenet5 import LeNet5
from numbacnn.models.lenet5_1998 import LeNet5Of1998
from numbacnn.models.resnet18 import ResNet18
from numbacnn.models.tcn import TCN
from numbacnn.models.text_cnn import TextCNN
from numbacnn.models.vgg import VGG

MODELS = {
    "lenet5": LeNet5, "mlp": MLP, "linear": Linear, "lenet5_1998": LeNet5Of1998, "alexnet": AlexNet,
    **{f"vgg{depth}": partial(VGG, depth) for depth in (11, 13, 16)},
    **{f"vgg{depth}_bn": partial(VGG, depth, batch_norm=True) for depth in (11, 13, 16)},
    "resnet18": ResNet18, **{f"resnet{depth}": partial(CifarResNet, depth) for depth in (20, 32, 56)},
    "text_cnn": TextCNN, "tcn": TCN, "conv3d": Conv3D,
}
USUAL = {"images": "lenet5", "video": "conv3d", "series": "tcn", "tokens": "text_cnn"}  # the model for a kind of data

__all__ = ["AlexNet", "CifarResNet", "Conv3D", "LeNet5", "LeNet5Of1998", "Linear", "MLP", "MODELS", "ResNet18", "TCN",
           "TextCNN", "USUAL", "VGG", "build_model", "find_model", "models_for", "own_sizes", "takes"]


def find_model(name):
    """The function that builds a model of the registry; ValueError, with a close match, if there is none of that name."""
    if name not in MODELS:
        close = get_close_matches(str(name).lower(), MODELS, n=1, cutoff=0.7)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise ValueError(f"unknown model {name!r}: there are {', '.join(MODELS)}{hint}")
    return MODELS[name]


def takes(name):
    """The kinds of data that a model takes: its `takes`, and if it says nothing, images."""
    return getattr(find_model(name), "takes", ("images",))


def models_for(kind):
    """Names of the models that take a kind of data, the usual one first."""
    return sorted((name for name in MODELS if kind in takes(name)), key=lambda name: name != USUAL[kind])


def own_sizes(name):
    """The extents of a model's paper, or of the drawn data that it is for, and `classes`, as `build_model` takes them."""
    given = signature(find_model(name)).parameters
    extents = {key: given[key].default for key in EXTENTS[takes(name)[0]] if key in given}
    return {**(extents or DIGITS), "classes": given["classes"].default}


def build_model(name, *sizes, **extents):
    """Build a model of the registry for examples of one size.

    Parameters
    ----------
    name : str
        A key of `MODELS`, such as `lenet5` or `resnet20`.
    *sizes : int
        For images: in_channels, height, width and classes, in this order, or the first of them.
    **extents
        The same by name, `classes` among them: of images `in_channels, height, width`; of films `in_channels, frames,
        height, width`; of time series `in_channels, length`; of tokens `vocabulary, length`
        (`numbacnn.models.inputs.EXTENTS`). Of the mlp also `parameters`, how many it shall have at least.

    Returns
    -------
    numbacnn.nn.Module
        A new model; its weights come from the generator that `numbacnn.manual_seed` seeds.

    Raises
    ------
    ValueError
        If there is no such model, it does not take such data, or the examples are too small for it.

    Examples
    --------
    >>> build_model("lenet5", 1, 28, 28, classes=10)
    >>> build_model("tcn", in_channels=1, length=128, classes=6)
    """
    model = find_model(name)
    extents = {**dict(zip((*EXTENTS["images"], "classes"), sizes)), **extents}
    kind = kind_of(extents)
    if kind not in takes(name):
        raise ValueError(f"{name} takes {' or '.join(takes(name))}, not {kind}; for {kind} there are "
                         f"{', '.join(models_for(kind))}")
    return model(**extents)
