"""Layouts of folders as people have them: what is a part, what is a class, what is left out and said."""

import os
import unicodedata

import numpy as np
import pytest

from numbacnn.data import DataError, load_dataset, load_folder
from numbacnn.data.record import Choices

Image = pytest.importorskip("PIL.Image")
COLORS = iter(range(1, 256**3, 977))


def fill(folder, *counts, suffix="png", **classes):
    """Write pictures, each of a color of its own: ``counts`` directly, and of each class in its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    start = len(list(folder.iterdir()))
    for k in range(start, start + sum(counts)):
        color = next(COLORS)
        Image.new("RGB", (6, 5), (color & 255, color >> 8 & 255, color >> 16)).save(folder / f"{k}.{suffix}")
    for name, count in classes.items():
        fill(folder / name, count, suffix=suffix)


def counts(labels, split):
    return None if labels is None else np.bincount(labels, minlength=len(split.classes)).tolist()


def read(path, **choices):
    """(classes, counts to train with, to validate with, to test with), and the split."""
    split = load_folder(path, choices=Choices(**choices))
    return (split.classes, *(counts(getattr(split, f"y_{part}"), split) for part in ("train", "val", "test"))), split


def said(split, words):
    """Whether one of the notes has these words."""
    return any(words in note for note in split.notes)


# --- parts

@pytest.mark.parametrize("train, val, test", [
    ("train", "valid", "test"), ("Train", "Val", "Test"), ("TRAINING", "VALIDATION", "TESTING"), ("training", "dev", "eval"),
    ("train_set", "valid_set", "holdout"), ("train2017", "val2017", "test2017"), ("train_images", "validation_images", "hold-out"),
    ("seg_train", "Val data", "seg_test"), ("trainset", "dev", "Test Images"), ("train", "eval", "test"), ("imgs_train", "valid", "evaluation"),
])
def test_parts_by_their_usual_names(tmp_path, train, val, test):
    for name, count in ((train, 4), (val, 2), (test, 3)):
        fill(tmp_path / name, a=count, b=count)
    found, split = read(tmp_path)
    assert found == (("a", "b"), [4, 4], [2, 2], [3, 3]) and split.parts == ("train", "val", "test")
    assert f"in {train}/, validated with {val}/, tested with {test}/" in split.source and split.notes == ()


@pytest.mark.parametrize("test", ["Testing", "val", "valid", "dev", "holdout"])
def test_two_parts(tmp_path, test):
    fill(tmp_path / "Training", a=4, b=4)
    fill(tmp_path / test, a=2, b=3)
    found, split = read(tmp_path)
    assert found == (("a", "b"), [4, 4], None, [2, 3]) and f"tested with {test}/" in split.source


def test_a_part_to_train_with_alone(tmp_path):
    fill(tmp_path / "train", a=12, b=6)
    found, split = read(tmp_path)
    assert found == (("a", "b"), [10, 5], None, [2, 1]) and split.parts == ()
    assert "in train/, every sixth picture kept to test with" in split.source
    assert read(tmp_path, whole=True)[0] == (("a", "b"), [0, 0], None, [12, 6])


def test_parts_inside_the_classes(tmp_path):
    for name in "ab":
        fill(tmp_path / name, train=4, test=2)
    found, split = read(tmp_path)
    assert found == (("a", "b"), [4, 4], None, [2, 2]) and said(split, "divided into train, test inside")


def test_a_part_without_classes_is_left_out(tmp_path):
    fill(tmp_path / "train", a=6, b=6)
    fill(tmp_path / "test", 5)
    found, split = read(tmp_path)
    assert found == (("a", "b"), [5, 5], None, [1, 1]) and said(split, "5 pictures in") and said(split, "numbacnn predict classifies them")


def test_pictures_without_labels_are_left_out(tmp_path):
    fill(tmp_path / "train", a=2, b=2)
    fill(tmp_path / "test", a=1, b=1)
    fill(tmp_path / "pred", 3)
    fill(tmp_path, 2)
    found, split = read(tmp_path)
    assert found[1:] == ([2, 2], None, [1, 1]) and said(split, "3 pictures in") and said(split, "2 pictures left out, beside the parts")


def test_a_class_called_as_a_part_can_be_renamed_as_the_error_says(tmp_path):
    fill(tmp_path, bus=12, train=12)
    with pytest.raises(DataError, match=r"such as class_train\)"):
        read(tmp_path)
    os.replace(tmp_path / "train", tmp_path / "class_train")
    assert read(tmp_path)[0][0] == ("bus", "class_train")


# --- folders around, below and beside

@pytest.mark.parametrize("around", ["outer", "outer/outer", "a/b/c"])
@pytest.mark.parametrize("part", ["", "train"])
def test_folders_around_everything(tmp_path, around, part):
    fill(tmp_path / around / part, a=6, b=6)
    (tmp_path / "__MACOSX" / "outer" / "a").mkdir(parents=True)
    (tmp_path / "__MACOSX" / "outer" / "a" / "0.png").write_bytes(b"Mac OS X")
    found, split = read(tmp_path)
    assert found == (("a", "b"), [5, 5], None, [1, 1]) and said(split, f"the one folder inside is taken: {tmp_path / around}")


def test_a_folder_around_the_classes_of_a_part(tmp_path):
    fill(tmp_path / "seg_train" / "seg_train", a=3, b=3)
    fill(tmp_path / "seg_test" / "seg_test", a=1, b=1)
    assert read(tmp_path)[0] == (("a", "b"), [3, 3], None, [1, 1])


def test_pictures_below_a_class_count(tmp_path):
    fill(tmp_path / "a" / "images", 3)
    fill(tmp_path / "a" / "more" / "still", 2)
    fill(tmp_path / "b", 5)
    fill(tmp_path / "b" / "more", 1)
    found, split = read(tmp_path, whole=True)
    assert found[3] == [5, 6]
    assert said(split, f"6 pictures in deeper folders of {tmp_path} counted for the class above them: a/images, a/more/still, b/more")


def test_what_lies_beside_is_said(tmp_path):
    fill(tmp_path, 2, a=2, b=2)
    (tmp_path / "c").mkdir()
    (tmp_path / "readme.txt").write_text("pictures")
    (tmp_path / "a" / "notes.xml").write_text("<a/>")
    (tmp_path / "a" / "photo.heic").write_bytes(b"heic")
    for junk in (".DS_Store", "Thumbs.db", "desktop.ini", "a/._0.png", ".ipynb_checkpoints/0.png"):
        (tmp_path / junk).parent.mkdir(exist_ok=True)
        (tmp_path / junk).write_bytes(b"junk")
    found, split = read(tmp_path, whole=True)
    assert found == (("a", "b"), [0, 0], None, [2, 2]) and len(split.notes) == 4
    assert said(split, "2 pictures left out, beside the folders of classes") and said(split, "c in") and said(split, "not a class")
    assert said(split, "2 files left out, no pictures: ") and said(split, "save .heic files as JPEG")


def test_links(tmp_path):
    fill(tmp_path / "elsewhere", 3)
    fill(tmp_path / "data", a=3, b=2)
    (tmp_path / "data" / "c").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "data" / "b" / "back").symlink_to(tmp_path / "data")
    (tmp_path / "data" / "b" / "9.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "data" / "b" / "more.png").symlink_to(tmp_path / "data" / "b" / "0.png")
    found, split = read(tmp_path / "data", whole=True)
    assert found[0] == ("a", "b", "c") and found[3] == [3, 3, 3] and said(split, "2 links left out, to nothing")


@pytest.mark.parametrize("name, counts", [("0.jpg_large", 4), ("0", 4), ("IMG.1", 4), ("0.bak", 3)])
def test_pictures_with_other_endings(tmp_path, name, counts):
    fill(tmp_path, a=3, b=3)
    fill(tmp_path / "more", 1)
    os.replace(tmp_path / "more" / "0.png", tmp_path / "a" / name)
    assert read(tmp_path, whole=True)[0][3] == [counts, 3]


# --- names

def test_numbers_are_in_the_order_of_their_size(tmp_path):
    fill(tmp_path, **{str(k): 2 for k in (10, 9, 2, 100)})
    assert read(tmp_path)[0][0] == ("2", "9", "10", "100")
    fill(tmp_path, x=2)
    assert read(tmp_path)[0][0] == ("10", "100", "2", "9", "x")


def test_names_with_accents_are_one_however_they_are_stored(tmp_path):
    for part, form in (("train", "NFC"), ("test", "NFD")):
        fill(tmp_path / part, **{unicodedata.normalize(form, name): 2 for name in ("café", "日本", "ß")})
    found, split = read(tmp_path)
    assert found == (("café", "ß", "日本"), [2, 2, 2], None, [2, 2, 2]) and said(split, "taken for café")


def test_names_that_differ_by_case(tmp_path):
    fill(tmp_path / "train", Cat=2, Dog=2)
    fill(tmp_path / "test", cat=1, dog=1)
    found, split = read(tmp_path)
    assert found == (("Cat", "Dog"), [2, 2], None, [1, 1]) and said(split, "cat, dog in test taken for Cat, Dog")
    fill(tmp_path / "train", cat=2)
    with pytest.raises(DataError, match="the folders Cat and cat differ only in case"):
        load_folder(tmp_path)


# --- classes of one part only

def test_a_class_that_is_trained_but_not_tested(tmp_path):
    fill(tmp_path / "train", a=2, b=2, c=2)
    fill(tmp_path / "valid", a=2, b=2)
    fill(tmp_path / "test", a=2, c=2)
    found, split = read(tmp_path)
    assert found[1:] == ([2, 2, 2], [2, 2, 0], [2, 0, 2])
    assert said(split, "no pictures of c to validate with")
    assert said(load_dataset(tmp_path), "class b has no images to test with")


def test_a_class_that_only_validates_is_said(tmp_path):
    """Of 45 pictures in 21 classes 30 validate, so some classes have none left to train with."""
    fill(tmp_path, a=30, **{f"b{k}": 2 for k in range(20)})
    data = load_dataset(tmp_path, validation=30)
    lost = sorted(set(data.y_val.tolist()) - set(data.y_train.tolist()))
    assert lost and said(data, f"all training images of {', '.join(data.classes[k] for k in lost[:5])}")


@pytest.mark.parametrize("part", ["test", "valid"])
def test_a_class_that_is_never_trained(tmp_path, part):
    fill(tmp_path / "train", a=2, b=2)
    (tmp_path / "train" / "c").mkdir()
    fill(tmp_path / "test", a=2)
    fill(tmp_path / part, c=2)
    with pytest.raises(DataError, match=f"{part}.c: has pictures of c .* has none to train with"):
        load_folder(tmp_path)


# --- the same picture twice

def test_pictures_that_are_there_twice_are_said(tmp_path):
    fill(tmp_path / "train", a=3, b=3)
    fill(tmp_path / "test", a=3, b=3)
    Image.open(tmp_path / "train" / "a" / "1.png").save(tmp_path / "test" / "a" / "again.bmp")
    Image.open(tmp_path / "train" / "a" / "2.png").save(tmp_path / "train" / "b" / "again.png")
    split = read(tmp_path)[1]
    assert said(split, "1 of 7 test pictures identical to one that is trained with, which flatters")
    assert said(split, "1 picture in two classes at once") and len(split.notes) == 2


# --- your own data to test with

def test_a_folder_to_test_with(tmp_path):
    fill(tmp_path / "mine", a=12, b=12)
    fill(tmp_path / "other", A=2, b=1)
    found, split = read(tmp_path / "mine", test=str(tmp_path / "other"))
    assert found == (("a", "b"), [12, 12], None, [2, 1]) and f"tested with {tmp_path / 'other'}" in split.source
    assert said(split, "A taken for a in the test pictures")
    fill(tmp_path / "parts" / "train", a=3, b=3)
    fill(tmp_path / "parts" / "val", a=2, b=2)
    fill(tmp_path / "parts" / "test", a=2, b=2)
    found, split = read(tmp_path / "parts", test=str(tmp_path / "mine"))
    assert found[1:] == ([3, 3], [2, 2], [12, 12]) and said(split, "test/ of")
    found, split = read(tmp_path / "mine", test=str(tmp_path / "parts"))  # its own part to test with
    assert found[1:] == ([12, 12], None, [2, 2]) and "tested with test/ in" in split.source


@pytest.mark.parametrize("make, words", [
    (lambda at: None, "--test .*other: no such folder"),
    (lambda at: at.write_text("x"), "--test .*other: is a file; give a folder"),
    (lambda at: fill(at, 3), "other: holds 3 pictures without a folder for each class"),
    (lambda at: fill(at, a=1, c=1), "other.c: has pictures of c to test with"),
])
def test_folders_to_test_with_that_cannot_be_used(tmp_path, make, words):
    fill(tmp_path / "mine", a=2, b=2)
    make(tmp_path / "other")
    with pytest.raises(DataError, match=words):
        load_folder(tmp_path / "mine", choices=Choices(test=str(tmp_path / "other")))


# --- refused

def kinds_in_names(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(4):
        fill(folder / "new", 1)
        os.replace(folder / "new" / "0.png", folder / f"{'cat dog'.split()[k % 2]}.{k}.jpg")
    (folder / "new").rmdir()


@pytest.mark.parametrize("make, words", [
    (lambda at: [kinds_in_names(at / "train"), fill(at / "test1", 4)],
     "test1, train are parts, no classes, and .*train holds pictures without a folder for each class; .*names of the files say cat and dog"),
    (lambda at: [fill(at / "train", 3), fill(at / "val", 3)], "train, val are parts, no classes"),
    (lambda at: [fill(at, train=3, cat=3, dog=3)], "train is a part by name, and beside lie cat, dog"),
    (lambda at: [fill(at / "train", a=2, b=2), fill(at, a=3)], "train is a part by name, and beside lie a"),
    (lambda at: [fill(at / "train", a=2, b=2), fill(at / "Training", a=2)], "Training and train, which mean the same part, train"),
    (lambda at: [fill(at / "val", a=2, b=2), fill(at / "test", a=2, b=2)], "has .*test.* but no folder to train with"),
    (lambda at: [fill(at / "test", a=2, b=2)], "has test but no folder to train with"),
    (lambda at: [fill(at / "train", a=2)], r"has 1 class \(a\); at least 2"),
    (lambda at: [fill(at, images=3, masks=3)], "images and masks are not names of classes"),
    (lambda at: [fill(at / "train", images=3), fill(at / "valid", images=3)], "images is not the name of a class"),
    (lambda at: [fill(at / "a", train=3, test=3), fill(at / "b", 4)], "a is divided into test, train, but b holds other pictures"),
    (lambda at: [fill(at / f"fold{k}", a=2, b=2) for k in (1, 2)], "fold1, fold2 are containers by name and hold the same folders"),
    (lambda at: kinds_in_names(at), "holds 4 pictures without a folder for each class; .*say cat and dog"),
    (lambda at: fill(at, 3), r"holds 3 pictures without a folder for each class; lay them out as .*\.png$"),
    (lambda at: kinds_in_names(at / "all"), r"has 1 class \(all\); at least 2 .*say cat and dog"),
    (lambda at: [fill(at, a=1, b=1)], "a: holds 1 picture; at least 2"),
    (lambda at: [(at / "a").mkdir(), (at / "b").mkdir()], "has no folders with pictures"),
    (lambda at: (at / "table.csv").touch(), "to read table.csv give the file itself: --data .*table.csv"),
    (lambda at: (at / "run.json").touch(), "it is a run of numbacnn, not data: numbacnn evaluate"),
], ids=lambda value: None if callable(value) else value[:40])
def test_layouts_that_cannot_be_told(tmp_path, make, words):
    make(tmp_path)
    with pytest.raises(DataError, match=words) as refused:
        load_folder(tmp_path)
    assert "\n" not in str(refused.value)
