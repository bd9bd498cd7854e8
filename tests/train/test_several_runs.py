"""Runs side by side: `numbacnn runs` and `numbacnn compare`."""
import json
import math

import numpy as np
import pytest
from cli_runs import assert_refused, copy_of, run
from PIL import Image

from numbacnn.plot import compared_curves
from numbacnn.train import RunError, Settings, open_run
from numbacnn.train.several_runs import ahead, differences, find_runs, overview, same_test


def made(folder, accuracy=0.9, error=0.01, status="done", data="digits", test=1000, epochs=3, log=True, **settings):
    """A run folder as `train` writes it, without weights."""
    folder.mkdir(parents=True)
    rows = [{"epoch": k, "train_loss": 1 / k, "val_loss": 1.1 / k, "train_accuracy": 0.5, "val_accuracy": 0.1 * k, "best": k == 2}
            for k in range(1, epochs + 1)]
    results = {"status": status, "epochs_done": epochs, "best_epoch": 2, "val_accuracy": 0.2, "val_accuracy_error": 0.05,
               "test_accuracy": accuracy, "test_accuracy_error": error, "verdict": "good", "seconds": 1.5, "log": rows}
    info = {"model": {"name": "linear", "in_channels": 1, "height": 4, "width": 4, "classes": 2},
            "data": {"name": data, "mean": [0.0], "std": [1.0], "classes": ["a", "b"], "train": 60, "test": test},
            "settings": Settings(**settings).to_dict(), "results": results if status else {}}
    (folder / "run.json").write_text(json.dumps(info))
    if log:
        (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_runs_of_a_folder_in_the_order_of_their_names(tmp_path):
    for name in ("b", "a", "c"):
        made(tmp_path / name)
    (tmp_path / "notes").mkdir()
    (tmp_path / "c" / "run.json").write_text("{")
    found, damaged = find_runs(tmp_path)
    assert [each.path.name for each in found] == ["a", "b"]
    assert len(damaged) == 1 and "run.json is damaged" in damaged[0]
    assert [each.path.name for each in find_runs(tmp_path / "a")[0]] == ["a"]
    with pytest.raises(RunError, match="nothing is not a folder of runs: it does not exist"):
        find_runs(tmp_path / "nothing")


def test_a_run_that_has_not_ended_is_told_from_its_log(tmp_path):
    row = overview(open_run(made(tmp_path / "a", status="", epochs=2)))
    assert (row["state"], row["epochs_done"], row["best_epoch"], row["val_accuracy"], row["test_accuracy"]) == ("not finished", 2, 2, 0.2, None)
    assert repr(open_run(tmp_path / "a")) == f"RunFolder({str(tmp_path / 'a')!r}: linear on digits, 2 epochs, not finished)"
    row = overview(open_run(made(tmp_path / "b", status="", epochs=0)))
    assert (row["state"], row["epochs_done"], row["best_epoch"]) == ("not finished", 0, None)


def test_only_what_differs_is_told(tmp_path):
    runs = [open_run(made(tmp_path / "a", learning_rate=0.1, seed=3)), open_run(made(tmp_path / "b", learning_rate=0.2, seed=3, data="waves"))]
    assert differences(runs) == {"data": ["digits", "waves"], "learning_rate": [0.1, 0.2]}
    assert differences(runs[:1] * 2) == {}
    assert not same_test(runs) and same_test(runs[:1] * 2)


def test_the_error_of_a_difference_is_that_of_two_independent_measurements():
    first, second = {"test_accuracy": 0.9, "test_accuracy_error": 0.03}, {"test_accuracy": 0.8, "test_accuracy_error": 0.04}
    assert ahead(first, second) == pytest.approx((0.1, 0.05))


@pytest.mark.parametrize("difference, verdict", [(0.0199, "too little to call either better"), (0.0201, "more than chance would explain")])
def test_two_errors_decide(tmp_path, difference, verdict):
    error = 0.01 / math.sqrt(2)  # of either, so 0.01 of the difference
    paths = [made(tmp_path / "a", 0.5, error), made(tmp_path / "b", 0.5 + difference, error)]
    result = run("compare", *paths, "--out", tmp_path / "c.png")
    assert result.exit_code == 0 and f"run 2 is ahead of run 1 by {100 * difference:.2f} percentage points, standard error 1.00: {verdict}" in result.stdout


def test_an_error_that_is_not_known_is_not_zero(tmp_path):
    result = run("compare", made(tmp_path / "a", 0.9, None), made(tmp_path / "b", 0.5))
    assert "run 1 has the higher test accuracy" in result.stdout and "does not say how certain that is" in result.stdout
    assert "ahead" not in result.stdout


def test_a_dollar_in_the_name_of_a_run_is_a_dollar(tmp_path):
    result = run("compare", made(tmp_path / "x$\\foo$"), made(tmp_path / "a$_$b"))
    assert result.exit_code == 0, result.output


def test_accuracies_on_different_data_are_not_compared(tmp_path):
    paths = [made(tmp_path / "a"), made(tmp_path / "b", test=999)]
    assert "tested on different data" in run("compare", *paths).stdout
    unfinished = made(tmp_path / "c", status="", epochs=0)
    result = run("compare", paths[0], unfinished)
    assert "fewer than two of these runs have a test accuracy" in result.stdout
    assert "no picture was drawn" in run("compare", unfinished, made(tmp_path / "d", status="", epochs=0)).stdout


def test_the_picture_and_the_json(tmp_path):
    paths = [made(tmp_path / "a"), made(tmp_path / "b", optimizer="sgd", epochs=5)]
    result = run("compare", *paths, "--json")
    told = json.loads(result.stdout)
    assert told["file"] == str(tmp_path / "a" / "compare-b.png") and told["differ"].pop("optimizer") == ["adamw", "sgd"] and {*told["differ"]} == {"learning_rate", "weight_decay"}
    assert [row["epochs_done"] for row in told["runs"]] == [3, 5]
    assert np.ptp(np.asarray(Image.open(told["file"]).convert("L"))) > 100


def test_a_curve_for_each_training_and_a_star_for_its_best_epoch():
    figure = compared_curves(["x", "y"], [[2, 1], [3]], [[2, 1], [3]], [[0, 1], [1]], [[0, 1], [1]], best=[2, None])
    for ax in figure.axes:
        lines = {tuple(line.get_ydata()): line for line in ax.lines}
        assert len(ax.lines) == 5 and {line.get_label() for line in ax.lines if line.get_marker() == "."} == {"x", "y"}
        assert [line.get_marker() for line in ax.lines].count("*") == 1 and len({line.get_color() for line in lines.values()}) == 2
    with pytest.raises(ValueError, match="8 colors, not 9"):
        compared_curves(["x"] * 9, *[[[1]] * 9] * 4, best=[None] * 9)


def test_the_table_fits_the_terminal(tmp_path, monkeypatch):
    for name in ("lenet5-digits-001", "lenet5-digits-002"):
        made(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    whole = run("runs", ".").stdout.splitlines()
    assert whole[0].split() == ["run", "model", "data", "epochs", "val_acc", "test_acc", "verdict"] and len(whole) == 3
    monkeypatch.setenv("COLUMNS", "60")
    narrow = run("runs", ".").stdout.splitlines()
    assert max(map(len, narrow)) <= 60 and "90.00 %" in narrow[1]


def test_the_best_first(tmp_path):
    made(tmp_path / "a", 0.5), made(tmp_path / "b", 0.7)
    assert [row["run"][-1] for row in json.loads(run("runs", tmp_path, "--sort", "test", "--json").stdout)["runs"]] == ["b", "a"]


def test_no_runs_yet(elsewhere):
    assert run("runs").stdout == "there are no runs in runs yet; `numbacnn train` makes one\n"
    assert_refused(run("runs", "nothing"), 3, "nothing is not a folder of runs: it does not exist")


def test_a_damaged_run_is_noted_beside_the_others(tmp_path):
    made(tmp_path / "a")
    (made(tmp_path / "b") / "run.json").write_text("[]")
    result = run("runs", tmp_path)
    assert result.exit_code == 0 and len(result.stdout.splitlines()) == 2 and result.stderr.startswith("note: ")


def test_refusals(elsewhere):
    made(elsewhere / "a")
    assert_refused(run("compare", "a"), 2, "2 to 8 runs, not 1")
    assert_refused(run("compare", *map(str, range(9))), 2, "2 to 8 runs, not 9")
    assert_refused(run("compare", "a", "./a"), 2, "a is named twice")
    assert_refused(run("compare", "a", "b"), 3, "b is not a run folder: it does not exist")
    assert_refused(run("compare", "a", "b", "--out", "c.jpg"), 2, "must end in .png")
    assert [path.name for path in elsewhere.iterdir()] == ["a"]


def test_a_real_run_beside_its_copy(trained, tmp_path):
    path, _ = trained
    result = run("compare", path, copy_of(path, tmp_path / "copy"), "--out", tmp_path / "c.png")
    assert "all settings are the same" in result.stdout and "by 0.00 percentage points" in result.stdout and "too little" in result.stdout
