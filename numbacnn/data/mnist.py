"""MNIST and the two data sets made in its image: where their files are, and how to load them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from .download import Progress, cache_directory, cached_file, file_md5
from .errors import DataError
from .idx import read_pair
from .record import Split

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


class Published(NamedTuple):
    """A published data set: ``mirrors`` hold `FILES`, gzipped, with these ``md5`` sums."""

    mirrors: tuple[str, ...]
    md5: tuple[str, ...]
    classes: tuple[str, ...]
    torch_folder: str


# Checksums as published with the data sets and listed in torchvision/datasets/mnist.py.
PUBLISHED = {
    "mnist": Published(
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        md5=(
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
        classes=tuple("0123456789"),
        torch_folder="MNIST",
    ),
    "fashion-mnist": Published(
        mirrors=(
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ),
        md5=(
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
        classes=(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        torch_folder="FashionMNIST",
    ),
    "kmnist": Published(
        mirrors=(
            "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            "https://web.archive.org/web/2020id_/http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        ),
        md5=(
            "bdb82020997e1d708af4cf47b453dcf7",
            "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7",
            "7320c461ea6c1c855c0b718fb2a4b134",
        ),
        classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        torch_folder="KMNIST",
    ),
}


def load_published(
    name: str, data_dir: str | Path | None = None, progress: Progress | None = None
) -> Split:
    """Load ``mnist``, ``fashion-mnist`` or ``kmnist``.

    Parameters
    ----------
    name : str
        A key of `PUBLISHED`.
    data_dir : str or Path, optional
        A folder that holds the four files, gzipped or not; also the folder
        above it, named as the data set, or a folder that torchvision made.
        They may be a subset of the published images, so no checksum is asked
        for.  Without it the files come from the user's cache, where their
        checksums are verified at every load, or are downloaded into it.
    progress : callable, optional
        Called with ``(bytes_done, bytes_total)`` of each file downloaded.

    Raises
    ------
    DataError
        If a file is missing, damaged, or cannot be downloaded, or if the two
        splits do not fit together.
    """
    if data_dir is not None:
        folder, paths = find_files(name, Path(data_dir))
        source = f"IDX files in {folder}"
    else:
        published = PUBLISHED[name]
        folder = cache_directory() / name
        paths = [
            cached_file(folder / f"{file}.gz", published.mirrors, md5, progress)
            for file, md5 in zip(FILES, published.md5)
        ]
        source = f"{name} as published, checksums verified, in {folder}"
    x_train, y_train = read_pair(paths[0], paths[1])
    refuse_other_set(name, paths[0])
    x_test, y_test = read_pair(paths[2], paths[3])
    if x_train.shape[1:] != x_test.shape[1:]:
        (H, W), (h, w) = x_train.shape[1:], x_test.shape[1:]
        raise DataError(
            f"{paths[0]} holds images of {H}x{W} pixels but {paths[2]} of {h}x{w}; "
            "take both from the same data set"
        )
    return Split(x_train, y_train, x_test, y_test, source)


def find_files(name: str, data_dir: Path) -> tuple[Path, list[Path]]:
    """Return the folder at or below ``data_dir`` that holds the four files, and the files."""
    if not data_dir.is_dir():
        raise DataError(f"{data_dir}: no such folder; give the one that holds {name}'s four files")
    folders = [data_dir, data_dir / name, data_dir / PUBLISHED[name].torch_folder / "raw"]
    for folder in folders:
        found = [find_file(folder, file) for file in FILES]
        if all(found):
            return folder, found
        if any(found):
            missing = [file for file, path in zip(FILES, found) if path is None]
            raise DataError(
                f"{folder}: {', '.join(missing)} of {name}'s four files missing (with or without "
                ".gz); add them, or leave out --data-dir to download"
            )
    raise DataError(
        f"{data_dir}: none of {name}'s four files ({FILES[0]}, ..., with or without .gz) is here; "
        "give the folder that holds them, or leave out --data-dir to download"
    )


def find_file(folder: Path, file: str) -> Path | None:
    """Return the path of ``file`` under one of the names it goes by, or None."""
    dotted = file.replace("-idx", ".idx")  # some unpackers write train-images.idx3-ubyte
    for candidate in (f"{file}.gz", file, f"{dotted}.gz", dotted):
        if (folder / candidate).is_file():
            return folder / candidate
    return None


def refuse_other_set(name: str, path: Path) -> None:
    """Raise if the training images are known to be those of another data set.

    The three share their file names, so a wrong folder would pass unnoticed.
    """
    md5 = file_md5(path)
    for other, published in PUBLISHED.items():
        if other != name and md5 == published.md5[0]:
            raise DataError(
                f"{path}: these are the images of {other}, not of {name}; ask for {other}"
            )
