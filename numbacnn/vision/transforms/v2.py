"""The names of torchvision.transforms.v2: the transforms of one picture, and ToImage and ToDtype."""
from numbacnn.tensors.absent import refusing
from numbacnn.vision.transforms import functional
from numbacnn.vision.transforms.color import ColorJitter, GaussianBlur, Grayscale, RandomGrayscale, RandomInvert
from numbacnn.vision.transforms.compose import Compose, Lambda, RandomApply, RandomChoice, RandomOrder
from numbacnn.vision.transforms.conversion import (ConvertImageDtype, Normalize, PILToTensor, ToDtype, ToImage, ToPILImage,
                                                   ToTensor)
from numbacnn.vision.transforms.functional import InterpolationMode
from numbacnn.vision.transforms.parts import FiveCrop, TenCrop
from numbacnn.vision.transforms.size import CenterCrop, Pad, RandomCrop, RandomErasing, RandomResizedCrop, Resize
from numbacnn.vision.transforms.turning import RandomAffine, RandomHorizontalFlip, RandomRotation, RandomVerticalFlip

__all__ = ["CenterCrop", "ColorJitter", "Compose", "ConvertImageDtype", "FiveCrop", "GaussianBlur", "Grayscale",
           "InterpolationMode", "Lambda", "Normalize", "PILToTensor", "Pad", "RandomAffine", "RandomApply", "RandomChoice",
           "RandomCrop", "RandomErasing", "RandomGrayscale", "RandomHorizontalFlip", "RandomInvert", "RandomOrder",
           "RandomResizedCrop", "RandomRotation", "RandomVerticalFlip", "Resize", "TenCrop", "ToDtype", "ToImage",
           "ToPILImage", "ToTensor", "functional"]
__getattr__ = refusing(__name__, __all__)
