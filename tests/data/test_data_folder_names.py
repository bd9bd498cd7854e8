"""Names of folders: containers that hold the classes, parts in the names of classes, and parts without classes."""

import shutil

import pytest

from numbacnn.data import DataError, load_dataset, load_folder
from numbacnn.data.record import Choices
from test_data_folder_layouts import fill, read, said


@pytest.mark.parametrize("outer, words", [
    (("color", "grayscale"), "cannot be told which are the classes"),
    (("original", "augmented"), "cannot be told which are the classes"),
    (("fold1", "fold2"), "are containers by name"),
    (("cup", "bowl"), "if bowl, cup are, as PyTorch's ImageFolder takes it, .*; if apple, pear are, put the pictures of each together"),
])
def test_containers_that_hold_the_same_folders_are_refused(tmp_path, outer, words):
    for container in outer:
        for name in ("apple", "pear"):
            fill(tmp_path / container / name, 4)
    with pytest.raises(DataError, match=words):
        load_folder(tmp_path)


def test_classes_with_one_folder_in_common_stay_classes(tmp_path):
    for place in ("cat/big", "cat/small", "cat/wild", "dog/big", "dog/lap", "dog/herding"):
        fill(tmp_path / place, 4)
    assert load_folder(tmp_path).classes == ("cat", "dog")


@pytest.mark.parametrize("names", [("cats_train", "cats_test", "dogs_train", "dogs_test"), ("train-cats", "val-cats", "dogs"),
                                   ("cats", "cats test", "dogs")])
def test_parts_in_the_names_of_classes_are_refused(tmp_path, names):
    for name in names:
        fill(tmp_path / name, 4)
    with pytest.raises(DataError, match=r"their names tell parts of one class.*(train|test|val)/cats"):
        load_folder(tmp_path)


def test_a_class_that_is_named_like_a_part_stays_a_class(tmp_path):
    for name in ("freight_train", "tram", "test pattern"):
        fill(tmp_path / name, 4)
    assert load_folder(tmp_path).classes == ("freight_train", "test pattern", "tram")


@pytest.mark.parametrize("inside", ["test/unknown", "unknown", "test", "images", "unlabeled"])
def test_a_test_part_without_classes_is_left_out(tmp_path, inside):
    for name in ("cat", "dog"):
        fill(tmp_path / "train" / name, 4)
    fill(tmp_path / "test" / inside, 4)
    split = load_folder(tmp_path)
    assert split.classes == ("cat", "dog")
    assert any("left out: no folder says their class" in note for note in split.notes)


def test_a_class_that_is_called_unknown_is_tested(tmp_path):
    for place in ("train/unknown", "train/cat", "test/unknown"):
        fill(tmp_path / place, 4)
    split = load_folder(tmp_path)
    assert set(split.y_test.tolist()) == {1}


def test_pictures_of_other_data_are_not_said_to_be_trained_with(tmp_path):
    for place in ("train/cat", "train/dog"):
        fill(tmp_path / place, 4)
    for name in ("cat", "dog"):
        shutil.copytree(tmp_path / "train" / name, tmp_path / "test" / name)
    assert any("trained with" in note for note in load_folder(tmp_path).notes)
    assert not any("trained with" in note for note in load_folder(tmp_path, choices=Choices(whole=True)).notes)


def test_the_data_to_test_with_must_be_of_the_same_sort(tmp_path):
    fill(tmp_path / "train", cat=4, dog=4)
    table = tmp_path / "x.csv"
    table.write_text("label,a,b,c\n0,1,2,3\n1,2,3,4\n")
    with pytest.raises(DataError, match="is a folder, but the data to train with, .*x.csv, are a table; both must be of one kind"):
        load_dataset(table, test=tmp_path / "train")
    with pytest.raises(DataError, match="is a table, but the data to train with, .*train, are a folder"):
        load_dataset(tmp_path / "train", test=table)


def test_names_that_differ_by_a_space_nobody_sees(tmp_path):
    fill(tmp_path / "train", **{"cat ": 2, "dog": 2})
    fill(tmp_path / "test", cat=1, dog=1)
    found, split = read(tmp_path)
    assert found == (("cat", "dog"), [2, 2], None, [1, 1]) and said(split, "'cat ' in train taken for cat")
    fill(tmp_path / "train", cat=2)
    with pytest.raises(DataError, match="the folders cat and 'cat ' differ only in .* spaces at their ends"):
        load_folder(tmp_path)
