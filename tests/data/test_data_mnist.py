"""MNIST and its kin: files in a folder, in the cache, and downloads that never leave this file."""

import email.message
import gzip
import hashlib
import io
import struct
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest

from numbacnn.data import DataError, download, load_dataset, mnist

MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist"
FILES = [
    f"{split}-{kind}-ubyte"
    for split in ("train", "t10k")
    for kind in ("images-idx3", "labels-idx1")
]


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
    folder = tmp_path / "cache" / "numbacnn" / "data" / "mnist"
    return SimpleNamespace(served=served, asked=asked, folder=folder)


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
    data = load_dataset("mnist", data_dir=tmp_path / "own", validation=0)
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
    data = load_dataset("mnist", data_dir=MNIST, limit=1200, validation=0)
    assert data.y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert data.mean == pytest.approx(0.13, abs=0.01)
