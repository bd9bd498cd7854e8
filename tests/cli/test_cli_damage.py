"""Files in the wrong place, damaged runs and data that were moved away: the sentence says what to do."""
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cli_runs import assert_refused, copy_of, run, train
from numbacnn.data import draw_digits


@pytest.fixture
def copy(elsewhere, trained):
    """A copy of a finished run, to be damaged."""
    return copy_of(trained[0], elsewhere / "run")


@pytest.fixture
def of_pictures(elsewhere):
    """A run that learned from a folder of pictures."""
    images, labels = draw_digits(40, seed=1)
    for k in range(40):
        (elsewhere / "mine" / str(labels[k] % 2)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(images[k]).save(elsewhere / "mine" / str(labels[k] % 2) / f"{k}.png")
    assert train("mine", "--out", "pictures").exit_code == 0
    return Path("pictures")


# --- predict

def test_pictures_in_folders_are_counted(of_pictures):
    done = run("predict", of_pictures, "mine")
    assert done.stderr.splitlines()[0] == "note: mine: 40 pictures in 2 folders, subfolders included"
    assert run("predict", of_pictures, "mine/1").stderr.count("folder") == 0  # nothing is below it


@pytest.mark.parametrize("text", ["hello\nworld\n", "hello, my friend\nhow are you\n", "\n"])
def test_a_text_file_among_pictures(of_pictures, text):
    Path("notes.txt").write_text(text)
    done = run("predict", of_pictures, "notes.txt", next(Path("mine/1").iterdir()))
    assert done.exit_code == 3 and len(done.stdout.splitlines()) >= 2
    assert "numbacnn: error: notes.txt: is a text file, but pictures reads pictures; as a table of pixels" in done.stderr


# --- files in the wrong place

@pytest.mark.parametrize("command", ["saliency", "feature-maps"])
@pytest.mark.parametrize("out", ["precious.png", "precious.png/below"])
def test_a_folder_is_asked_for_where_there_is_a_file(trained, elsewhere, command, out):
    Path("precious.png").write_bytes(b"precious")
    assert_refused(run(command, trained[0], "--out", out), 2, f"--out {out}: precious.png is a file; give a folder")
    assert Path("precious.png").read_bytes() == b"precious"


# --- damage

@pytest.mark.parametrize("text", ["{\n1", "[]", '{"model": 1, "data": {"mean": 0}, "settings": {"epochs": 1}}'])
def test_a_damaged_run_file_is_to_be_put_back(copy, text):
    (copy / "run.json").write_text(text)
    assert_refused(run("evaluate", copy), 3, "run.json is damaged: .*; put a copy of it back, or train anew$")


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"x" * 100), Path.unlink], ids=["damaged", "missing"])
def test_the_other_weights_may_be_left(copy, damage):
    damage(copy / "best.safetensors")
    done = run("evaluate", copy)
    assert_refused(done, 3, "; --weights last may still work$")
    assert done.stderr.count("best.safetensors") == 1
    assert run("evaluate", copy, "--weights", "last").exit_code == 0
    (copy / "last.safetensors").unlink()
    assert "--weights" not in run("evaluate", copy).stderr


# --- data that were moved away

@pytest.mark.parametrize("command, words", [
    ("explain", "or give pictures to look at"), ("saliency", "or give pictures to look at"), ("feature-maps", "or give pictures to look at"),
    ("evaluate", "or give others with --data")])
def test_data_that_were_moved_away(of_pictures, command, words):
    picture = shutil.move(next(Path("mine/1").iterdir()), "one.png")
    Path("mine").rename("moved")
    assert_refused(run(command, of_pictures), 3, f"these are the data of pictures: put them back as they were, {words}$")
    if command != "evaluate":
        assert run(command, of_pictures, picture).exit_code == 0


def test_nothing_goes_on_without_its_data(elsewhere):
    np.savez("mine.npz", x_train=np.eye(8, dtype=np.uint8).reshape(8, 1, 1, 8) * 255, y_train=np.arange(8) % 2,
             x_test=np.eye(8, dtype=np.uint8).reshape(8, 1, 1, 8) * 255, y_test=np.arange(8) % 2)
    assert train("mine.npz", "--out", "run").exit_code == 0
    text = Path("run/run.json").read_text()
    Path("run/run.json").write_text(text.replace('"status": "done"', '"status": "interrupted"'))
    Path("mine.npz").unlink()
    assert_refused(run("train", "--resume", "run"), 3, "mine.npz: no such file.*; these are the data of run: put them back as they were$")
