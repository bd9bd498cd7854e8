"""Saving and loading weights."""

import os

import numpy as np
import pytest

import numbacnn as nc


def state():
    return {"conv1.weight": nc.arange(6).float().view(2, 3).T, "steps": nc.tensor(3), "mask": np.array([True, False]),
            "empty": nc.zeros(0, 3), "double": nc.tensor([0.1], dtype=nc.float64)}


def test_what_was_saved_is_loaded(tmp_path):
    nc.save(state(), tmp_path / "model.safetensors")
    loaded = nc.load(tmp_path / "model.safetensors")
    assert sorted(loaded) == sorted(state())
    for name, value in state().items():
        assert loaded[name].dtype == value.dtype and tuple(loaded[name].shape) == tuple(value.shape)
        np.testing.assert_array_equal(loaded[name].numpy(), np.asarray(value))
    loaded["steps"].add_(1)
    assert os.listdir(tmp_path) == ["model.safetensors"]


def test_others_can_read_it(tmp_path):
    pytest.importorskip("torch")
    from safetensors.torch import load_file

    nc.save(state(), str(tmp_path / "model.safetensors"))
    assert load_file(tmp_path / "model.safetensors")["conv1.weight"].tolist() == [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]


def test_an_interrupted_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    nc.save({"a": nc.ones(1)}, path)

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        nc.save({"a": nc.zeros(1)}, path)
    assert nc.load(path)["a"].tolist() == [1.0] and os.listdir(tmp_path) == ["model.safetensors"]


@pytest.mark.parametrize("damage", [
    lambda data: data[:-1], lambda data: data[:5], lambda data: b"", lambda data: b"x" * 99,
    lambda data: data.replace(b"F32", b"F99"),
], ids=["cut", "cut-short", "empty", "rubbish", "unknown-dtype"])
def test_a_damaged_file_is_one_sentence(damage, tmp_path):
    path = tmp_path / "model.safetensors"
    nc.save({"a": nc.ones(3)}, path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match="model.safetensors is damaged or not a safetensors file") as caught:
        nc.load(path)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("attempt, error, words", [
    (lambda folder: nc.load(folder / "none"), FileNotFoundError, "there is no file .*none"),
    (lambda folder: nc.load(folder), FileNotFoundError, "there is no file"),
    (lambda folder: nc.save({"a": nc.ones(1)}, folder / "none" / "a"), FileNotFoundError, "none does not exist"),
    (lambda folder: nc.save([nc.ones(1)], folder / "a"), TypeError, "dict of names to Tensors, got list"),
    (lambda folder: nc.save({"a": 1}, folder / "a"), TypeError, "'a' is a int"),
    (lambda folder: nc.save({1: nc.ones(1)}, folder / "a"), TypeError, "1 is a Tensor"),
    (lambda folder: nc.save(nc.optim.SGD([nc.ones(1)]), folder / "a"), TypeError, "state_dict"),
])
def test_mistakes_are_named(attempt, error, words, tmp_path):
    with pytest.raises(error, match=words):
        attempt(tmp_path)
    assert os.listdir(tmp_path) == []
