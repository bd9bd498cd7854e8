"""CIFAR-10 and CIFAR-100 from their binary files."""

import numpy as np
import pytest

from numbacnn.data import DataError, load_dataset
from numbacnn.data.cifar import CIFAR


def write(path, labels, images, first=b""):
    """Records as published: label bytes, then red, green, blue."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(first + bytes([label]) + image.tobytes() for label, image in zip(labels, images)))


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (5, 3, 32, 32), np.uint8)


@pytest.mark.parametrize("below", ["", "cifar-10-batches-bin"])
def test_cifar10(tmp_path, images, below):
    write(tmp_path / below / "data_batch_1.bin", [3, 9], images[:2])
    write(tmp_path / below / "data_batch_2.bin", [0, 1], images[2:4])
    write(tmp_path / below / "test_batch.bin", [5], images[4:])
    data = load_dataset("cifar10", data_dir=tmp_path, validation=0)
    np.testing.assert_array_equal(data.x_train, images[:4])
    np.testing.assert_array_equal(data.y_train, [3, 9, 0, 1])
    np.testing.assert_array_equal(data.x_test, images[4:])
    assert [data.classes[k] for k in (3, 9)] == ["cat", "truck"] and "binary files" in data.source


def test_cifar100_takes_the_fine_label(tmp_path, images):
    write(tmp_path / "train.bin", [0, 99], images[:2], first=b"\x13")
    write(tmp_path / "test.bin", [50], images[2:3], first=b"\x02")
    data = load_dataset("cifar100", data_dir=tmp_path, validation=0)
    np.testing.assert_array_equal(data.y_train, [0, 99])
    np.testing.assert_array_equal(data.x_test, images[2:3])
    assert len(data.classes) == 100 and data.classes[99] == "worm" and data.classes[50] == "mouse"


def test_the_names_are_in_order_and_once():
    for cifar in CIFAR.values():
        assert list(cifar.classes) == sorted(set(cifar.classes))


@pytest.mark.parametrize("name", CIFAR)
def test_without_files(tmp_path, name):
    with pytest.raises(DataError, match=f"data_dir is needed for {name}: unpack"):
        load_dataset(name)
    with pytest.raises(DataError, match=f"{CIFAR[name].test}, files of {name}'s binary version, are not here"):
        load_dataset(name, data_dir=tmp_path)
    with pytest.raises(DataError, match="no such folder"):
        load_dataset(name, data_dir=tmp_path / "nowhere")


def test_damaged_files(tmp_path, images):
    write(tmp_path / "test_batch.bin", [5], images[:1])
    train = tmp_path / "data_batch_1.bin"
    train.write_bytes(bytes(3072))
    with pytest.raises(DataError, match="data_batch_1.bin: holds 3,072 bytes, .*multiple of 3,073"):
        load_dataset("cifar10", data_dir=tmp_path)
    write(train, [1, 10], images[:2])
    with pytest.raises(DataError, match="image 1 has the label 10, expected 0 to 9"):
        load_dataset("cifar10", data_dir=tmp_path)
    train.write_bytes(b"")
    with pytest.raises(DataError, match="holds 0 bytes"):
        load_dataset("cifar10", data_dir=tmp_path)
