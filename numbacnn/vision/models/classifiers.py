"""Networks for photographs of 224x224 pixels, built as torchvision builds them, so that weights saved there fit."""
from enum import Enum

from numbacnn.models import VGG, AlexNet, ResNet18

#: names of trained weights that programs import; the networks refuse them, and take None
AlexNet_Weights, ResNet18_Weights, *_VGG = (
    Enum(f"{name}_Weights", {"IMAGENET1K_V1": "IMAGENET1K_V1", "DEFAULT": "IMAGENET1K_V1"}, module=__name__)
    for name in ("AlexNet", "ResNet18", "VGG11", "VGG13", "VGG16", "VGG19", "VGG11_BN", "VGG13_BN", "VGG16_BN", "VGG19_BN"))
VGG11_Weights, VGG13_Weights, VGG16_Weights, VGG19_Weights, *_BN = _VGG
VGG11_BN_Weights, VGG13_BN_Weights, VGG16_BN_Weights, VGG19_BN_Weights = _BN


def _untrained(name, weights, pretrained):
    """Refuse trained weights: none are downloaded.

    Raises
    ------
    NotImplementedError
        If they are asked for.
    """
    if weights is not None or pretrained:
        asked = f"weights={weights}" if weights is not None else "pretrained=True"
        raise NotImplementedError(
            f"{name}: {asked} is not offered, for numbacnn downloads no weights. Build it with weights=None; if you have "
            "torchvision's file, model.load_state_dict(numbacnn.load(\"FILE.pth\")) puts its numbers in")


def alexnet(*, weights=None, progress=True, num_classes=1000, pretrained=False):
    """AlexNet; see `numbacnn.models.AlexNet`.

    Parameters
    ----------
    weights : None
        Trained weights are not offered.
    progress : bool
        Without meaning here.
    num_classes : int
        Number of outputs.
    pretrained : bool
        The older form of `weights`.

    Raises
    ------
    NotImplementedError
        If trained weights are asked for.
    """
    _untrained("alexnet", weights, pretrained)
    return AlexNet(3, num_classes, 224, 224)


def resnet18(*, weights=None, progress=True, num_classes=1000, pretrained=False):
    """ResNet-18; see `numbacnn.models.ResNet18`, arguments as for `alexnet`."""
    _untrained("resnet18", weights, pretrained)
    return ResNet18(3, num_classes, 224, 224)


def _vgg(depth, batch_norm):
    """The function that builds a VGG of one depth."""
    name = f"vgg{depth}{'_bn' * batch_norm}"

    def build(*, weights=None, progress=True, num_classes=1000, pretrained=False):
        _untrained(name, weights, pretrained)
        return VGG(depth, 3, num_classes, 224, 224, batch_norm=batch_norm)
    build.__name__ = build.__qualname__ = name
    build.__doc__ = (f"VGG of {depth} layers{', batch-normalized' * batch_norm}; see `numbacnn.models.VGG`, arguments as for "
                     "`alexnet`.")
    return build


vgg11, vgg13, vgg16, vgg19 = (_vgg(depth, False) for depth in (11, 13, 16, 19))
vgg11_bn, vgg13_bn, vgg16_bn, vgg19_bn = (_vgg(depth, True) for depth in (11, 13, 16, 19))
