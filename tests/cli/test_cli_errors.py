"""What the command line refuses: wrong choices, unusable data, damaged runs; each with its exit code and one line."""
import json
from pathlib import Path

import numpy as np
import pytest

from cli_runs import assert_refused, copy_of, run, train


# --- choices

def test_an_unknown_command_is_refused():
    assert_refused(run("trian"), 2, "No such command 'trian'. Did you mean 'train'?")


WRONG_CHOICES = [
    (["--limit", 0], "Invalid value for '--limit': 0 is not in the range x>=1"),
    (["--epochs", 0], "epochs must be a whole number, at least 1, not 0"),
    (["--epochs", "many"], "'many' is not a valid integer"),
    (["--batch-size", 0], "batch size must be a whole number, at least 1, not 0"),
    (["--lr", "nan"], "learning rate must be a finite number above 0, not nan"),
    (["--lr", "inf"], "learning rate"), (["--lr", -1], "learning rate"), (["--lr", 0], "learning rate"),
    (["--momentum", 1], "momentum"), (["--beta2", 1], "beta2 must be at least 0 and below 1"),
    (["--weight-decay", "nan"], "weight decay"), (["--seed", -1], "seed"),
    (["--optimizer", "lion"], "optimizer must be one of sgd, adam, adamw, rmsprop"),
    (["--patience", "0"], "patience must be a whole number, at least 1, not 0"),
    (["--warmup-epochs", "10"], "warmup epochs must be fewer than the epochs, 10, not 10"),
    (["--label-smoothing", "1"], "label smoothing must be at least 0 and below 1, not 1.0"),
    (["--clip-norm", "nan"], "clip norm must be a finite number above 0, not nan"),
    (["--schedule", "step"], "schedule must be one of constant, cosine, one-cycle, slanted-triangle"),
    (["--model", "lenet"], "unknown model 'lenet': there are lenet5, mlp, linear, .*; did you mean lenet5"),
    (["--optimizer", "adam", "--momentum", 0.5], "--momentum is used by sgd alone.*--optimizer adam"),
    (["--image-size", 100_000], "'--image-size': 64 pictures of 100000x100000 pixels would take 7,680 GB.*at most 1024"),
    (["--image-size", 1025], "'--image-size': 64 pictures of 1025x1025.*at most 1024"),
    (["--image-size", "8x1025"], "'--image-size': 64 pictures of 8x1025.*at most 1024"),
    (["--image-size", 1024], "--image-size is 1024x1024, but the size of .*few.npz is what it is"),
    (["--image-size", 64], "--image-size is 64x64, but the size of .*few.npz is what it is"),
    (["--data-dir", "files"], "--data-dir is .*files, but the data set .*few.npz is not read from a folder"),
    (["--data", "cifar10"], "--data-dir is needed for cifar10: unpack"),
    (["--augment", "=3"], "'=3' has no name before its =; give some of shift, crop"),
    (["--augment", "flip,,crop"], "there is nothing between two commas"),
    (["--out", "-y"], "'-y' looks like an option; write ./-y"),
    (["--threads", 0], "--threads must be between 1 and"), (["--threads", 100_000], "--threads must be between 1 and"),
    (["--min-accuracy", 98], "98"), (["--min-accuracy", "nan"], "nan is not a finite number"),
    (["--color"], "No such option"), (["extra"], "unexpected extra argument"),
    (["--resume", "x", "--epochs", 5], "--resume keeps the settings of the run: leave --epochs out"),
]


@pytest.mark.parametrize("words, message", WRONG_CHOICES, ids=lambda value: " ".join(map(str, value))
                         if isinstance(value, list) else "")
def test_a_wrong_choice_is_refused_and_leaves_nothing_behind(elsewhere, data_file, words, message):
    data = [] if "--resume" in words else ["--data", data_file]
    assert_refused(run("train", *data, *words), 2, message)
    assert list(elsewhere.iterdir()) == []


# --- data

@pytest.mark.parametrize("words, message", [
    (["--data", "mnits"], "did you mean mnist"), (["--data", "none.npz"], "none.npz"),
    (["--data", "mnist", "--data-dir", "nowhere"], "nowhere"),
    (["--limit", 1], "1 training image is too few"), (["--resume", "nowhere"], "nowhere is not a run folder"),
], ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else "")
def test_data_that_cannot_be_used_has_its_own_exit_code(elsewhere, words, message):
    assert_refused(run("train", *words), 3, message)
    assert list(elsewhere.iterdir()) == []


def test_images_too_small_for_the_model_are_refused(elsewhere):
    images, labels = np.zeros((20, 8, 8), np.uint8), np.arange(20) % 2
    np.savez("small.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    assert_refused(run("train", "--data", "small.npz"), 2, "images of 8x8 are too small.*at least 12x12")


@pytest.mark.parametrize("shape, labels, message", [
    ((20, 20, 20), 10, "are 1x20x20, but the run was trained on 1x28x28"),
    ((20, 28, 28), 12, "has 12 classes, but the run was trained on 10"),
    ((20, 28, 28), 11, "has 11 classes, but the run was trained on 10"),
], ids=["shape", "twelve-classes", "eleven-classes"])
def test_evaluate_refuses_data_that_does_not_fit(elsewhere, trained, shape, labels, message):
    images, labels = np.zeros(shape, np.uint8), np.arange(len(np.zeros(shape))) % labels
    np.savez("other.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    assert_refused(run("evaluate", trained[0], "--data", "other.npz"), 3, message)


@pytest.mark.parametrize("classes", [9, 10])
def test_evaluate_refuses_built_in_data_of_one_class_more(elsewhere, trained, classes):
    path = copy_of(trained[0], elsewhere / "run")
    info = json.loads((path / "run.json").read_text())
    info["data"]["classes"] = list("0123456789"[:classes])
    (path / "run.json").write_text(json.dumps(info))
    done = run("evaluate", path, "--data", "digits")
    if classes == 10:
        assert done.exit_code == 0, done.output
    else:
        assert_refused(done, 3, "digits has 10 classes, but the run was trained on 9")


def test_a_run_does_not_go_on_with_other_data(elsewhere, data_file, trained):
    path = copy_of(trained[0], elsewhere / "run")
    info = json.loads((path / "run.json").read_text())
    info["results"]["status"], info["data"]["hash"] = "running", "0" * 64
    (path / "run.json").write_text(json.dumps(info))
    assert_refused(run("train", "--resume", path), 3, "was trained on other data")


def test_a_run_does_not_go_on_that_validated_with_other_images(elsewhere, data_file, trained):
    path = copy_of(trained[0], elsewhere / "run")
    info = json.loads((path / "run.json").read_text())
    info["results"]["status"] = "running"
    assert info["data"].pop("val_is_random")  # as in runs of version 0.1.0
    (path / "run.json").write_text(json.dumps(info))
    assert_refused(run("train", "--resume", path), 3, "from an earlier version.*the last images.*start a new one")


# --- files

def test_another_run_is_never_overwritten(trained, data_file):
    path, _ = trained
    before = {file: file.read_bytes() for file in path.rglob("*.*") if file.is_file()}
    assert_refused(train(data_file, "--out", path), 2, "refuses to overwrite")
    assert {file: file.read_bytes() for file in path.rglob("*.*") if file.is_file()} == before


def test_an_out_that_cannot_be_made_is_refused(elsewhere, data_file):
    (elsewhere / "file").write_text("precious")
    assert_refused(train(data_file, "--out", "file"), 2, "file is a file")
    assert_refused(train(data_file, "--out", "file/run"), 3, "file/run: not a directory")
    assert (elsewhere / "file").read_text() == "precious"


def test_filters_that_cannot_be_drawn_are_refused(elsewhere, trained, data_file):
    path, _ = trained
    assert_refused(run("visualize-filters", path, "--layer", "fc1"), 2, "the convolutions of lenet5 are conv1, conv2")
    assert_refused(run("visualize-filters", path, "--out", "f.jpg"), 2, "must end in .png")
    assert_refused(run("visualize-filters", path, "--out", "nowhere/f.png"), 3, "nowhere/f.png: no such file or directory")
    (elsewhere / "d.png").mkdir()
    assert_refused(run("visualize-filters", path, "--out", "d.png"), 3, "error: d.png: .*directory")
    assert train(data_file, "--out", "linear").exit_code == 0
    assert_refused(run("visualize-filters", "linear"), 2, "the model linear has no convolution")


# --- weights

@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_divergence_has_its_own_exit_code(elsewhere, data_file):
    done = run("train", "--data", data_file, "--epochs", 1, "--lr", 1e30, "--json")
    values = json.loads(done.stdout)
    assert done.exit_code == 4 and values["verdict"] == "diverged" and values["test_accuracy"] is None
    assert "--lr" not in values["next"] and "Traceback" not in done.stderr  # the usual rate is what to try
    evaluated = run("evaluate", values["run"])  # the weights before it are kept
    assert evaluated.exit_code == 0
    assert evaluated.stderr.endswith("diverged; its best weights are those before training\n")


@pytest.mark.parametrize("command", ["evaluate", "visualize-filters", "predict"])
@pytest.mark.parametrize("harm, message", [
    (lambda path: (path / "run.json").unlink(), "has no run.json"),
    (lambda path: (path / "run.json").write_text("{"), "run.json is damaged"),
    (lambda path: (path / "best.safetensors").unlink(), "best.safetensors is missing"),
    (lambda path: (path / "best.safetensors").write_bytes(b"x" * 100), "best.safetensors cannot be read"),
], ids=["no-run.json", "bad-run.json", "no-weights", "bad-weights"])
def test_a_damaged_run_is_refused(elsewhere, trained, command, harm, message):
    path = copy_of(trained[0], elsewhere / "run")
    harm(path)
    assert_refused(run(command, path, *(["x.png"] if command == "predict" else [])), 3, message)


def test_weights_of_another_model_are_refused(elsewhere, trained, data_file):
    path = copy_of(trained[0], elsewhere / "run")
    assert train(data_file, "--out", "other").exit_code == 0
    (path / "best.safetensors").write_bytes(Path("other/best.safetensors").read_bytes())
    assert_refused(run("evaluate", path), 3, "does not fit the model lenet5")
