"""The table of epochs that `numbacnn train` prints: it fits the terminal, and a person can read its numbers."""
import json
from dataclasses import replace

import pytest

from cli_runs import train
from numbacnn.cli import train_report
from numbacnn.train.records import EpochDone


@pytest.mark.parametrize("width, there", [
    (80, "train_loss train_acc val_loss val_acc lr images/s time"), (79, "train_loss train_acc val_loss val_acc images/s time"),
    (60, "train_loss train_acc val_loss val_acc time"), (50, "train_loss train_acc val_loss val_acc"), (40, "train_loss val_loss val_acc")],
    ids=lambda value: str(value)[:2])
def test_the_table_of_epochs_fits_the_terminal(elsewhere, data_file, monkeypatch, width, there):
    monkeypatch.setenv("COLUMNS", str(width))
    lines = train(data_file, "--epochs", 2).stdout.splitlines()
    first = lines.index("* = best epoch so far") + 1
    assert lines[first].split() == ["epoch", *there.split()]
    assert lines[first + 1].endswith("*") and max(map(len, lines[first:first + 3])) <= width


def test_the_table_of_epochs_holds_the_numbers_of_the_log(elsewhere, data_file):
    done = train(data_file, "--epochs", 2, "--json")
    header, *rows = [line.split() for line in done.stderr.partition("* = best")[2].replace(" %", "%").splitlines()[1:4]]
    for row, values in zip(rows, json.loads(done.stdout)["log"], strict=True):
        cells = dict(zip(header, row))
        assert [cells[name] for name in ("train_acc", "val_acc")] == [f"{100 * values[name]:.2f}%" for name in ("train_accuracy", "val_accuracy")]
        assert [cells[name] for name in ("train_loss", "val_loss")] == [f"{values[name]:.4f}" for name in ("train_loss", "val_loss")]
    assert [row[header.index("lr")] for row in rows] == ["0.0032", "~0"]  # 0.004 (1 + cos(2 pi / 7)) / 2, and almost nothing


@pytest.mark.parametrize("rate, peak, text", [
    (0.03, 0.03, "0.03"), (0.004, 0.03, "0.004"), (0.000123, 0.03, "0.00012"), (0.0000123, 0.01, "0.000012"), (0.00001, 0.01, "0.00001"),
    (0.00000999, 0.01, "~0"), (1.6e-8, 0.03, "~0"), (3e-6, 3e-6, "3.0e-06"), (0.9999, 1, "1"), (1.0, 1, "1"), (2.5, 2.5, "2.5")])
def test_a_learning_rate_reads_like_a_number(rate, peak, text):
    assert train_report.rate_text(rate, peak) == text


def test_a_perfect_row_is_as_wide_as_the_others():
    row = EpochDone(100, 1.0, 1.0, 999.9999, 1.0, 0.0000123, 1_234_567, 1234.5, best=True)
    header = "  ".join(name.rjust(width) for name, width in train_report.COLUMNS.items())
    line = train_report.epoch_line(row)
    assert len(line) == len(header) + 3 == 80 and line.endswith("1234 s  *") and line.count("100.0 %") == 2
    assert train_report.epoch_line(replace(row, train_accuracy=0.9999, seconds=9.99)).count("100.0 %") == 1
