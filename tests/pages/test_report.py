"""`numbacnn report`: what stands in the page is what the engine computes, and what is missing is said."""
import base64
import csv
import html
import json
import re

import numpy as np
import pytest

import numbacnn
from cli_runs import assert_refused, copy_of, run
from numbacnn.data import load_dataset
from numbacnn.insight import dead_units, saliency, trace
from numbacnn.insight.receptive_field import receptive_field
from numbacnn.pages.report.course import deaths, movement
from numbacnn.pages.report.examples import pack_examples, smaller
from numbacnn.pages.report.filters import filters_of, thinned
from numbacnn.pages.report.mistakes import Answers, choose
from numbacnn.train import Normalize, confusion_matrix, open_run, predict_logits


def data_of(path):
    """What the scripts of a page read."""
    return json.loads(re.search('id="data-report">(.*?)</script>', path.read_text(encoding="utf-8"), re.DOTALL)[1])


def text_of(path):
    """The page without its scripts and tags."""
    page = re.sub("<(script|style).*?</\\1>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]+>", " ", page)))


def unpacked(packed):
    return np.frombuffer(base64.b64decode(packed["data"]), packed["dtype"]).reshape(packed["shape"])


@pytest.fixture(scope="module")
def reported(trained, tmp_path_factory):
    """A run with its report, and what the command printed as JSON."""
    path = copy_of(trained[0], tmp_path_factory.mktemp("reported") / "run")
    done = run("report", path, "--json")
    assert done.exit_code == 0, done.output
    return path, json.loads(done.stdout)


@pytest.fixture(scope="module")
def validation(reported):
    """The validation images of the run, the network with its best weights, and its logits."""
    folder = open_run(reported[0])
    data = load_dataset(folder.info["data"]["name"], seed=0)
    model = folder.load_model("best")
    model.eval()
    return data, model, predict_logits(model, data.x_val, Normalize(data.mean, data.std))


@pytest.fixture
def quick(monkeypatch):
    """Saliency takes long, and not every test is about it."""
    monkeypatch.setattr("numbacnn.pages.report.pixels_of", lambda *_: (None, []))


# --- page against engine

def test_errors_are_those_of_evaluate(reported):
    path, result = reported
    measured = json.loads(run("evaluate", path, "--part", "val", "--json").stdout)
    errors = data_of(path / "report.html")["errors"]
    assert errors["matrix"] == measured["confusion_matrix"]
    assert (result["accuracy"], result["loss"]) == (measured["accuracy"], pytest.approx(measured["loss"]))
    assert result["examples"] == errors["count"] == measured["images"]
    assert [row["count"] for row in errors["scores"]] == [row["images"] for row in measured["per_class"]]


def test_every_example_of_the_page_is_what_it_says(reported, validation):
    data, _, logits = validation
    examples = data_of(reported[0] / "report.html")["errors"]["examples"]
    shown = unpacked(examples["values"])
    wide = logits.astype(np.float64)
    probabilities = np.exp(wide) / np.exp(wide).sum(1, keepdims=True)
    for pixels, row in zip(shown, examples["rows"]):
        n = row["index"]
        np.testing.assert_array_equal(pixels, data.x_val[n])
        assert row["y"] == data.y_val[n] and row["p"] == logits[n].argmax() and row["file"] is None
        assert row["loss"] == pytest.approx(-np.log(probabilities[n, row["y"]]), abs=1e-4)
        for k, value in row["probabilities"]:
            assert value == pytest.approx(probabilities[n, k], abs=1e-5)
        assert row["probabilities"][0][0] == row["p"]


def test_the_table_lists_all_that_are_wrong(reported, validation):
    data, _, logits = validation
    with open(reported[0] / "misclassified.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    wrong = np.flatnonzero(logits.argmax(1) != data.y_val)
    assert sorted(int(row["index"]) for row in rows) == wrong.tolist() and len(rows) == reported[1]["errors"]
    losses = [float(row["loss"]) for row in rows]
    assert losses == sorted(losses, reverse=True)
    for row in rows:
        assert row["part"] == "val" and row["true"] == data.classes[data.y_val[int(row["index"])]]
        assert row["predicted"] == data.classes[logits[int(row["index"])].argmax()]


def test_filters_are_those_of_the_snapshots(reported):
    folder, layers = open_run(reported[0]), data_of(reported[0] / "report.html")["filters"]
    assert [layer["name"] for layer in layers] == ["conv1", "conv2"]
    for layer in layers:
        values = unpacked(layer["values"]) / 32767 * layer["limit"]
        assert layer["epochs"] == [0, 1, 2] and layer["beyond"] == 0
        for k, epoch in enumerate(layer["epochs"]):
            weight = folder.load_snapshot(epoch)[f"{layer['name']}.weight"]
            np.testing.assert_allclose(values[k], weight, atol=layer["limit"] / 60_000)
            assert layer["norms"][k][0] == pytest.approx(np.linalg.norm(weight))


def test_maps_are_those_of_the_engine(reported, validation):
    data, model, _ = validation
    maps = data_of(reported[0] / "report.html")["maps"]
    picked = [row["index"] for row in maps["rows"]]
    steps = {step.name: step for step in trace(model, Normalize(data.mean, data.std)(data.x_val[picked]))}
    assert [layer["name"] for layer in maps["layers"]] == [
        "input", "conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "fc1", "relu3", "fc2", "relu4", "fc3"]
    for layer in maps["layers"]:
        out = steps[layer["name"]].output
        assert layer["limit"] == pytest.approx(np.abs(out).max())
        np.testing.assert_allclose(unpacked(layer["values"]) / 127 * layer["limit"], out, atol=layer["limit"] / 250)
    found = dead_units(model, [Normalize(data.mean, data.std)(data.x_val)])
    assert [(layer["name"], layer["dead"]) for layer in maps["layers"] if layer["kind"] == "relu"] == [
        (name, np.flatnonzero(dead).tolist()) for name, dead in found]
    assert any(dead.any() for _, dead in found)


def test_saliency_maps_are_those_of_insight(reported, validation):
    data, model, _ = validation
    page = data_of(reported[0] / "report.html")
    x = Normalize(data.mean, data.std)(data.x_val[[row["index"] for row in page["maps"]["rows"]]])
    assert [method["name"] for method in page["pixels"]["methods"]] == [*saliency.METHODS]
    for method in page["pixels"]["methods"]:
        found = saliency.saliency_map(model, x, method["name"]).map
        largest = np.maximum(found.reshape(len(x), -1).max(1), 1e-30).reshape(-1, 1, 1)
        np.testing.assert_allclose(unpacked(method["map"]) / 255, found / largest, atol=0.0021, err_msg=method["name"])
        assert method["random"][-1]["all"] and method["verdict"].startswith(f"Mean of {len(x)} examples: {method['title']}: ")
    checks = saliency.check(model, x, "gradient", seeds=(0,), orders=5, steps=20)
    first = page["pixels"]["methods"][0]
    assert first["verdict"] == f"Mean of {len(checks.empty)} examples: {checks.verdict}" and first["deletion"] == pytest.approx(checks.deletion.mean(0).tolist())


def test_receptive_fields_are_measured_inside_their_promise(reported, validation):
    data, model, _ = validation
    fields = data_of(reported[0] / "report.html")["fields"]
    assert [(field["name"], [end - first for first, end in field["promised"]]) for field in fields] == [
        ("conv1", [5, 5]), ("conv2", [14, 14])]
    for field in fields:
        found = receptive_field(model, Normalize(data.mean, data.std)(data.x_val[:32]), field["name"]).measured
        np.testing.assert_allclose(unpacked(field["measured"]) / 255, found / found.max(), atol=0.0021)
        (top, bottom), (left, right) = field["promised"]
        outside = found.copy()
        outside[top:bottom, left:right] = 0
        assert not outside.any() and field["outside"] == 0
        largest = np.sort(found.ravel())[::-1]
        assert largest[:field["pixels"]].sum() >= 0.9 * found.sum() > largest[:field["pixels"] - 1].sum()


# --- what the page says

def test_part_and_weights_are_said(reported, trained, tmp_path, quick):
    words = text_of(reported[0] / "report.html")
    assert "about the 25 validation images , as" in words and "with its best weights (epoch 2)" in words
    assert "Why not the test images?" in words and "numbacnn report RUN --part test" in words
    done = run("report", trained[0], "--part", "test", "--weights", "last", "--out", tmp_path / "t.html")
    words = text_of(tmp_path / "t.html")
    assert done.exit_code == 0 and [path.name for path in tmp_path.glob("*.csv")] == ["t-misclassified.csv"]
    assert "All that are wrong are listed in t-misclassified.csv" in words
    assert "about the 60 test images ," in words and "with its last weights" in words and "looks better" not in words
    assert "makes their accuracy look better than it is" in words


def test_what_was_trained_is_said(reported):
    path, _ = reported
    info, words = json.loads((path / "run.json").read_text()), text_of(path / "report.html")
    assert info["command"] in words and info["results"]["verdict_text"] in words and info["data"]["hash"] in words
    for word in ("seed 0", "learning rate 0.004", "61,706", "14×14", f"numbacnn {numbacnn.__version__}"):
        assert word in words, word
    assert (path / "report.html").stat().st_size < 2_000_000


def test_a_run_without_its_data_is_reported_without_errors(reported, tmp_path):
    path = copy_of(reported[0], tmp_path / "run")
    for name in ("report.html", "misclassified.csv"):
        (path / name).unlink()
    info = json.loads((path / "run.json").read_text())
    info["data"]["name"] = str(tmp_path / "gone.npz")
    (path / "run.json").write_text(json.dumps(info))
    done = run("report", path)
    assert done.exit_code == 0 and "need the data of the run" in done.stdout and not (path / "misclassified.csv").exists()
    assert "gone.npz" in text_of(path / "report.html").split("What this page does not show")[1]
    assert data_of(path / "report.html")["filters"] and data_of(path / "report.html")["errors"] is None


def test_data_that_have_changed_are_not_taken_for_those_of_the_run(reported, tmp_path):
    path = copy_of(reported[0], tmp_path / "run")
    info = json.loads((path / "run.json").read_text())
    info["data"]["hash"] = "0" * 64
    (path / "run.json").write_text(json.dumps(info))
    assert "no longer holds the examples that the run was trained on" in run("report", path).stdout


def test_a_run_of_an_earlier_version_says_what_is_missing(reported, tmp_path, quick):
    path = copy_of(reported[0], tmp_path / "run")
    for file in (path / "snapshots").iterdir():
        file.unlink()
    done = run("report", path, "--json")
    assert any("no snapshots" in sentence for sentence in json.loads(done.stdout)["missing"])
    data = data_of(path / "report.html")
    assert data["filters"][0]["epochs"] == [0, 2] and data["dead"]["epochs"] == [0, 2]


def test_a_training_that_did_not_end_is_reported(reported, tmp_path, quick):
    path = copy_of(reported[0], tmp_path / "run")
    info = json.loads((path / "run.json").read_text())
    info["results"] = {"status": "running"}
    (path / "run.json").write_text(json.dumps(info))
    assert run("report", path).exit_code == 0
    assert "its status is “running”" in text_of(path / "report.html")
    assert [row["epoch"] for row in data_of(path / "report.html")["rows"]] == [1, 2]


def test_what_is_no_page_or_no_run_is_refused(trained, elsewhere):
    assert_refused(run("report", trained[0], "--out", "r.pdf"), 2, "must end in .html")
    assert_refused(run("report", trained[0], "--out", "none/page.html"), 2, "there is no folder none; make it first")
    assert_refused(run("report", "nowhere"), 3, "not a run folder")


# --- single parts

def test_movement_is_the_change_by_the_size():
    weights = {0: {"a.weight": np.array([[3.0, 4.0]]), "a.bias": np.ones(1), "b.weight": np.zeros((1, 2))},
               2: {"a.weight": np.array([[3.0, 4.0]]), "a.bias": np.zeros(1), "b.weight": np.ones((1, 2))},
               3: {"a.weight": np.array([[0.0, 0.0]]), "a.bias": np.zeros(1), "b.weight": np.ones((1, 2))}}
    assert movement(weights) == ([2, 3], {"a": [0.0, 1.0], "b": [None, 0.0]})


def test_deaths_are_counted_after_each_epoch(validation):
    data, model, _ = validation
    normalize, state = Normalize(data.mean, data.std), {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}
    silent = {**state, "conv1.bias": np.full(6, -1e3, np.float32)}
    found = deaths(model, {0: silent, 1: state}, lambda: [normalize(data.x_val)])
    assert found[0][0][1].all() and not found[1][0][1].any()


def test_all_errors_are_chosen_before_right_ones(rng):
    logits, y = rng.standard_normal((500, 4)), rng.integers(0, 4, 500)
    answers = Answers(logits, y)
    matrix = confusion_matrix(y, answers.predictions, 4)
    few = choose(answers, matrix, 130)
    assert len(few) == 130 and set(answers.wrong[:60]) <= set(few)
    many = choose(answers, matrix, 10_000)
    for actual in range(4):
        for predicted in range(4):
            there = ((y[many] == actual) & (answers.predictions[many] == predicted)).sum()
            assert there >= min(24, matrix[actual, predicted])


def test_an_extreme_weight_does_not_wash_out_the_others(rng):
    values = rng.uniform(-1, 1, 5000)
    values[7] = 1000
    layers, _ = filters_of({0: {"c.weight": values.reshape(50, 4, 5, 5)}})
    assert layers[0]["beyond"] == 1 and 0.9 < layers[0]["limit"] < 1 and layers[0]["shown"] == [32, 4, 5, 5]


def test_epochs_are_thinned_at_equal_distances():
    assert thinned([0, 1, 2], 10) == [0, 1, 2]
    assert thinned(list(range(101)), 300_000) == [0, 11, 22, 33, 44, 56, 67, 78, 89, 100]
    assert thinned([0, 5, 9], 10_000_000) == [0, 9]


def test_large_pictures_are_shown_as_means(rng):
    x = rng.integers(0, 256, (2, 3, 130, 66)).astype(np.uint8)
    packed = pack_examples(x, "images")
    assert packed["smaller"] == 3 and packed["shape"] == [3, 43, 22]
    np.testing.assert_array_equal(unpacked(packed["values"])[1, 2, 4, 5], np.rint(x[1, 2, 12:15, 15:18].mean()).astype(np.uint8))
    assert smaller(x[0, 0, :2, :2], 2).shape == (1, 1)


def test_sentences_are_words():
    packed = pack_examples(np.array([[1, 2, 0, 0], [0, 0, 0, 0]]), "tokens", ["<pad>", "good", "film"])
    assert packed["values"] == [["good", "film"], ["<pad>"]]
    assert pack_examples(np.array([[7, 2]]), "tokens")["values"] == [["7", "2"]]
