"""Tables on the command line: what is said, what a run keeps, what is measured and classified."""

import json

import numpy as np
import pytest
from cli_runs import assert_refused, run

LENGTH, ROWS = 8, 60
NAMES = [f"t{j}" for j in range(LENGTH)]
K = np.arange(ROWS) % 3
X = np.round(np.random.default_rng(5).normal(size=(ROWS, LENGTH)) + K[:, None], 3)
HEADING = "label," + ",".join(NAMES)
BODY = [f"{'abc'[k]}," + ",".join(map(str, row)) for k, row in zip(K, X)]
TURNED = [",".join(reversed(line.split(","))) for line in [HEADING, *BODY]]


def write(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


@pytest.fixture(scope="module")
def trained(folder):
    """A run on a table whose label is not named, with an index; and what it printed."""
    path = write(folder / "own.csv", ["id," + ",".join(NAMES) + ",kind", *(
        f"{i},{line.split(',', 1)[1]},{line[0]}" for i, line in enumerate(BODY))])
    done = run("train", "--data", path, "--label", "kind", "--model", "linear", "--epochs", 1, "--out", folder / "run")
    assert done.exit_code == 0, done.output
    return folder / "run", done


def test_training_says_what_it_found(trained):
    path, done = trained
    assert "note: " in done.stderr and "('id') names or counts the rows, so it is left out" in done.stderr
    assert "labels in the column 'kind'" in done.stdout
    table = [line.split() for line in done.stdout.splitlines()]
    assert ["class", "train", "val", "test"] in table
    counts = np.array([[int(cell) for cell in row[1:]] for row in table if row and row[0] in "abc" and len(row) == 4])
    assert counts.sum(1).tolist() == [20, 20, 20]
    data = json.loads((path / "run.json").read_text())["data"]
    assert data["choices"] == {"label": "kind"} and len(data["notes"]) == 1 and data["table"]["columns"] == NAMES


def test_the_data_of_the_run_are_found_again(trained, folder, monkeypatch):
    monkeypatch.chdir("/")
    for part, count in ((None, 10), ("train", 46), ("val", 4), ("test", 10), ("all", 60)):
        done = run("evaluate", trained[0], "--json", *(("--part", part) if part else ()))
        told = json.loads(done.stdout)
        assert (told["images"], told["part"]) == (count, part or "test")
        assert sum(row["images"] for row in told["per_class"]) == count


@pytest.mark.parametrize("lines", [["kind" + HEADING[5:], *BODY], [TURNED[0].replace("label", "kind"), *TURNED[1:]]],
                         ids=["as it is", "columns turned round"])
def test_other_data_are_measured_whole(trained, folder, lines):
    path = write(folder / "other.csv", lines)
    told = json.loads(run("evaluate", trained[0], "--data", path, "--json").stdout)
    own = json.loads(run("evaluate", trained[0], "--part", "all", "--json").stdout)
    assert told["images"] == ROWS and told["part"] == "all"
    assert told["accuracy"] == own["accuracy"] and told["loss"] == pytest.approx(own["loss"], rel=1e-6)


def test_few_rows_are_measured(trained, folder):
    path = write(folder / "few.csv", ["kind" + HEADING[5:], BODY[1]])
    done = run("evaluate", trained[0], "--data", path)
    assert done.exit_code == 0 and "on all 1 time series of" in done.stdout
    assert_refused(run("evaluate", trained[0], "--data", path, "--part", "test"), 2, "has no parts of its own")


def test_its_own_table_given_anew_is_noted(trained, folder):
    done = run("evaluate", trained[0], "--data", folder / "own.csv")
    assert "the run was trained on as well" in done.stderr and "on all 60" in done.stdout


@pytest.mark.parametrize("lines, words", [
    (["kind" + HEADING[5:], "d," + BODY[0][2:]], "has the class d, which the run has never learned; its classes are a, b, c"),
    ([HEADING, *BODY], "has no column 'kind'"),
    (["kind" + HEADING[5:].replace("t2", "t9"), *BODY], "has no column 't2'"),
])
def test_other_data_that_do_not_fit(trained, folder, lines, words):
    assert_refused(run("evaluate", trained[0], "--data", write(folder / "bad.csv", lines)), 3, words)


def test_options_of_the_data_need_data(trained):
    assert_refused(run("evaluate", trained[0], "--label", "last"), 2, "--label says how to read --data")


def test_rows_are_classified(trained, folder):
    unlabeled = write(folder / "unlabeled.csv", [",".join(NAMES), *(line[2:] for line in BODY)])
    told = json.loads(run("predict", trained[0], unlabeled, "--json").stdout)["predictions"]
    assert [row["file"] for row in told] == [f"{unlabeled}:{row}" for row in range(2, ROWS + 2)]
    right = np.mean([row["prediction"] == "abc"[k] for row, k in zip(told, K)])
    assert right == json.loads(run("evaluate", trained[0], "--part", "all", "--json").stdout)["accuracy"]
    assert unlabeled.name in run("predict", trained[0], unlabeled).stdout


def test_a_table_to_test_with(folder):
    path, other = write(folder / "train.csv", [HEADING, *BODY]), write(folder / "test.csv", TURNED[:31])
    done = run("train", "--data", path, "--test", other, "--model", "linear", "--epochs", 1, "--out", folder / "tested", "--json")
    told = json.loads(done.stdout)
    assert told["notes"] == told["dataset"]["notes"] and done.stderr.splitlines()[0].startswith("note: ")
    first = next(line for line in done.stderr.splitlines() if "to train" in line)
    assert first.count(str(path)) == 1 and first.startswith(f"{path}: ") and "(table, labels in the column 'label'" in first
    assert told["dataset"]["test"] == 30 and told["dataset"]["choices"] == {"test": str(other)}
    assert "order of the training data" in told["dataset"]["notes"][0]
    assert json.loads(run("evaluate", folder / "tested", "--json").stdout)["accuracy"] == told["test_accuracy"]


def test_show_data_takes_the_same_options(folder, monkeypatch):
    monkeypatch.chdir(folder)
    path = write(folder / "last.csv", [f"{line[2:]},{line[0]}" for line in BODY])
    done = run("show-data", "--data", path, "--label", "last", "--json")
    told = json.loads(done.stdout)["dataset"]
    assert json.loads(done.stdout)["notes"] == told["notes"]
    assert told["classes"] == ["a", "b", "c"] and told["kind"] == "series"


@pytest.mark.parametrize("options, words", [
    (["--kind", "tokens"], "--kind is tokens, but it is for tables"),
    (["--label", "x"], "--label is x, but it is for tables"),
    (["--shape", "28x28"], "--shape is 28x28, but it is for tables"),
    (["--test", "here"], "--test is .*here, but it is for files and folders of your own"),
])
def test_options_that_mean_nothing_for_drawn_data(options, words):
    assert_refused(run("train", "--data", "digits", *options), 2, words)


@pytest.mark.parametrize("value", ["28", "0x5", "ax5", "2x3x4x5"])
def test_shapes_that_are_none(value):
    assert_refused(run("train", "--data", "own.csv", "--shape", value), 2, "is not a shape; give height x width such as 28x28")


@pytest.mark.parametrize("other", ["images", "tokens"])
def test_a_kind_that_is_not_that_of_the_run_is_refused_by_its_name(trained, folder, other):
    assert_refused(run("evaluate", trained[0], "--data", folder / "own.csv", "--kind", other), 2,
                   f"--kind {other}: .*run was trained on time series, so it is measured on time series; leave --kind out")


def test_no_option_is_blamed_that_was_not_given(folder):
    tokens = [f"{'ab'[i % 2]}," + ",".join(str((7 * i + j) % 9) for j in range(6)) for i in range(36)]
    path = write(folder / "tokens.csv", tokens)
    done = run("train", "--data", path, "--model", "linear", "--epochs", 1, "--out", folder / "tokens")
    assert done.exit_code == 0, done.output
    bad = write(folder / "negative.csv", [line.replace(",3", ",-3") for line in tokens])
    for command in (["evaluate", folder / "tokens", "--data", bad], ["predict", folder / "tokens", bad]):
        assert_refused(run(*command), 3, "error: .*tokens was trained on token sequences of 6, so the kind is tokens, but .* has -3")
