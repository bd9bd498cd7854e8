"""CIFAR-10 and CIFAR-100, from the files of their "python" or "binary version".

Source: Krizhevsky 2009, "Learning multiple layers of features from tiny images", and
https://www.cs.toronto.edu/~kriz/cifar.html.
"""
import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

from numbacnn.data.cifar import CIFAR, PAGE, PIXELS, read_records
from numbacnn.data.download import cached_file
from numbacnn.data.errors import DataError
from numbacnn.vision.datasets.base import PublishedDataset

MIRRORS = ("https://www.cs.toronto.edu/~kriz/",)
MOST_BYTES = 2**28  # the archives have 160 to 170 MB
#: all that the published files consist of besides lists, dictionaries, text and numbers
_ARRAYS = {("numpy", "ndarray"): np.ndarray, ("numpy", "dtype"): np.dtype, ("_codecs", "encode"): lambda text, *_: text.encode("latin1")}


class _ArraysOnly(pickle.Unpickler):
    """Reads a pickle of arrays, and refuses whatever else a pickle could build or call."""

    def find_class(self, module, name):
        if name == "_reconstruct" and module.endswith("core.multiarray"):
            return np.empty(0).__reduce__()[0]
        if (module, name) not in _ARRAYS:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return _ARRAYS[module, name]


class CIFAR10(PublishedDataset):
    """Ten kinds of small color photos, 32x32 pixels: 50,000 to train, 10,000 to test with.

    Samples are (PIL image of mode "RGB", class number), after the transforms.

    Parameters
    ----------
    root : str or Path
        The folder that holds `cifar-10-batches-py` (torchvision's) or `cifar-10-batches-bin` (the "binary version"). The files may
        hold a subset of the published images.
    train : bool
        Whether the images to train with, or those to test with.
    transform, target_transform : callable, optional
        Take the picture, and the class number.
    download : bool
        Whether to download the binary version (170 MB) into `root` if neither is there; its checksum is compared.

    Attributes
    ----------
    data : ndarray of uint8 (N, 32, 32, 3)
    targets : list of int
    classes : list of str
    class_to_idx : dict

    Raises
    ------
    RuntimeError
        If the files are not there and `download` is False.
    DataError
        If a file is damaged, or cannot be downloaded.
    """

    name, pickles, archive = "cifar10", "cifar-10-batches-py", "cifar-10-binary.tar.gz"
    md5 = "c32a1d4ab5d03f1284b67883e8d87530"
    train_files, test_files = [f"data_batch_{k}" for k in range(1, 6)], ["test_batch"]
    labels_key = "labels"

    def __init__(self, root, train=True, transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        found = self._read()
        if found is None and download:
            unpack(cached_file(Path(self.root) / self.archive, MIRRORS, self.md5, most=MOST_BYTES,
                               otherwise=f"unpack {self.archive} of {PAGE} into {self.root}"), Path(self.root))
            found = self._read()
        if found is None:
            raise RuntimeError(f"Dataset not found or corrupted. You can use download=True to download it (neither "
                               f"{self.pickles} nor {CIFAR[self.name].folder} is in {self.root})")
        images, labels = found
        self.data = np.ascontiguousarray(images.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
        self.targets = [int(label) for label in labels]
        self.classes = [*CIFAR[self.name].classes]

    def _read(self):
        """Pixels and labels of the files that are there, or None."""
        folder = Path(self.root) / self.pickles
        if folder.is_dir():
            parts = [self._unpickled(folder / file) for file in (self.train_files if self.train else self.test_files)]
        else:
            cifar = CIFAR[self.name]
            folder = Path(self.root) / cifar.folder
            if not folder.is_dir():
                return None
            parts = [read_records(folder / file, cifar) for file in (cifar.train if self.train else [cifar.test])]
        images, labels = zip(*parts)
        return np.concatenate(images), np.concatenate(labels)

    def _unpickled(self, path):
        """Pixels (N, 3072) and labels of one file of the python version."""
        try:
            content = _ArraysOnly(io.BytesIO(path.read_bytes()), encoding="latin1").load()
            content = {key.decode() if isinstance(key, bytes) else key: value for key, value in content.items()}
            images, labels = np.asarray(content["data"]), np.asarray(content[self.labels_key])
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror or error}); unpack it again from {PAGE}") from None
        except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, KeyError, IndexError,
                UnicodeDecodeError) as error:
            raise DataError(f"{path}: is not a file of {self.name}'s python version ({type(error).__name__}: {error}); "
                            f"unpack it again from {PAGE}") from None
        fits = images.dtype == np.uint8 and images.shape == (len(labels), PIXELS) and labels.dtype.kind == "i"
        if not fits or len(labels) and not 0 <= labels.min() <= labels.max() < len(CIFAR[self.name].classes):
            raise DataError(f"{path}: expected bytes of shape (N, {PIXELS}) and N class numbers below "
                            f"{len(CIFAR[self.name].classes)}, got {images.dtype} {images.shape} and {labels.dtype} "
                            f"{labels.shape}; unpack it again from {PAGE}")
        return images, labels

    def __getitem__(self, index):
        """The sample number `index`."""
        return self._changed(Image.fromarray(self.data[index]), self.targets[index])


class CIFAR100(CIFAR10):
    """A hundred kinds of small color photos, in files like those of `CIFAR10`, `cifar-100-python` or `cifar-100-binary`."""

    name, pickles, archive = "cifar100", "cifar-100-python", "cifar-100-binary.tar.gz"
    md5 = "03b5dce01913d631647c71ecec9e9cb8"
    train_files, test_files = ["train"], ["test"]
    labels_key = "fine_labels"


def unpack(archive, folder):
    """Unpack a .tar.gz into a folder; nothing is written outside of it."""
    with tarfile.open(archive, "r:gz") as tar:
        tar.extractall(folder, filter="data")
