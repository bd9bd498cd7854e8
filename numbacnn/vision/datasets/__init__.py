"""Data sets of pictures under torchvision's names: from files, downloaded, or your own."""
from numbacnn.tensors.absent import refusing
from numbacnn.vision.datasets.base import VisionDataset
from numbacnn.vision.datasets.cifar import CIFAR10, CIFAR100
from numbacnn.vision.datasets.fake import FakeData
from numbacnn.vision.datasets.folder import DatasetFolder, ImageFolder
from numbacnn.vision.datasets.mnist import KMNIST, MNIST, FashionMNIST

__all__ = ["CIFAR10", "CIFAR100", "DatasetFolder", "FakeData", "FashionMNIST", "ImageFolder", "KMNIST", "MNIST",
           "VisionDataset"]
__getattr__ = refusing(__name__, __all__)
