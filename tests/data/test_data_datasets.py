"""Loading a data set by name: the split, the statistics, and the record."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from numbacnn.data import DataError, datasets, draw_digits, load_dataset, statistics


@pytest.fixture(scope="module")
def small():
    return load_dataset("digits", limit=240, seed=5)


def test_digits_are_those_that_are_drawn(small):
    x, y = draw_digits(240, 5)
    np.testing.assert_array_equal(np.concatenate([small.x_train, small.x_val])[:, 0], x)
    np.testing.assert_array_equal(np.concatenate([small.y_train, small.y_val]), y)
    assert small.x_test.shape == (10_000, 1, 28, 28) and small.x_test.dtype == np.uint8
    assert small.y_test.dtype == np.int64
    assert "seed 5" in small.source


def test_test_images_do_not_depend_on_the_seed(small):
    other = load_dataset("digits", limit=240, seed=6)
    np.testing.assert_array_equal(other.x_test, small.x_test)
    assert not np.array_equal(other.x_train, small.x_train)
    assert other.hash != small.hash


def test_digits_have_the_counts_of_mnist(monkeypatch):
    asked = []

    def draw(count, seed, stream="train"):
        asked.append((count, stream))
        return np.zeros((count, 1, 1, 1), np.uint8), np.zeros(count, np.int64)

    monkeypatch.setitem(datasets.DRAWN, "digits", datasets.DRAWN["digits"]._replace(draw=draw))
    data = load_dataset("digits")
    assert asked == [(60_000, "train"), (10_000, "test")]
    assert (len(data.x_train), len(data.x_val)) == (55_000, 5_000)
    load_dataset("digits", limit=10**9)
    assert asked[2] == (60_000, "train")


def test_statistics_are_those_of_the_training_images(small):
    x = small.x_train.astype(float) / 255
    np.testing.assert_allclose(small.mean, [x.mean()], rtol=1e-12)
    np.testing.assert_allclose(small.std, [x.std()], rtol=1e-9)


def test_statistics_are_taken_channel_by_channel():
    x = np.random.default_rng(0).integers(0, 256, (1500, 3, 4, 5), np.uint8)
    x[:, 2] = 51
    mean, std = statistics.pixel_statistics(x)
    np.testing.assert_allclose(mean, (x / 255).mean((0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(std[:2], (x / 255).std((0, 2, 3))[:2], rtol=1e-9)
    assert std[2] == 1  # an even channel is divided by 1, not by 0


@given(st.binary(), st.integers(0, 1))
def test_values_are_counted_in_pairs_from_any_address(values, address):
    x = np.frombuffer(bytes(address) + values, np.uint8)[address:]
    assert statistics.value_counts(x).tolist() == [values.count(value) for value in range(256)]


@given(arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))))
def test_statistics_of_images_of_any_size_have_the_bits_of_a_count_of_each_value(x):
    value = np.arange(256) / 255
    mean, std = statistics.pixel_statistics(x)
    for c in range(x.shape[1]):
        share = np.array([(x[:, c] == k).sum() for k in range(256)]) / x[:, c].size
        assert mean[c] == share @ value
        assert std[c] == (np.sqrt(share @ (value - mean[c]) ** 2) or 1)


def test_description_is_json_with_counts_that_add_up(small):
    told = json.loads(json.dumps(small.describe()))
    assert told["name"] == "digits" and told["shape"] == [1, 28, 28]
    assert (told["train"], told["val"], told["test"]) == (220, 20, 10_000)
    assert [sum(told["per_class"][s]) for s in ("train", "val", "test")] == [220, 20, 10_000]
    assert told["per_class"]["test"] == [1000] * 10
    assert told["hash"] == small.hash and len(small.hash) == 64
    assert told["classes"] == list("0123456789") and told["val_is_random"] is False
    assert told["mean"] == small.mean.tolist() and told["std"] == small.std.tolist()


def test_hash_sees_every_array_and_its_shape():
    x, y = np.zeros((2, 1, 2, 3), np.uint8), np.array([0, 1])
    base = statistics.data_hash(x, y, x, y)
    x2, y2 = x.copy(), y.copy()
    x2[1, 0, 1, 2], y2[1] = 1, 2
    others = [(x2, y, x, y), (x, y2, x, y), (x, y, x2, y), (x, y, x, y2)]
    others.append((x.reshape(2, 1, 3, 2), y, x, y))
    assert len({base, *(statistics.data_hash(*arrays) for arrays in others)}) == 6
    assert statistics.data_hash(y) == statistics.data_hash(y.astype(">i8"))


@pytest.mark.parametrize(
    "N, expected", [(1, 0), (2, 1), (23, 1), (24, 2), (600, 50), (60_000, 5_000), (10**6, 5_000)]
)
def test_default_validation_split(N, expected):
    assert datasets.validation_count(N, None) == expected


def test_validation_images_of_drawn_data_are_the_last(small):
    data = load_dataset("digits", limit=240, seed=5, validation=7)
    assert len(data.x_train) == 233
    np.testing.assert_array_equal(data.x_val, draw_digits(240, 5)[0][233:, None])
    assert data.hash == small.hash  # the same images, split elsewhere
    np.testing.assert_array_equal(load_dataset(Path("digits"), limit=240, seed=5, validation=7).x_val, data.x_val)
    assert len(load_dataset("digits", limit=3, validation=0).x_val) == 0


def test_validation_images_of_a_file_are_picked_by_the_seed(tmp_path):
    classes, each = 4, 30  # sorted by class, as files made folder by folder are
    x = np.arange(classes * each, dtype=np.uint8)[:, None, None] * np.ones((1, 2, 3), np.uint8)
    y = np.repeat(np.arange(classes), each)
    np.savez(tmp_path / "sorted.npz", x_train=x, y_train=y, x_test=x[::20], y_test=y[::20])
    splits = {}
    for seed in (0, 0, 1):
        data = load_dataset(tmp_path / "sorted.npz", seed=seed, validation=40)
        train, val = data.x_train[:, 0, 0, 0], data.x_val[:, 0, 0, 0]
        assert (len(train), len(val)) == (80, 40) and data.describe()["val_is_random"] is True
        assert set(data.y_val) == set(data.y_train) == set(range(classes))
        np.testing.assert_array_equal(np.sort(np.concatenate([train, val])), np.arange(classes * each))
        assert (np.diff(train) > 0).all() and (np.diff(val) > 0).all()
        assert (data.y_train == train // each).all() and (data.y_val == val // each).all()
        splits.setdefault(seed, val.tolist())
        assert splits[seed] == val.tolist()
        np.testing.assert_allclose(data.mean, data.x_train.mean() / 255)
    assert splits[0] != splits[1]
    for seed in (-1, None, 1.5):
        with pytest.raises(DataError, match=f"seed is {seed}; give a seed of 0 or more"):
            load_dataset(tmp_path / "sorted.npz", seed=seed)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (dict(name="digits", limit=0), "limit is 0; give at least 1"),
        (dict(name="digits", limit=-3), "limit is -3"),
        (dict(name="digits", limit=5, validation=5), "validation is 5 of 5 .* give 0 to 4"),
        (dict(name="digits", limit=5, validation=-1), "validation is -1 of 5"),
        (dict(name="digits", seed=-1), "seed is -1"),
        (dict(name="digits", data_dir="x"), "data_dir is x, but .*digits is not read from"),
        (dict(name="mnits"), "no data set 'mnits', and no such file or folder in .*digits, products, .*mnist, fashion-mnist, kmnist, .*mnist?"),
        (dict(name="FashionMNIST"), "did you mean fashion-mnist"),
        (dict(name="cats"), "no data set 'cats', and no such .*; give one of .* or the path of an .npz file, a .csv file or a folder.*class$"),
        (dict(name="cats.npz"), "cats.npz: no such file"),
    ],
)
def test_bad_arguments(arguments, words):
    with pytest.raises(DataError, match=words):
        load_dataset(**arguments)
