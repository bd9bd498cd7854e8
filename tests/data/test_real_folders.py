"""The folders, archives and pictures of ../shared/cases/make_files.py, and what is right for each; skipped where that script is absent."""
import json
from pathlib import Path

import numpy as np
import pytest

from cli_runs import assert_refused, run
from numbacnn.data import DataError, load_as_learned, load_dataset

READ = {  # classes, images to train and validate, to test, words of a note or of the source
    "train_valid_test": (3, 60, 18, 18, "in train/, validated with valid/, tested with test/"),
    "training_testing": (3, 60, None, 18, "in Training/, tested with Testing/"),
    "only_train": (3, 51, None, 9, "in train/, every sixth picture kept to test with"),
    "outer": (3, 51, None, 9, "the one folder inside is taken"),
    "images_below": (3, 51, None, 9, "60 pictures in deeper folders"),
    "partly_below": (3, 60, None, 12, "54 pictures in deeper folders"),
    "kinds_of_files": (4, 68, None, 12, "every sixth"),
    "another_format_inside": (2, 34, None, 6, "another format than the name says"),
    "transparent": (2, 34, None, 6, "all laid on white"),
    "plain": (3, 60, None, 12, "every sixth"),
}
REFUSED = {
    "folders/names_tell": "test1, train are parts, no classes.*the names of the files say cat and dog",
    "folders/empty_file": "3.jpg: the file is empty",
    "archive.zip": "is an archive; unpack it and give the folder", "archive.tar.gz": "is an archive; unpack it",
    "folders/no_such": "no such file or folder", "no_such.zip": "no such file or folder",
}


@pytest.mark.parametrize("name", READ)
def test_read(cases, name):
    classes, train, val, test, words = READ[name]
    data = load_dataset(cases / "folders" / name)
    held_back = 0 if val is not None else len(data.x_val)
    assert (len(data.classes), len(data.x_train) + held_back, len(data.x_test)) == (classes, train, test)
    assert val is None or len(data.x_val) == val
    assert any(words in text for text in (*data.notes, data.source))


@pytest.mark.parametrize("name", REFUSED)
def test_refused(cases, name):
    with pytest.raises(DataError, match=REFUSED[name]):
        load_dataset(cases / name)
    assert_refused(run("train", "--data", cases / name), 3, REFUSED[name])


def test_a_folder_to_evaluate_with_is_measured_whole(cases, elsewhere):
    assert run("train", "--data", cases / "folders/plain", "--model", "linear", "--epochs", 1, "--out", "run").exit_code == 0
    measured = json.loads(run("evaluate", "run", "--data", cases / "folders/held_out", "--json").stdout)
    assert (measured["images"], measured["part"]) == (30, "all")
    predicted = json.loads(run("predict", "run", cases / "folders/held_out", "--json").stdout)["predictions"]
    assert np.mean([answer["prediction"] == Path(answer["file"]).parent.name for answer in predicted]) == measured["accuracy"]


def test_pictures_are_answered_as_the_test_images_they_are(cases, elsewhere):
    assert run("train", "--data", cases / "npz/grey_shapes.npz", "--model", "linear", "--epochs", 1, "--out", "run").exit_code == 0
    answers = json.loads(run("predict", "run", *sorted((cases / "pictures").iterdir()), "--json").stdout)["predictions"]
    right = [answer["prediction"] == Path(answer["file"]).stem.split("_")[1] for answer in answers]
    assert np.mean(right) == json.loads(run("evaluate", "run", "--json").stdout)["accuracy"]
    assert all(answer["steps"] == [] for answer in answers)


def test_twelve_bits_in_sixteen(cases):
    pixels, steps = load_as_learned(cases / "twelve_bits_in_sixteen.png", (64, 64), {"channels": 1})
    assert (pixels.min(), pixels.max()) == (0, 255) and steps == ["stretched"]
    assert load_as_learned(cases / "twelve_bits_in_sixteen.png", (28, 28), {"channels": 1, "framed": True}).steps[0] == "stretched"
