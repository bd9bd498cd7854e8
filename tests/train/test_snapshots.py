"""Snapshots: the weights of each epoch, bounded, the same in a resumed training, and none of the training's bits changed."""
import numpy as np
import pytest

import numbacnn
from few_digits import few_digits
from numbacnn import nn
from numbacnn.models import build_model
from numbacnn.train import RunError, Settings, TrainingSteps, create_run, fit, loop, turns
from numbacnn.train.records import EpochDone
from numbacnn.train.snapshots import ALL, MOST, SMALL, keeps_epoch, kept_names, save_snapshot, snapshot_epochs

SETTINGS = Settings(epochs=3, batch_size=32, optimizer="sgd", learning_rate=0.02)


@pytest.fixture(scope="module")
def data():
    return few_digits(100, 40)


def new_run(path):
    return create_run(path, {"model": dict(name="lenet5", in_channels=1, height=28, width=28, classes=10),
                             "data": {"name": "few", "mean": [0.13], "std": [0.3], "classes": list("0123456789")},
                             "settings": SETTINGS.to_dict()})


def lenet5():
    numbacnn.manual_seed(0)
    return build_model("lenet5", 1, 28, 28, 10)


def arrays(model):
    return {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}


def assert_same_bits(first, second):
    assert first.keys() == second.keys()
    for name in first:
        assert first[name].tobytes() == second[name].tobytes(), name


def test_each_epoch_is_kept_and_read_back(data, tmp_path):
    run, model, seen = new_run(tmp_path / "run"), lenet5(), []
    assert run.snapshots == [0]
    seen.append(arrays(model))
    for record in fit(model, data, SETTINGS, run):
        if isinstance(record, EpochDone):
            seen.append(arrays(model))
    assert run.snapshots == [0, 1, 2, 3]
    for epoch, expected in enumerate(seen):
        assert_same_bits(run.load_snapshot(epoch), expected)


def test_snapshots_change_no_bit(data, tmp_path, monkeypatch):
    """Steps are replayed as they are without."""
    replayed = []

    class Steps(TrainingSteps):
        def __call__(self, *batches):
            result = super().__call__(*batches)
            replayed.append(self.replayed)
            return result

    monkeypatch.setattr(loop, "TrainingSteps", Steps)
    with_them, without = lenet5(), lenet5()
    list(fit(with_them, data, SETTINGS, new_run(tmp_path / "run")))
    assert replayed and all(replayed)
    list(fit(without, data, SETTINGS))
    assert_same_bits(arrays(with_them), arrays(without))


def test_a_resumed_training_keeps_the_same(data, tmp_path, monkeypatch):
    straight, run = new_run(tmp_path / "straight"), new_run(tmp_path / "run")
    list(fit(lenet5(), data, SETTINGS, straight))
    monkeypatch.setattr(turns, "LONGEST_TURN", 1)
    left = iter([False] * 5 + [True])
    list(fit(lenet5(), data, SETTINGS, run, stop=lambda: next(left)))
    assert run.snapshots == [0, 1]
    list(fit(lenet5(), data, SETTINGS, run, resume=True))
    assert run.snapshots == straight.snapshots
    for epoch in run.snapshots:
        assert_same_bits(run.load_snapshot(epoch), straight.load_snapshot(epoch))


@pytest.mark.parametrize("epochs", [1, 2, 99, 100, 101, 250, 10_000])
@pytest.mark.parametrize("nbytes", [1, 250_000, SMALL])
def test_all_together_are_bounded(epochs, nbytes):
    kept = [epoch for epoch in range(1, epochs + 1) if keeps_epoch(epoch, epochs, nbytes)]
    assert kept[0] == 1 and kept[-1] == epochs
    assert len(kept) <= MOST + 1 and (len(kept) - 1) * nbytes <= ALL
    if epochs * nbytes <= ALL and epochs <= MOST:
        assert len(kept) == epochs
    steps = np.diff(kept[1:-1])
    assert len(set(steps.tolist())) <= 1  # at equal distances


def test_of_a_large_network_the_first_filters_are_kept(tmp_path):
    small = {"conv.weight": ((6, 1, 5, 5), 600), "conv.bias": ((6,), 24), "fc.weight": ((10, 6), 240)}
    assert kept_names(small) == [*small]
    large = {"conv1.weight": ((6, 1, 5, 5), 600), "conv1.bias": ((6,), 24), "conv2.weight": ((1, 1, 3, 3), SMALL - 600),
             "conv3.weight": ((1, 1, 3, 3), 36), "fc.weight": ((10, 6), 240)}
    assert kept_names(large) == ["conv1.weight", "conv2.weight"]
    assert kept_names({"fc.weight": ((2000, 2000), 4 * 2000 * 2000)}) == []
    save_snapshot(tmp_path, nn.Linear(1200, 1000), 1, 1)  # no filters, and too large: there is nothing to keep
    assert snapshot_epochs(tmp_path) == []


def test_a_snapshot_that_is_missing_or_damaged_is_said(tmp_path):
    run = new_run(tmp_path / "run")
    with pytest.raises(RunError, match="no snapshot of epoch 7"):
        run.load_snapshot(7)
    run.save_snapshot(lenet5(), 3, 3)
    assert run.snapshots == [0, 3]
    (run.path / "snapshots" / "epoch-0003.safetensors").write_bytes(b"half")
    with pytest.raises(RunError, match="epoch-0003.safetensors cannot be read"):
        run.load_snapshot(3)


def test_a_run_that_is_discarded_leaves_nothing(tmp_path):
    run = new_run(tmp_path / "run")
    run.save_snapshot(lenet5(), 1, 3)
    run.discard()
    assert not run.path.exists()
