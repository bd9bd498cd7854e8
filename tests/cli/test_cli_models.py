"""Every command with a deep network: residual blocks and batch normalization on the smallest images."""
import json
import signal

import numpy as np
import pytest
from numba.core import config
from PIL import Image

if config.DISABLE_JIT:
    pytest.skip("deep networks in plain Python take hours", allow_module_level=True)

from cli_runs import assert_refused, run

SIDE = 6
CHOICES = ["--model", "resnet20", "--epochs", 2, "--batch-size", 12, "--optimizer", "sgd", "--schedule", "cosine",
           "--label-smoothing", 0]  # eight steps are too few for the usual ones


@pytest.fixture(scope="module")
def colors(tmp_path_factory):
    """41 images to train, of which 4 are held back: the last batch is a single image. Class 0 is red, class 1 blue."""
    rng, path = np.random.default_rng(3), tmp_path_factory.mktemp("colors") / "colors.npz"
    labels = np.arange(51) % 2
    images = rng.integers(0, 60, (51, SIDE, SIDE, 3), np.uint8)
    images[np.arange(51), :, :, 2 * labels] += 150
    np.savez(path, x_train=images[:41], y_train=labels[:41], x_test=images[41:], y_test=labels[41:])
    return path


@pytest.fixture(scope="module")
def residual(tmp_path_factory, colors):
    """A finished run, and what it printed."""
    path = tmp_path_factory.mktemp("residual") / "run"
    done = run("train", "--data", colors, *CHOICES, "--json", "--out", path,
               "--threads", 1)
    assert done.exit_code == 0, done.output
    return path, done


def losses(values):
    return [values[key] for key in ("test_loss", "train_loss", "val_loss", "test_accuracy")]


def test_training_prints_a_row_a_block(residual):
    values = json.loads(residual[1].stdout)
    assert values["parameters"] == sum(layer["parameters"] for layer in values["layers"]) == 269_722 - 8 * 65
    assert len(values["layers"]) == 3 + 9 + 3
    assert "layer2.0  BasicBlock 16->32, stride 2" in residual[1].stderr and "layer2.0.conv1" not in residual[1].stderr
    assert values["test_accuracy"] >= 0.8


def test_threads_change_no_bit(residual, colors, elsewhere):
    if config.NUMBA_NUM_THREADS < 2:
        pytest.skip("this computer has one thread")
    done = run("train", "--data", colors, *CHOICES, "--json", "--out", "run",
               "--threads", 2)
    assert losses(json.loads(done.stdout)) == losses(json.loads(residual[1].stdout))


def test_an_interrupted_training_goes_on_bit_for_bit(residual, colors, elsewhere, monkeypatch):
    """The running statistics of batch normalization too."""
    from numbacnn.train import TrainingSteps, turns

    call, calls = TrainingSteps.__call__, []

    def interrupted_call(self, x, y, rates):
        calls.append(1)
        if len(calls) == 6:
            signal.raise_signal(signal.SIGINT)
        return call(self, x, y, rates)

    monkeypatch.setattr(turns, "LONGEST_TURN", 1)
    monkeypatch.setattr(TrainingSteps, "__call__", interrupted_call)
    stopped = run("train", "--data", colors, *CHOICES, "--out", "run",
                  "--threads", 1)
    assert stopped.exit_code == 130, stopped.output
    monkeypatch.setattr(TrainingSteps, "__call__", call)
    resumed = json.loads(run("train", "--resume", "run", "--json").stdout)
    assert losses(resumed) == losses(json.loads(residual[1].stdout))


def test_the_other_commands_take_the_run(residual, elsewhere):
    path, _ = residual
    assert json.loads(run("evaluate", path, "--json").stdout)["images"] == 10
    Image.fromarray(np.full((40, 40, 3), (20, 30, 190), np.uint8)).save("blue.png")
    assert json.loads(run("predict", path, "blue.png", "--json").stdout)["predictions"][0]["prediction"] == "1"
    for layer in ("conv1", "layer1.0.conv1"):
        assert run("visualize-filters", path, "--layer", layer, "--out", f"{layer}.png").exit_code == 0
        assert (elsewhere / f"{layer}.png").stat().st_size > 1000
    assert_refused(run("visualize-filters", path, "--layer", "layer1"), 2, "convolutions of resnet20 are conv1, layer1.0.conv1")
    assert run("summary", path).stdout.startswith("resnet20 for images of 3x6x6 and 2 classes\n")


def test_images_too_small_are_refused_before_a_folder_is_made(colors, elsewhere):
    assert_refused(run("train", "--data", colors, "--model", "vgg11"), 2, "vgg11: images of 6x6 are too small.*17x17")
    assert list(elsewhere.iterdir()) == []
