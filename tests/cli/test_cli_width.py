"""What commands print fits the terminal: tables leave out or shorten what is needed least, sentences are wrapped."""
import re
import shutil

import pytest
from PIL import Image

from cli_runs import copy_of, run, train
from numbacnn.cli import output
from numbacnn.cli.output import fitting_table, wrapped
from numbacnn.data import draw_digits

HEADER, ROWS = ("name", "count", "what"), [("some/long/path/a.png", "1,000", "scaled and cropped"), ("b.png", "1", "nothing")]


@pytest.fixture(scope="module")
def long_names(tmp_path_factory):
    """A run whose classes have long names, and pictures far down."""
    folder = tmp_path_factory.mktemp("long")
    images, labels = draw_digits(60, seed=1)
    for k in range(60):
        path = folder / "pictures" / f"handwritten digit number {labels[k] % 3} of three" / f"{k}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(images[k]).save(path)
    done = train(folder / "pictures", "--out", folder / "a run with a name that is long enough")
    assert done.exit_code == 0
    return folder


@pytest.mark.parametrize("most, lines", [
    (45, ["name                  count  what", "some/long/path/a.png  1,000  scaled and crop…", "b.png                     1  nothing"]),
    (32, ["name                  count", "some/long/path/a.png  1,000", "b.png                     1"]),
    (20, ["name           count", "…g/path/a.png  1,000", "b.png              1"]),
    (3, ["name      count", "…h/a.png  1,000", "b.png         1"]),
], ids=str)
def test_columns_give_way_in_their_order(monkeypatch, most, lines):
    monkeypatch.setenv("COLUMNS", str(most))
    found = fitting_table(HEADER, ROWS, left=(0, 2), give_way=((2, 10), (2, 0), (0, 8)), tails=(0,))
    assert [re.sub(r" +", " ", line) for line in found] == [re.sub(r" +", " ", line) for line in lines]
    assert most == 3 or max(map(len, found)) <= most


def test_nothing_changes_in_a_pipe():
    assert output.width() is None and wrapped("word " * 50) == ["word " * 50]
    assert fitting_table(HEADER, ROWS, (0, 2), ((0, 0), (2, 1))) == output.table(HEADER, ROWS, (0, 2))


@pytest.mark.parametrize("asked", ["", "0", "-3", "wide"])
def test_columns_that_are_no_number_are_not_asked_for(monkeypatch, asked):
    monkeypatch.setenv("COLUMNS", asked)
    assert output.width() is None


def test_the_width_is_that_of_the_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr(output.shutil, "get_terminal_size", lambda: type("Size", (), {"columns": 77}))
    assert output.width() == 77 and output.width(err=True) is None


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("words", [["summary", "lenet5"], ["summary", "resnet20"], ["summary", "vgg16_bn"], ["summary", "text_cnn"]],
                         ids=" ".join)
def test_a_summary_fits(monkeypatch, width, words):
    whole = run(*words).stdout.splitlines()
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run(*words).stdout.splitlines()
    assert max(map(len, lines)) <= width < max(map(len, whole))
    header = next(line for line in lines if line.startswith("layer"))
    assert all(name in header for name in ("layer", "kind", "output", "parameters"))
    end = lines.index("", lines.index(header))
    assert " ".join(lines[end + 1:]) == whole[-1] and end - lines.index(header) == len(whole) - 4  # as many rows


@pytest.mark.parametrize("width", [60, 80])
def test_tables_about_runs_fit(monkeypatch, long_names, width):
    path = next(long_names.glob("a run*"))
    other = copy_of(path, long_names / f"another run with a long name too {width}")
    monkeypatch.chdir(long_names)
    monkeypatch.setenv("COLUMNS", str(width))
    predicted = run("predict", path.name, "pictures").stdout.splitlines()
    assert len(predicted) >= 61 and max(map(len, predicted)) <= width
    assert all(re.search(r"\d+\.png +hand", line) for line in predicted[1:61])  # the end of a path tells more than its beginning
    measured = run("evaluate", path.name).stdout.splitlines()
    assert max(len(line) for line in measured if "numbacnn report" not in line and "/" not in line) <= width
    compared = run("compare", path.name, other.name).stdout.splitlines()
    assert max(len(line) for line in compared if not line.startswith("wrote")) <= width and any("val_acc" in line for line in compared)
    assert max(map(len, run("runs", ".").stdout.splitlines())) <= width
    shutil.rmtree(other)


def test_a_training_fits(monkeypatch, elsewhere):
    monkeypatch.setenv("COLUMNS", "60")
    lines = run("train", "--limit", 60, "--epochs", 1, "--model", "lenet5").stdout.splitlines()
    first = next(k for k, line in enumerate(lines) if line.startswith("layer"))
    assert all(len(line) <= 60 for line in lines[first:first + 14])


def test_what_stands_behind_an_accuracy_is_said(trained):
    assert re.search(r"^accuracy \d+\.\d\d % ± \d+\.\d\d \(standard error\) · loss", run("evaluate", trained[0]).stdout, re.MULTILINE)


def test_a_share_of_confusions_is_of_its_class(elsewhere, trained):
    lines = run("evaluate", trained[0]).stdout.partition("most confused\n")[2].splitlines()
    assert lines[0].split() == ["actual", "taken", "for", "times", "of", "its", "class"]
    assert all(re.fullmatch(r"\d +\d +\d+ +\d+\.\d\d %", line) for line in lines[1:lines.index("")])
