"""`numbacnn show-data`, and training on data of other shapes than digits."""
import json
from pathlib import Path

import numpy as np
import pytest

from cli_runs import assert_refused, run
from numbacnn.data import draw_products, load_dataset
from numbacnn.plot import image_sheet

Image = pytest.importorskip("PIL.Image")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A folder a class of products, 12 a class, of 20x16 pixels when they are scaled."""
    path = tmp_path_factory.mktemp("data") / "Shop"
    images, labels = draw_products(96, seed=1)
    for i, (image, label) in enumerate(zip(images, labels)):
        (path / f"class-{label}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(image.transpose(1, 2, 0)).save(path / f"class-{label}" / f"{i}.png")
    return path


# --- show-data

@pytest.mark.parametrize("name", ["products", "defects", "multispectral", "blobs-video", "waves", "phrases"])
def test_every_kind_of_data_has_its_sheet(elsewhere, name):
    done = run("show-data", "--data", name, "--limit", 60, "--count", 4)
    assert done.exit_code == 0, done.output
    assert f"{name}: 55 " in done.stdout and done.stdout.endswith(f"wrote data-{name}.png\n") and done.stderr == ""
    picture = Image.open(elsewhere / f"data-{name}.png")
    assert min(picture.size) > 300 and len(set(np.asarray(picture.convert("L")).ravel())) > 50


def test_json_says_what_is_shown(elsewhere, data_file):
    done = run("show-data", "--data", data_file, "--count", 3, "--out", "sheet.png", "--json")
    told = json.loads(done.stdout)
    assert told["file"] == "sheet.png" and (elsewhere / "sheet.png").exists() and told["dataset"]["train"] == 275
    labels = load_dataset(data_file).y_train
    assert {name: [labels[i] for i in found] for name, found in told["shown"].items()} == {
        str(k): [k] * 3 for k in range(10)}


def test_the_sheet_shows_what_training_makes_of_an_image(elsewhere, monkeypatch):
    import numbacnn.plot
    from numbacnn.data import parse_augmentation
    from numbacnn.train import Normalize

    drawn = []
    monkeypatch.setattr(numbacnn.plot, "image_sheet", lambda rows, *rest, **named: drawn.extend(rows) or image_sheet(
        rows, *rest, **named))
    done = run("show-data", "--limit", 80, "--count", 3, "--augment", "shift,rotate", "--seed", 5, "--json")
    told, data = json.loads(done.stdout), load_dataset("digits", limit=80, seed=5)
    assert told["augment"] == "shift=2,rotate=10" and all(len(found) == 1 for found in told["shown"].values())
    (index,) = told["shown"]["7"]
    image, where = data.x_train[[index]], np.array([index])
    versions = [image, *(parse_augmentation("shift,rotate")(image, where, epoch, 5) for epoch in (1, 2))]
    np.testing.assert_array_equal(drawn[7], Normalize(data.mean, data.std)(np.concatenate(versions)))


def test_a_folder_has_its_sheet(elsewhere, shop):
    done = run("show-data", "--data", shop, "--image-size", "20x16", "--count", 3)
    assert done.exit_code == 0 and (elsewhere / "data-shop.png").exists()
    assert "each 3x20x16" in done.stdout and "classes: class-0, class-1" in done.stdout


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        (["--out", "a.jpg"], 2, "name must end in .png"),
        (["--augment", "flop"], 2, "there is no 'flop'"),
        (["--augment", "hue", "--limit", 20], 2, "hue needs images of 3 channels"),
        (["--augment", "flip", "--data", "phrases"], 2, "--augment changes images, but phrases holds"),
        (["--data", "produce"], 3, "no data set 'produce', .*did you mean products"),
        (["--data", "digits", "--image-size", "8"], 2, "--image-size is 8x8, but the size of digits"),
        (["--image-size", "8x"], 2, "'8x' is not a size; give pixels such as 64"),
        (["--count", "1"], 2, "--count"),
    ],
)
def test_bad_requests(elsewhere, arguments, code, words):
    assert_refused(run("show-data", *arguments), code, words)
    assert not list(elsewhere.iterdir())


def test_colors_and_grays_are_on_one_scale():
    """Zero is mid-gray in color; the extremes of all gray images are black and white."""
    rows = [np.zeros((1, 3, 2, 2), np.float32), np.full((1, 3, 2, 2), 2, np.float32)]
    figure = image_sheet(rows, ["a", "b"], [""], "t")
    shown = [np.asarray(image.get_array()) for image in figure.axes[0].images]
    assert (shown[0] == 0.5).all() and (shown[1] == 1).all()
    rows = [np.full((1, 1, 2, 2), value, np.float32) for value in (-1, 3)]
    images = image_sheet(rows, ["a", "b"], [""], "t", masks=[np.ones((1, 2, 2))] * 2).axes[0].images
    assert len(images) == 4 and {image.get_clim() for image in images[::2]} == {(-1, 3)}


# --- train, evaluate and predict

def test_a_folder_is_trained_on_evaluated_and_predicted(elsewhere, shop):
    done = run("train", "--data", shop, "--image-size", "20x16", "--model", "linear", "--epochs", 1, "--out", "run", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["dataset"]["name"] == str(shop) and told["dataset"]["image_size"] == [20, 16]
    assert "--image-size 20x16" in told["next"] or told["next"] == "numbacnn report run"
    measured = json.loads(run("evaluate", "run", "--json").stdout)
    assert measured["accuracy"] == told["test_accuracy"] and measured["images"] == 12
    other = json.loads(run("evaluate", "run", "--data", shop, "--part", "all", "--json").stdout)  # scaled as the run's were
    assert other["images"] == sum(told["dataset"][part] for part in ("train", "val", "test")) and other["part"] == "all"
    every = json.loads(run("predict", "run", shop, "--json").stdout)["predictions"]  # prepared as for evaluate
    right = [answer["prediction"] == Path(answer["file"]).parent.name for answer in every]
    assert sum(right) / len(right) == other["accuracy"] and len(right) == other["images"]
    picture = next((shop / "class-3").iterdir())
    (answer,) = json.loads(run("predict", "run", picture, "--json").stdout)["predictions"]
    assert answer["prediction"].startswith("class-") and answer["steps"] == ["scaled"]


def test_drawn_gray_images_are_not_prepared_as_digits(elsewhere):
    from numbacnn.data import draw_textures

    assert run("train", "--data", "textures", "--limit", 60, "--model", "linear", "--epochs", 1, "--out", "run").exit_code == 0
    Image.fromarray(draw_textures(1, 0)[0][0, 0]).save("texture.png")
    (answer,) = json.loads(run("predict", "run", "texture.png", "--json").stdout)["predictions"]
    assert answer["steps"] == []


@pytest.mark.parametrize("name, words", [("phrases", "holds token sequences of 16"), ("waves", "time series of 1x128"),
                                         ("blobs-video", "films of 1x8x24x24")])
def test_a_model_of_images_refuses_other_data(elsewhere, name, words):
    refused = run("train", "--data", name, "--model", "lenet5", "--limit", 20)
    assert_refused(refused, 2, f"--model lenet5: it takes images, but {name} .*{words}; leave --model out")
    assert not list(elsewhere.iterdir())


def test_normalizing_data_of_every_kind():
    from numbacnn.train import Normalize

    for name in ("blobs-video", "waves"):
        data = load_dataset(name, limit=100)
        x = Normalize(data.mean, data.std)(data.x_train)
        assert x.dtype == np.float32 and x.shape == data.x_train.shape
        assert abs(x.mean()) < 1e-4 and x.std() == pytest.approx(1, abs=1e-3)
    data = load_dataset("phrases", limit=100)
    assert Normalize(data.mean, data.std)(data.x_train) is data.x_train
    assert data.vocabulary[0] == "<pad>" and data.describe()["kind"] == "tokens"
