"""Reading IDX files: what is well formed is read, what is not is explained in one sentence."""

import gzip
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest

from numbacnn.data import DataError, read_images, read_labels
from numbacnn.data.idx import read_pair

MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist"


def images_file(*shape, magic=2051, data=None):
    size = int(np.prod(shape))
    data = bytes(k % 251 for k in range(size)) if data is None else data
    return struct.pack(f">I{len(shape)}I", magic, *shape) + data


def labels_file(labels, magic=2049, count=None):
    count = len(labels) if count is None else count
    return struct.pack(">II", magic, count) + bytes(labels)


@pytest.fixture
def save(tmp_path):
    def write(content, name="some-file"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


# the name never decides: a gzipped file may have any
@pytest.mark.parametrize("name", ["images", "images.gz"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_reads_images(save, pack, name):
    x = read_images(save(pack(images_file(3, 2, 4)), name))
    assert x.dtype == np.uint8
    assert x.tolist() == np.arange(24).reshape(3, 2, 4).tolist()
    assert x.flags.writeable


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_reads_labels(save, pack):
    y = read_labels(str(save(pack(labels_file([7, 0, 255])))))
    assert y.dtype == np.int64
    assert y.tolist() == [7, 0, 255]


def test_reads_a_file_longer_than_a_piece(save):
    x = read_images(save(gzip.compress(images_file(3, 700, 900), 1)))
    assert x.shape == (3, 700, 900)
    assert x.ravel()[-1] == (3 * 700 * 900 - 1) % 251


def members(content, *ends):
    """A gzip file of several members, which is what `cat a.gz b.gz` makes."""
    cuts = [0, *ends, len(content)]
    return b"".join(gzip.compress(content[a:b]) for a, b in zip(cuts, cuts[1:]))


# pad with zeros as tape drives do; a member may be empty
@pytest.mark.parametrize("tail", [b"", bytes(512)])
@pytest.mark.parametrize("ends", [(20,), (3, 9), (0, 16, 16, 39), (40,)])
def test_reads_gzip_files_of_several_members(save, ends, tail):
    x = read_images(save(members(images_file(3, 2, 4), *ends) + tail))
    assert x.tolist() == np.arange(24).reshape(3, 2, 4).tolist()


def test_no_more_is_unpacked_than_the_header_announces(save):
    """A gzip bomb: 400 MB of zeros in 400 kB."""
    pack = zlib.compressobj(1, wbits=31)
    bomb = b"".join([pack.compress(whole), *(pack.compress(bytes(2**20)) for _ in range(400)), pack.flush()])
    path = save(bomb)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="announces 24 bytes .* but more follow"):
            read_images(path)
        assert tracemalloc.get_traced_memory()[1] < 4 * len(bomb)
    finally:
        tracemalloc.stop()


whole = images_file(3, 2, 4)
zipped = gzip.compress(bytes(np.random.default_rng(0).integers(0, 256, 4000, np.uint8)))
MALFORMED = {
    "empty": (b"", "the file is empty"),
    "empty gzip": (gzip.compress(b""), "the file is empty"),
    "gzip magic alone": (b"\x1f\x8b", "gzip file is cut off before its end .2 bytes on disk"),
    "truncated gzip": (gzip.compress(whole)[:-12], "gzip file is cut off before its end"),
    "damaged gzip": (
        gzip.compress(whole)[:-8] + b"\0\0\0\0" + gzip.compress(whole)[-4:],
        "gzip data is damaged .*incorrect data check",
    ),
    "damaged gzip length": (gzip.compress(whole)[:-4] + b"\1\0\0\0", "damaged .*incorrect length check"),
    "garbage after gzip": (gzip.compress(whole) + b"\0\0garbage", "damaged .Not a gzipped file .b'ga'"),
    "second member cut off": (members(whole, 20)[:-5], "gzip file is cut off before its end"),
    "second member damaged": (members(whole, 20)[:-8] + bytes(8), "gzip data is damaged .*CRC"),
    "members of more bytes": (members(whole + b"\0", 20), "announces 24 bytes .* but more follow"),
    "members of fewer bytes": (members(whole[:-5], 20), "announces 24 bytes .* but only 19 follow"),
    "bad deflate": (zipped[:10] + b"\xff" * 20 + zipped[30:], "gzip data is damaged"),
    "web page": (b"<!doctype html>", "neither gzip nor an IDX file .* 3c 21 64 6f.*web page"),
    "two bytes": (b"\0\0", "neither gzip nor an IDX file"),
    "floats": (images_file(3, 2, 4, magic=0x0D03), "neither gzip nor .*00 00 0d 03"),
    "labels": (labels_file([1, 2]), "holds labels .magic number 2049. where images .2051.*swap"),
    "short header": (whole[:11], "ends within its header .11 of 16 bytes"),
    "fewer bytes": (whole[:-5], "announces 24 bytes .3 x 2 x 4. but only 19 follow"),
    "more bytes": (whole + b"\0", "announces 24 bytes .* but more follow"),
    "no images": (images_file(0, 28, 28), "holds 0 images; at least 1"),
    "no pixels": (images_file(5, 28, 0), "images are 28x0 pixels, expected at least 1x1"),
    "huge counts": (
        struct.pack(">IIII", 2051, 2**32 - 1, 2**16, 2**16),
        f"announces {(2**32 - 1) * 2**32:,} bytes .*more than the 4,294,967,296",
    ),
    "large counts": (
        struct.pack(">IIII", 2051, 2**16, 2**8, 2**8) + b"abc",
        "announces 4,294,967,296 bytes .* but only 3 follow",
    ),
}


@pytest.mark.parametrize("content, words", MALFORMED.values(), ids=MALFORMED)
def test_malformed_images(save, content, words):
    path = save(content)
    with pytest.raises(DataError, match=words) as caught:
        read_images(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("length", range(60))
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_no_prefix_of_a_file_is_accepted(save, pack, length):
    content = pack(whole)
    if length < len(content):
        with pytest.raises(DataError):
            read_images(save(content[:length]))


@pytest.mark.parametrize("seed", range(100))
def test_damage_never_escapes_as_another_error(save, seed):
    rng = np.random.default_rng(seed)
    content = bytearray(gzip.compress(whole) if seed % 2 else whole)
    for _ in range(3):
        content[rng.integers(len(content))] = rng.integers(256)
    try:
        x = read_images(save(bytes(content)))
    except DataError:
        return
    assert x.dtype == np.uint8 and x.size == 24


def test_images_given_as_labels(save):
    with pytest.raises(DataError, match="holds images .magic number 2051. where labels .2049"):
        read_labels(save(whole))


def test_no_labels(save):
    with pytest.raises(DataError, match="holds 0 labels; at least 1"):
        read_labels(save(labels_file([])))


def test_fewer_labels_than_announced(save):
    with pytest.raises(DataError, match="announces 9 bytes .9. but only 2 follow"):
        read_labels(save(labels_file([1, 2], count=9)))


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(DataError, match="no such file; check the path"):
        read_images(tmp_path / "nowhere")
    with pytest.raises(DataError, match="is a folder|cannot be read"):
        read_images(tmp_path)


def test_pair(save):
    images, labels = save(whole, "images"), save(labels_file([4, 0, 9]), "labels")
    x, y = read_pair(images, labels)
    assert x.shape == (3, 2, 4) and y.tolist() == [4, 0, 9]


def test_pair_of_different_counts(save):
    images, labels = save(whole, "images"), save(labels_file([4, 0]), "labels")
    with pytest.raises(DataError, match="images holds 3 images but .*labels holds 2 labels"):
        read_pair(images, labels)


def test_pair_with_a_label_out_of_range(save):
    images, labels = save(whole, "images"), save(labels_file([4, 10, 2]), "labels")
    with pytest.raises(DataError, match="label 10 at index 1 is out of range.* numbered 0 to 9"):
        read_pair(images, labels)


@pytest.mark.skipif(not MNIST.is_dir(), reason="MNIST is not here")
def test_reads_mnist():
    x, y = read_pair(MNIST / "train-images-idx3-ubyte.gz", MNIST / "train-labels-idx1-ubyte.gz")
    assert x.shape == (50_000, 28, 28)
    # the first labels of MNIST's training set, as in every tutorial
    assert y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert x.mean() / 255 == pytest.approx(0.1307, abs=0.001)
