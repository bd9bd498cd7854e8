"""What notebooks show of Tensors, Modules and runs: right numbers, text that is only text, and no connection to the network."""
import base64
import io
import json
import re
from html import escape
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cli_runs import copy_of
from cli_runs import run as command

import numbacnn as nc
from numbacnn import nn, notebook
from numbacnn.data import ImageData, load_dataset
from numbacnn.data.record import Split
from numbacnn.train import open_run

STRANGE = """<img src=x onerror=alert(1)>"'</pre></td><script>alert(2)</script>&"""
README = Path(__file__).parents[2] / "README.md"


def decoded(html):
    """The pictures in a piece of HTML, read by another program, as arrays (H, W, 3)."""
    return [np.array(Image.open(io.BytesIO(base64.b64decode(found)))) for found in re.findall(r"data:image/png;base64,([^\"]+)", html)]


@pytest.mark.parametrize("shape", [(9, 12), (1, 9, 12), (3, 9, 12), (2, 1, 9, 12), (5, 3, 9, 12)])
def test_an_image_is_shown_as_it_is(shape, rng):
    pixels = rng.integers(0, 256, shape).astype(np.uint8)
    images = pixels.reshape(-1, *((1,) if len(shape) == 2 else shape[-3:-2]), 9, 12)
    for tensor in (nc.tensor(pixels), nc.tensor(pixels.astype(np.float32) / 255)):
        shown = decoded(tensor._repr_html_())
        assert len(shown) == len(images)
        for picture, image in zip(shown, images):
            assert (picture.transpose(2, 0, 1) == np.broadcast_to(image, (3, 9, 12))).all()
    assert f"shape {shape}, uint8; black 0, white 255" in nc.tensor(pixels)._repr_html_()


def test_numbers_beyond_the_usual_are_scaled_and_that_is_said():
    numbers = np.linspace(-3, 5, 100, dtype=np.float32).reshape(10, 10)
    html = nn.Parameter(nc.tensor(numbers))._repr_html_()
    [picture] = decoded(html)
    assert "black -3, white 5" in html and picture[0, 0, 0] == 0 and picture[9, 9, 0] == 255 and picture[0, 1, 0] == round(255 / 99)
    numbers[2, 3] = np.nan
    html = nc.tensor(numbers)._repr_html_()
    assert "red: NaN or infinity" in html and decoded(html)[0][2, 3].tolist() == [214, 39, 40]
    assert "red" in nc.full((9, 9), float("inf"))._repr_html_()
    assert (decoded((nc.ones(9, 9) > 0)._repr_html_())[0] == 255).all()
    assert (decoded(nc.full((9, 9), 7)._repr_html_())[0] == 0).all()  # one number: black


def test_of_many_images_the_first_are_shown(rng):
    html = nc.rand(40, 1, 8, 8)._repr_html_()
    assert len(decoded(html)) == 16 and "the first 16 of 40 images" in html and len(html) < 50_000


@pytest.mark.parametrize("shape", [(), (100,), (3, 4), (2, 9, 9), (3, 2, 4, 5, 6), (600, 600), (1, 100), (0, 1, 9, 9)])
def test_what_is_no_image_is_shown_as_text(shape):
    tensor = nc.zeros(shape)
    assert tensor._repr_html_() == f"<pre>{tensor!r}</pre>"


def test_a_module_is_the_table_of_its_layers():
    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.fc = nn.Conv2d(1, 6, 5), nn.LazyLinear(10)
            self.again = nn.Conv2d(1, 6, 5)
            self.again.weight = self.conv.weight
            self.again.bias.requires_grad_(False)

    html = Shared()._repr_html_()
    rows = [re.findall("<td[^>]*>(.*?)</td>", row) for row in html.split("<tr>")][2:]
    assert rows == [["conv", "Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))", "weight 6×1×5×5, bias 6", "156"],
                    ["fc", "LazyLinear(in_features=0, out_features=10, bias=True)", "weight (known after the first input), bias (known after the first input)", "0"],
                    ["again", "Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))", "weight 6×1×5×5, bias 6", "6"]]
    assert "<b>Shared</b> 162 parameters, 156 of them trained" in html
    many = nn.Sequential(*(nn.ReLU() for _ in range(130)))._repr_html_()
    assert many.count("<tr>") == 102 and "30 more" in many


def test_names_are_text_in_a_real_browser(visit, trained, tmp_path):
    layer = type(STRANGE, (nn.Module,), {"extra_repr": lambda self: STRANGE})()
    run = open_run(trained[0])
    run.info = json.loads(json.dumps(run.info))
    run.info["data"]["name"] = run.info["command"] = run.info["results"]["verdict_text"] = STRANGE
    pieces = [nn.Sequential(layer, nn.Linear(2, 2)), run, nc.rand(9, 9), nc.rand(2, 3, 9, 9), nc.rand(3)]
    page = tmp_path / "page.html"
    page.write_text('<!DOCTYPE html><meta charset="utf-8">' + "".join(f'<section>{piece._repr_html_()}</section>' for piece in pieces), encoding="utf-8")
    with visit(page) as tab:
        assert tab.locator("script").count() == 0 and tab.locator("img[onerror]").count() == 0
        texts = [tab.locator("section").nth(k).inner_text() for k in range(len(pieces))]
        assert f"{STRANGE}({STRANGE})" in texts[0] and texts[1].count(STRANGE) == 3
        assert tab.evaluate("[...document.images].map((image) => image.naturalWidth)") == [9, 9, 9]
        assert tab.locator("svg polyline").count() == 4


def test_a_run_shows_its_settings_its_verdict_and_its_curves(trained, tmp_path):
    run = open_run(copy_of(trained[0], tmp_path / "run"))
    html = run._repr_html_()
    assert run.info["results"]["verdict_text"].replace("'", "&#x27;") in html and f"epochs {run.settings.epochs}" in html
    assert html.count("<polyline") == 4 and len(html) < 20_000
    del run.info["results"]  # a training that goes on, or has been stopped
    assert run.rows and run._repr_html_().count("<polyline") == 4
    (run.path / "log.jsonl").unlink()
    assert run.rows == [] and "<svg" not in run._repr_html_()


def test_a_curve_goes_where_its_numbers_are():
    html = notebook.curves("t", {"a": [1, float("nan"), 3], "b": [None, 2, 2]}, best=2)
    [a, b] = [[tuple(map(float, point.split(","))) for point in line.split()] for line in re.findall('points="(.*?)"', html)]
    assert [x for x, _ in a] == [48, 410] and [x for x, _ in b] == [229, 410]
    assert a[0][1] == 138 and a[1][1] == 12 and b[0][1] == b[1][1] == 75
    assert notebook.curves("t", {"a": [], "b": [None]}) == ""


@pytest.mark.parametrize("name, line", [
    ("digits", "<ImageData digits: images of 1x28x28, 55 to train, 5 to validate, 10,000 to test; 10 classes: 0, 1, 2, 3, 4 and 5 more>"),
    ("phrases", "<ImageData phrases: token sequences of 16, 55 to train, 5 to validate, 2,000 to test; 2 classes: bad, good>")])
def test_a_data_set_is_a_line_and_its_first_images(name, line):
    data = load_dataset(name, limit=60)
    assert repr(data) == line
    shown = decoded(data._repr_html_())
    assert [picture[..., 0].tolist() for picture in shown] == ([] if name == "phrases" else data.x_train[:16, 0].tolist())
    assert data._repr_html_().startswith(f"<p>{escape(line)}</p>")


def test_names_of_classes_break_no_line_and_are_text():
    x, y = np.zeros((4, 1, 9, 9), np.uint8), np.arange(4) % 2
    data = ImageData(f"a\nb {STRANGE}", x, y, x[:0], y[:0], x, y, ["c\td", STRANGE], np.zeros(1), np.ones(1), "", "")
    assert len(repr(data).splitlines()) == 1 and "a b" in repr(data) and "<script" not in data._repr_html_()
    assert repr(Split(x, y, x[:0], y[:0], "here")) == "<Split: images of 1x9x9, 4 to train, 0 to test>"


def test_the_readme_loads_a_run_in_three_lines(elsewhere):
    block = next(block for block in re.findall("```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL) if "open_run" in block)
    assert len(block.splitlines()) == 3
    assert command("train", "--limit", 200, "--epochs", 1).exit_code == 0
    names = {}
    exec(block, names)
    assert names["trained"](nc.zeros(1, *names["run"].input_shape)).shape == (1, 10) and not names["trained"].training
