"""Data that are the same everywhere, and hidden folders: noted, never silent."""

import numpy as np
import pytest

from numbacnn.data import DataError, load_dataset, load_folder
from test_data_folder_layouts import fill

Y = np.arange(36) % 3


@pytest.mark.parametrize("value, words", [(0, "are black"), (7, "are the same number, 7, everywhere")])
def test_constant_images_are_noted(tmp_path, value, words):
    path = tmp_path / "own.npz"
    np.savez(path, x=np.full((36, 8, 8), value, np.uint8), y=Y)
    notes = load_dataset(path).notes
    for part in ("training", "validation", "test"):
        assert sum(f"{part} images {words}, so they tell nothing" in note for note in notes) == 1


def test_a_part_that_is_black_is_noted(tmp_path):
    path, images = tmp_path / "own.npz", np.random.default_rng(0).integers(0, 256, (36, 8, 8), np.uint8)
    np.savez(path, x_train=images, y_train=Y, x_test=0 * images, y_test=Y)
    notes = load_dataset(path).notes
    assert [note for note in notes if "black" in note] == [f"{path}: all 36 test images are black, so they tell nothing about their "
                                                          "classes; check how they were saved"]
    np.savez(path, x_train=images, y_train=Y, x_test=images, y_test=Y)
    assert not load_dataset(path).notes


def test_constant_readings_are_noted(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("".join(f"{'abc'[k]},0.5,0.5,0.5\n" for k in Y))
    assert any("training time series are the same number, 0.5, everywhere" in note for note in load_dataset(path).notes)


def test_hidden_folders_of_pictures_are_noted(tmp_path):
    for name in ("cat", "dog", ".elk", ".thumbnails"):
        fill(tmp_path / name, 4)
    assert [note for note in load_folder(tmp_path).notes if "hidden" in note] == [
        "1 hidden folder of pictures left out, the name begins with a point: .elk; rename what is a class"]


def test_nothing_but_hidden_folders_is_refused_by_their_names(tmp_path):
    for name in (".cat", ".dog"):
        fill(tmp_path / name, 4)
    with pytest.raises(DataError, match=r"hidden ones, .cat, .dog, are left out; rename them if they are classes"):
        load_folder(tmp_path)
