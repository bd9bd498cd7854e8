"""The command line: every command, every wrong input, and what goes to which stream."""
import importlib.util
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import numbacnn
from numbacnn.cli import main
from numbacnn.cli.progress import bar_line
from numbacnn.data import draw_digits
from numbacnn.train.records import BatchDone

ROOT = Path(__file__).parents[1]
IMAGES = 300


@pytest.fixture(scope="session")
def data_file(tmp_path_factory):
    """300 digits to train, 60 to test."""
    path = tmp_path_factory.mktemp("data") / "few.npz"
    images, labels = draw_digits(IMAGES + 60, seed=5)
    np.savez(path, x_train=images[:IMAGES], y_train=labels[:IMAGES], x_test=images[IMAGES:], y_test=labels[IMAGES:])
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory, data_file):
    """A finished run of LeNet-5, and the JSON it printed."""
    path = tmp_path_factory.mktemp("trained") / "run"
    done = run("train", "--data", data_file, "--epochs", 2, "--batch-size", 10, "--json", "--out", path)
    assert done.exit_code == 0, done.output
    return path, json.loads(done.stdout)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def train(data_file, *more):
    return run("train", "--data", data_file, "--model", "linear", "--epochs", 1, *more)


def copy_of(run_folder, path):
    path.mkdir()
    for file in run_folder.iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    return path


def assert_refused(result, code, words):
    """Exit code, one line on stderr, nothing on stdout, no traceback."""
    assert result.exit_code == code, result.output
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("numbacnn: error: "), lines
    assert re.search(words, lines[0]), lines[0]
    assert result.stdout == ""


# --- help

def all_commands():
    context = click.Context(main)
    return {name: main.get_command(context, name) for name in main.list_commands(context)}


@pytest.mark.parametrize("name", all_commands())
def test_every_command_and_option_explains_itself(name):
    command = all_commands()[name]
    assert command.help and "Exit codes" in command.epilog
    assert len(command.get_short_help_str(100)) <= 60
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help and parameter.help.endswith((".", "]")), parameter.name


def test_the_commands_page_is_current():
    spec = importlib.util.spec_from_file_location("make_commands", ROOT / "docs" / "make_commands.py")
    make_commands = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_commands)
    page = make_commands.PAGE.read_text(encoding="utf-8")
    assert page == make_commands.page(), "run python docs/make_commands.py"
    for name, command in all_commands().items():
        assert f"## numbacnn {name}" in page
        for parameter in command.params:
            assert all(option in page for option in parameter.opts if option.startswith("--"))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], *([name, "--help"] for name in all_commands())],
                         ids=" ".join)
def test_help_loads_nothing_heavy(arguments):
    code = ("import sys\nfrom numbacnn.cli import main\n"
            "try: main(sys.argv[1:])\n"
            "except SystemExit as end: assert not end.code\n"
            "print(sorted({'numpy', 'numba', 'matplotlib', 'safetensors', 'PIL'} & set(sys.modules)), file=sys.stderr)")
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]" and done.stdout


# --- train

def test_json_is_one_object_with_everything(trained):
    path, values = trained
    wanted = {"test_accuracy", "test_loss", "val_accuracy", "train_loss", "images_per_second", "compile_seconds",
              "seconds", "parameters", "run", "epochs", "seed", "threads", "model", "data", "verdict", "log", "layers", "dataset"}
    assert wanted <= values.keys()
    assert (values["parameters"], values["epochs"], values["seed"], values["model"]) == (61_706, 2, 0, "lenet5")
    assert values["run"] == str(path) and values["status"] == "done"
    assert [row["epoch"] for row in values["log"]] == [1, 2]
    assert 0 < values["images_per_second"] and 0 <= values["compile_seconds"] < values["seconds"]
    assert values["val_accuracy"] == max(row["val_accuracy"] for row in values["log"])


def test_a_run_folder_holds_it_all(trained):
    path, values = trained
    assert {file.name for file in path.iterdir()} >= {
        "run.json", "log.jsonl", "best.safetensors", "last.safetensors", "initial.safetensors",
        "checkpoint.safetensors", "curves.png"}
    info = json.loads((path / "run.json").read_text())
    assert info["results"]["test_accuracy"] == values["test_accuracy"]
    assert info["command"].startswith("numbacnn train --data ") and set(info["versions"]) == {
        "numbacnn", "numpy", "numba", "python"}
    assert info["data"]["hash"] and info["settings"]["batch_size"] == 10
    assert [json.loads(line) for line in (path / "log.jsonl").read_text().splitlines()] == values["log"]


def test_text_goes_to_stdout_and_is_plain(elsewhere, data_file):
    done = train(data_file, "--epochs", 2)
    assert done.exit_code == 0
    for words in ("275 images to train, 25 to validate, 60 to test, each 1x28x28", "fc       Linear 784->10",
                  "7,850", "seed 0", "threads", "run folder runs/linear-few-001", "epoch  train_loss  val_loss",
                  "test accuracy", "next: numbacnn "):
        assert words in done.stdout, words
    assert "\r" not in done.output and "\x1b" not in done.output
    assert done.stderr == "" or "compiling" in done.stderr


def test_with_json_the_tables_go_to_stderr(elsewhere, data_file):
    done = train(data_file, "--json")
    assert len(done.stdout.splitlines()) == 1 and json.loads(done.stdout)["model"] == "linear"
    assert "train_loss" in done.stderr


def test_the_same_seed_gives_the_same_results(elsewhere, data_file):
    results = [json.loads(train(data_file, "--json", "--seed", seed).stdout) for seed in (3, 3, 4)]
    losses = [(values["test_loss"], values["train_loss"], values["log"][0]["val_loss"]) for values in results]
    assert losses[0] == losses[1] != losses[2]


def test_the_default_needs_no_files(elsewhere):
    done = run("train", "--limit", 100, "--epochs", 1, "--model", "linear")
    assert done.exit_code == 0 and "drawn by numbacnn" in done.stdout
    assert (elsewhere / "runs" / "linear-digits-001" / "best.safetensors").exists()


def test_the_next_command_is_one_that_works(elsewhere, data_file):
    done = train(data_file, "--lr", 1e-6, "--optimizer", "adam")
    words = done.stdout.splitlines()[-1].removeprefix("next: numbacnn ").split()
    assert "--model" in words and "adam" in words and "0.001" not in words  # the usual rate needs no word
    assert run(*words, "--epochs", 1).exit_code == 0


def test_min_accuracy_decides_the_exit_code(elsewhere, data_file):
    assert train(data_file, "--min-accuracy", 0.01).exit_code == 0
    done = train(data_file, "--min-accuracy", 1)
    assert done.exit_code == 5 and "is below --min-accuracy 1" in done.stderr


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_divergence_has_its_own_exit_code(elsewhere, data_file):
    done = run("train", "--data", data_file, "--epochs", 1, "--lr", 1e30, "--json")
    values = json.loads(done.stdout)
    assert done.exit_code == 4 and values["verdict"] == "diverged" and values["test_accuracy"] is None
    assert "--lr 1e+29" in values["next"] and "Traceback" not in done.stderr
    assert run("evaluate", values["run"]).exit_code == 0  # the weights before it are kept


WRONG_CHOICES = [
    (["--epochs", 0], "epochs must be a whole number, at least 1, not 0"),
    (["--epochs", "many"], "'many' is not a valid integer"),
    (["--batch-size", 0], "batch size must be a whole number, at least 1, not 0"),
    (["--lr", "nan"], "learning rate must be a finite number above 0, not nan"),
    (["--lr", "inf"], "learning rate"), (["--lr", -1], "learning rate"), (["--lr", 0], "learning rate"),
    (["--momentum", 1], "momentum"), (["--weight-decay", "nan"], "weight decay"), (["--seed", -1], "seed"),
    (["--optimizer", "adamw"], "optimizer must be one of sgd, adam"),
    (["--schedule", "step"], "schedule must be one of constant, cosine, one-cycle"),
    (["--model", "lenet"], "unknown model 'lenet': there are lenet5, mlp, linear; did you mean lenet5"),
    (["--threads", 0], "--threads must be between 1 and"), (["--threads", 100_000], "--threads must be between 1 and"),
    (["--min-accuracy", 98], "98"), (["--min-accuracy", "nan"], "nan is not a finite number"),
    (["--colour"], "No such option"), (["extra"], "unexpected extra argument"),
    (["--resume", "x", "--epochs", 5], "--resume keeps the settings of the run: leave --epochs away"),
]


@pytest.mark.parametrize("words, message", WRONG_CHOICES, ids=lambda value: " ".join(map(str, value))
                         if isinstance(value, list) else "")
def test_a_wrong_choice_is_refused_and_leaves_nothing_behind(elsewhere, data_file, words, message):
    data = [] if "--resume" in words else ["--data", data_file]
    assert_refused(run("train", *data, *words), 2, message)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("words, message", [
    (["--data", "mnits"], "did you mean mnist"), (["--data", "none.npz"], "none.npz"),
    (["--data", "mnist", "--data-dir", "nowhere"], "nowhere"), (["--limit", 0], "limit is 0"),
    (["--limit", 1], "1 training image is too few"), (["--resume", "nowhere"], "nowhere is no run folder"),
], ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else "")
def test_data_that_cannot_be_used_has_its_own_exit_code(elsewhere, words, message):
    assert_refused(run("train", *words), 3, message)
    assert list(elsewhere.iterdir()) == []


def test_images_too_small_for_the_model_are_refused(elsewhere):
    images, labels = np.zeros((20, 8, 8), np.uint8), np.arange(20) % 2
    np.savez("small.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    assert_refused(run("train", "--data", "small.npz"), 2, "images of 8x8 are too small.*at least 12x12")


def test_another_run_is_never_overwritten(trained, data_file):
    path, _ = trained
    before = {file: file.read_bytes() for file in path.iterdir()}
    assert_refused(train(data_file, "--out", path), 2, "refuses to overwrite")
    assert {file: file.read_bytes() for file in path.iterdir()} == before


def test_an_out_that_cannot_be_made_is_refused(elsewhere, data_file):
    (elsewhere / "file").write_text("precious")
    assert_refused(train(data_file, "--out", "file"), 2, "file is a file")
    assert_refused(train(data_file, "--out", "file/run"), 3, "file/run: not a directory")
    assert (elsewhere / "file").read_text() == "precious"


def test_a_full_disk_is_said_in_one_sentence(elsewhere, data_file, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device", "last.safetensors")

    monkeypatch.setattr("numbacnn.train.run_folder.RunFolder.append_log", full)
    done = train(data_file)
    assert done.exit_code == 3
    assert done.stderr.splitlines()[-1] == "numbacnn: error: last.safetensors: no space left on device"


# --- Ctrl-C and resume

def test_ctrl_c_saves_and_resume_goes_on_bit_for_bit(elsewhere, data_file, monkeypatch):
    from numbacnn.train.loop import _Training

    step, calls = _Training.step, []

    def interrupted_step(self, indices):
        calls.append(1)
        if len(calls) == 7:
            signal.raise_signal(signal.SIGINT)
        return step(self, indices)

    common = ("train", "--data", data_file, "--model", "mlp", "--epochs", 2, "--json")
    straight = json.loads(run(*common, "--out", "straight").stdout)
    monkeypatch.setattr(_Training, "step", interrupted_step)
    stopped = run(*common, "--out", "stopped")
    monkeypatch.undo()
    monkeypatch.chdir(elsewhere)
    values = json.loads(stopped.stdout)
    assert stopped.exit_code == 130 and values["status"] == "interrupted"
    assert values["next"] == "numbacnn train --resume stopped"
    resumed = json.loads(run("train", "--resume", "stopped", "--json").stdout)
    for key in ("test_loss", "test_accuracy", "train_loss", "val_loss"):
        assert resumed[key] == straight[key], key
    for name in ("best", "last", "initial"):
        first, second = (Path(folder, f"{name}.safetensors").read_bytes() for folder in ("stopped", "straight"))
        assert first == second, name
    assert_refused(run("train", "--resume", "stopped"), 2, "not interrupted but done")


def test_a_run_does_not_go_on_with_other_data(elsewhere, data_file, trained):
    path = copy_of(trained[0], elsewhere / "run")
    info = json.loads((path / "run.json").read_text())
    info["results"]["status"], info["data"]["hash"] = "running", "0" * 64
    (path / "run.json").write_text(json.dumps(info))
    assert_refused(run("train", "--resume", path), 3, "was trained on other data")


def test_the_second_ctrl_c_leaves_at_once(elsewhere, data_file):
    code = ("import os, signal\nfrom numbacnn.cli.interrupt import ask_before_leaving\n"
            "with ask_before_leaving() as stop:\n"
            "    assert not stop()\n    os.kill(os.getpid(), signal.SIGINT)\n    assert stop()\n"
            "    os.kill(os.getpid(), signal.SIGINT)\n    raise AssertionError('still here')")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130 and "Ctrl-C again" in done.stderr and "Traceback" not in done.stderr


# --- evaluate

def test_evaluate_measures_what_train_measured(trained):
    path, values = trained
    done = run("evaluate", path, "--json")
    result = json.loads(done.stdout)
    assert done.exit_code == 0 and done.stderr == ""
    assert (result["accuracy"], result["loss"]) == (values["test_accuracy"], values["test_loss"])
    assert np.sum(result["confusion_matrix"]) == result["images"] == 60
    assert np.trace(result["confusion_matrix"]) == round(60 * result["accuracy"])


def test_evaluate_prints_tables(trained):
    done = run("evaluate", trained[0], "--weights", "last")
    assert done.exit_code == 0
    assert "(last weights) on 60 test images" in done.stdout and "most confused" in done.stdout
    assert len(re.findall(r"^\d +\d+ +[\d.]+ %$", done.stdout, re.MULTILINE)) == 10


@pytest.mark.parametrize("shape, labels, message", [
    ((20, 20, 20), 10, "are 1x20x20, but the run was trained on 1x28x28"),
    ((20, 28, 28), 12, "has 12 classes, but the run was trained on 10"),
], ids=["shape", "classes"])
def test_evaluate_refuses_data_that_does_not_fit(elsewhere, trained, shape, labels, message):
    images, labels = np.zeros(shape, np.uint8), np.arange(len(np.zeros(shape))) % labels
    np.savez("other.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    assert_refused(run("evaluate", trained[0], "--data", "other.npz"), 3, message)


def test_evaluate_takes_other_data_that_fits(trained):
    done = run("evaluate", trained[0], "--data", "digits", "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["images"] == 10_000


def test_evaluate_says_that_the_data_have_changed(elsewhere, trained):
    path = copy_of(trained[0], elsewhere / "run")
    info = json.loads((path / "run.json").read_text())
    info["data"]["hash"] = "0" * 64
    (path / "run.json").write_text(json.dumps(info))
    assert "no longer holds the images" in run("evaluate", path).stderr


@pytest.mark.parametrize("command", ["evaluate", "visualize-filters", "predict"])
@pytest.mark.parametrize("harm, message", [
    (lambda path: (path / "run.json").unlink(), "has no run.json"),
    (lambda path: (path / "run.json").write_text("{"), "run.json is damaged"),
    (lambda path: (path / "best.safetensors").unlink(), "best.safetensors is missing"),
    (lambda path: (path / "best.safetensors").write_bytes(b"x" * 100), "best.safetensors cannot be read"),
], ids=["no-run.json", "bad-run.json", "no-weights", "bad-weights"])
def test_a_damaged_run_is_refused(elsewhere, trained, command, harm, message):
    path = copy_of(trained[0], elsewhere / "run")
    harm(path)
    assert_refused(run(command, path, *(["x.png"] if command == "predict" else [])), 3, message)


def test_weights_of_another_model_are_refused(elsewhere, trained, data_file):
    path = copy_of(trained[0], elsewhere / "run")
    assert train(data_file, "--out", "other").exit_code == 0
    (path / "best.safetensors").write_bytes(Path("other/best.safetensors").read_bytes())
    assert_refused(run("evaluate", path), 3, "does not fit the model lenet5")


def test_weights_that_are_no_numbers_still_give_json(elsewhere, trained):
    path = copy_of(trained[0], elsewhere / "run")
    weights = {name: np.full(tensor.shape, np.nan, np.float32)
               for name, tensor in numbacnn.load(path / "best.safetensors").items()}
    numbacnn.save(weights, path / "best.safetensors")
    done = run("evaluate", path, "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["loss"] is None


# --- visualize-filters

@pytest.mark.parametrize("layer", [None, "conv1", "conv2"])
def test_filters_are_drawn(elsewhere, trained, layer):
    path = copy_of(trained[0], elsewhere / "run")
    done = run("visualize-filters", path, *(["--layer", layer] if layer else []))
    picture = path / f"filters-{layer or 'conv1'}.png"
    assert done.exit_code == 0 and done.stdout.splitlines()[0] == f"wrote {picture}"
    assert re.search(r"training moved the \d+ filters by \d+ %", done.stdout)
    with Image.open(picture) as image:
        assert image.width > 1000
    assert done.stdout.splitlines()[1].startswith(f"{layer or 'conv1'}: ")


def test_filters_as_json(elsewhere, trained):
    values = json.loads(run("visualize-filters", trained[0], "--json", "--out", "f.png").stdout)
    assert values["shape"] == [6, 1, 5, 5] and len(values["filters"]) == 6 and values["file"] == "f.png"
    assert values["norm_after"] ** 2 == pytest.approx(sum(row["after"] ** 2 for row in values["filters"]))


def test_filters_that_cannot_be_drawn_are_refused(elsewhere, trained, data_file):
    path, _ = trained
    assert_refused(run("visualize-filters", path, "--layer", "fc1"), 2, "the convolutions of lenet5 are conv1, conv2")
    assert_refused(run("visualize-filters", path, "--out", "f.jpg"), 2, "must end in .png")
    assert_refused(run("visualize-filters", path, "--out", "nowhere/f.png"), 3, "nowhere/.*: no such file or directory")
    (elsewhere / "d.png").mkdir()
    assert_refused(run("visualize-filters", path, "--out", "d.png"), 3, "directory")
    assert train(data_file, "--out", "linear").exit_code == 0
    assert_refused(run("visualize-filters", "linear"), 2, "the model linear has no convolution")


# --- predict

@pytest.fixture
def pictures(elsewhere):
    """A digit as the network knows it, and one drawn dark on a large light sheet."""
    images, labels = draw_digits(2, seed=8)
    Image.fromarray(images[0]).save("known.png")
    Image.fromarray(np.kron(255 - images[1], np.ones((5, 5), np.uint8))).save("paper.png")
    Path("not.png").write_text("words")
    return labels


def test_predict_answers_a_row_an_image(trained, pictures):
    done = run("predict", trained[0], "known.png", "paper.png")
    assert done.exit_code == 0 and done.stderr == ""
    header, known, paper = done.stdout.splitlines()
    assert header.split() == ["file", "prediction", "probability", "second", "done", "to", "the", "picture"]
    assert known.startswith("known.png") and known.endswith("nothing")
    assert paper.startswith("paper.png") and "inverted, cropped" in paper


def test_one_bad_picture_does_not_stop_the_others(trained, pictures):
    done = run("predict", trained[0], "not.png", "known.png", "none.png")
    assert done.exit_code == 3 and len(done.stdout.splitlines()) == 2
    assert [line.split(": ")[2] for line in done.stderr.splitlines()] == ["not.png", "none.png"]


def test_predict_as_json(trained, pictures):
    done = run("predict", trained[0], "known.png", "not.png", "--json")
    known, bad = json.loads(done.stdout)["predictions"]
    assert done.exit_code == 3 and "is not a picture" in bad["error"]
    assert sum(known["probabilities"]) == pytest.approx(1) and known["probability"] == max(known["probabilities"])
    assert known["steps"] == [] and known["probability"] >= known["second_probability"]


def test_predict_shows_the_picture(trained, pictures):
    lines = run("predict", trained[0], "known.png", "--show").stdout.splitlines()
    assert lines[0] == "known.png:" and {len(line) for line in lines[1:15]} == {28}
    assert "█" in "".join(lines[1:15])


# --- streams

def test_the_bar_line():
    record = BatchDone(3, 10, 412, 938, 0.08314, 101_234.5, 14.2)
    assert re.fullmatch(r"epoch 3/10 ━{10}─{14} 412/938  0:14 left  loss 0.0831  101,234 img/s", bar_line(record))
    assert "left" not in bar_line(BatchDone(1, 10, 1, 938, 2.3, None, None))


def test_a_reader_that_leaves_early_is_no_error(trained):
    done = subprocess.run(f"{sys.executable} -c 'from numbacnn.cli import main; main()' evaluate {trained[0]} | true",
                          shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_an_unknown_command_is_refused():
    assert_refused(run("trian"), 2, "No such command 'trian'")
