"""Read images and labels from IDX files, the format of MNIST, gzipped or not.

An IDX file is a magic number, one 32-bit big-endian count per dimension, and
the bytes.  The magic number is 2051 for images (unsigned bytes, 3 dimensions)
and 2049 for labels (unsigned bytes, 1 dimension).
Source: LeCun, Cortes & Burges, "The MNIST database", section "File formats".
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np

from .errors import DataError

IMAGES, LABELS = 2051, 2049
GZIP_MAGIC = b"\x1f\x8b"
MAX_BYTES = 2**32  # a header that claims more is refused: it is damage, not data
PIECE = 2**20  # bytes read at a time, so that memory follows the file, not its header


def read_images(path: str | Path) -> np.ndarray:
    """Read an IDX file of images.

    Parameters
    ----------
    path : str or Path
        A file such as ``train-images-idx3-ubyte.gz``; whether it is gzipped is
        told from its content.

    Returns
    -------
    uint8 array of shape (N, H, W), N, H, W >= 1.

    Raises
    ------
    DataError
        If the file cannot be read, is damaged, or does not hold images.
    """
    return read_idx(Path(path), IMAGES)


def read_labels(path: str | Path) -> np.ndarray:
    """Read an IDX file of labels; the counterpart of `read_images`.

    Returns
    -------
    int64 array of shape (N,), N >= 1, values 0 to 255.

    Raises
    ------
    DataError
        If the file cannot be read, is damaged, or does not hold labels.
    """
    return read_idx(Path(path), LABELS).astype(np.int64)


def read_pair(
    images: str | Path, labels: str | Path, classes: int = 10
) -> tuple[np.ndarray, np.ndarray]:
    """Read images and their labels, and check that they belong together.

    Returns
    -------
    x : uint8 array of shape (N, H, W)
    y : int64 array of shape (N,), values 0 to ``classes - 1``

    Raises
    ------
    DataError
        As `read_images` and `read_labels`; also if the counts differ or a
        label is out of range.
    """
    x, y = read_images(images), read_labels(labels)
    if len(x) != len(y):
        raise DataError(
            f"{images} holds {len(x):,} images but {labels} holds {len(y):,} labels; "
            "take both files from the same data set and the same split"
        )
    if y.max() >= classes:
        i = int(y.argmax())
        raise DataError(
            f"{labels}: label {y[i]} at index {i} is out of range, the {classes} classes are "
            f"numbered 0 to {classes - 1}; check that the file belongs to this data set"
        )
    return x, y


def read_idx(path: Path, wanted: int) -> np.ndarray:
    """Return the bytes of an IDX file with the magic number ``wanted``, in its shape."""
    try:
        with open(path, "rb") as raw:
            if raw.read(2) != GZIP_MAGIC:
                return parse_idx(path, partial(read_up_to, raw), wanted)
            raw.seek(0)
            return parse_idx(path, partial(unzip_up_to, raw.read()), wanted)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except IsADirectoryError:
        raise DataError(f"{path}: is a folder; give the IDX file inside it") from None
    except EOFError:
        raise DataError(
            f"{path}: the gzip file is cut off before its end "
            f"({path.stat().st_size:,} bytes on disk); download it again"
        ) from None
    except (zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{path}: the gzip data is damaged ({error}); download it again"
        ) from None
    except OSError as error:
        reason = error.strerror or error
        raise DataError(f"{path}: cannot be read ({reason}); check the file") from None


def parse_idx(path: Path, up_to: Callable[[int], bytes], wanted: int) -> np.ndarray:
    """Check the header, then take exactly what it announces; ``up_to(n)`` are the first n bytes."""
    ndim = wanted % 256
    start = 4 + 4 * ndim
    head = up_to(start)
    if not head:
        raise DataError(f"{path}: the file is empty; download it again")
    check_magic(path, head[:4], wanted)
    if len(head) < start:
        raise DataError(
            f"{path}: the file ends within its header ({len(head)} of {start} bytes); "
            "download it again"
        )
    shape = struct.unpack_from(f">{ndim}I", head, 4)
    check_shape(path, shape)
    expected = int(np.prod(shape, dtype=object))
    if expected > MAX_BYTES:
        raise DataError(
            f"{path}: the header announces {expected:,} bytes ({times(shape)}), more than the "
            f"{MAX_BYTES:,} read here; the file is damaged, or must be split"
        )
    data = np.frombuffer(up_to(start + expected + 1), np.uint8, offset=start)
    if len(data) != expected:
        found = f"only {len(data):,}" if len(data) < expected else "more"
        raise DataError(
            f"{path}: the header announces {expected:,} bytes ({times(shape)}) but {found} follow; "
            "the file is damaged, download it again"
        )
    return np.require(data, requirements="W").reshape(shape)  # unzipped bytes cannot be written to


def check_magic(path: Path, head: bytes, wanted: int) -> None:
    """Raise unless the first four bytes are the magic number ``wanted``."""
    magic = int.from_bytes(head, "big")
    if len(head) == 4 and magic == wanted:
        return
    names = {IMAGES: "images", LABELS: "labels"}
    if len(head) == 4 and magic in names:
        raise DataError(
            f"{path}: holds {names[magic]} (magic number {magic}) where {names[wanted]} "
            f"({wanted}) are expected; swap the two files"
        )
    raise DataError(
        f"{path}: is neither gzip nor an IDX file of {names[wanted]}: it starts with "
        f"{head.hex(' ')}, expected {wanted:08x}; check that the download is not a web page"
    )


def check_shape(path: Path, shape: tuple[int, ...]) -> None:
    """Raise if there is nothing in the file."""
    what = "images" if len(shape) == 3 else "labels"
    if shape[0] == 0:
        raise DataError(f"{path}: the file holds 0 {what}; at least 1 is needed")
    if 0 in shape:
        raise DataError(
            f"{path}: the images are {shape[1]}x{shape[2]} pixels, expected at least 1x1; "
            "the file is damaged, download it again"
        )


def read_up_to(file: BinaryIO, count: int) -> bytearray:
    """Return the first ``count`` bytes, or all if there are fewer; read a piece at a time."""
    file.seek(0)
    data = bytearray()
    while len(data) < count:
        piece = file.read(min(PIECE, count - len(data)))
        if not piece:
            break
        data += piece
    return data


def unzip_up_to(packed: bytes, count: int) -> bytes:
    """Return the first ``count`` bytes of what a gzip file holds, or all if there are fewer.

    Its first member, as a rule its only one, is unpacked by one call, for which no other thread
    has to wait.  `gzip` would ask for Python's lock a thousand times, and wait for it each time.
    """
    member = zlib.decompressobj(zlib.MAX_WBITS + 16)  # 16: a gzip header and its checksum
    data = member.decompress(packed, count)
    if len(data) == count:
        return data
    if not member.eof:
        raise EOFError
    rest = member.unused_data.lstrip(b"\0")
    with gzip.GzipFile(fileobj=BytesIO(rest)) as members:
        return data + read_up_to(members, count - len(data))


def times(shape: tuple[int, ...]) -> str:
    """Write a shape as ``60000 x 28 x 28``."""
    return " x ".join(str(size) for size in shape)
