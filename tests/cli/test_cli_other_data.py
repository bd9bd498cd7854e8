"""Other data than those of the run: what does not fit is said first, and no command advises options that are not its own."""
import json
import struct

import click
import numpy as np
import pytest
from PIL import Image

from cli_runs import assert_refused, run
from numbacnn.cli import main
from numbacnn.cli.foreign_options import with_owners
from numbacnn.data import draw_digits


def save(pixels, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture(scope="module")
def mnist(tmp_path_factory):
    """A run of a data set that lies in a folder."""
    folder = tmp_path_factory.mktemp("mnist")
    images, labels = draw_digits(150, seed=2)
    for name, some, magic in (("images-idx3", images.reshape(-1, 28, 28), 2051), ("labels-idx1", labels.astype(np.uint8), 2049)):
        for part, rows in (("train", some[:120]), ("t10k", some[120:])):
            (folder / "files").mkdir(exist_ok=True)
            (folder / "files" / f"{part}-{name}-ubyte").write_bytes(struct.pack(f">{1 + rows.ndim}i", magic, *rows.shape) + rows.tobytes())
    done = run("train", "--data", "mnist", "--data-dir", folder / "files", "--model", "linear", "--epochs", 1, "--out", folder / "run")
    assert done.exit_code == 0, done.output
    return folder


def test_classes_are_compared_before_a_picture_is_read(trained, elsewhere):
    white = np.full((40, 40), 255, np.uint8)  # no digit, so framing it would fail
    for name in ("airplane", "bird"):
        save(white, elsewhere / "photos" / name / "1.png")
    done = run("evaluate", trained[0], "--data", "photos")
    assert_refused(done, 3, "photos has the classes airplane, bird, which the run has never learned; its classes are 0, 1, 2")


def test_no_advice_names_an_option_as_if_it_were_of_the_command(trained, elsewhere):
    pixels = np.full((40, 40), 120, np.uint8)
    pixels[10:30, 18:22] = 30  # dark ink on gray, which counts as dark paper
    save(pixels, elsewhere / "digits" / "1" / "1.png")
    measured, answered = run("evaluate", trained[0], "--data", "digits/"), run("predict", trained[0], "digits/1/1.png")
    assert "give --invert" in measured.stderr and "give --invert" in answered.stderr
    assert "(--invert is an option of predict, explain, saliency, feature-maps and visualize-filters, not of evaluate)" in measured.stderr
    assert "is an option" not in answered.stderr


@pytest.mark.parametrize("command, sentence, more", [
    ("report", "a.png is 4x4; give one size, such as --image-size 4", "(--image-size is an option of train and show-data, not of report)"),
    ("train", "a.png is 4x4; give one size, such as --image-size 4", ""),
    ("runs", "a run; go on with numbacnn train --resume a", ""),
    ("evaluate", "no such option: --color", ""),
    ("predict", "an .npz file; numbacnn evaluate RUN --data a.npz measures it", ""),
])
def test_whose_an_option_is(command, sentence, more):
    context = click.Context(main.get_command(None, command), parent=click.Context(main), info_name=command)
    assert with_owners(sentence, context) == f"{sentence} {more}".strip()


def test_the_folder_of_the_run_is_taken_for_its_data_set(mnist):
    done = run("evaluate", mnist / "run", "--data", "mnist", "--json")
    assert done.exit_code == 0, done.output
    assert done.stderr == f"note: mnist is read from {mnist / 'files'}, as for the training; --data-dir says otherwise\n"
    assert json.loads(done.stdout)["images"] == 30
    assert_refused(run("evaluate", mnist / "run", "--data", "mnist", "--data-dir", mnist / "none"), 3, "none: no such folder")


def test_the_validation_part_is_of_the_run_alone(mnist):
    done = run("evaluate", mnist / "run", "--data", "mnist", "--data-dir", mnist / "files", "--part", "val")
    assert_refused(done, 2, "each run splits one off the training examples; leave --data out to measure that of the run, or give one of "
                            "train, test, all")
    assert json.loads(run("evaluate", mnist / "run", "--part", "val", "--json").stdout)["images"] == 10
