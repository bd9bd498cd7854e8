"""The commands that use a finished run: evaluate and predict."""
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import numbacnn
from cli_runs import assert_refused, copy_of, run
from numbacnn.data import draw_digits


# --- evaluate

def test_evaluate_measures_what_train_measured(trained):
    path, values = trained
    done = run("evaluate", path, "--json")
    result = json.loads(done.stdout)
    assert done.exit_code == 0 and done.stderr == ""
    assert (result["accuracy"], result["loss"]) == (values["test_accuracy"], values["test_loss"])
    assert np.sum(result["confusion_matrix"]) == result["images"] == 60
    assert np.trace(result["confusion_matrix"]) == round(60 * result["accuracy"])


def test_evaluate_prints_tables(trained):
    done = run("evaluate", trained[0], "--weights", "last")
    assert done.exit_code == 0
    assert "(last weights) on 60 test images" in done.stdout and "most confused" in done.stdout
    assert len(re.findall(r"^\d +\d+ +[\d.]+ %$", done.stdout, re.MULTILINE)) == 10


def test_evaluate_takes_other_data_that_fits(trained):
    done = run("evaluate", trained[0], "--data", "digits", "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["images"] == 10_000


def test_evaluate_says_that_the_data_have_changed(elsewhere, trained):
    path = copy_of(trained[0], elsewhere / "run")
    info = json.loads((path / "run.json").read_text())
    info["data"]["hash"] = "0" * 64
    (path / "run.json").write_text(json.dumps(info))
    assert "no longer holds the images" in run("evaluate", path).stderr


@pytest.mark.parametrize("command", ["evaluate", "predict", "visualize-filters"])
def test_weights_that_are_no_numbers_are_refused(elsewhere, trained, command):
    path = copy_of(trained[0], elsewhere / "run")
    weights = {name: tensor * float("nan") for name, tensor in numbacnn.load(path / "best.safetensors").items()}
    numbacnn.save(weights, path / "best.safetensors")
    assert_refused(run(command, path, *(["x.png"] if command == "predict" else [])), 3,
                   r"best.safetensors holds weights that are not numbers \(NaN or infinity in \w+\.(weight|bias)\)")


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_weights_too_large_to_compute_with_are_refused(elsewhere, trained, pictures, command):
    path = copy_of(trained[0], elsewhere / "run")
    weights = {name: tensor * 1e20 for name, tensor in numbacnn.load(path / "best.safetensors").items()}
    numbacnn.save(weights, path / "best.safetensors")
    assert_refused(run(command, path, *(["known.png"] if command == "predict" else [])), 3, "the network.* answers with")


# --- predict

@pytest.fixture
def pictures(elsewhere):
    """A digit as the network knows it, and one drawn dark on a large light sheet."""
    images, labels = draw_digits(2, seed=8)
    Image.fromarray(images[0]).save("known.png")
    Image.fromarray(np.kron(255 - images[1], np.ones((5, 5), np.uint8))).save("paper.png")
    Path("not.png").write_text("words")
    return labels


def test_predict_answers_a_row_an_image(trained, pictures):
    done = run("predict", trained[0], "known.png", "paper.png")
    assert done.exit_code == 0 and done.stderr == ""
    header, known, paper, *_ = done.stdout.splitlines()  # with 2 epochs on 300 images one may be strange
    assert header.split() == ["file", "prediction", "probability", "second", "done", "to", "the", "picture"]
    assert known.startswith("known.png") and known.endswith("nothing")
    assert paper.startswith("paper.png") and "inverted, cropped" in paper


def test_one_bad_picture_does_not_stop_the_others(trained, pictures):
    done = run("predict", trained[0], "not.png", "known.png", "none.png")
    assert done.exit_code == 3 and len(done.stdout.splitlines()) == 2
    assert [line.split(": ")[2] for line in done.stderr.splitlines()] == ["not.png", "none.png"]


def test_predict_as_json(trained, pictures):
    done = run("predict", trained[0], "known.png", "not.png", "--json")
    known, bad = json.loads(done.stdout)["predictions"]
    assert done.exit_code == 3 and "is not a picture" in bad["error"]
    assert sum(known["probabilities"]) == pytest.approx(1) and known["probability"] == max(known["probabilities"])
    assert known["steps"] == [] and known["probability"] >= known["second_probability"]


def test_predict_shows_the_picture(trained, pictures):
    lines = run("predict", trained[0], "known.png", "--show").stdout.splitlines()
    assert lines[0] == "known.png:" and {len(line) for line in lines[1:15]} == {28}
    assert "█" in "".join(lines[1:15])
