"""Data sets of pictures from the files that torchvision keeps; grids, reading and models."""
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import numbacnn as nc
from numbacnn import vision
from numbacnn.data import DataError, download
from numbacnn.utils.data import DataLoader
from numbacnn.vision import datasets, transforms, utils


def write_idx(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack(f">I{array.ndim}I", 0x800 + array.ndim, *array.shape) + array.astype(np.uint8).tobytes())


@pytest.fixture
def mnist(tmp_path, rng):
    """A folder as torchvision leaves it, with 20 and 6 images."""
    kept = {}
    for part, count in (("train", 20), ("t10k", 6)):
        kept[part] = rng.integers(0, 256, (count, 28, 28)), np.arange(count) % 10
        write_idx(tmp_path / "MNIST" / "raw" / f"{part}-images-idx3-ubyte", kept[part][0])
        write_idx(tmp_path / "MNIST" / "raw" / f"{part}-labels-idx1-ubyte", kept[part][1])
    return tmp_path, kept


def test_mnist(mnist):
    root, kept = mnist
    for train, part in ((True, "train"), (False, "t10k")):
        data = datasets.MNIST(root, train, transforms.ToTensor(), lambda k: k + 100)
        images, labels = kept[part]
        assert data.data.dtype == nc.uint8 and np.array_equal(data.data.numpy(), images)
        assert data.targets.dtype == nc.int64 and data.targets.tolist() == labels.tolist() and len(data) == len(images)
        picture, target = data[3]
        assert np.array_equal(picture.numpy(), images[3:4].astype(np.float32) / np.float32(255)) and target == 103
    plain = datasets.MNIST(str(root))
    assert plain[0][0].mode == "L" and plain[0][1] == 0 and type(plain[0][1]) is int
    assert plain.classes[7] == "7 - seven" and plain.class_to_idx["7 - seven"] == 7
    assert "Number of datapoints: 20" in repr(plain) and "Split: Train" in repr(plain)
    with pytest.raises(IndexError):
        plain[20]
    assert sum(1 for _ in plain) == 20


def test_mnist_in_batches(mnist):
    data = datasets.MNIST(mnist[0], transform=transforms.Compose([transforms.ToTensor(), transforms.Normalize(0.1307, 0.3081)]))
    x, y = next(iter(DataLoader(data, batch_size=8)))
    assert x.shape == (8, 1, 28, 28) and x.dtype == nc.float32 and y.tolist() == list(range(8)) and y.dtype == nc.int64


def test_files_that_are_not_there(tmp_path, monkeypatch):
    for name in ("MNIST", "FashionMNIST", "CIFAR10", "CIFAR100"):
        with pytest.raises(RuntimeError, match="Dataset not found.* You can use download=True"):
            getattr(datasets, name)(tmp_path)
    asked = []

    def unreachable(url, *rest):
        asked.append(url)
        raise OSError("no network")
    monkeypatch.setattr(download, "download", unreachable)
    with pytest.raises(DataError, match="put the four files into .*FashionMNIST"):
        datasets.FashionMNIST(tmp_path, download=True)
    with pytest.raises(DataError, match="unpack cifar-10-binary.tar.gz of https"):
        datasets.CIFAR10(tmp_path, download=True)
    assert asked[0].endswith("fashion/train-images-idx3-ubyte.gz") and asked[-1].endswith("kriz/cifar-10-binary.tar.gz")


def test_files_that_are_there_are_not_downloaded(mnist, monkeypatch):
    monkeypatch.setattr(download, "download", lambda *a: pytest.fail("asked for a download"))
    assert len(datasets.MNIST(mnist[0], download=True)) == 20


# ---------------------------------------------------------------- CIFAR
def as_published(images, labels, labels_key="labels"):
    """The bytes that Python 2 wrote: a dictionary of byte strings with an array in it."""
    def text(word):
        return b"U" + bytes([len(word)]) + word.encode()
    array = (b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K" + bytes([len(images)])
             + b"M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T"
             + struct.pack("<I", images.nbytes) + images.tobytes() + b"tb")
    numbers = b"](" + b"".join(b"K" + bytes([k]) for k in labels) + b"e"
    return b"\x80\x02}(" + text("data") + array + text(labels_key) + numbers + b"u."


@pytest.fixture
def cifar(tmp_path, rng):
    images = rng.integers(0, 256, (18, 3072), dtype=np.uint8)
    labels = (np.arange(18) * 7 % 10).tolist()
    (tmp_path / "cifar-10-batches-py").mkdir()
    for k in range(5):
        part = slice(3 * k, 3 * k + 3)
        (tmp_path / "cifar-10-batches-py" / f"data_batch_{k + 1}").write_bytes(as_published(images[part], labels[part]))
    test = {"data": images[15:], "labels": labels[15:], "filenames": ["a"] * 3}
    (tmp_path / "cifar-10-batches-py" / "test_batch").write_bytes(pickle.dumps(test, 2))
    return tmp_path, images, labels


def test_cifar10(cifar):
    root, images, labels = cifar
    expected = images.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    train, test = datasets.CIFAR10(root), datasets.CIFAR10(root, train=False, transform=transforms.ToTensor())
    assert np.array_equal(train.data, expected[:15]) and train.targets == labels[:15]
    assert np.array_equal(test.data, expected[15:]) and test.targets == labels[15:]
    assert np.array_equal(np.asarray(train[4][0]), expected[4]) and train[4][1] == labels[4]
    assert np.array_equal(test[0][0].numpy(), images[15].reshape(3, 32, 32) / np.float32(255))
    assert train.classes[:2] == ["airplane", "automobile"] and train.class_to_idx["truck"] == 9


def test_cifar_from_the_binary_version(tmp_path, rng):
    images = rng.integers(0, 256, (4, 3072), dtype=np.uint8)
    folder = tmp_path / "cifar-100-binary"
    folder.mkdir()
    for name in ("train.bin", "test.bin"):
        records = np.hstack([np.full((4, 1), 3, np.uint8), np.array([[5], [99], [0], [7]], np.uint8), images])
        (folder / name).write_bytes(records.tobytes())
    data = datasets.CIFAR100(tmp_path)
    assert data.targets == [5, 99, 0, 7] and np.array_equal(np.asarray(data[1][0]), images[1].reshape(3, 32, 32).transpose(1, 2, 0))


def test_a_pickle_may_hold_arrays_only(cifar):
    """A file that would call something is refused before it does."""
    path = cifar[0] / "cifar-10-batches-py" / "test_batch"
    path.write_bytes(b"cbuiltins\nexec\n(U\x10raise SystemExittR.")
    with pytest.raises(DataError, match="test_batch: is not a file of cifar10's python version.*builtins.exec"):
        datasets.CIFAR10(cifar[0], train=False)
    for content in (b"", b"what", pickle.dumps({"data": [1]}), pickle.dumps([1]),
                    pickle.dumps({"data": np.zeros((2, 3072), np.uint8), "labels": [1, 10]}),
                    pickle.dumps({"data": np.zeros((2, 3072), np.uint8), "labels": [1]})):
        path.write_bytes(content)
        with pytest.raises(DataError, match="test_batch: .*unpack it again"):
            datasets.CIFAR10(cifar[0], train=False)


# ---------------------------------------------------------------- folders
@pytest.fixture
def folder(tmp_path):
    for name, count in (("cat", 3), ("ant", 2)):
        for k in range(count):
            (tmp_path / name / "more").mkdir(parents=True, exist_ok=True)
            Image.new("L", (4 + k, 5), 10 * k).save(tmp_path / name / ("more" if k == 1 else "") / f"{k}.png")
    (tmp_path / "cat" / "notes.txt").write_text("none")
    return tmp_path


def test_image_folder(folder):
    data = datasets.ImageFolder(folder, transforms.Compose([transforms.Resize((4, 4)), transforms.ToTensor()]))
    assert data.classes == ["ant", "cat"] and data.class_to_idx == {"ant": 0, "cat": 1}
    assert data.targets == [0, 0, 1, 1, 1] and data.imgs == data.samples
    assert [Path(path).relative_to(folder / "cat").as_posix() for path, _ in data.samples[2:]] == ["0.png", "2.png", "more/1.png"]
    picture, target = data[3]
    assert picture.shape == (3, 4, 4) and target == 1 and picture.numpy().max() == np.float32(20) / 255


def test_dataset_folder(folder):
    data = datasets.DatasetFolder(folder, lambda path: Path(path).read_text(), is_valid_file=lambda path: path.endswith(".txt"),
                                  allow_empty=True)
    assert data[0] == ("none", 1) and len(data) == 1
    with pytest.raises(FileNotFoundError, match="no valid file for the classes ant"):
        datasets.DatasetFolder(folder, open, (".txt",))
    with pytest.raises(FileNotFoundError, match="any class folder"):
        datasets.ImageFolder(folder / "ant" / "more")
    with pytest.raises(ValueError, match="cannot be None or not None"):
        datasets.DatasetFolder(folder, open)


def test_fake_data():
    data = datasets.FakeData(5, (3, 8, 9), 4, transforms.ToTensor())
    assert len(data) == 5 and data[2][0].shape == (3, 8, 9) and {data[k][1] for k in range(5)} <= set(range(4))
    assert np.array_equal(data[2][0].numpy(), data[2][0].numpy()) and not np.array_equal(data[2][0].numpy(), data[3][0].numpy())
    assert np.array_equal(datasets.FakeData(5, (1, 4, 4), random_offset=1)[0][0], datasets.FakeData(5, (1, 4, 4))[1][0])
    assert sum(1 for _ in data) == 5


# ---------------------------------------------------------------- grids, files, models
def test_make_grid(rng):
    x = rng.random((5, 3, 2, 4), dtype=np.float32)
    out = utils.make_grid(nc.tensor(x), nrow=3, padding=1, pad_value=0.5).numpy()
    assert out.shape == (3, 2 * 3 + 1, 3 * 5 + 1)
    for n in range(5):
        top, left = 1 + n // 3 * 3, 1 + n % 3 * 5
        assert np.array_equal(out[:, top:top + 2, left:left + 4], x[n])
    assert (out[:, 0] == 0.5).all() and (out[:, 4:6, 11:] == 0.5).all()
    assert utils.make_grid(nc.tensor(x[:, :1])).shape == (3, 6, 32)
    assert np.array_equal(utils.make_grid(nc.tensor(x[:1])).numpy(), x[0]) and utils.make_grid(nc.tensor(x[0, 0])).shape == (3, 2, 4)
    assert np.array_equal(utils.make_grid([nc.tensor(each) for each in x]).numpy(), utils.make_grid(nc.tensor(x)).numpy())


def test_a_grid_stretched(rng):
    x = rng.normal(size=(4, 3, 2, 2)).astype(np.float32)
    out = utils.make_grid(nc.tensor(x), padding=0, normalize=True).numpy()
    assert np.allclose(out[:, :, :2], (x[0] - x.min()) / (x.max() - x.min()), atol=1e-6)
    each = utils.make_grid(nc.tensor(x), padding=0, normalize=True, scale_each=True).numpy()
    assert np.allclose(each[:, :, 2:4], (x[1] - x[1].min()) / (x[1].max() - x[1].min()), atol=1e-6)
    limited = utils.make_grid(nc.tensor(x), padding=0, normalize=True, value_range=(-0.5, 0.5)).numpy()
    assert np.allclose(limited[:, :, :2], np.clip(x[0], -0.5, 0.5) + 0.5, atol=1e-6)
    with pytest.raises(TypeError, match="tensor or list of tensors expected"):
        utils.make_grid(x)


def test_save_and_read(tmp_path, rng):
    pixels = rng.integers(0, 256, (3, 5, 6), dtype=np.uint8)
    utils.save_image(nc.tensor(pixels / np.float32(255)), tmp_path / "a.png")
    assert np.array_equal(vision.io.read_image(tmp_path / "a.png").numpy(), pixels)
    assert vision.io.read_image(str(tmp_path / "a.png"), vision.io.ImageReadMode.GRAY).shape == (1, 5, 6)
    vision.io.write_png(nc.tensor(pixels), tmp_path / "b.png")
    assert np.array_equal(vision.io.read_image(tmp_path / "b.png").numpy(), pixels)
    (tmp_path / "c.png").write_bytes(b"no picture")
    for name in ("c.png", "d.png"):
        with pytest.raises(DataError, match=f"{name}: "):
            vision.io.read_image(tmp_path / name)


@pytest.mark.parametrize("name", ["alexnet", "resnet18", "vgg11", "vgg16_bn", "vgg19"])
def test_models(name):
    with nc.nn.init.undrawn():
        model = getattr(vision.models, name)(weights=None, num_classes=7)
    assert [p.shape[0] for p in model.parameters()][-1] == 7
    named = {"alexnet": "AlexNet", "resnet18": "ResNet18", "vgg11": "VGG11", "vgg16_bn": "VGG16_BN", "vgg19": "VGG19"}[name]
    default = getattr(vision.models, f"{named}_Weights").DEFAULT  # may be imported, not be used
    for trained in ({"weights": "DEFAULT"}, {"weights": default}, {"pretrained": True}):
        with pytest.raises(NotImplementedError, match=f"{name}: .* is not offered.*load_state_dict"):
            getattr(vision.models, name)(**trained)


@pytest.mark.parametrize("name, parameters", [("vgg19", 143_667_240), ("vgg19_bn", 143_678_248)])
def test_vgg19_has_the_convolutions_of_column_e(name, parameters):
    """16 convolutions, and as many parameters as torchvision says of its weights."""
    with nc.nn.init.undrawn():
        model = getattr(vision.models, name)()
    stages = "".join({nc.nn.Conv2d: "c", nc.nn.MaxPool2d: "p"}.get(type(layer), "") for layer in model.features)
    assert stages == "ccpccpccccpccccpccccp" and sum(p.numel() for p in model.parameters()) == parameters


@pytest.mark.parametrize("ask, message", [
    (lambda: vision.ops, "numbacnn.vision.ops is not part of numbacnn"),
    (lambda: datasets.SVHN, "numbacnn.vision.datasets.SVHN is not part of numbacnn"),
    (lambda: vision.models.resnet50, "numbacnn.vision.models.resnet50 is not part of numbacnn"),
    (lambda: vision.models.ResNet50_Weights, "numbacnn.vision.models.ResNet50_Weights is not part of numbacnn"),
    (lambda: utils.draw_bounding_boxes, "numbacnn.vision.utils.draw_bounding_boxes is not part of numbacnn"),
    (lambda: vision.io.read_video, "numbacnn.vision.io.read_video is not part of numbacnn")])
def test_names_that_are_not_there(ask, message):
    with pytest.raises(AttributeError, match=message):
        ask()
