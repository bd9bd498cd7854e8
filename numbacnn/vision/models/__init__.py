"""Networks for photographs under torchvision's names, without trained weights."""
from numbacnn.tensors.absent import refusing
from numbacnn.vision.models.classifiers import (AlexNet_Weights, ResNet18_Weights, VGG11_BN_Weights, VGG11_Weights,
                                                VGG13_BN_Weights, VGG13_Weights, VGG16_BN_Weights, VGG16_Weights,
                                                VGG19_BN_Weights, VGG19_Weights, alexnet, resnet18, vgg11, vgg11_bn, vgg13,
                                                vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn)

__all__ = ["AlexNet_Weights", "ResNet18_Weights", "VGG11_BN_Weights", "VGG11_Weights", "VGG13_BN_Weights", "VGG13_Weights",
           "VGG16_BN_Weights", "VGG16_Weights", "VGG19_BN_Weights", "VGG19_Weights", "alexnet", "resnet18", "vgg11",
           "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn"]
__getattr__ = refusing(__name__, __all__)
