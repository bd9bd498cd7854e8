"""Runs of the command line for its tests: the data, a finished run, and what an error looks like."""
import json
import re
import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from numbacnn.cli import main
from numbacnn.data import draw_digits

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
    return shutil.copytree(run_folder, path)


def assert_refused(result, code, words):
    """Exit code, one line on stderr, nothing on stdout, no traceback."""
    assert result.exit_code == code, result.output
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("numbacnn: error: "), lines
    assert re.search(words, lines[0]), lines[0]
    assert result.stdout == ""
