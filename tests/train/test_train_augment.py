"""Augmentation in a training: recorded, resumed bit for bit, and never in an evaluation."""
import json

import numpy as np
import pytest

from cli_runs import assert_refused, run, train
from numbacnn.cli import options
from numbacnn.data import load_dataset
from numbacnn.data.augment import STEPS
from numbacnn.models import build_model
from numbacnn.train import Settings, create_run, fit, loop, turns
from numbacnn.train.records import Interrupted


@pytest.fixture(scope="module")
def data():
    return load_dataset("digits", limit=120)


def losses(data, **choices):
    import numbacnn

    numbacnn.manual_seed(0)
    model = build_model("linear", 1, 28, 28, 10)
    records = list(fit(model, data, Settings(epochs=2, batch_size=32, **choices)))
    return [row.train_loss for row in records if hasattr(row, "train_loss")], model.fc.weight.detach().numpy().copy()


def test_the_network_learns_from_augmented_images_and_is_measured_on_plain_ones(data, monkeypatch):
    fed, measured = [], []
    monkeypatch.setattr(turns, "training_images", lambda *given: fed.append(original(*given)) or fed[-1])
    monkeypatch.setattr(loop, "example_losses", lambda model, x, y, normalize: measured.append(x) or (np.ones(len(y)), y))
    losses(data, augment="shift=3")
    assert all(x is data.x_val for x in measured) and len(measured) == 2
    plain = {image.tobytes() for image in data.x_train}
    epochs = np.split(np.concatenate(fed), 2)
    assert [len(epoch) for epoch in epochs] == [len(data.x_train)] * 2
    for epoch in epochs:
        assert sum(image.tobytes() in plain for image in epoch) < 0.1 * len(epoch)
        assert len(epoch.sum((1, 2, 3)).nonzero()[0]) == len(epoch)
    first, second = ({image.tobytes() for image in epoch} for epoch in epochs)
    assert len(first & second) < 0.1 * len(first)


original = turns.training_images


def test_same_seed_same_bits(data):
    (first, weight), (again, same), (other, _) = (
        losses(data, augment="shift,rotate", seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    np.testing.assert_array_equal(weight, same)
    assert losses(data, seed=1)[0] != first


def test_resumed_in_the_middle_of_an_epoch_bit_for_bit(data, tmp_path, monkeypatch):
    import numbacnn

    monkeypatch.setattr(turns, "LONGEST_TURN", 1)  # else the steps between two looks at `stop` depend on the time they take
    def training(name, stop=None, resume=None):
        numbacnn.manual_seed(0)
        model = build_model("linear", 1, 28, 28, 10)
        settings = Settings(epochs=2, batch_size=20, augment="shift=2,cutout=5")
        folder = resume or create_run(tmp_path / name, {
            "model": {"name": "linear"}, "data": {"name": "digits"}, "settings": settings.to_dict()})
        records = list(fit(model, data, folder.settings, folder, resume is not None, stop))
        return folder, model.fc.weight.detach().numpy(), records

    _, whole, _ = training("whole")
    asked = iter(range(100))
    folder, _, records = training("parts", stop=lambda: next(asked) == 7)  # in the second epoch
    assert isinstance(records[-1], Interrupted) and records[-1].epoch == 2
    _, resumed, _ = training("parts", resume=folder)
    np.testing.assert_array_equal(resumed, whole)


def test_settings_keep_every_number():
    assert Settings(augment="flip, crop").augment == "flip=0.5,crop=4"
    assert Settings().augment == ""
    with pytest.raises(ValueError, match="no 'flop'.*did you mean flip"):
        Settings(augment="flop")


# --- the command line

def test_a_run_says_how_it_was_augmented(elsewhere, data_file):
    done = train(data_file, "--augment", "shift,rotate=5", "--lr", 1e-6, "--optimizer", "adam")
    assert done.exit_code == 0, done.output
    assert "augmentation shift=2 · rotate=5" in done.stdout
    assert "--augment shift=2,rotate=5" in done.stdout.splitlines()[-1]  # the next command keeps it
    info = json.loads((elsewhere / "runs/linear-few-001/run.json").read_text())
    assert info["settings"]["augment"] == "shift=2,rotate=5" and "--augment" in info["command"]


@pytest.mark.parametrize("spec, words", [("flop", "augment: there is no 'flop'"), ("hue", "hue needs images of 3"),
                                         ("shift=28", "shift=28 is too much for images of 28x28")])
def test_a_wrong_augmentation_is_one_sentence(elsewhere, data_file, spec, words):
    assert_refused(train(data_file, "--augment", spec), 2, words)
    assert not (elsewhere / "runs").exists()


def test_resume_keeps_the_augmentation_of_the_run(trained):
    assert_refused(run("train", "--resume", trained[0], "--augment", "flip"), 2, "leave --augment out")


def test_the_help_names_every_step():
    import click

    command = click.Command("x", params=[])
    options.augment(command)
    text = command.params[0].help
    names = text.split("There are ")[1].split(";")[0].split(", ")
    assert names == list(STEPS)


def test_the_data_page_explains_every_step():
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
    for name, step in STEPS.items():
        assert f"| `{name}` | {step.usual:g} {step.unit} | {step.about} |" in page, name
