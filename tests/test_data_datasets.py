"""Loading a data set by name: the split, its record, `.npz` files, folders, and downloads."""

import email.message
import gzip
import hashlib
import io
import json
import struct
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from numbacnn.data import DataError, datasets, download, draw_digits, load_dataset, load_npz, mnist

MNIST = Path(__file__).parents[1].parent / "shared" / "data" / "mnist"
FILES = [
    f"{split}-{kind}-ubyte"
    for split in ("train", "t10k")
    for kind in ("images-idx3", "labels-idx1")
]


# ------------------------------------------------------------------ digits and the record


@pytest.fixture(scope="module")
def small():
    return load_dataset("digits", limit=240, seed=5)


def test_digits_are_those_that_are_drawn(small):
    x, y = draw_digits(240, 5)
    np.testing.assert_array_equal(np.concatenate([small.x_train, small.x_val])[:, 0], x)
    np.testing.assert_array_equal(np.concatenate([small.y_train, small.y_val]), y)
    assert small.x_test.shape == (10_000, 1, 28, 28) and small.x_test.dtype == np.uint8
    assert small.y_test.dtype == np.int64
    assert "seed 5" in small.source


def test_test_images_do_not_depend_on_the_seed(small):
    other = load_dataset("digits", limit=240, seed=6)
    np.testing.assert_array_equal(other.x_test, small.x_test)
    assert not np.array_equal(other.x_train, small.x_train)
    assert other.hash != small.hash


def test_digits_have_the_counts_of_mnist(monkeypatch):
    asked = []

    def draw(count, seed, stream="train"):
        asked.append((count, stream))
        return np.zeros((count, 1, 1), np.uint8), np.zeros(count, np.int64)

    monkeypatch.setattr(datasets, "draw_digits", draw)
    data = load_dataset("digits")
    assert asked == [(60_000, "train"), (10_000, "test")]
    assert (len(data.x_train), len(data.x_val)) == (55_000, 5_000)
    load_dataset("digits", limit=10**9)
    assert asked[2] == (60_000, "train")


def test_statistics_are_those_of_the_training_images(small):
    x = small.x_train.astype(float) / 255
    np.testing.assert_allclose(small.mean, [x.mean()], rtol=1e-12)
    np.testing.assert_allclose(small.std, [x.std()], rtol=1e-9)


def test_statistics_are_taken_channel_by_channel():
    x = np.random.default_rng(0).integers(0, 256, (1500, 3, 4, 5), np.uint8)
    x[:, 2] = 51
    mean, std = datasets.pixel_statistics(x)
    np.testing.assert_allclose(mean, (x / 255).mean((0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(std[:2], (x / 255).std((0, 2, 3))[:2], rtol=1e-9)
    assert std[2] == 1  # an even channel is divided by 1, not by 0


def test_description_is_json_with_counts_that_add_up(small):
    told = json.loads(json.dumps(small.describe()))
    assert told["name"] == "digits" and told["shape"] == [1, 28, 28]
    assert (told["train"], told["val"], told["test"]) == (220, 20, 10_000)
    assert [sum(told["per_class"][s]) for s in ("train", "val", "test")] == [220, 20, 10_000]
    assert told["per_class"]["test"] == [1000] * 10
    assert told["hash"] == small.hash and len(small.hash) == 64
    assert told["classes"] == list("0123456789")
    assert told["mean"] == small.mean.tolist() and told["std"] == small.std.tolist()


def test_hash_sees_every_array_and_its_shape():
    x, y = np.zeros((2, 1, 2, 3), np.uint8), np.array([0, 1])
    base = datasets.data_hash(x, y, x, y)
    x2, y2 = x.copy(), y.copy()
    x2[1, 0, 1, 2], y2[1] = 1, 2
    others = [(x2, y, x, y), (x, y2, x, y), (x, y, x2, y), (x, y, x, y2)]
    others.append((x.reshape(2, 1, 3, 2), y, x, y))
    assert len({base, *(datasets.data_hash(*arrays) for arrays in others)}) == 6
    assert datasets.data_hash(y) == datasets.data_hash(y.astype(">i8"))


@pytest.mark.parametrize(
    "N, expected", [(1, 0), (2, 1), (23, 1), (24, 2), (600, 50), (60_000, 5_000), (10**6, 5_000)]
)
def test_default_validation_split(N, expected):
    assert datasets.validation_count(N, None) == expected


def test_validation_images_are_the_last(small):
    data = load_dataset("digits", limit=240, seed=5, validation=7)
    assert len(data.x_train) == 233
    np.testing.assert_array_equal(data.x_val, draw_digits(240, 5)[0][233:, None])
    assert data.hash == small.hash  # the same images, split elsewhere
    assert len(load_dataset("digits", limit=3, validation=0).x_val) == 0


@pytest.mark.parametrize(
    "arguments, words",
    [
        (dict(name="digits", limit=0), "limit is 0; give at least 1"),
        (dict(name="digits", limit=-3), "limit is -3"),
        (dict(name="digits", limit=5, validation=5), "validation is 5 of 5 .* give 0 to 4"),
        (dict(name="digits", limit=5, validation=-1), "validation is -1 of 5"),
        (dict(name="digits", seed=-1), "seed is -1"),
        (dict(name="digits", data_dir="x"), "data_dir is x, but .*digits is not read from"),
        (dict(name="mnits"), "no data set 'mnits'; .*digits, mnist, fashion-mnist, kmnist.*mnist?"),
        (dict(name="FashionMNIST"), "did you mean fashion-mnist"),
        (dict(name="cats"), "no data set 'cats'; give one of .* or the path of an .npz file$"),
        (dict(name="cats.npz"), "cats.npz: no such file"),
    ],
)
def test_bad_arguments(arguments, words):
    with pytest.raises(DataError, match=words):
        load_dataset(**arguments)


# ------------------------------------------------------------------ .npz files


@pytest.fixture
def arrays():
    rng = np.random.default_rng(1)
    return dict(
        x_train=rng.integers(0, 256, (6, 5, 7), np.uint8),
        y_train=np.array([0, 1, 2, 3, 0, 1]),
        x_test=rng.integers(0, 256, (2, 5, 7), np.uint8),
        y_test=np.array([3, 2], np.uint8),
    )


@pytest.fixture
def npz(tmp_path):
    def write(arrays):
        np.savez(tmp_path / "own.npz", **arrays)
        return tmp_path / "own.npz"

    return write


def test_npz_is_loaded_as_it_is(npz, arrays):
    path = npz(arrays)
    data = load_dataset(path, validation=2)
    np.testing.assert_array_equal(data.x_train[:, 0], arrays["x_train"][:4])
    np.testing.assert_array_equal(data.x_val[:, 0], arrays["x_train"][4:])
    np.testing.assert_array_equal(data.x_test[:, 0], arrays["x_test"])
    assert data.y_test.tolist() == [3, 2] and data.y_test.dtype == np.int64
    assert data.classes == ["0", "1", "2", "3"]
    assert str(path) in data.source


def test_npz_channels_first_or_last(npz, arrays):
    colour = np.random.default_rng(2).integers(0, 256, (6, 3, 5, 7), np.uint8)
    for x in (colour, colour.transpose(0, 2, 3, 1)):
        arrays |= dict(x_train=x, x_test=x[:2])
        x_train, _, x_test, _ = load_npz(npz(arrays))
        np.testing.assert_array_equal(x_train, colour)
        np.testing.assert_array_equal(x_test, colour[:2])
        assert x_train.flags.c_contiguous


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint16])
def test_npz_whole_numbers_up_to_255_are_kept(npz, arrays, dtype):
    expected = arrays["x_train"].copy()
    arrays["x_train"] = expected.astype(dtype)
    np.testing.assert_array_equal(load_npz(npz(arrays))[0][:, 0], expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_npz_floats_up_to_1_are_scaled(npz, arrays, dtype):
    expected = arrays["x_train"].copy()
    arrays["x_train"] = (expected / 255).astype(dtype)
    arrays["x_test"] = (arrays["x_test"] / 255).astype(dtype)
    np.testing.assert_array_equal(load_npz(npz(arrays))[0][:, 0], expected)


def test_npz_floats_are_rounded(npz, arrays):
    arrays["x_train"] = np.full((6, 5, 7), 0.999)
    arrays["x_test"] = np.full((2, 5, 7), 0.501)
    x_train, _, x_test, _ = load_npz(npz(arrays))
    assert (x_train == 255).all() and (x_test == 128).all()  # 254.7 and 127.8


def test_npz_booleans_are_black_and_white(npz, arrays):
    arrays["x_train"], arrays["x_test"] = arrays["x_train"] > 99, arrays["x_test"] > 99
    x = load_npz(npz(arrays))[0]
    np.testing.assert_array_equal(x[:, 0], 255 * arrays["x_train"])


def test_npz_label_column(npz, arrays):
    arrays["y_train"] = arrays["y_train"][:, None]
    assert load_npz(npz(arrays))[1].tolist() == [0, 1, 2, 3, 0, 1]


def nan(x):
    x = x.astype(float)
    x[1, 2, 3] = np.nan
    return x


@pytest.mark.parametrize(
    "key, change, words",
    [
        ("x_train", lambda x: x[0], r"x_train has shape \(5, 7\), expected \(N, H, W\)"),
        ("x_train", lambda x: x[:0], r"x_train has shape \(0, 5, 7\).* without a 0"),
        ("x_train", lambda x: x[:, :3, :3, None].repeat(3, 3), "may be .N, C, H, W. or"),
        ("x_train", lambda x: x[..., None].repeat(4, 3), "without a channel axis .*alpha"),
        ("x_train", lambda x: x[:, 1:], r"\(1, 4, 7\) but x_test of \(1, 5, 7\)"),
        ("x_test", lambda x: x.astype(str), "x_test has dtype <U.*; save it as uint8"),
        ("x_test", lambda x: x.astype(complex), "x_test has dtype complex128"),
        ("x_train", nan, "x_train has 1 NaN or infinite pixels"),
        ("x_train", lambda x: x / 255 - 0.5, "pixels from -0.5 to 0.5, expected 0 to 255"),
        ("x_train", lambda x: x.astype(int) + 9, "pixels from .* to 26., expected 0 to 255"),
        ("x_train", lambda x: x / 2, "up to 127.5 that are not whole numbers"),
        ("y_train", lambda y: y[:5], "x_train holds 6 images but y_train 5 labels"),
        ("y_train", lambda y: np.eye(4, dtype=int)[y], r"one-hot rows .* y_train.argmax\(1\)"),
        ("y_train", lambda y: y.astype(float), "y_train has dtype float64; save labels as integ"),
        ("y_test", lambda y: y.astype(int) - 5, "y_test has labels from -3 to -2"),
        ("y_train", lambda y: y * 10**9, "labels from 0 to 3000000000, expected 0 to at most 999"),
        ("y_train", lambda y: y.astype(object), "cannot be read .Object arrays"),
    ],
)
def test_npz_with_a_bad_array(npz, arrays, key, change, words):
    arrays[key] = change(arrays[key])
    with pytest.raises(DataError, match=words) as caught:
        load_npz(npz(arrays))
    assert "own.npz: " in str(caught.value) and "\n" not in str(caught.value)


def test_npz_with_missing_keys(npz, arrays):
    del arrays["x_test"], arrays["y_test"]
    with pytest.raises(DataError, match="has no x_test, y_test, it holds x_train, y_train"):
        load_npz(npz(arrays))


def test_npz_that_is_something_else(tmp_path, arrays):
    path = tmp_path / "own.npz"
    with pytest.raises(DataError, match="no such file"):
        load_npz(path)
    for content in (b"", b"hello", gzip.compress(b"hello")):
        path.write_bytes(content)
        with pytest.raises(DataError, match="is not an .npz file; save it with np.savez"):
            load_npz(path)
    with open(path, "wb") as file:
        np.save(file, arrays["x_train"])
    with pytest.raises(DataError, match="is not an .npz file"):
        load_npz(path)
    with pytest.raises(DataError, match="is not an .npz file|cannot be read"):
        load_npz(tmp_path)


@pytest.mark.parametrize("seed", range(60))
def test_damaged_npz_never_escapes_as_another_error(tmp_path, arrays, seed):
    rng = np.random.default_rng(seed)
    path = tmp_path / "own.npz"
    (np.savez if seed % 2 else np.savez_compressed)(path, **arrays)
    content = bytearray(path.read_bytes())
    for _ in range(8):
        content[rng.integers(len(content))] = rng.integers(256)
    path.write_bytes(content)
    try:
        load_npz(path)
    except DataError as error:
        assert "\n" not in str(error)


# ------------------------------------------------------------------ folders and downloads


def tiny_files(first=0):
    """Four gzipped IDX files: 3 training images and 2 test images of 2 x 2 pixels."""
    content = []
    for count in (3, 2):
        pixels = bytes((first + k) % 256 for k in range(count * 4))
        content.append(struct.pack(">IIII", 2051, count, 2, 2) + pixels)
        content.append(struct.pack(">II", 2049, count) + bytes(range(count)))
    return {f"{name}.gz": gzip.compress(c, mtime=0) for name, c in zip(FILES, content)}


def md5(content):
    return hashlib.md5(content).hexdigest()


@pytest.fixture
def mirrors(monkeypatch, tmp_path):
    """Two mirrors that live in a dictionary of URL -> content; nothing leaves the machine."""
    files = tiny_files()
    published = mnist.Published(
        mirrors=("http://one/", "http://two/"),
        md5=tuple(md5(content) for content in files.values()),
        classes=tuple("0123456789"),
        torch_folder="MNIST",
    )
    served = {f"http://{host}/{name}": c for host in ("one", "two") for name, c in files.items()}
    asked = []

    def urlopen(url, timeout):
        assert timeout == download.TIMEOUT
        asked.append(url)
        if url not in served:
            raise urllib.error.URLError("no route to host")
        answer = io.BytesIO(served[url])
        answer.headers = email.message.Message()
        answer.headers["Content-Length"] = str(len(served[url]))
        return answer

    monkeypatch.setitem(mnist.PUBLISHED, "mnist", published)
    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    served_and_asked = type("Mirrors", (), {})()
    served_and_asked.served, served_and_asked.asked = served, asked
    served_and_asked.folder = tmp_path / "cache" / "numbacnn" / "data" / "mnist"
    return served_and_asked


def test_downloads_once_and_reports_progress(mirrors):
    progress = []
    data = load_dataset("mnist", progress=lambda done, total: progress.append((done, total)))
    assert data.x_train.shape == (2, 1, 2, 2) and data.x_val.shape == (1, 1, 2, 2)
    assert data.x_train[0].ravel().tolist() == [0, 1, 2, 3]
    assert data.y_test.tolist() == [0, 1]
    assert mirrors.asked == [f"http://one/{name}.gz" for name in FILES]
    assert progress == [(len(c), len(c)) for c in tiny_files().values()]
    assert sorted(p.name for p in mirrors.folder.iterdir()) == sorted(tiny_files())
    load_dataset("mnist")
    assert len(mirrors.asked) == 4
    assert "checksums verified" in data.source


def test_second_mirror_takes_over(mirrors):
    del mirrors.served[f"http://one/{FILES[0]}.gz"]
    mirrors.served[f"http://one/{FILES[1]}.gz"] = b"<html>503</html>"
    assert load_dataset("mnist").x_train.shape[0] == 2
    assert f"http://two/{FILES[0]}.gz" in mirrors.asked
    assert f"http://two/{FILES[1]}.gz" in mirrors.asked


def test_damaged_cache_is_fetched_again(mirrors):
    load_dataset("mnist")
    (mirrors.folder / f"{FILES[2]}.gz").write_bytes(b"half a fi")
    load_dataset("mnist")
    assert mirrors.asked[4:] == [f"http://one/{FILES[2]}.gz"]


def test_no_network(mirrors):
    mirrors.served.clear()
    words = "train-images.* could not be downloaded from http://one/ .*no route.* or http://two/"
    with pytest.raises(DataError, match=words + ".*--data-dir, or use .* digits"):
        load_dataset("mnist")
    assert list(mirrors.folder.iterdir()) == []


def test_wrong_checksums_leave_nothing_behind(mirrors):
    for url in mirrors.served:
        mirrors.served[url] = b"something else"
    with pytest.raises(DataError, match="checksum is wrong"):
        load_dataset("mnist")
    assert list(mirrors.folder.iterdir()) == []


def test_a_file_without_end_is_refused(mirrors, monkeypatch):
    monkeypatch.setattr(download, "MAX_BYTES", 20)
    with pytest.raises(DataError, match="larger than 20 bytes"):
        load_dataset("mnist")


def test_cache_that_cannot_be_written(mirrors, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(DataError, match="cache cannot be written .*XDG_CACHE_HOME.*digits"):
        load_dataset("mnist")


@pytest.mark.parametrize(
    "platform, variables, expected",
    [
        ("linux", {"HOME": "/home/a"}, "/home/a/.cache"),
        ("linux", {"HOME": "/home/a", "XDG_CACHE_HOME": "/x"}, "/x"),
        ("darwin", {"HOME": "/Users/a"}, "/Users/a/Library/Caches"),
        ("darwin", {"HOME": "/Users/a", "XDG_CACHE_HOME": "/x"}, "/x"),
        ("win32", {"HOME": "/a", "LOCALAPPDATA": "/a/AppData/Local"}, "/a/AppData/Local"),
    ],
)
def test_cache_directory(monkeypatch, platform, variables, expected):
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(download.sys, "platform", platform)
    assert download.cache_directory() == Path(expected) / "numbacnn" / "data"


def unpack(files):
    return {name[:-3]: gzip.decompress(content) for name, content in files.items()}


def dotted(files):
    return {name.replace("-idx", ".idx"): content for name, content in files.items()}


@pytest.mark.parametrize("below", ["", "mnist", "MNIST/raw"])
@pytest.mark.parametrize("change", [dict, unpack, dotted, lambda files: dotted(unpack(files))])
def test_data_dir_in_all_its_forms(tmp_path, mirrors, change, below):
    folder = tmp_path / "own" / below
    folder.mkdir(parents=True)
    for name, content in change(tiny_files(first=100)).items():
        (folder / name).write_bytes(content)
    data = load_dataset("mnist", data_dir=tmp_path / "own")
    assert data.x_train[0].ravel().tolist() == [100, 101, 102, 103]
    assert str(folder) in data.source
    assert mirrors.asked == []


def test_data_dir_without_the_files(tmp_path):
    with pytest.raises(DataError, match="no such folder; give the one that holds mnist's four"):
        load_dataset("mnist", data_dir=tmp_path / "nowhere")
    with pytest.raises(DataError, match="none of kmnist's four files"):
        load_dataset("kmnist", data_dir=tmp_path)
    for name, content in list(tiny_files().items())[:3]:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match="t10k-labels-idx1-ubyte of mnist's four files missing"):
        load_dataset("mnist", data_dir=tmp_path)


def test_data_dir_of_another_data_set(tmp_path, mirrors):
    for name, content in tiny_files().items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match="these are the images of mnist, not of kmnist"):
        load_dataset("kmnist", data_dir=tmp_path)


def test_data_dir_with_splits_of_different_sizes(tmp_path):
    files = tiny_files()
    files[f"{FILES[2]}.gz"] = gzip.compress(struct.pack(">IIII", 2051, 2, 1, 2) + bytes(4))
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match="images of 2x2 pixels but .*t10k.* of 1x2"):
        load_dataset("mnist", data_dir=tmp_path)


def test_published_sets_are_complete():
    for published in mnist.PUBLISHED.values():
        assert len(published.classes) == len(set(published.classes)) == 10
        assert len(published.mirrors) == 2 and len(set(published.md5)) == 4
        assert all(len(digest) == 32 and int(digest, 16) for digest in published.md5)
        assert all(mirror.endswith("/") for mirror in published.mirrors)


@pytest.mark.skipif(not MNIST.is_dir(), reason="MNIST is not here")
def test_mnist_from_a_folder():
    data = load_dataset("mnist", data_dir=MNIST, limit=1200)
    assert data.x_train.shape == (1100, 1, 28, 28) and data.x_val.shape == (100, 1, 28, 28)
    assert data.y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert data.mean == pytest.approx(0.13, abs=0.01)
