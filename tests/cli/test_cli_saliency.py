"""`numbacnn saliency`: the pictures it writes, what it says about them, and what it refuses."""
import json

import numpy as np
import pytest
from PIL import Image

from cli_runs import assert_refused, run
from numbacnn.data import load_dataset
from numbacnn.insight import saliency
from numbacnn.train import Normalize, open_run


@pytest.fixture(scope="module")
def picture(data_file, tmp_path_factory):
    """A digit as a PNG of its size."""
    path = tmp_path_factory.mktemp("pictures") / "a digit.png"
    Image.fromarray(np.load(data_file)["x_test"][0]).save(path)
    return path


def test_a_picture_is_explained(elsewhere, trained, picture):
    done = run("saliency", trained[0], picture, "--method", "gradient", "--out", "there", "--json", "--no-invert")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    image, = told["methods"][0]["images"]
    assert image["file"] == "there/saliency-gradient-a-digit.png"
    with Image.open(image["file"]) as drawn:
        assert drawn.size[0] > 1000
    assert [stage["layer"] for stage in told["methods"][0]["stages"]] == ["fc3", "fc2", "fc1", "conv2", "conv1"]
    prediction = json.loads(run("predict", trained[0], picture, "--json", "--no-invert").stdout)["predictions"][0]
    assert image["explained"] == prediction["prediction"]
    assert image["probability"] == pytest.approx(prediction["probability"], abs=1e-5)
    assert "rank correlation" in told["methods"][0]["verdict"]


def test_the_numbers_are_those_of_the_library(elsewhere, trained, data_file):
    name = "3"
    done = run("saliency", trained[0], "--method", "grad-cam", "--layer", "conv1", "--class", name, "--baseline", "mean", "--out",
               elsewhere, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)["methods"][0]
    assert told["layer"] == "conv1" and told["map"] == [28, 28]
    assert {image["explained"] for image in told["images"]} == {name}
    assert all(image["name"].startswith("validation-") and image["actual"] for image in told["images"])
    opened = open_run(trained[0])
    known, numbers = opened.info["data"], [int(image["name"].split("-")[1]) for image in told["images"]]
    data = load_dataset(str(data_file), seed=opened.settings.seed)
    x = Normalize(known["mean"], known["std"])(data.x_val[numbers])
    checks = saliency.check(opened.load_model(), x, "grad_cam", known["classes"].index(name), layer="conv1")
    assert told["rank_correlation"] == pytest.approx(checks.sameness)
    assert told["deletion_area"]["map"] == pytest.approx(checks.areas[0])
    assert told["verdict"] == f"Mean of {len(numbers)} images: {checks.verdict}"


def test_names_that_are_alike_do_not_overwrite_each_other(elsewhere, trained, picture):
    for folder in ("one", "two"):
        (elsewhere / folder).mkdir()
        (elsewhere / folder / "7.png").write_bytes(picture.read_bytes())
    (elsewhere / "broken.png").write_bytes(b"no picture")
    (elsewhere / "more").mkdir()
    for k in range(8):
        (elsewhere / "more" / f"{k}.png").write_bytes(picture.read_bytes())
    done = run("saliency", trained[0], "one/7.png", "two/7.png", "broken.png", "more", "--method", "grad-cam", "--out", ".")
    assert done.exit_code == 3 and "numbacnn: error: broken.png" in done.stderr
    assert "at most 8 images are drawn and checked at once; 2 images left out" in done.stderr
    assert "wrote saliency-grad-cam-7.png\nwrote saliency-grad-cam-7-2.png\nwrote saliency-grad-cam-0.png\n" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Mean of 8 images: Grad-CAM: ") and len([*elsewhere.glob("*.png")]) == 8 + 1


def test_what_cannot_be_explained_is_refused(elsewhere, trained, picture, data_file):
    assert_refused(run("saliency", trained[0], picture, "--layer", "conv1"), 2, "only grad-cam looks at a layer")
    assert_refused(run("saliency", trained[0], picture, "--class", "eleven"), 2, "--class eleven: the run knows 0, 1, 2")
    assert_refused(run("saliency", trained[0], picture, "--method", "grad-cam", "--layer", "conv9"), 2, "no layer 'conv9'; it has conv1")
    assert_refused(run("saliency", trained[0], picture, "--data-dir", "x"), 2, "leave one of them out")
    assert_refused(run("saliency", trained[0], "nothing.png"), 3, "nothing.png")


@pytest.mark.parametrize("data, words", [("phrases", "sentences|token"), ("waves", "time series"), ("blobs-video", "films")])
def test_only_images_are_explained(elsewhere, data, words):
    assert run("train", "--data", data, "--model", "linear", "--limit", 40, "--epochs", 1, "--out", "other").exit_code == 0
    assert_refused(run("saliency", "other"), 2, f"learned from .*({words}).*, but saliency shows images")
