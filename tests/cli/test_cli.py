"""The command line: help, training, Ctrl-C, and what goes to which stream."""
import importlib.util
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from cli_runs import assert_refused, run, train
from numbacnn.cli import main, progress
from numbacnn.cli.progress import bar_line
from numbacnn.train.records import BatchDone

ROOT = Path(__file__).parents[2]


# --- help

def all_commands():
    context = click.Context(main)
    return {name: main.get_command(context, name) for name in main.list_commands(context)}


@pytest.mark.parametrize("name", all_commands())
def test_every_command_and_option_explains_itself(name):
    command = all_commands()[name]
    assert command.help and "Exit codes" in command.epilog
    assert len(command.get_short_help_str(100)) <= 55  # what 80 columns leave beside the longest name
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help and parameter.help.endswith((".", "]")), parameter.name


@pytest.mark.parametrize("width", [40, 60, 80])
def test_the_list_of_commands_cuts_no_sentence(width):
    said = main.get_help(click.Context(main, info_name="numbacnn", terminal_width=width, **main.context_settings))
    assert "..." not in said.partition("Commands:")[2] and max(map(len, said.splitlines())) <= max(width, 50)  # Click's least
    words = " ".join(said.split())
    for name, command in all_commands().items():
        assert f"{name} {command.help.split('.')[0]}." in words
    if width == 80:
        assert [line.split()[0] for line in said.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()] == [*all_commands()]


@pytest.mark.parametrize("script", ["make_commands", "make_names", "make_offered"])
def test_generated_pages_are_current(script):
    spec = importlib.util.spec_from_file_location(script, ROOT / "docs" / f"{script}.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    assert make.PAGE.read_text(encoding="utf-8") == make.page(), f"run python docs/{script}.py"
    assert "|  |" not in make.page(), "a name without a docstring"


def test_the_commands_page_names_every_option():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
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


def test_python_runs_the_package_as_the_command():
    done = subprocess.run([sys.executable, "-m", "numbacnn", "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage: numbacnn [OPTIONS] [COMMAND]")


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
        "checkpoint.safetensors", "curves.png", "familiar.safetensors", "snapshots"}
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
                  "7,850", "seed 0", "threads", "run folder runs/linear-few-001", "epoch  train_loss  train_acc  val_loss",
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


# --- Ctrl-C and resume

def test_ctrl_c_saves_and_resume_goes_on_bit_for_bit(elsewhere, data_file, monkeypatch):
    from numbacnn.train import TrainingSteps, turns

    call, calls = TrainingSteps.__call__, []

    def interrupted_call(self, x, y, rates):
        calls.append(1)
        if len(calls) == 7:
            signal.raise_signal(signal.SIGINT)
        return call(self, x, y, rates)

    common = ("train", "--data", data_file, "--model", "mlp", "--epochs", 2, "--json")
    straight = json.loads(run(*common, "--out", "straight").stdout)
    monkeypatch.setattr(turns, "LONGEST_TURN", 1)
    monkeypatch.setattr(TrainingSteps, "__call__", interrupted_call)
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


def test_the_second_ctrl_c_leaves_at_once(elsewhere, data_file):
    code = ("import os, signal\nfrom numbacnn.cli.interrupt import ask_before_leaving\n"
            "with ask_before_leaving() as stop:\n"
            "    assert not stop()\n    os.kill(os.getpid(), signal.SIGINT)\n    assert stop()\n"
            "    os.kill(os.getpid(), signal.SIGINT)\n    raise AssertionError('still here')")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130 and done.stderr.endswith("Ctrl-C again leaves at once\n\n") and "Traceback" not in done.stderr


# --- streams

def test_the_bar_line():
    record = BatchDone(3, 10, 412, 938, 0.08314, 101_234.5, 14.2)
    assert re.fullmatch(r"epoch 3/10 ━{10}─{14} 412/938  0:14 left  loss 0.0831  101,234 images/s", bar_line(record))
    assert "left" not in bar_line(BatchDone(1, 10, 1, 938, 2.3, None, None))


class Screen:
    """A bar that keeps what is drawn."""

    def __init__(self, visible):
        self.visible, self.drawn = visible, []

    def draw(self, line):
        self.drawn.append(line)


@pytest.mark.parametrize("visible", [True, False])
@pytest.mark.parametrize("pace, told", [(10, "measuring 9,000 test images: 1:10 left\n"), (0.1, "")])
def test_measuring_is_not_silent(capsys, monkeypatch, visible, pace, told):
    """A bar on a terminal; elsewhere one line, where it takes long."""
    now, screen = [100.0], Screen(visible)
    monkeypatch.setattr(progress, "perf_counter", lambda: now[0])
    measuring = progress.Measuring(screen, "test images")
    for done in range(0, 9001, 1000):
        measuring(done, 9000)
        now[0] += pace
    assert screen.drawn[0] == f"measuring {'─' * 24} 0/9,000 test images"
    assert screen.drawn[3].startswith(f"measuring {'━' * 8}{'─' * 16} 3,000/9,000 test images  {'1:00' if told else '0:01'} left")
    assert capsys.readouterr().err == ("" if visible else told)


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_commands_measure_with_a_bar(trained, data_file, elsewhere, monkeypatch, command):
    seen = []
    monkeypatch.setattr(progress.Measuring, "__call__", lambda self, done, total: seen.append((self.what, done, total)))
    more = ["--data", data_file, "--model", "linear", "--epochs", 1] if command == "train" else [trained[0]]
    assert run(command, *more).exit_code == 0
    assert seen == [("test images", 0, 60), ("test images", 60, 60)]
