"""The report in a real browser: it draws, answers clicks, asks the network for nothing, and takes names for text."""
import json

import numpy as np
import pytest
from PIL import Image

from cli_runs import copy_of, run
from numbacnn.data import draw_digits
from test_report import data_of

CLASSES = ["<img src=x onerror=alert(1)>", "it's a \"seven\" & more"]


@pytest.fixture(scope="module")
def reported(trained, tmp_path_factory):
    """A run with its report."""
    path = copy_of(trained[0], tmp_path_factory.mktemp("reported") / "run")
    assert run("report", path).exit_code == 0
    return path / "report.html"


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    """A run on pictures whose classes and files have names that would be markup, with its report."""
    folder = tmp_path_factory.mktemp("strange")
    images, labels = draw_digits(400, seed=7)
    for name, digit in zip(CLASSES, (1, 7)):
        (folder / "data" / name).mkdir(parents=True)
        for k, image in enumerate(images[labels == digit]):
            Image.fromarray(image).save(folder / "data" / name / f"{k} \"quoted\" 'too' <script>alert(2).png")
    done = run("train", "--data", folder / "data", "--epochs", 1, "--lr", 1e-5, "--out", folder / "run")
    assert done.exit_code == 0, done.output
    assert run("report", folder / "run").exit_code == 0
    return folder / "run" / "report.html"


@pytest.mark.parametrize("width", [1400, 390])
def test_it_draws_and_answers(reported, visit, width):
    data = data_of(reported)
    with visit(reported, width) as page:
        assert page.evaluate("document.documentElement.dataset.drawn") == "yes"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for thing in ("nav a", "#text-size button"):  # nothing is cut, nothing touches the edge
            boxes = [each.bounding_box() for each in page.locator(thing).all()]
            assert len(boxes) > 2 and max(box["x"] + box["width"] for box in boxes) < width - 8, thing
        assert "where a channel is zero on all training" in page.locator("#training").text_content()
        assert page.locator("#loss-chart polyline").count() == 2 and page.locator("#dead-chart polyline").count() == 4
        matrix = np.array(data["errors"]["matrix"])
        assert page.locator("#confusion-table tbody button").count() == (matrix > 0).sum()
        for actual, predicted in zip(*np.nonzero(matrix)):  # each cell opens its images
            page.locator("#confusion-table tbody tr").nth(actual).locator("td").nth(predicted).locator("button").click()
            assert page.locator("#cell .example").count() == min(6, matrix[actual, predicted])
            heads = page.locator("#cell .verdictline").all_text_contents()
            assert set(heads) == {f"✓ {actual}" if actual == predicted else f"✗ {predicted}, truly {actual}"}
        page.get_by_role("button", name="errors alone").click()
        assert page.locator("#confusion-table tbody button").count() == (matrix > 0).sum() - (np.diag(matrix) > 0).sum()
        page.get_by_role("button", name="conv2", exact=True).click()
        page.locator("#filter-slider input").fill("0")
        assert "before training" in page.locator("#filter-slider output").text_content()
        assert "norm 0.00" in page.locator("#filter-sheets figure").nth(2).text_content()
        page.locator("#map-picks button").nth(3).click()
        assert page.locator("#map-layers figure").count() == len(data["maps"]["layers"])
        assert page.locator("#pixel-picks button").nth(3).get_attribute("aria-pressed") == "true"
        assert page.locator("#pixel-rows .method").count() == len(data["pixels"]["methods"]) == 6
        assert page.locator("#map-layers .dead").count() == sum(len(layer["dead"]) for layer in data["maps"]["layers"] if len(layer["shape"]) == 1)


def test_pixels_are_those_of_the_data(reported, visit):
    """Read back from the canvas: a gray image, and the sign of the first layer's maps."""
    with visit(reported) as page:
        shown = page.evaluate("""() => {
          const canvas = document.querySelector("#worst .example canvas");
          return [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data].filter((_, k) => k % 4 === 0);
        }""")
        expected = page.evaluate("""() => {
          const { examples, worst } = pageData("report").errors;
          return [...part(numbers(examples.values), worst[0])];
        }""")
        assert shown == expected and max(shown) > 100
        assert page.evaluate("[SIGNED[0], SIGNED[255]].map(([r, , b]) => r > b)") == [False, True]


def test_names_are_text_only(strange, visit):
    assert json.dumps(CLASSES[0])[1:-1] not in strange.read_text(encoding="utf-8")
    with visit(strange) as page:
        page.wait_for_timeout(100)
        assert page.locator("img").count() == 0 and page.locator("script").count() == page.locator("body > script").count()
        words = page.locator("body").inner_text()
        for name in CLASSES:
            assert name in words
        assert "\"quoted\" 'too' <script>alert(2).png" in words
        assert page.locator("#class-table tbody th").all_text_contents() == CLASSES
