"""Saving and loading weights and checkpoints."""

import io
import os
from collections import Counter, OrderedDict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbacnn as nc
from numbacnn import nn
from numbacnn.serialization.structure import KEY


def state():
    return {"conv1.weight": nc.arange(6).float().view(2, 3).T, "steps": nc.tensor(3), "mask": np.array([True, False]),
            "empty": nc.zeros(0, 3), "double": nc.tensor([0.1], dtype=nc.float64)}


def test_what_was_saved_is_loaded(tmp_path):
    nc.save(state(), tmp_path / "model.safetensors")
    loaded = nc.load(tmp_path / "model.safetensors")
    assert sorted(loaded) == sorted(state())
    for name, value in state().items():
        assert loaded[name].dtype == value.dtype and tuple(loaded[name].shape) == tuple(value.shape)
        np.testing.assert_array_equal(np.asarray(loaded[name]), np.asarray(value))
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
    (lambda folder: nc.load(folder / "none", map_location="cuda"), RuntimeError, "an engine for the CPU"),
    (lambda folder: nc.load(folder / "none", map_location={"cuda:0": "cuda:1"}), RuntimeError, "an engine for the CPU"),
    (lambda folder: nc.save({"a": nc.ones(1)}, folder / "none" / "a"), FileNotFoundError, "none does not exist"),
    (lambda folder: nc.save({"a": {"b": [1, print]}}, folder / "a"), TypeError, r"a\.b\.1 is a builtin_function_or_method; what can"),
    (lambda folder: nc.save({"a": {1, 2}}, folder / "a"), TypeError, "a is a set"),
    (lambda folder: nc.save(1j, folder / "a"), TypeError, "what was given is a complex"),
    (lambda folder: nc.save({nc.ones(1): 1}, folder / "a"), TypeError, "has a Tensor among its keys"),
    (lambda folder: nc.save({"a": np.ones(1, np.float16)}, folder / "a"), TypeError, "a is an array of float16; what can be saved"),
    (lambda folder: nc.save({"a": np.array(["x"])}, folder / "a"), TypeError, "a is an array of <U1"),
    (lambda folder: nc.save(nc.optim.SGD([nc.ones(1)]), folder / "a"), TypeError, "SGD, .* state_dict"),
    (lambda folder: nc.save(holds_itself(), folder / "a"), ValueError, "0 is a list that holds itself"),
    (lambda folder: nc.save(deep(101), folder / "a"), ValueError, "is nested more than 100 containers deep"),
])
def test_mistakes_are_named(attempt, error, words, tmp_path):
    with pytest.raises(error, match=words):
        attempt(tmp_path)
    assert os.listdir(tmp_path) == []


def holds_itself():
    found = []
    found.append(found)
    return found


def deep(depth):
    found = 1
    for _ in range(depth):
        found = [found]
    return found


# ---------------------------------------------------------------- checkpoints
def round_trip(obj):
    file = io.BytesIO()
    nc.save(obj, file)
    file.seek(0)
    return nc.load(file)


def test_a_checkpoint_of_training_goes_on_as_if_nothing_had_been(tmp_path):
    def trained(steps, checkpoint=None):
        nc.manual_seed(1)
        net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
        optimizer = nc.optim.Adam(net.parameters(), lr=0.1)
        scheduler = nc.optim.lr_scheduler.MultiStepLR(optimizer, [2, 4])
        if checkpoint is not None:
            net.load_state_dict(checkpoint["model"])
            optimizer.load_state_dict(checkpoint["optimizer"])
            scheduler.load_state_dict(checkpoint["scheduler"])
        for _ in range(steps):
            optimizer.zero_grad()
            (net(nc.arange(15.0).view(5, 3)) ** 2).mean().backward()
            optimizer.step()
            scheduler.step()
        return {"model": net.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(), "epoch": steps,
                "loss": 0.25}

    half = trained(3)
    nc.save(half, tmp_path / "checkpoint.pt")
    loaded = nc.load(tmp_path / "checkpoint.pt", map_location=lambda storage, place: storage)
    assert [*loaded] == [*half] and [*loaded["model"]] == [*half["model"]] and loaded["epoch"] == 3
    assert [*loaded["optimizer"]["state"]] == [0, 1, 2, 3, 4, 5]  # numbers, not strings
    whole, resumed = trained(6), trained(3, loaded)
    for name, value in whole["model"].items():
        np.testing.assert_array_equal(resumed["model"][name].numpy(), value.numpy())
    assert resumed["scheduler"]["last_epoch"] == whole["scheduler"]["last_epoch"] == 6


@pytest.mark.parametrize("obj", [
    {"a": None, "b": True, "c": -1, "d": 2**70, "e": 0.1, "f": "x\ny\u00e9"}, [1, (2, [3, ()]), {}], (1,), {1: "a", "1": "b", None: "c", False: "d"},
    {(1, "a", (2,)): 0.5, 2.5: 1}, OrderedDict([("b", 1), ("a", OrderedDict())]), Counter({3: 2}), {"size": nc.Size((2, 3))},
    {"nan": [float("inf"), float("-inf"), -0.0, 5e-324]}, {"kind": nc.float32, "where": nc.device("cpu")}, {"list": 1}, {"again": [0]},
    {"number": [np.float32(0.1), np.int64(3), np.bool_(True), np.float64("inf")]}, {"": {"": 1}, ".": 2}, None, 3, "text",
], ids=repr)
def test_types_are_kept(obj):
    loaded = round_trip(obj)
    assert loaded == obj and repr(loaded) == repr(obj)


def test_not_a_number_is_kept():
    assert np.isnan(round_trip([float("nan")])[0]) and np.isnan(round_trip([np.float32("nan")])[0])


def test_tensors_arrays_and_parameters_are_told_apart():
    leaf = nc.ones(2, requires_grad=True)
    saved = {"parameter": nn.Parameter(nc.ones(2)), "frozen": nn.Parameter(nc.ones(2), False), "leaf": leaf, "result": leaf * 2,
             "array": np.arange(3), "scalar": nc.tensor(2.5), "__metadata__": nc.ones(1), "a.b": nc.zeros(1), "a": {"b": nc.ones(1)}}
    loaded = round_trip(saved)
    assert {name: type(value) for name, value in loaded.items()} == {name: type(value) for name, value in saved.items()}
    assert [loaded[name].requires_grad for name in ("parameter", "frozen", "leaf", "result")] == [True, False, True, False]
    assert loaded["scalar"].item() == 2.5 and tuple(loaded["scalar"].shape) == () and loaded["result"].tolist() == [2, 2]
    assert loaded["a.b"].item() == 0 and loaded["a"]["b"].item() == 1 and loaded["__metadata__"].item() == 1
    assert round_trip(nc.ones(2)).tolist() == [1, 1]


def test_what_is_one_object_is_one_again():
    tensor, inner = nc.ones(3), [1]
    loaded = round_trip({"a": tensor, "b": [tensor, inner], "c": inner, "d": (inner, (2,))})
    assert loaded["a"] is loaded["b"][0] and loaded["b"][1] is loaded["c"] is loaded["d"][0]


def test_what_is_one_memory_is_one_again():
    base = nc.arange(12.0).view(3, 4)
    saved = {"whole": base, "columns": base.T, "row": base[1], "corner": base[1:, 2:], "other": base[2, 1:2], "last": base[2:, 3]}
    loaded = round_trip(saved)
    for name, value in saved.items():
        np.testing.assert_array_equal(loaded[name].numpy(), value.numpy())
    loaded["whole"].mul_(2)
    for name, value in saved.items():
        np.testing.assert_array_equal(loaded[name].numpy(), 2 * value.numpy())


def test_the_weights_of_two_layers_may_be_one():
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    net[1].weight = net[0].weight
    file = io.BytesIO()
    nc.save(net.state_dict(), file)
    alone = io.BytesIO()
    nc.save(net[:1].state_dict(), alone)
    assert len(file.getvalue()) < len(alone.getvalue()) + 36 + 200  # bytes: a bias more, and names
    loaded = nc.load(io.BytesIO(file.getvalue()))
    loaded["0.weight"].zero_()
    assert not loaded["1.weight"].numpy().any()


def test_a_part_of_a_large_array_is_saved_alone():
    large, file = nc.zeros(100, 1000), io.BytesIO()
    nc.save({"first": large[0], "last": large[99], "backwards": large.numpy()[5, ::-1]}, file)
    assert len(file.getvalue()) < 3 * 4000 + 1000


views = st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 3), st.sampled_from([(4, 1), (1, 4), (0, 1), (2, 3), (-1, 1)]))


@given(st.lists(views, max_size=5))
def test_any_views_of_one_memory_come_back(drawn):
    memory = np.arange(40.0)
    saved = [np.lib.stride_tricks.as_strided(memory[10 + offset:], (rows, columns), [8 * step for step in strides])
             for offset, rows, columns, strides in drawn]
    loaded = round_trip(saved)
    for one, other in zip(loaded, saved, strict=True):
        np.testing.assert_array_equal(one, other)


def test_others_find_the_arrays_under_readable_names(tmp_path):
    from safetensors.numpy import load_file

    nc.save({"model": {"fc.weight": nc.ones(2)}, "optimizer": {"state": {0: {"exp_avg": nc.zeros(2)}}}}, tmp_path / "a")
    assert sorted(load_file(tmp_path / "a")) == ["model.fc.weight", "optimizer.state.0.exp_avg"]


def test_files_of_others_come_as_a_dict_of_tensors(tmp_path):
    from safetensors.numpy import save_file

    save_file({"a": np.ones(2, np.float16), "b": np.arange(3), "c": np.array([-1], np.int8)}, tmp_path / "a", {"made": "by another"})
    with pytest.warns(UserWarning, match="1 of float16 to float32$"):
        loaded = nc.load(tmp_path / "a")
    assert {name: value.dtype.name for name, value in loaded.items()} == {"a": "float32", "b": "int64", "c": "int8"}
    save_file({"a": np.ones(2, np.uint32)}, tmp_path / "a")
    with pytest.raises(ValueError, match="format U32, which numbacnn does not have"):
        nc.load(tmp_path / "a")


@pytest.mark.parametrize("structure", [
    "no JSON", "{}", '{"dict": [[1]]}', '{"Tensor": {"array": "none", "requires_grad": false}}', '{"code": "x"}', '{"again": 5}', "[" * 5000,
    '{"Tensor": {"array": "a", "offset": 0, "shape": [9], "strides": [1], "requires_grad": false}}', '{"dict": [[{"list": 1}, 2]]}',
    '{"dict": [[[1], 2]]}', '{"ndarray": {"array": "a", "offset": -1, "shape": [1], "strides": [1]}}', '{"dtype": "object"}', '{"number": ["float32", []]}'])
def test_a_structure_that_does_not_fit_is_one_sentence(structure, tmp_path):
    from safetensors.numpy import save_file

    save_file({"a": np.ones(2, np.float32)}, tmp_path / "a", {KEY: structure})
    with pytest.raises(ValueError, match="a is damaged: its structure does not fit") as caught:
        nc.load(tmp_path / "a")
    assert caught.value.__suppress_context__
