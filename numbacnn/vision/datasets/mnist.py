"""MNIST and the two data sets made in its image, from the files that torchvision keeps, or downloaded."""
from pathlib import Path

from PIL import Image

from numbacnn.data.download import cached_file
from numbacnn.data.idx import read_pair
from numbacnn.data.mnist import FILES, PUBLISHED, find_file, refuse_other_set
from numbacnn.tensors.creation import from_numpy
from numbacnn.vision.datasets.base import PublishedDataset

DIGITS = "zero one two three four five six seven eight nine".split()


class MNIST(PublishedDataset):
    """Handwritten digits, 28x28 pixels in gray: 60,000 to train, 10,000 to test with.

    Samples are (PIL image of mode "L", class number), after the transforms.

    Parameters
    ----------
    root : str or Path
        The folder that holds `MNIST/raw/train-images-idx3-ubyte` and so on, gzipped or not, or those files themselves. They may be
        a subset of the published images.
    train : bool
        Whether the images to train with, or those to test with.
    transform, target_transform : callable, optional
        Take the picture, and the class number.
    download : bool
        Whether to download the files into `root` if they are not there; their checksums are compared.

    Attributes
    ----------
    data : Tensor of uint8 (N, 28, 28)
    targets : Tensor of int64 (N,)
    classes : list of str
    class_to_idx : dict

    Raises
    ------
    RuntimeError
        If the files are not there and `download` is False.
    DataError
        If a file is damaged, or cannot be downloaded.
    """

    name = "mnist"
    classes = [f"{k} - {word}" for k, word in enumerate(DIGITS)]

    def __init__(self, root, train=True, transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        first = 0 if train else 2
        files = self._find(first)
        if files is None and download:
            published = PUBLISHED[self.name]
            for file, md5 in zip(FILES, published.md5):
                cached_file(Path(self.raw_folder) / f"{file}.gz", published.mirrors, md5,
                            otherwise=f"put the four files into {self.raw_folder}")
            files = self._find(first)
        if files is None:
            raise RuntimeError(f"Dataset not found. You can use download=True to download it ({FILES[first]} and "
                               f"{FILES[first + 1]}, with or without .gz, are not in {self.raw_folder})")
        refuse_other_set(self.name, files[0])
        images, labels = read_pair(*files)
        self.data, self.targets = from_numpy(images), from_numpy(labels)

    def _find(self, first):
        """The files of images and of labels, or None."""
        for folder in (Path(self.raw_folder), Path(self.root)):
            files = [find_file(folder, file) for file in FILES[first:first + 2]]
            if all(files):
                return files
        return None

    @property
    def raw_folder(self):
        """The folder of the files."""
        return str(Path(self.root) / type(self).__name__ / "raw")

    def __getitem__(self, index):
        """The sample number `index`."""
        return self._changed(Image.fromarray(self.data[index].numpy()), int(self.targets[index]))


class FashionMNIST(MNIST):
    """Ten kinds of clothes, 28x28 pixels in gray, in files like those of `MNIST`; Xiao et al. 2017, arXiv:1708.07747."""

    name = "fashion-mnist"
    classes = [*PUBLISHED["fashion-mnist"].classes]


class KMNIST(MNIST):
    """Ten cursive Japanese characters, 28x28 pixels in gray, in files like those of `MNIST`; Clanuwat et al. 2018,
    arXiv:1812.01718.
    """

    name = "kmnist"
    classes = [*PUBLISHED["kmnist"].classes]
