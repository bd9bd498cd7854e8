"""`numbacnn visualize-filters`: what it draws and says, and that nothing of it is untrue."""
import json
import re

import numpy as np
import pytest
from PIL import Image

import numbacnn
from cli_runs import assert_refused, copy_of, run
from numbacnn.data import load_dataset
from numbacnn.insight import dead_filters, filter_shapes
from numbacnn.train import Normalize, open_run


@pytest.fixture
def own(elsewhere, trained):
    """A copy of the run, to be changed."""
    return copy_of(trained[0], elsewhere / "own")


def change(path, **weights):
    """Set single weights of the best: name=(index, value)."""
    state = {name: tensor.numpy().copy() for name, tensor in numbacnn.load(path / "best.safetensors").items()}
    for name, (index, value) in weights.items():
        state[name.replace("__", ".")][index] = value
    numbacnn.save({name: numbacnn.tensor(array) for name, array in state.items()}, path / "best.safetensors")


@pytest.mark.parametrize("layer", [None, "conv1", "conv2"])
def test_filters_are_drawn(own, layer):
    done = run("visualize-filters", own, *(["--layer", layer] if layer else []))
    picture = own / f"filters-{layer or 'conv1'}.png"
    wrote, title, changed, *_ = done.stdout.splitlines()
    epoch = open_run(own).info["results"]["best_epoch"]
    assert done.exit_code == 0 and wrote == f"wrote {picture}"
    assert title == f"own · lenet5 on few.npz · after epoch {epoch} of 2 (best weights)"
    assert re.match(rf"{layer or 'conv1'}: training moved the \d+ filters of [\dx]+ by \d+ %", changed)
    with Image.open(picture) as image:
        assert image.width > 1000
    assert "red and blue meet" not in done.stdout


def test_what_is_said_is_what_the_library_finds(own, data_file):
    done = run("visualize-filters", own, "--json")
    told, opened = json.loads(done.stdout), open_run(own)
    assert told["shape"] == [6, 1, 5, 5] and len(told["filters"]) == 6
    assert told["norm_after"] ** 2 == pytest.approx(sum(row["after"] ** 2 for row in told["filters"]))
    model, known = opened.load_model(), opened.info["data"]
    x = Normalize(known["mean"], known["std"])(load_dataset(str(data_file), seed=opened.settings.seed).x_val)
    shapes = filter_shapes(model.conv1.weight.detach().numpy())
    assert [row["words"] for row in told["filters"]] == [shape and shape.words for shape in shapes]
    assert [row["dead"] for row in told["filters"]] == dead_filters(model, "conv1", x[:1], [x]).tolist()
    assert told["images"] and all(name.startswith("validation-") for name in told["images"])
    assert told["epoch"] == opened.info["results"]["best_epoch"] and told["outside_scale"] == 0


def test_later_filters_have_no_words(own):
    told = json.loads(run("visualize-filters", own, "--layer", "conv2", "--json").stdout)
    assert {row["words"] for row in told["filters"]} == {None}
    assert "simple shape" not in run("visualize-filters", own, "--layer", "conv2").stdout


def test_words_stand_where_they_are_true(own):
    change(own, conv1__weight=((slice(0, 1), 0), np.tile(np.arange(5) - 2.0, (5, 1)) / 10))
    done = run("visualize-filters", own)
    assert "filter 0: brighter at the right (100 %)" in done.stdout.splitlines()


def test_a_dead_filter_and_an_extreme_weight_are_named(own):
    change(own, conv1__bias=(4, -1000.0), conv1__weight=((2, 0, 1, 1), 90.0))
    done = run("visualize-filters", own)
    lines = done.stdout.splitlines()
    assert any(re.match(r"2 weights or differences lie outside the scale of ±0\.\d+; the largest is \d+(\.\d)?, \d+\.\d times its end", line)
               for line in lines)
    assert any(re.match(r"dead: filter 4, zero behind the ReLU on all \d+ validation images looked at", line) for line in lines)
    assert any(re.match(r"the maps of 2 filters \(2, 4\) go beyond the scale of ", line) for line in lines)
    told = json.loads(run("visualize-filters", own, "--json").stdout)
    assert told["outside_scale"] == 2 and told["scale"] < 1 < 80 < told["largest"] and told["filters"][4]["dead"]


def test_without_its_data_the_filters_are_drawn_alone(own):
    info = json.loads((own / "run.json").read_text())
    info["data"]["name"] = "gone.npz"
    (own / "run.json").write_text(json.dumps(info))
    done = run("visualize-filters", own)
    assert done.exit_code == 0 and (own / "filters-conv1.png").is_file()
    assert done.stderr.startswith("note: without the data of the run there are no maps and no dead filters: ") and "gone.npz" in done.stderr
    assert len(done.stderr.splitlines()) == 1 and "dead: not known without the data of the run" in done.stdout
    assert "maps:" not in done.stdout


def test_images_of_ones_own_are_shown(own, data_file, elsewhere):
    images = np.load(data_file)["x_test"]
    for k in range(6):
        Image.fromarray(images[k]).save(f"{k}.png")
    (elsewhere / "broken.png").write_bytes(b"no picture")
    done = run("visualize-filters", own, "0.png", "broken.png", "--json")
    assert done.exit_code == 3 and json.loads(done.stdout)["images"] == ["0.png"] and "broken.png" in done.stderr
    told = json.loads(run("visualize-filters", own, *(f"{k}.png" for k in range(6)), "--json").stdout)
    assert told["images"] == [f"{k}.png" for k in range(4)]
    assert told["notes"] == ["the sheet has room for 4 images; 2 images left out"]


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_a_run_that_was_never_trained_says_so(elsewhere, data_file):
    assert run("train", "--data", data_file, "--model", "lenet5", "--epochs", 1, "--lr", 1e30, "--out", "run").exit_code == 4
    done = run("visualize-filters", "run")
    assert done.stdout.splitlines()[1] == "run · lenet5 on few.npz · before training (best weights)"
    assert "which has not changed them" in done.stdout


def test_what_cannot_be_drawn_is_refused(elsewhere, trained, data_file):
    path, _ = trained
    assert_refused(run("visualize-filters", path, "--layer", "fc1"), 2, "the convolutions of lenet5 are conv1, conv2")
    assert_refused(run("visualize-filters", path, "--out", "f.jpg"), 2, "must end in .png")
    assert_refused(run("visualize-filters", path, "none.png"), 3, "none.png: no such file")
