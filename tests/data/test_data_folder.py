"""Pictures in folders: which are read, in which order, of which size; layouts: test_data_folder_layouts."""

import numpy as np
import pytest

from numbacnn.data import DataError, load_dataset, load_folder

Image = pytest.importorskip("PIL.Image")


def paint(path, color=(200, 10, 30), size=(12, 9), **options):
    """Write a picture of one color, ``size`` being width and height."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB" if isinstance(color, tuple) else "L", size, color).save(path, **options)


@pytest.fixture
def folder(tmp_path):
    """Two classes of seven pictures, each of a color of its own, and what else lies about."""
    for k in range(7):
        paint(tmp_path / "pets" / "cat" / f"{k}.png", (10 * k, 0, 200))
        paint(tmp_path / "pets" / "dog" / f"{k}.bmp", (10 * k, 200, 0))
    pets = tmp_path / "pets"
    (pets / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (pets / "cat" / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (pets / "cat" / "._0.png").write_bytes(b"no picture")
    (pets / "cat" / "notes.txt").write_text("a cat")
    (pets / "empty").mkdir()
    paint(pets / ".ipynb_checkpoints" / "0.png")
    return pets


def test_a_folder_a_class(folder):
    split = load_folder(folder)
    assert split.classes == ("cat", "dog") and "every sixth" in split.source
    assert split.x_train.shape == (12, 3, 9, 12) and split.x_test.shape == (2, 3, 9, 12)
    assert split.x_train.dtype == np.uint8 and split.y_train.dtype == np.int64
    for x, y in ((split.x_train, split.y_train), (split.x_test, split.y_test)):
        np.testing.assert_array_equal(y, x[:, 1, 0, 0] == 200)
        assert (x == x[:, :, :1, :1]).all()
    reds = sorted(split.x_train[:, 0, 0, 0].tolist())
    assert reds == sorted(2 * [0, 10, 20, 30, 40, 60]) and set(split.x_test[:, 0, 0, 0]) == {50}
    assert len(set(split.y_train[:6])) == 2  # shuffled


def test_the_order_is_always_the_same_and_a_limit_takes_the_first(folder):
    first, again, few = load_folder(folder), load_folder(folder), load_folder(folder, limit=5)
    np.testing.assert_array_equal(first.x_train, again.x_train)
    np.testing.assert_array_equal(few.x_train, first.x_train[:5])
    np.testing.assert_array_equal(few.y_train, first.y_train[:5])
    np.testing.assert_array_equal(few.x_test, first.x_test)


@pytest.mark.parametrize("test_name", ["test", "val", "validation"])
def test_folders_to_train_and_to_test_with(tmp_path, test_name):
    for name, color in (("a", 10), ("b", 250)):
        for k in range(3):
            paint(tmp_path / "train" / name / f"{k}.jpg", color)
        paint(tmp_path / test_name / name / "0.JPEG", color, format="JPEG")
    split = load_folder(tmp_path)
    assert split.x_train.shape == (6, 1, 9, 12)  # every picture is gray
    assert split.x_test.shape == (2, 1, 9, 12) and f"tested with {test_name}/" in split.source
    np.testing.assert_array_equal(split.y_train, split.x_train[:, 0, 0, 0] > 128)


def test_pictures_of_other_sizes_are_scaled_to_cover_and_cropped(tmp_path):
    for name in "ab":
        paint(tmp_path / name / "0.png", size=(12, 12))
        wide = Image.new("RGB", (40, 10), (255, 0, 0))  # red, with a green square in the middle
        wide.paste((0, 255, 0), (15, 0, 25, 10))
        wide.save(tmp_path / name / "1.png")
    with pytest.raises(DataError, match=r"png is \d+x\d+ pixels but .*\.png is \d+x\d+; .*--image-size 1[02]"):
        load_folder(tmp_path)
    split = load_folder(tmp_path, image_size=(8, 8))
    images = np.concatenate([split.x_train, split.x_test])
    assert images.shape == (4, 3, 8, 8)
    green = images[images[:, 1, 4, 4] > 200]
    assert len(green) == 2 and green[:, 1, 1:-1, 1:-1].min() > 250


def test_the_size_is_that_of_a_folder_only(folder):
    data = load_dataset(folder, image_size=(6, 5), validation=2)
    assert data.x_train.shape == (10, 3, 6, 5) and data.classes == ["cat", "dog"]
    with pytest.raises(DataError, match="image_size is 6x5, but the size of digits is what it is"):
        load_dataset("digits", image_size=(6, 5))


@pytest.mark.parametrize("kept", [0, 40, 200])
def test_a_damaged_picture_is_named(folder, kept):
    damaged = folder / "dog" / "3.bmp"
    damaged.write_bytes(damaged.read_bytes()[:kept])
    with pytest.raises(DataError, match=r"dog.3\.bmp: .*(is empty|not a picture|damaged)"):
        load_folder(folder)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda at: None, "has no folders with pictures in them; at least 2 classes .*DIR/<class>"),
        (lambda at: paint(at / "0.png"), "holds 1 picture without a folder for each class"),
        (lambda at: (at / "train-images.idx3-ubyte.gz").touch(), "has no folders .* train-images.idx3-ubyte.gz .*--data mnist --data-dir"),
        (lambda at: (at / "data_batch_1.bin").touch(), "has no folders .*--data cifar10 --data-dir"),
        (lambda at: (at / "train.bin").touch(), "has no folders .*--data cifar100 --data-dir"),
        (lambda at: [paint(at / "a" / f"{k}.png") for k in (0, 1)], r"has 1 class \(a\); at least 2 classes are needed, laid out as DIR"),
        (lambda at: [paint(at / name / "0.png") for name in "ab"], "a: holds 1 picture; at least 2"),
        (lambda at: [paint(at / part) for part in ("train/a/0.png", "train/b/0.png", "test/a/0.png", "test/c/0.png")],
         "test.c: has pictures of c to test with, but .* has none to train with"),
    ],
)
def test_folders_that_cannot_be_used(tmp_path, make, words):
    make(tmp_path)
    with pytest.raises(DataError, match=words):
        load_folder(tmp_path)


def test_no_such_folder(tmp_path):
    with pytest.raises(DataError, match="no such folder; give one laid out as"):
        load_folder(tmp_path / "nowhere")


def test_a_folder_cannot_test_itself(folder):
    with pytest.raises(DataError, match="is the folder to train with; give another one to test with"):
        load_dataset(folder, test=folder / "cat" / "..")


@pytest.mark.parametrize("limit", [None, 9])
def test_each_picture_keeps_the_name_of_its_file(folder, limit):
    """The color of each picture says which file it is."""
    data = load_dataset(folder, limit=limit, seed=3, validation=3)
    for part in ("train", "val", "test"):
        x, names = getattr(data, f"x_{part}"), data.files[part]
        assert len(x) == len(names) > 1
        for picture, name in zip(x, names):
            red, green = picture[:2, 0, 0].tolist()
            assert name == (f"dog/{red // 10}.bmp" if green == 200 else f"cat/{red // 10}.png")
    assert load_dataset("digits", limit=12).files == {}


def test_files_of_a_part_of_its_own_keep_their_names(tmp_path):
    for part in ("train", "val", "test"):
        for name in "ab":
            for k in range(2):
                paint(tmp_path / part / name / f"{k}.png", (100 * k, 0, 0))
    data = load_dataset(tmp_path)
    assert all(sorted(data.files[part]) == [f"{part}/{name}/{k}.png" for name in "ab" for k in range(2)] for part in data.files)
    assert [f"val/{'ab'[y]}/{x[0, 0, 0] // 100}.png" for x, y in zip(data.x_val, data.y_val)] == [*data.files["val"]]
