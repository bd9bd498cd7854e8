"""`numbacnn explain`: what it shows, what it refuses, and a digit drawn on its page that the network reads."""
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cli_runs import assert_refused, run
from numbacnn.data import draw_digits


@pytest.fixture(scope="module")
def lenet(tmp_path_factory):
    """A LeNet that reads drawn digits."""
    path = tmp_path_factory.mktemp("lenet") / "run"
    done = run("train", "--data", "digits", "--limit", 3000, "--epochs", 4, "--out", path)
    assert done.exit_code == 0, done.output
    return path


def shown(page):
    """What the page holds of the run."""
    return json.loads(re.search('id="data-run">(.*?)</script>', Path(page).read_text(encoding="utf-8"))[1])


def test_the_page_of_a_run_shows_right_and_wrong_images_and_reads_a_seven(lenet, visit):
    done = run("explain", lenet, "--json")
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert result["file"] == str(lenet / "explain.html") and result["bytes"] < 6e6
    right = [image["label"] == image["prediction"] for image in result["images"]]
    assert sum(right) >= 5 and right == sorted(right, reverse=True)
    with visit(lenet / "explain.html") as page:
        assert [image["prediction"] for image in shown(result["file"])["images"]] == page.evaluate("""state.images.map((image) => {
          const pass = runNetwork(state.network, normalized(image.pixels, pageRun.shape, pageRun.normalize), 0), scores = pass.outs[state.network.scores];
          return scores.indexOf(scores.reduce((a, b) => Math.max(a, b)));
        })""")
        page.click("#draw")
        box = page.locator("#pad").bounding_box()
        page.mouse.move(box["x"] + 70, box["y"] + 50)
        page.mouse.down()
        for x, y in ((210, 50), (120, 240)):
            page.mouse.move(box["x"] + x, box["y"] + y, steps=10)
        page.mouse.up()
        assert page.inner_text("#prediction") == "7"


def test_pictures_are_shown_as_predict_prepares_them(lenet, tmp_path):
    images, _ = draw_digits(2, seed=3)
    Image.fromarray(255 - np.kron(images[0], np.ones((5, 5), np.uint8))).save(tmp_path / "mine 'x'.png")
    (tmp_path / "none.png").write_text("no picture")
    out = tmp_path / "page.html"
    done = run("explain", lenet, tmp_path / "mine 'x'.png", tmp_path / "none.png", "--out", out)
    assert done.exit_code == 3 and "none.png" in done.stderr and "wrote" in done.stdout
    asked = json.loads(run("predict", lenet, tmp_path / "mine 'x'.png", "--json").stdout)["predictions"][0]
    [image] = shown(out)["images"]
    assert image["name"] == "mine 'x'.png" and image["label"] is None and str(image["prediction"]) == asked["prediction"]


def test_what_cannot_be_shown_is_refused(lenet, elsewhere):
    assert_refused(run("explain", lenet, "--out", "page.png"), 2, "must end in .html")
    assert_refused(run("explain", lenet, "--out", "none/page.html"), 2, "there is no folder none; make it first")
    assert_refused(run("explain", "nowhere"), 3, "is not a run folder")
    assert run("train", "--data", "phrases", "--limit", 60, "--epochs", 1, "--out", "words").exit_code == 0
    assert_refused(run("explain", "words", "a.png"), 2, "learned from token sequences, so it cannot read a picture; leave IMAGE out")


def test_sentences_are_shown_as_words(elsewhere, visit):
    assert run("train", "--data", "phrases", "--limit", 200, "--epochs", 1, "--out", "words").exit_code == 0
    done = run("explain", "words")
    assert done.exit_code == 0, done.output
    with visit(Path("words/explain.html")) as page:
        assert len(page.locator("#images .words").first.inner_text().split()) >= 5
        page.locator(".op canvas").first.click(position={"x": 8, "y": 8})
        assert "in the vocabulary" in page.inner_text("#panel")
