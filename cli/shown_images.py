"""The examples that a command looks at: pictures that are given, read as `predict` reads them, or some of the validation split."""
from dataclasses import dataclass
from pathlib import Path

import click

from numbacnn.cli.failure import DataFailure
from numbacnn.cli.output import counted
from numbacnn.cli.predict_inputs import prepare
from numbacnn.cli.run_data import load_run_data, to_be_put_back


@dataclass(frozen=True, eq=False)
class Shown:
    """An example as the run's data hold it, such as an image (C, H, W), its name, and its class if that is known."""

    name: str
    pixels: object
    label: int | None = None


def images_for(run, model, command, inputs, invert, data_dir, right, wrong, of_any_kind=False):
    """The images to show, of a command that can do so also the series, films or sentences.

    Parameters
    ----------
    run : RunFolder
    model : Module
    command : str
        Its name, for errors.
    inputs : sequence of str
        Pictures, folders of them, tables; nothing for images of the validation split.
    invert : bool or None
        As of `numbacnn predict`.
    data_dir : str or None
        Where the data of the run lie, if they have moved.
    right, wrong : int
        How many of the validation split: some that are read right, and those with the largest loss that are read wrong.
    of_any_kind : bool
        Whether the command also shows examples that are not images; they come from the validation split alone.

    Returns
    -------
    shown : list of Shown
    notes : list of str
    errors : list of str
        Of files that cannot be used.
    """
    from numbacnn.data.record import KINDS

    kind = run.info["data"].get("kind", "images")
    if kind != "images" and not of_any_kind:
        raise click.UsageError(f"{run.path} learned from {KINDS[kind][0]}, but {command} shows images")
    if kind != "images" and inputs:
        raise click.UsageError(f"{run.path} learned from {KINDS[kind][0]}, so it cannot read a picture; leave IMAGE out: {command} then "
                               "shows some of its validation split")
    if not inputs:
        shown, notes = _of_validation(run, model, data_dir, right, wrong, KINDS[kind][0])
        return shown, notes, []
    if data_dir is not None:
        raise click.UsageError("--data-dir says where the images of the run lie, but others are given; leave one of them out")
    prepared, answers, notes = prepare(run, inputs, invert, command)
    errors = [answer["error"] for answer in answers if "error" in answer]
    shown = [Shown(answer["file"], prepared[answer["file"]]) for answer in answers if "error" not in answer]
    if not shown:
        raise DataFailure(errors[0] if errors else "none of the inputs is a picture")
    return shown, notes, errors


def _of_validation(run, model, data_dir, right, wrong, examples):
    """Examples of the validation split, and a note on which."""
    pictures = "give pictures to look at" if examples == "images" else ""
    instead = pictures and f"; {pictures}"
    with to_be_put_back(run, pictures and f", or {pictures}"):
        data = load_run_data(run, data_dir, instead, examples)
    if not len(data.y_val):
        raise DataFailure(f"{data.name} has no validation {examples}{instead}")
    shown, note = some_of_validation(data, run, model, right, wrong, examples)
    return shown, [f"no image is given, so {note}" if examples == "images" else note]


def some_of_validation(data, run, model, right, wrong, examples):
    """Some of different classes that are read right, and the wrong ones with the largest loss; and a sentence on them."""
    import numpy as np

    from numbacnn.insight import worst
    from numbacnn.train import Normalize
    from numbacnn.train.evaluation import example_losses

    known, x, y = run.info["data"], data.x_val, data.y_val
    losses, predictions = example_losses(model, x, y, Normalize(known["mean"], known["std"]))
    misread = [n for n in worst(losses) if predictions[n] != y[n]][:wrong]
    read = np.flatnonzero(predictions == y)
    of_each_class = read[np.sort(np.unique(y[read], return_index=True)[1])][:right]  # the first of a class
    note = (f"{counted(len(of_each_class) + len(misread), f'validation {examples}')} {'is' if len(of_each_class) + len(misread) == 1 else 'are'} "
            f"shown: {len(of_each_class):,} that the network reads right, {len(misread):,} that it reads wrong")
    return [Shown(f"validation-{n}", x[n], int(y[n])) for n in [*of_each_class, *misread]], note


def labels_of(shown, predictions, classes):
    """Captions of the examples: name, predicted class, and the true class if it differs."""
    for each, predicted in zip(shown, predictions):
        name, read = Path(each.name).name, classes[predicted]
        yield f"{name}: {read}" if each.label == predicted else f"{name}: read as {read}" + (
            "" if each.label is None else f", truly {classes[each.label]}")
