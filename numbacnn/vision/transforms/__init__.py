"""Changes of pictures, by rule or by chance, under torchvision's names; each takes a PIL image or a Tensor (..., C, H, W).

Random numbers come from the generator that `numbacnn.manual_seed` seeds. Transforms of Tensors other than `Normalize` are not
differentiated.
"""
from importlib import import_module as _import_module

from numbacnn.vision.transforms import functional
from numbacnn.vision.transforms.color import ColorJitter, GaussianBlur, Grayscale, RandomGrayscale, RandomInvert
from numbacnn.vision.transforms.compose import Compose, Lambda, RandomApply, RandomChoice, RandomOrder
from numbacnn.vision.transforms.conversion import ConvertImageDtype, Normalize, PILToTensor, ToPILImage, ToTensor
from numbacnn.vision.transforms.functional import InterpolationMode
from numbacnn.vision.transforms.parts import FiveCrop, TenCrop
from numbacnn.vision.transforms.size import (CenterCrop, Pad, RandomCrop, RandomErasing, RandomResizedCrop, Resize)
from numbacnn.vision.transforms.turning import RandomAffine, RandomHorizontalFlip, RandomRotation, RandomVerticalFlip

__all__ = ["CenterCrop", "ColorJitter", "Compose", "ConvertImageDtype", "FiveCrop", "GaussianBlur", "Grayscale",
           "InterpolationMode", "Lambda", "Normalize", "PILToTensor", "Pad", "RandomAffine", "RandomApply", "RandomChoice",
           "RandomCrop", "RandomErasing", "RandomGrayscale", "RandomHorizontalFlip", "RandomInvert", "RandomOrder",
           "RandomResizedCrop", "RandomRotation", "RandomVerticalFlip", "Resize", "TenCrop", "ToPILImage", "ToTensor",
           "functional", "v2"]


def __getattr__(name):
    if name in ("v2", "transforms"):  # torchvision.transforms.transforms is the module that holds the classes there
        return _import_module(f"{__name__}.v2") if name == "v2" else _import_module(__name__)
    from numbacnn.tensors.absent import absent

    raise absent(__name__, name, __all__)
