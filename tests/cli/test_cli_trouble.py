"""What goes wrong around a training: a full disk, a reader who leaves, a cache that cannot be written."""
import errno
import json
import logging
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import numbacnn
from cli_runs import assert_refused, run, train
from numbacnn.cli import progress
from numbacnn.cli.output import counted, path_word
from numbacnn.train import RunFolder, run_folder
from numbacnn.train.files import replace_file

PROGRAM = f"{sys.executable} -c 'from numbacnn.cli import main; main()'"


def full(*given, **more):
    raise OSError(errno.ENOSPC, "No space left on device")


# --- a full disk

@pytest.mark.parametrize("writer, file", [
    ("train.run_folder.json.dumps", "run.json"), ("serialization.os.fsync", "initial.safetensors"),
    ("train.checkpoint.safetensors_bytes", "checkpoint.safetensors")])
def test_a_full_disk_at_the_start_leaves_nothing(elsewhere, data_file, monkeypatch, writer, file):
    monkeypatch.setattr(f"numbacnn.{writer}", full)
    done = train(data_file, "--out", "run")
    assert done.exit_code == 3
    assert done.stderr.splitlines()[-1].startswith(f"numbacnn: error: run/{file}: no space left on device")
    assert list(elsewhere.iterdir()) == []


def test_a_full_disk_later_keeps_what_was_trained(elsewhere, data_file, monkeypatch):
    append, rows = RunFolder.append_log, []

    def full_in_the_second_epoch(self, row):
        rows.append(row)
        if len(rows) == 2:
            monkeypatch.setattr(run_folder.json, "dumps", full)
        append(self, row)

    monkeypatch.setattr(RunFolder, "append_log", full_in_the_second_epoch)
    done = train(data_file, "--epochs", 3, "--out", "run")
    monkeypatch.undo()
    monkeypatch.chdir(elsewhere)
    assert done.exit_code == 3
    assert done.stderr.splitlines()[-1] == (
        "numbacnn: error: run/log.jsonl: no space left on device; run keeps the run as it was after 2 epochs, go on from "
        "there with numbacnn train --resume run")
    straight = json.loads(train(data_file, "--epochs", 3, "--out", "straight", "--json").stdout)
    resumed = json.loads(run("train", "--resume", "run", "--json").stdout)
    assert resumed["test_loss"] == straight["test_loss"]
    assert [row["epoch"] for row in resumed["log"]] == [1, 2, 3]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_an_output_on_a_full_disk_is_said(elsewhere, data_file):
    done = subprocess.run(["bash", "-c", f"{PROGRAM} train --data {data_file} --model linear > /dev/full"], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 3 and done.stderr == ("numbacnn: error: standard output: no space left on device; no epoch was "
                                                    "finished, so nothing of the run is kept\n")
    assert not any((elsewhere / "runs").iterdir())


def test_a_file_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError) as caught:
        with replace_file(tmp_path / "no" / "x.png") as temporary:
            temporary.write_bytes(b"")
    assert caught.value.filename == str(tmp_path / "no" / "x.png")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError) as caught:
        numbacnn.save({"a": numbacnn.zeros(2)}, tmp_path / "a.safetensors")
    assert caught.value.filename == str(tmp_path / "a.safetensors") and list(tmp_path.iterdir()) == []


# --- a reader who leaves

#: The command, which goes on after its first line when the reader has left; it does not matter which of them is faster.
PATIENT = """
import io, select, sys
from numbacnn.cli import main

class Stdout(io.TextIOWrapper):
    left = False

    def flush(self):
        super().flush()
        reader = select.poll()
        reader.register(1, 0)  # asks for nothing but whether it has left
        self.left = self.left or bool(reader.poll(100_000))

sys.stdout = Stdout(open(1, "wb", closefd=False))
main()
"""


def test_training_stops_when_its_reader_leaves_and_can_go_on(elsewhere, data_file):
    common = f"train --data {data_file} --model linear --epochs 3"
    with subprocess.Popen([sys.executable, "-c", PATIENT, *common.split(), "--out", "stopped"], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout.readline()
        running.stdout.close()
        said = running.stderr.read().splitlines()
    assert running.returncode == 141
    assert said[-1] == ("the output pipe was closed: interrupted in epoch 1, after batch 1; all is saved. next: "
                        "numbacnn train --resume stopped")
    assert not any("Traceback" in line for line in said)
    resumed = json.loads(run("train", "--resume", "stopped", "--json").stdout)
    straight = json.loads(run(*common.split(), "--out", "straight", "--json").stdout)
    assert resumed["test_loss"] == straight["test_loss"]


@pytest.mark.parametrize("more", ["", "--json"])
def test_a_reader_that_has_left_is_no_error(trained, more):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(["bash", "-c", f"{PROGRAM} evaluate {trained[0]} {more}"], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


# --- no cache

@pytest.fixture
def told(monkeypatch):
    """Set as soon as a line is written or drawn that begins the note on compiling."""
    monkeypatch.setattr(progress, "WORTH_SAYING", 0)
    said, real = threading.Event(), progress.write

    def write(line, **choices):
        real(line, **choices)
        if "compiling kernels..." in line:
            said.set()

    monkeypatch.setattr(progress, "write", write)
    return said


@pytest.mark.parametrize("kept, words", [(True, "(once; cached)"), (False, "(again in every program: there is nowhere")])
def test_the_compile_note_says_whether_kernels_are_kept(capsys, told, kept, words):
    note = progress.CompileNote(progress.Bar(), kept=lambda: kept)
    note.start()
    assert told.wait(100)
    note.finish(6.1)
    assert capsys.readouterr().err.startswith(f"compiling kernels... 6.1 s {words}")


def test_on_a_terminal_the_seconds_of_compiling_are_counted(capsys, told, monkeypatch):
    monkeypatch.setattr(progress, "TICK", 0.001)
    bar = progress.Bar()
    bar.visible = True
    note, drawn, draw = progress.CompileNote(bar, kept=lambda: True), [], bar.draw
    moved = threading.Event()

    def drawing(line):
        drawn.append(line)
        draw(line)
        if len({*drawn}) > 1:
            moved.set()

    monkeypatch.setattr(bar, "draw", drawing)
    note.start()
    assert moved.wait(100)
    note.finish(6.1)
    assert all(re.fullmatch(r"compiling kernels\.\.\. \d+\.\d s \(.*\)", line) and len(line) < 60 for line in drawn)
    assert "(usually 6 to 10 s, once)" in drawn[0]
    shown = capsys.readouterr().err
    assert shown.endswith("\r\x1b[2Kcompiling kernels... 6.1 s (once; cached)\n") and shown.count("\n") == 1


def test_longer_than_usual_is_said():
    assert "usually 6 to 10 s" in progress.compiling_line(10.0)
    assert progress.compiling_line(10.1) == "compiling kernels... 10.1 s (usually 6 to 10; cores busy?)"
    assert len(progress.compiling_line(999.9)) < 60


def test_a_compile_note_that_was_not_needed_says_nothing(capsys):
    note = progress.CompileNote(progress.Bar(), kept=lambda: True)
    note.start()
    note.finish(0.2)
    progress.CompileNote(progress.Bar(), kept=lambda: True).cancel()  # of a training that did not come to it
    assert capsys.readouterr().err == ""


def test_what_matplotlib_says_of_its_own_cache_stays_away(capsys, elsewhere):
    run("train", "--color")
    logging.getLogger("matplotlib").warning("Matplotlib created a temporary cache directory")
    assert not logging.getLogger("matplotlib").isEnabledFor(logging.WARNING) and capsys.readouterr().err == ""


# --- names that begin with a dash

def test_a_folder_that_begins_with_a_dash_can_be_used(elsewhere, data_file):
    assert train(data_file, "--out", "./-y").exit_code == 0 and Path("-y/run.json").exists()
    assert path_word(Path("-y")) == "./-y" and run("evaluate", path_word(Path("-y"))).exit_code == 0


def test_damaged_and_missing_checkpoints_hold_no_progress(tmp_path):
    from numbacnn.train.checkpoint import saved_progress

    assert saved_progress(tmp_path / "none") is None
    (tmp_path / "bad").write_bytes(b"x" * 100)
    assert saved_progress(tmp_path / "bad") is None


def test_a_wrong_argument_is_named_as_python_names_it(tmp_path):
    from numbacnn.data import ArgumentError, load_dataset

    with pytest.raises(ArgumentError, match="^data_dir is here, but the data set digits is not read from a folder"):
        load_dataset("digits", data_dir="here")
    assert_refused(run("show-data", "--data-dir", "here"), 2, "--data-dir is here")


@pytest.mark.parametrize("number, things, words", [(1, "images", "1 image"), (0, "epochs", "0 epochs"),
                                                   (1834, "images", "1,834 images"), (1, "time series", "1 time series")])
def test_one_of_a_kind_is_singular(number, things, words):
    assert counted(number, things) == words


def test_a_training_with_one_image_says_so(elsewhere):
    assert "digits: 1 image to train, 1 to validate, 10,000 to test" in run(
        "train", "--limit", 2, "--model", "linear", "--epochs", 1, "--threads", 1).stdout
