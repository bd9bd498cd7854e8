"""Ready-made networks, each a chain of named layers, and the registry that builds one by its name."""
from difflib import get_close_matches
from functools import partial
from inspect import signature

from numbacnn.models.alexnet import AlexNet
from numbacnn.models.cifar_resnet import CifarResNet
from numbacnn.models.comparison import Linear, MLP
from numbacnn.models.lenet5 import LeNet5
from numbacnn.models.lenet5_1998 import LeNet5Of1998
from numbacnn.models.resnet18 import ResNet18
from numbacnn.models.vgg import VGG

MODELS = {
    "lenet5": LeNet5, "mlp": MLP, "linear": Linear, "lenet5_1998": LeNet5Of1998, "alexnet": AlexNet,
    **{f"vgg{depth}": partial(VGG, depth) for depth in (11, 13, 16)},
    **{f"vgg{depth}_bn": partial(VGG, depth, batch_norm=True) for depth in (11, 13, 16)},
    "resnet18": ResNet18, **{f"resnet{depth}": partial(CifarResNet, depth) for depth in (20, 32, 56)},
}

__all__ = ["AlexNet", "CifarResNet", "LeNet5", "LeNet5Of1998", "Linear", "MLP", "MODELS", "ResNet18", "VGG", "build_model",
           "find_model", "own_sizes"]


def find_model(name):
    """What builds a model of the registry; ValueError, with a close match, if there is none of that name."""
    if name not in MODELS:
        close = get_close_matches(str(name).lower(), MODELS, n=1, cutoff=0.7)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise ValueError(f"unknown model {name!r}: there are {', '.join(MODELS)}{hint}")
    return MODELS[name]


def own_sizes(name):
    """The `in_channels`, `height`, `width` and `classes` of a model's paper, as `build_model` takes them."""
    given = signature(find_model(name)).parameters
    return {key: given[key].default for key in ("in_channels", "height", "width", "classes")}


def build_model(name, in_channels, height, width, classes):
    """Build a model of the registry for images of one size.

    Parameters
    ----------
    name : str
        A key of `MODELS`, such as `lenet5` or `resnet20`.
    in_channels, height, width : int
        Shape of one image, in pixels.
    classes : int
        Number of outputs.

    Returns
    -------
    numbacnn.nn.Module
        A new model; its weights come from the generator that `numbacnn.manual_seed` seeds.

    Raises
    ------
    ValueError
        If there is no such model, or the images are too small for it.
    """
    return find_model(name)(in_channels=in_channels, classes=classes, height=height, width=width)
