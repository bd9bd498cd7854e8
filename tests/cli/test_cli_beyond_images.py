"""The commands on data that are not images: token sequences, time series, films, and images of eight bands."""
import json

import numpy as np
import pytest

from cli_runs import assert_refused, copy_of, run
from numbacnn.data import draw_phrases, draw_waves, load_dataset
from numbacnn.data.drawn import DRAWN
from numbacnn.insight import phrases_of
from numbacnn.train import open_run

USUAL = {"phrases": "text_cnn", "waves": "tcn", "blobs-video": "conv3d", "multispectral": "lenet5"}
NOT_PICTURES = {"phrases": "token sequences of 16", "waves": "time series of 1x128", "blobs-video": "films of 1x8x24x24",
                "multispectral": "images of 8 channels"}
FIRST_FILTERS = {"phrases": ("filters.width3.conv", [32, 32, 3]), "waves": ("block1.body.conv1", [24, 1, 7]),
                 "blobs-video": ("conv1", [8, 1, 3, 3, 3]), "multispectral": ("conv1", [6, 8, 5, 5])}


@pytest.fixture(scope="module", autouse=True)
def few_to_test_with():
    """Drawing and measuring some thousand examples would take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        for name in USUAL:
            patch.setitem(DRAWN, name, DRAWN[name]._replace(test=90))
        yield


@pytest.fixture(scope="module", params=USUAL)
def trained_on(request, tmp_path_factory):
    """The name of a data set, a run with the model that suits it, and the JSON it printed."""
    path = tmp_path_factory.mktemp("beyond") / "run"
    done = run("train", "--data", request.param, "--limit", 120, "--epochs", 2, "--batch-size", 32, "--json", "--out", path)
    assert done.exit_code == 0, done.output
    return request.param, path, json.loads(done.stdout), done.stderr


def test_the_usual_model_is_taken_and_named(trained_on):
    name, path, result, stderr = trained_on
    assert result["model"] == USUAL[name] and result["dataset"]["name"] == name
    assert (f"model {USUAL[name]}, the one for" in stderr) == (name != "multispectral")
    info = json.loads((path / "run.json").read_text())
    assert info["model"]["classes"] == len(info["data"]["classes"])
    assert sum(layer["parameters"] for layer in result["layers"]) == result["parameters"]


def test_evaluate_measures_what_train_measured(trained_on):
    _, path, result, _ = trained_on
    again = run("evaluate", path, "--json")
    assert again.exit_code == 0 and again.stderr == ""
    assert json.loads(again.stdout)["accuracy"] == result["test_accuracy"]
    assert json.loads(again.stdout)["loss"] == result["test_loss"]


def test_predict_says_that_it_reads_pictures(trained_on):
    name, path, *_ = trained_on
    assert_refused(run("predict", path, "any.png"), 2, f"predict reads gray or color pictures, but .* learned from "
                                                       f"{NOT_PICTURES[name]} .{name}.; (give a FILE.csv of them, or )?numbacnn evaluate")


@pytest.mark.parametrize("command", ["saliency", "feature-maps", "explain"])
def test_a_refusal_of_pictures_names_the_command_that_was_given(trained_on, command):
    name, path, *_ = trained_on
    done = run(command, path, "any.png")
    says = (f"{command} reads gray or color pictures, but .* learned from images of 8 channels .multispectral.; leave IMAGE out"
            if name == "multispectral" else f"learned from .*{command} (then )?shows")
    assert_refused(done, 2, says)
    assert "predict" not in done.stderr


def test_filters_are_drawn(trained_on, tmp_path):
    name, path, *_ = trained_on
    done = run("visualize-filters", path, "--out", tmp_path / "f.png", "--json")
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert (result["layer"], result["shape"]) == FIRST_FILTERS[name] and (tmp_path / "f.png").stat().st_size > 5000
    assert f"{USUAL[name]} on {name}" in result["title"]
    if name == "phrases":
        opened = open_run(path)
        x = load_dataset(name, seed=opened.settings.seed, limit=120).x_val
        expected = phrases_of(opened.load_model(), x, opened.info["data"]["vocabulary"])[0]["filters"]
        found = [[(each["phrase"], each["answer"]) for each in row["phrases"]] for row in result["filters"]]
        assert found == [[(words, pytest.approx(answer)) for words, answer in row["phrases"]] for row in expected]
        said = run("visualize-filters", path, "--out", tmp_path / "f.png").stdout
        assert f"filter 0: {found[0][0][0]} ({found[0][0][1]:.2f})" in said and result["images"] == []
    else:
        assert len(result["images"]) in (1, 2) and all(row["phrases"] is None for row in result["filters"])


def test_phrases_without_sentences_are_said_to_be_missing(trained_on, tmp_path):
    name, path, *_ = trained_on
    copy = copy_of(path, tmp_path / "copy")
    info = json.loads((copy / "run.json").read_text())
    info["data"]["hash"] = "other"
    (copy / "run.json").write_text(json.dumps(info))
    done = run("visualize-filters", copy, "--json")
    result = json.loads(done.stdout)
    what = "phrases" if name == "phrases" else "maps"
    assert done.exit_code == 0 and f"without the data of the run there are no {what} and no dead filters: " in result["notes"][0]
    assert result["images"] == [] and all(row["phrases"] is None and row["dead"] is None for row in result["filters"])


@pytest.mark.parametrize("name", ["phrases", "waves"])
def test_a_resumed_run_goes_on_bit_for_bit(name, elsewhere, monkeypatch):
    """Dropout, shuffling and all."""
    choices = ["--data", name, "--limit", 100, "--epochs", 2, "--batch-size", 32]
    assert run("train", *choices, "--out", "whole").exit_code == 0
    with monkeypatch.context() as patch:
        asked = iter(range(100))
        patch.setattr("numbacnn.cli.train_session.ask_before_leaving", lambda: _After(asked, 2))
        assert run("train", *choices, "--out", "part").exit_code == 130
    done = run("train", "--resume", "part")
    assert done.exit_code == 0, done.output
    for weights in ("best", "last"):
        assert (elsewhere / "part" / f"{weights}.safetensors").read_bytes() == \
            (elsewhere / "whole" / f"{weights}.safetensors").read_bytes()


class _After:
    """Interrupt after some batches."""

    def __init__(self, asked, batches):
        self.asked, self.batches = asked, batches

    def __enter__(self):
        return lambda: next(self.asked) + 1 >= self.batches

    def __exit__(self, *error):
        return False


# ---------------------------------------------------------------- files
@pytest.fixture
def files(elsewhere):
    """CSV files of phrases and of waves."""
    for name, (x, y) in {"words": draw_phrases(60, 0), "series": draw_waves(60, 0)}.items():
        rows = [",".join([str(label), *map(str, row.ravel())]) for row, label in zip(x, y)]
        (elsewhere / f"{name}.csv").write_text("\n".join(rows))


@pytest.mark.parametrize("name, model, extents", [
    ("words", "text_cnn", {"length": 16, "classes": 2}),
    ("series", "tcn", {"in_channels": 1, "length": 128, "classes": 6}),
    ("words", "linear", {"length": 16, "classes": 2}), ("series", "mlp", {"in_channels": 1, "length": 128, "classes": 6})])
def test_csv_files_are_learned_from(files, elsewhere, name, model, extents):
    choice = [] if model in USUAL.values() else ["--model", model]
    done = run("train", "--data", f"{name}.csv", *choice, "--epochs", 1, "--out", "run")
    assert done.exit_code == 0, done.output
    known = json.loads((elsewhere / "run" / "run.json").read_text())["model"]
    assert known.items() >= {"name": model, **extents}.items()
    assert ("vocabulary" in known) == (name == "words") and known.get("vocabulary", 43) in range(30, 44)
    assert run("evaluate", "run").exit_code == 0
    refused = run("evaluate", "run", "--data", {"words": "waves", "series": "phrases"}[name])
    assert_refused(refused, 3, "holds .*, but the run was trained on")


def test_evaluate_refuses_tokens_that_the_run_does_not_know(elsewhere):
    for name, largest in {"few": 9, "many": 12}.items():
        rows = [f"{label},{k % largest},{largest},3,4,5" for k, label in enumerate("ab" * 10)]
        (elsewhere / f"{name}.csv").write_text("\n".join(rows))
    assert run("train", "--data", "few.csv", "--epochs", 1, "--out", "run").exit_code == 0
    assert_refused(run("evaluate", "run", "--data", "many.csv"), 3, "has the token 12, but the run was trained on tokens 0 to 9")


def test_token_ids_that_would_fill_the_memory_are_refused(elsewhere):
    (elsewhere / "big.csv").write_text("\n".join(f"{label},1,2,3,4,999999999" for label in "ab" * 10))
    for command in ("train", "show-data"):
        assert_refused(run(command, "--data", "big.csv", "--kind", "tokens"), 3, "the largest token id is 999,999,999, expected at most 1,000,000")


# ---------------------------------------------------------------- what does not fit
@pytest.mark.parametrize("words, message", [
    (["--data", "blobs-video", "--augment", "flip"],
     "augment: flip changes images .C, H, W., and each example of these data is 1x8x24x24; leave augment out"),
    (["--data", "waves", "--model", "lenet5"],
     "--model lenet5: it takes images, but waves holds time series of 1x128; leave --model out for tcn, or take one of "
     "tcn, mlp, linear"),
    (["--data", "digits", "--model", "text_cnn"], "it takes token sequences, but digits holds images of 1x28x28; "),
    (["--data", "phrases", "--model", "conv3d"], "it takes films, but phrases holds token sequences of 16; "),
    (["--data", "phrases", "--augment", "shift=2"], "augment: shift changes images"),
], ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else "")
def test_what_does_not_fit_is_refused_and_leaves_nothing_behind(elsewhere, words, message):
    assert_refused(run("train", *words, "--limit", 24), 2, message)
    assert list(elsewhere.iterdir()) == []


def test_sequences_too_short_for_the_filters_are_refused(elsewhere):
    (elsewhere / "short.csv").write_text("\n".join(f"{label},1,2,3" for label in "ab" * 10))
    assert_refused(run("train", "--data", "short.csv"), 2, "sequences of 3 tokens are too short: a filter spans 5")
    assert run("train", "--data", "short.csv", "--model", "mlp", "--epochs", 1).exit_code == 0


def test_the_next_command_keeps_the_data_and_leaves_the_usual_model_away(trained_on):
    name, path, result, _ = trained_on
    assert np.isfinite(result["train_loss"])
    if result["next"].startswith("numbacnn train"):
        assert f"--data {name}" in result["next"] and "--model" not in result["next"]
    else:
        assert result["next"].endswith(str(path))


@pytest.mark.parametrize("what", ["a folder", "an .npz file"])
def test_evaluate_refuses_pictures_for_a_run_of_another_kind(trained_on, tmp_path, what):
    name, path, _, _ = trained_on
    data = tmp_path / ("pictures" if what == "a folder" else "some.npz")
    if what == "a folder":
        data.mkdir()
    else:
        np.savez(data, x=np.zeros((4, 8, 8), np.uint8), y=np.arange(4))
    words = "holds images, but the run was trained on" if name != "multispectral" else ""
    assert_refused(run("evaluate", path, "--data", data), 3, words)
