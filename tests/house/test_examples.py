"""The examples run, with numbacnn and, nothing but their import lines changed, with PyTorch."""
import ast
import re
import struct
import sys
from pathlib import Path

import pytest
from numba.core import config

import numbacnn as nc
from numbacnn.data import draw_digits

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*.py"))
PROGRAMS = ("simple_cnn.py", "simple_cnn_as_printed.py")  # the lecture's own text, without arguments
SLOW = ("time_series.py", "video.py")  # no other test compiles their layers
LONGEST_SCRIPT = 120
PUBLIC = {"numbacnn", "numbacnn.nn", "numbacnn.nn.functional", "numbacnn.optim", "numbacnn.optim.lr_scheduler", "numbacnn.utils.data",
          "numbacnn.data"}  # PyTorch has no counterpart of the last

pytestmark = pytest.mark.skipif(bool(config.DISABLE_JIT), reason="training is slow without the JIT")
scripts = pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
lessons = pytest.mark.parametrize("path", [path for path in SCRIPTS if path.name not in PROGRAMS],
                                  ids=lambda path: path.stem)
runs = pytest.mark.parametrize("path", [pytest.param(path, marks=[pytest.mark.slow] if path.name in SLOW else [], id=path.stem)
                                       for path in SCRIPTS if path.name not in PROGRAMS])


def for_pytorch(text):
    """The text with its import lines, and nothing else, turned to PyTorch."""
    return re.sub(r"^(import|from) numbacnn(?!\.data\b)", r"\1 torch", text, flags=re.MULTILINE)


def statements(path, text):
    """The program as a list of code objects, one for each statement."""
    return [compile(ast.Module([node], []), str(path), "exec") for node in ast.parse(text).body]


def run(program, names=None):
    """Run statements as `python` runs a file; returns the names they leave behind."""
    names = {"__name__": "__main__"} if names is None else names
    for statement in program:
        exec(statement, names)
    return names


# ---------------------------------------------------------------- the lecture's program
def test_import_lines_alone_change():
    text = (EXAMPLES / "simple_cnn.py").read_text()
    changed = [(ours, theirs) for ours, theirs in zip(text.splitlines(), for_pytorch(text).splitlines(), strict=True)
               if ours != theirs]
    assert changed == [("import numbacnn as torch", "import torch as torch"),
                       ("import numbacnn.nn as nn", "import torch.nn as nn"),
                       ("import numbacnn.nn.functional as F", "import torch.nn.functional as F"),
                       ("import numbacnn.optim as optim", "import torch.optim as optim")]


def test_the_program_prints_pytorchs_losses(torch, capsys):
    """Both run up to the loop; PyTorch is given the weights and the data that numbacnn drew; both run the loop."""
    path = EXAMPLES / "simple_cnn.py"
    text = path.read_text()
    *before, loop = statements(path, text)
    *their_before, their_loop = statements(path, for_pytorch(text))
    nc.manual_seed(0)
    ours, theirs = run(before), run(their_before)
    our_model, their_model = capsys.readouterr().out.split("SimpleCNN")[1:]
    assert our_model == their_model
    theirs["model"].load_state_dict({name: torch.tensor(weight.numpy().copy())
                                     for name, weight in ours["model"].state_dict().items()})
    theirs["X"], theirs["y"] = (torch.tensor(ours[name].numpy().copy()) for name in "Xy")
    run([loop], ours)
    our_losses = capsys.readouterr().out
    run([their_loop], theirs)
    assert our_losses == capsys.readouterr().out
    assert re.fullmatch(r"(Epoch \d \| Loss: \d\.\d{4}\n){5}", our_losses)


def test_the_program_as_printed_refuses_as_pytorch_does(torch):
    path = EXAMPLES / "simple_cnn_as_printed.py"
    with pytest.raises(ValueError) as ours:
        run(statements(path, path.read_text()))
    with pytest.raises(ValueError) as theirs:
        run(statements(path, for_pytorch(path.read_text())))
    message = str(theirs.value).removesuffix(".")
    assert message == "Expected input batch_size (40) to match target batch_size (10)"
    assert str(ours.value).startswith(message)


def test_the_refusal_gives_the_reason():
    path = EXAMPLES / "simple_cnn_as_printed.py"
    with pytest.raises(ValueError, match=r"\(40\) to match target batch_size \(10\): .* 4 rows of every image.*pool once more"):
        run(statements(path, path.read_text()))


def test_the_repair_is_one_pooling():
    lines, printed = [{line.split("#")[0].strip() for line in (EXAMPLES / name).read_text().split('"""')[2].splitlines()}
                      for name in PROGRAMS]
    assert lines - printed == {"x = self.pool(F.relu(self.conv1(x)))"}
    assert printed - lines == {"x = F.relu(self.conv1(x))"}


# ---------------------------------------------------------------- all others
@pytest.fixture
def figure(tmp_path):
    """Where an example is to draw; pyplot opens no window and forgets its figures afterwards."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("Agg")
    yield tmp_path / "figure.png"
    pyplot.close("all")


def run_quickly(path, text, figure, monkeypatch, *more):
    monkeypatch.setattr(sys, "argv", [str(path), str(figure), "--quick", *more])
    run([compile(text, str(path), "exec")])


@runs
def test_example_runs(path, figure, monkeypatch, capsys):
    run_quickly(path, path.read_text(), figure, monkeypatch)
    assert figure.read_bytes().startswith(b"\x89PNG")
    said = capsys.readouterr().out.strip().splitlines()
    assert said[-2].startswith("Look at ") and said[-1].endswith(".")


@lessons
def test_example_runs_in_pytorch(path, figure, monkeypatch, torch):
    run_quickly(path, for_pytorch(path.read_text()), figure, monkeypatch)
    assert figure.read_bytes().startswith(b"\x89PNG")


def test_transfer_to_mnist_files(figure, monkeypatch, capsys, tmp_path):
    """Digits in MNIST's own format: to tell that they are found and learned from, not how well."""
    for name, count, stream in (("train", 600, "train"), ("t10k", 100, "test")):
        images, labels = draw_digits(count, seed=5, stream=stream)
        (tmp_path / f"{name}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 2051, count, 28, 28) + images.tobytes())
        (tmp_path / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 2049, count) + labels.astype("u1").tobytes())
    path = EXAMPLES / "transfer_learning.py"
    run_quickly(path, path.read_text(), figure, monkeypatch, "--mnist", str(tmp_path))
    assert figure.exists() and "a different set of 500 images" in capsys.readouterr().out


@lessons
def test_example_asks_for_nothing_private(path):
    modules = re.findall(r"^(?:from|import) (numbacnn\S*)", path.read_text(), re.MULTILINE)
    assert modules and set(modules) <= PUBLIC


@scripts
def test_example_is_short_and_explained(path):
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_SCRIPT
    assert f"python examples/{path.name}" in ast.get_docstring(ast.parse(text))


@scripts
def test_example_is_in_the_table(path):
    table = (EXAMPLES / "README.md").read_text()
    assert f"({path.name})" in table


def test_the_table_names_what_there_is():
    table = (EXAMPLES / "README.md").read_text()
    assert set(re.findall(r"\(([\w.]+\.py)\)", table)) == {path.name for path in SCRIPTS}
