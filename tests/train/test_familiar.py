"""What looks like nothing a network has learned: where the limits come from, and what predict says."""
import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import numbacnn
from cli_runs import assert_refused, copy_of, run
from numbacnn.data import draw_digits
from numbacnn.models import build_model
from numbacnn.train import Normalize, RunError, learn_familiar, load_familiar, look, predict_logits
from numbacnn.train.familiar import FEWEST, PART, Familiar

NORMALIZE = Normalize([0.13], [0.31])


@pytest.fixture(scope="module")
def lenet():
    numbacnn.manual_seed(0)
    return build_model("lenet5", in_channels=1, classes=10, height=28, width=28)


def a_run(path, model):
    return SimpleNamespace(path=path, load_model=lambda weights: model)


def data_of(count, validation):
    images = draw_digits(count + validation, seed=3)[0][:, None]
    return SimpleNamespace(x_train=images[:count], x_val=images[count:], mean=[0.13], std=[0.31])


def test_looking_changes_no_bit_and_leaves_no_hook(lenet):
    images = draw_digits(40, seed=1)[0][:, None]
    before = predict_logits(lenet, images, NORMALIZE)
    logits, statistics = look(lenet, images, NORMALIZE)
    np.testing.assert_array_equal(logits, before)
    assert statistics.shape == (40, 2 * (1 + 6 + 6 + 16 + 16))
    x = NORMALIZE(images)
    np.testing.assert_allclose(statistics[:, 0], x.mean((1, 2, 3)), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(statistics[:, 1], x.std((1, 2, 3)), rtol=1e-4)
    with numbacnn.no_grad():
        relu1 = lenet[1](lenet[0](numbacnn.tensor(x))).numpy()
    np.testing.assert_allclose(statistics[:, 2:8], relu1.mean((2, 3)), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(predict_logits(lenet, images, NORMALIZE), before)


def test_statistics_are_those_of_an_image_whatever_batch_it_is_in(lenet):
    images = draw_digits(33, seed=1)[0][:, None]
    np.testing.assert_array_equal(look(lenet, images, NORMALIZE)[1][7], look(lenet, images[7:8], NORMALIZE)[1][0])


def test_the_limits_are_those_of_the_validation_images_alone(tmp_path, lenet):
    data = data_of(100, 300)
    familiar = learn_familiar(a_run(tmp_path, lenet), data)
    logits, statistics = look(lenet, data.x_val, NORMALIZE)
    numbers = familiar.numbers(statistics, logits)
    assert (numbers <= familiar.limits).sum(axis=0).tolist() == [int(np.ceil(PART * 301))] * 2 and familiar.images == 300
    off = (statistics - familiar.mean) / familiar.scale
    np.testing.assert_allclose(numbers[:, 0], [row @ familiar.precision @ row for row in off], rtol=1e-6)
    np.testing.assert_array_equal(numbers[:, 1], -logits.max(1))
    noise = np.random.default_rng(0).integers(0, 256, (20, 1, 28, 28), np.uint8)
    assert familiar.strange(*look(lenet, noise, NORMALIZE)[::-1]).all()
    kept = load_familiar(a_run(tmp_path, lenet))
    assert kept.images == 300 and all(np.array_equal(getattr(kept, name), getattr(familiar, name))
                                      for name in ("mean", "scale", "precision", "limits"))


def test_an_image_at_the_limit_is_familiar():
    familiar = Familiar(np.zeros(1), np.ones(1), np.eye(1), np.array([4.0, -1.0]), 100)
    statistics, logits = np.array([[2.0], [2.01], [0.0], [0.0]]), np.array([[1.0, 0], [1.0, 0], [0.99, 0], [9.0, 0]])
    assert familiar.strange(statistics, logits).tolist() == [False, True, True, False]


@pytest.mark.parametrize("count, kept", [(FEWEST - 1, False), (FEWEST, True)])
def test_few_validation_images_tell_nothing(tmp_path, lenet, count, kept):
    assert (learn_familiar(a_run(tmp_path, lenet), data_of(30, count)) is not None) == kept
    assert (load_familiar(a_run(tmp_path, lenet)) is not None) == kept


def test_a_channel_that_never_varies_does_no_harm(tmp_path, lenet):
    data = data_of(30, 30)
    data.x_train = np.zeros_like(data.x_train)
    assert np.isfinite(learn_familiar(a_run(tmp_path, lenet), data).limits).all()


def test_a_damaged_file_is_named(tmp_path, lenet):
    (tmp_path / "familiar.safetensors").write_bytes(b"x" * 99)
    with pytest.raises(RunError, match="familiar.safetensors cannot be read"):
        load_familiar(a_run(tmp_path, lenet))


# --- the command

@pytest.fixture
def pictures(elsewhere):
    Image.fromarray(draw_digits(1, seed=8)[0][0]).save("digit.png")
    noise = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    noise[[0, -1]] = 0
    Image.fromarray(noise).save("noise.png")


def test_predict_marks_what_is_strange(trained, pictures):
    done = run("predict", trained[0], "digit.png", "noise.png")
    header, digit, noise, last = done.stdout.splitlines()
    assert "?" not in digit and noise.split()[2] == "?" and done.stderr == ""
    assert last == "? 1 of 2 pictures looks like nothing the run has learned: do not go by the answer"
    answers = json.loads(run("predict", trained[0], "digit.png", "noise.png", "--json").stdout)["predictions"]
    assert [answer["strange"] for answer in answers] == [False, True]


def test_predict_says_where_it_cannot_be_told(elsewhere, trained, pictures):
    path = copy_of(trained[0], elsewhere / "run")
    done = run("predict", path, "noise.png", "--weights", "last", "--json")
    assert json.loads(done.stdout)["predictions"][0]["strange"] is None and "known for its best weights" in done.stderr
    (path / "familiar.safetensors").unlink()
    done = run("predict", path, "noise.png", "--json")
    assert done.exit_code == 0 and "run has no familiar.safetensors: it is from" in done.stderr
    assert json.loads(done.stdout)["notes"] == [done.stderr.strip().removeprefix("note: ")]
    (path / "familiar.safetensors").write_bytes(b"x" * 99)
    assert_refused(run("predict", path, "noise.png"), 3, "familiar.safetensors cannot be read")
