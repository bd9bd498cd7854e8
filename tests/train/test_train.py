"""Training: it learns, it repeats itself bit for bit, it stops where it should, and it loses nothing."""
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import numbacnn
from few_digits import few_digits
from numbacnn import nn
from numbacnn.models import build_model
from numbacnn.train import Normalize, RunError, Settings, create_run, evaluate, fit, open_run, turns
from numbacnn.train.batches import epoch_order
from numbacnn.train.evaluation import BATCH
from numbacnn.train.files import replace_file
from numbacnn.train.records import (BatchDone, Compiled, Compiling, Diverged, EpochDone, Finished, Interrupted,
                                    Started)
from numbacnn.train.schedules import FACTORS
from numbacnn.train.settings import OPTIMIZERS

SETTINGS = Settings(epochs=3, batch_size=32, optimizer="sgd", learning_rate=0.02, schedule="cosine")


@pytest.fixture(scope="module")
def data():
    return few_digits(100, 40)


@pytest.fixture
def run(tmp_path):
    info = {"model": dict(name="lenet5", in_channels=1, height=28, width=28, classes=10),
            "data": {"name": "few", "mean": [0.13], "std": [0.3], "classes": list("0123456789")},
            "settings": SETTINGS.to_dict()}
    return create_run(tmp_path / "run", info)


def lenet5(seed=0):
    numbacnn.manual_seed(seed)
    return build_model("lenet5", 1, 28, 28, 10)


def stop_after(batches):
    """For `fit(stop=...)`: True when so many batches are done."""
    left = iter([False] * (batches - 1) + [True])
    return lambda: next(left)


def arrays(model):
    return {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}


def assert_same_bits(first, second):
    assert first.keys() == second.keys()
    for name in first:
        assert first[name].tobytes() == second[name].tobytes(), name


def without_times(rows):
    return [replace(row, seconds=0, images_per_second=None) for row in rows if isinstance(row, EpochDone)]


# --- the loop

def test_it_overfits_16_images(data):
    few = SimpleNamespace(**{**vars(data), "x_train": data.x_train[:16], "y_train": data.y_train[:16]})
    model = lenet5()
    *_, last_epoch, finished = fit(model, few, Settings(epochs=80, batch_size=16, optimizer="adam", label_smoothing=0.0))
    assert isinstance(finished, Finished)
    assert last_epoch.train_accuracy == 1 and last_epoch.train_loss < 0.05
    assert evaluate(model, few.x_train, few.y_train, Normalize([0.13], [0.3]))[1] == 1


def test_the_records_come_in_order(data):
    records = [record for record in fit(lenet5(), data, SETTINGS) if not isinstance(record, BatchDone)]
    assert [type(record) for record in records] == [Started, Compiling, Compiled, EpochDone, EpochDone, EpochDone,
                                                    Finished]
    assert (records[0].epochs, records[0].batches) == (3, 4)
    rows = records[3:6]
    assert [row.epoch for row in rows] == [1, 2, 3]
    lowest = np.minimum.accumulate([row.val_loss for row in rows])
    assert [row.val_rise for row in rows] == pytest.approx([row.val_loss - least for row, least in zip(rows, lowest)])
    assert [row.best for row in rows] == [row.val_rise <= row.val_rise_error for row in rows]
    assert all(row.images_per_second > 0 and row.seconds > 0 for row in rows)


def test_bars_get_reports(data, monkeypatch):
    monkeypatch.setattr("numbacnn.train.turns.BETWEEN_REPORTS", 0)
    first, *_, last = [record for record in fit(lenet5(), data, SETTINGS) if isinstance(record, BatchDone)]
    assert (first.epoch, first.batch, first.batches) == (1, 1, 4)
    assert first.images_per_second is None and first.seconds_left is None  # the compiling batch is not timed
    assert (last.epoch, last.batch, last.seconds_left) == (3, 4, 0)
    assert last.images_per_second > 0


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("schedule", FACTORS)
def test_every_choice_learns(data, optimizer, schedule):
    settings = Settings(epochs=4, batch_size=10, optimizer=optimizer, schedule=schedule, learning_rate=0.005)
    model = build_model("linear", 1, 28, 28, 10)
    rows = [record for record in fit(model, data, settings) if isinstance(record, EpochDone)]
    assert rows[-1].train_loss < 0.5 * rows[0].train_loss


def test_the_same_seed_gives_the_same_bits(data):
    first, second = lenet5(), lenet5()
    assert without_times(fit(first, data, SETTINGS)) == without_times(fit(second, data, SETTINGS))
    assert_same_bits(arrays(first), arrays(second))


def test_the_weights_move_as_the_formula_says(data):
    """One step of plain SGD without momentum is w - lr * gradient."""
    model, twin = lenet5(), lenet5()
    settings = Settings(epochs=1, batch_size=100, optimizer="sgd", learning_rate=0.1, momentum=0.0, schedule="constant",
                        label_smoothing=0.0)
    list(fit(model, data, settings))
    order = epoch_order(100, 1, settings.seed)
    x = numbacnn.tensor(Normalize(data.mean, data.std)(data.x_train[order]))
    loss = nn.CrossEntropyLoss()(twin(x), numbacnn.tensor(data.y_train[order]))
    loss.backward()
    for (name, after), parameter in zip(arrays(model).items(), twin.parameters()):
        expected = parameter.detach().numpy() - np.float32(0.1) * parameter.grad.numpy()
        np.testing.assert_allclose(after, expected, rtol=1e-5, atol=1e-7, err_msg=name)


def test_no_validation_images_are_refused(data):
    empty = SimpleNamespace(**{**vars(data), "x_val": data.x_val[:0], "y_val": data.y_val[:0]})
    with pytest.raises(ValueError, match="nothing to validate with"):
        list(fit(lenet5(), empty, SETTINGS))


# --- stopping, saving, going on

class Noisy(nn.Linear):
    """A layer that, like dropout, draws from the random generator while it trains."""

    def forward(self, x):
        x = x.flatten(1)
        return super().forward(x * numbacnn.rand(*x.shape) if self.training else x)


def noisy(seed=0):
    numbacnn.manual_seed(seed)
    return Noisy(784, 10)


def test_noise_goes_on_where_it_stopped(data, run, monkeypatch):
    """The random generator is part of a checkpoint."""
    monkeypatch.setattr(turns, "LONGEST_TURN", 1)  # it looks at `stop` after each step
    straight = noisy()
    list(fit(straight, data, SETTINGS))
    list(fit(noisy(), data, SETTINGS, run, stop=stop_after(6)))
    resumed = noisy(seed=99)
    list(fit(resumed, data, SETTINGS, run, resume=True))
    assert_same_bits(arrays(resumed), arrays(straight))


@pytest.mark.parametrize("optimizer, batches", [
    *((optimizer, batches) for optimizer in ("sgd", "adam") for batches in (1, 4, 6, 11)), ("adamw", 6), ("rmsprop", 6)])
def test_a_resumed_training_ends_with_the_same_bits(data, run, tmp_path, monkeypatch, optimizer, batches):
    """However many steps were replayed together."""
    settings = replace(SETTINGS, optimizer=optimizer, learning_rate=0.003)
    straight, run_of_straight = lenet5(), create_run(tmp_path / "straight", run.info)
    expected = without_times(fit(straight, data, settings, run_of_straight))

    with monkeypatch.context() as patch:
        patch.setattr(turns, "LONGEST_TURN", 1)
        *_, interrupted = fit(lenet5(), data, settings, run, stop=stop_after(batches))
    assert isinstance(interrupted, Interrupted)
    assert (interrupted.epoch, interrupted.batch) == ((batches - 1) // 4 + 1, (batches - 1) % 4 + 1)
    resumed = lenet5(seed=99)  # every weight must come from the checkpoint
    records = list(fit(resumed, data, settings, run, resume=True))
    rows = [*records[0].rows, *(record for record in records if isinstance(record, EpochDone))]
    assert without_times(rows) == expected
    assert_same_bits(arrays(resumed), arrays(straight))
    for name in ("best", "last", "initial"):
        assert_same_bits({key: value.numpy() for key, value in run.load_weights(name).items()},
                         {key: value.numpy() for key, value in run_of_straight.load_weights(name).items()})
    logged = [json.loads(line) for line in (run.path / "log.jsonl").read_text().splitlines()]
    assert logged == [row.to_dict() for row in rows]


def test_a_loaded_model_is_in_evaluation_mode(data, run):
    """And `fit` trains it nevertheless."""
    list(fit(lenet5(), data, SETTINGS, run))
    model = run.load_model()
    assert not any(module.training for module in model.modules())
    before = arrays(model)
    list(fit(model, data, replace(SETTINGS, epochs=1)))
    assert model.training and any((before[name] != now).any() for name, now in arrays(model).items())


def test_best_and_last_weights_are_kept(data, run):
    model = lenet5()
    start = arrays(model)
    rows = [record for record in fit(model, data, SETTINGS, run) if isinstance(record, EpochDone)]
    normalize = Normalize(data.mean, data.std)
    best = [row for row in rows if row.best][-1]
    assert evaluate(run.load_model("best"), data.x_val, data.y_val, normalize)[0] == best.val_loss
    assert evaluate(run.load_model("last"), data.x_val, data.y_val, normalize)[0] == rows[-1].val_loss
    assert_same_bits(arrays(run.load_model("initial")), start)


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_a_loss_that_is_no_number_stops_the_training_and_keeps_the_files(data, run):
    model = lenet5()
    *records, last = fit(model, data, replace(SETTINGS, learning_rate=1e30), run)
    assert isinstance(last, Diverged) and not np.isfinite(last.loss)
    assert not any(isinstance(record, EpochDone) for record in records)
    for name in ("best", "last"):
        assert_same_bits(arrays(run.load_model(name)), arrays(run.load_model("initial")))
    assert all(np.isfinite(array).all() for array in arrays(run.load_model("last")).values())


def test_half_a_file_never_takes_the_place_of_a_whole_one(tmp_path):
    path = tmp_path / "run.json"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), replace_file(path) as temporary:
        temporary.write_text("half of the n")
        raise ZeroDivisionError
    assert [file.name for file in tmp_path.iterdir()] == ["run.json"] and path.read_text() == "old"


@pytest.mark.parametrize("harm, words", [
    (lambda path: path.unlink(), "is missing"),
    (lambda path: path.write_bytes(path.read_bytes()[:1000]), "is damaged"),
    (lambda path: path.write_bytes(b""), "is damaged"),
    (lambda path: path.write_bytes((path.parent / "best.safetensors").read_bytes()), "is damaged"),
], ids=["missing", "torn", "empty", "another-file"])
def test_a_bad_checkpoint_is_refused(data, run, harm, words):
    list(fit(lenet5(), data, SETTINGS, run, stop=stop_after(1)))
    harm(run.checkpoint)
    with pytest.raises(RunError, match=words):
        list(fit(lenet5(), data, SETTINGS, run, resume=True))


def test_a_checkpoint_of_another_model_is_refused(data, run):
    list(fit(lenet5(), data, SETTINGS, run, stop=stop_after(1)))
    with pytest.raises(RunError, match="does not fit the model"):
        list(fit(build_model("linear", 1, 28, 28, 10), data, SETTINGS, run, resume=True))


# --- run folders

@pytest.mark.parametrize("content, words", [
    (None, "has no run.json"), ("", "is damaged"), ("{", "is damaged"), ("[]", "says nothing about model"),
    ('{"model": {}}', "says nothing about model"), (b"\xff\xfe\x00", "is damaged"),
    ('{"model": {"name": "x"}, "data": {"name": "x"}, "settings": {"epochs": 1}}', "is damaged"),
    ('{"model": {"name": "x"}, "data": {"name": "x"}, "settings": {"epoch": 1}}', "is damaged"),
])
def test_a_folder_that_is_no_run_is_refused(tmp_path, content, words):
    if content is not None:
        (tmp_path / "run.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(RunError, match=words) as error:
        open_run(tmp_path)
    assert "\n" not in str(error.value)


def test_a_run_that_describes_no_model_is_refused(run):
    run.info["model"]["name"] = "lenet6"
    with pytest.raises(RunError, match="no usable model"):
        run.new_model()


def test_a_new_run_never_takes_a_folder_in_use(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileExistsError, match="refuses to overwrite"):
        create_run(run.path, run.info)
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError, match="is a file"):
        create_run(tmp_path / "file", run.info)
    names = [str(create_run(None, run.info).path) for _ in range(2)]
    assert names == ["runs/lenet5-few-001", "runs/lenet5-few-002"]


# --- measuring

def test_evaluate_is_the_textbook_mean(data):
    model, normalize = lenet5(), Normalize(data.mean, data.std)
    model.train()
    model.conv1.eval()  # as a frozen layer may be
    x, y = np.concatenate([data.x_train] * 6), np.concatenate([data.y_train] * 6)
    assert len(x) > BATCH
    loss, accuracy, predictions = evaluate(model, x, y, normalize)
    assert model.training and not model.conv1.training
    with numbacnn.no_grad():
        scores = model(numbacnn.tensor(normalize(data.x_train))).numpy().astype(np.float64)
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert loss == pytest.approx(-np.log(probabilities[np.arange(100), data.y_train]).mean(), rel=1e-6)
    assert (predictions[:100] == scores.argmax(axis=1)).all()
    assert accuracy == (scores.argmax(axis=1) == data.y_train).mean()


def test_evaluation_draws_no_random_numbers(data):
    model = noisy()
    first, second = (evaluate(model, data.x_val, data.y_val, Normalize(data.mean, data.std))[0] for _ in range(2))
    assert first == second and model.training
