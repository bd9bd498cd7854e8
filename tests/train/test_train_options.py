"""What a training may be asked for besides: an early end, a warm-up, smooth labels, clipped gradients."""
import json
from dataclasses import replace

import numpy as np
import pytest

import numbacnn
from cli_runs import run, train
from few_digits import few_digits
from numbacnn import nn, optim
from numbacnn.models import build_model
from numbacnn.train import Normalize, Settings, create_run, fit, open_run, turns
from numbacnn.train.batches import epoch_order
from numbacnn.train.records import EpochDone, Finished, Interrupted

SETTINGS = Settings(epochs=12, batch_size=20, optimizer="sgd", learning_rate=0.02, schedule="constant", patience=2)


@pytest.fixture(scope="module")
def data():
    """Few digits to train with, so that the validation loss soon rises."""
    return few_digits(40, 20)


@pytest.fixture
def folder(tmp_path):
    info = {"model": dict(name="linear", in_channels=1, height=28, width=28, classes=10),
            "data": {"name": "few", "mean": [0.13], "std": [0.3], "classes": list("0123456789")},
            "settings": SETTINGS.to_dict()}
    return create_run(tmp_path / "run", info)


def linear():
    numbacnn.manual_seed(0)
    return build_model("linear", 1, 28, 28, 10)


def rows_of(records):
    return [record for record in records if isinstance(record, EpochDone)]


def test_it_ends_when_its_patience_does(data):
    *records, last = fit(linear(), data, SETTINGS)
    rows = rows_of(records)
    lowest = min(range(len(rows)), key=lambda k: rows[k].val_loss)
    assert isinstance(last, Finished) and len(rows) == lowest + 1 + 2 < 12
    longer = rows_of(fit(linear(), data, replace(SETTINGS, patience=None)))
    assert len(longer) == 12
    assert [row.val_loss for row in rows] == [row.val_loss for row in longer[:len(rows)]]


@pytest.mark.parametrize("batches", [1, 3, 4])
def test_a_resumed_training_ends_at_the_same_epoch(data, folder, monkeypatch, batches):
    monkeypatch.setattr(turns, "LONGEST_TURN", 1)  # it looks at `stop` after each step
    expected = rows_of(fit(linear(), data, SETTINGS))
    countdown = iter([False] * (batches - 1) + [True])
    *_, interrupted = fit(linear(), data, SETTINGS, folder, stop=lambda: next(countdown))
    assert isinstance(interrupted, Interrupted) and folder.settings.patience == 2
    started, *records = fit(folder.new_model(), data, folder.settings, folder, resume=True)
    assert [row.val_loss for row in (*started.rows, *rows_of(records))] == [row.val_loss for row in expected]


def test_one_that_had_ended_is_not_gone_on_with(data, folder):
    """A process that died after the last epoch, before it could say so."""
    rows = rows_of(fit(linear(), data, SETTINGS, folder))
    started, finished = fit(folder.new_model(), data, SETTINGS, folder, resume=True)
    assert len(started.rows) == len(rows) and isinstance(finished, Finished)


@pytest.mark.parametrize("options, largest", [({"clip_norm": 0.01}, 0.01), ({"clip_norm": 1e6}, None), ({"label_smoothing": 0.3}, None)])
def test_the_weights_move_as_the_formula_says(data, options, largest):
    """One step of plain SGD is w - lr * gradient, the gradient that of the smoothed labels, cut down to the norm."""
    settings = Settings(**{"epochs": 1, "batch_size": 40, "optimizer": "sgd", "learning_rate": 0.5, "momentum": 0.0,
                           "schedule": "constant", "label_smoothing": 0.0, **options})
    model, twin = linear(), linear()
    list(fit(model, data, settings))
    order = epoch_order(40, 1, settings.seed)
    criterion = nn.CrossEntropyLoss(label_smoothing=settings.label_smoothing)
    criterion(twin(numbacnn.tensor(Normalize(data.mean, data.std)(data.x_train[order]))), numbacnn.tensor(data.y_train[order])).backward()
    grads = [param.grad.numpy() for param in twin.parameters()]
    norm = np.sqrt(sum((grad.astype(np.float64) ** 2).sum() for grad in grads))
    assert norm > 0.01
    for after, before, grad in zip(model.parameters(), twin.parameters(), grads):
        expected = before.detach().numpy() - 0.5 * grad * (1 if largest is None else largest / norm)
        np.testing.assert_allclose(after.detach().numpy(), expected, rtol=1e-4, atol=1e-6)


def test_a_run_goes_on_as_it_was_trained_whatever_the_defaults_are_now(data, folder):
    """A run.json from before a setting existed does not name it; what held then holds still."""
    settings = Settings(epochs=2, batch_size=20, optimizer="adam", beta2=0.999, label_smoothing=0.0, schedule="cosine")
    straight = linear()
    list(fit(straight, data, settings))
    list(fit(linear(), data, settings, folder, stop=iter([False, True]).__next__))
    later = {"beta1", "beta2", "label_smoothing", "clip_norm", "patience", "warmup_epochs", "augment", "freeze", "unfreeze_after"}
    folder.write_info(settings={name: value for name, value in settings.to_dict().items() if name not in later})
    reopened = open_run(folder.path)
    assert reopened.settings == settings != Settings(epochs=2, batch_size=20, optimizer="adam", schedule="cosine")
    resumed = reopened.new_model()
    list(fit(resumed, data, reopened.settings, reopened, resume=True))
    for mine, theirs in zip(resumed.parameters(), straight.parameters()):
        np.testing.assert_array_equal(mine.detach().numpy(), theirs.detach().numpy())


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_betas_reach_the_optimizer(data, optimizer):
    """Three steps as an optimizer made by hand makes them."""
    settings = Settings(epochs=3, batch_size=40, optimizer=optimizer, learning_rate=0.001, schedule="constant",
                        beta1=0.5, beta2=0.7, weight_decay=0.1, label_smoothing=0.2)
    model, twin = linear(), linear()
    list(fit(model, data, settings))
    by_hand = {"adam": optim.Adam, "adamw": optim.AdamW}[optimizer](twin.parameters(), lr=0.001, betas=(0.5, 0.7), weight_decay=0.1)
    for epoch in (1, 2, 3):
        order = epoch_order(40, epoch, settings.seed)
        by_hand.zero_grad()
        logits = twin(numbacnn.tensor(Normalize(data.mean, data.std)(data.x_train[order])))
        nn.CrossEntropyLoss(label_smoothing=0.2)(logits, numbacnn.tensor(data.y_train[order])).backward()
        by_hand.step()
    for after, expected in zip(model.parameters(), twin.parameters()):
        np.testing.assert_allclose(after.detach().numpy(), expected.detach().numpy(), rtol=1e-4, atol=1e-6)


def test_the_loss_that_is_told_is_that_of_the_true_classes(data, torch):
    """Smoothing is for the gradient: in the table training and validation loss are of one kind. Here nothing moves."""
    settings = Settings(epochs=1, batch_size=16, optimizer="sgd", learning_rate=1e-30, label_smoothing=0.3)
    row, = rows_of(fit(linear(), data, settings))
    scores = linear()(numbacnn.tensor(Normalize(data.mean, data.std)(data.x_train))).detach().numpy()
    expected = torch.nn.functional.cross_entropy(torch.tensor(scores), torch.tensor(data.y_train)).item()
    assert row.train_loss == pytest.approx(expected, rel=1e-5)


def test_the_rate_rises_first(data):
    settings = Settings(epochs=4, batch_size=20, learning_rate=0.4, warmup_epochs=2, schedule="constant")
    assert [row.learning_rate for row in rows_of(fit(linear(), data, settings))] == pytest.approx([0.2, 0.4, 0.4, 0.4])


def test_the_command_records_and_honours_them(data_file, elsewhere):
    done = train(data_file, "--epochs", 30, "--patience", 1, "--warmup-epochs", 1, "--label-smoothing", 0.1, "--clip-norm", 5,
                 "--schedule", "cosine", "--out", "run")
    assert done.exit_code == 0, done.output
    assert "warm-up epochs 1 · label smoothing 0.1 · gradients clipped to norm 5 · patience 1" in done.stdout
    info = json.loads((elsewhere / "run" / "run.json").read_text())
    chosen = {"patience": 1, "warmup_epochs": 1, "label_smoothing": 0.1, "clip_norm": 5.0, "optimizer": "adamw", "weight_decay": 0.3}
    assert chosen.items() <= info["settings"].items()
    epochs = info["results"]["epochs_done"]
    assert epochs < 30 and f"Stopped early, after epoch {epochs} of 30" in done.stdout


@pytest.mark.parametrize("name", ["adamw", "rmsprop"])
def test_the_command_trains_with_other_optimizers(data_file, elsewhere, name):
    done = run("train", "--data", data_file, "--optimizer", name, "--epochs", 8, "--batch-size", 10, "--json", "--out", "run")
    assert done.exit_code == 0 and json.loads(done.stdout)["train_accuracy"] > 0.8


def test_a_resumed_command_refuses_them(data_file, elsewhere):
    done = run("train", "--resume", "run", "--patience", 3)
    assert done.exit_code == 2 and "leave --patience out" in done.stderr


def test_every_option_stands_in_one_section_of_the_help():
    from numbacnn.cli.train import SECTIONS
    from numbacnn.cli.train import train as command

    named = [name for names in SECTIONS.values() for name in names]
    assert sorted(named) == sorted(param.name for param in command.params if param.name != "help")
    text = run("train", "--help").stdout
    assert all(text.count(f"\n{heading}:\n") == 1 for heading in SECTIONS) and text.count("\n  -h, --help") == 1


@pytest.mark.parametrize("option, typed, meant", [("--optimizer", "adma", "adam"), ("--schedule", "onecycle", "one-cycle")])
def test_a_slip_is_met_with_the_name_that_is_close(data_file, option, typed, meant):
    refused = run("train", "--data", data_file, option, typed)
    assert refused.exit_code == 2 and refused.stderr.rstrip().endswith(f"did you mean {meant}?")


def test_settings_of_other_optimizers_are_not_told():
    assert "momentum" not in dict(Settings(optimizer="adamw").used()) and dict(Settings(optimizer="adamw").used())["beta1"] == "0.9"
    assert "beta1" not in dict(Settings(optimizer="sgd").used()) and dict(Settings(optimizer="sgd").used())["momentum"] == "0.9"
    assert not {"momentum", "beta1", "beta2", "augment", "patience"} & {*dict(Settings(optimizer="rmsprop").used())}
    assert dict(Settings(label_smoothing=0.0).used())["label smoothing"] == "0"
