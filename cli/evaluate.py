"""`numbacnn evaluate`."""
import math
from pathlib import Path

import click

from numbacnn.cli import options
from numbacnn.cli.data_source import absolute, of_run, of_the_run, pictures_of, table_for
from numbacnn.cli.failure import DataFailure
from numbacnn.cli.output import counted, fitting_table, path_word, percent, print_json, shape, with_error, wrapped
from numbacnn.cli.progress import Bar, Measuring, reading_line
from numbacnn.cli.run_data import to_be_put_back


@click.command(epilog="Exit codes: 0 done, 2 wrong usage, 3 a run, data or files that cannot be used.")
@options.run_argument
@options.weights
@click.option("--data", "data_name", metavar="NAME",
              help="Another data set, FILE.npz, FILE.csv or folder; it is normalized as the run's was. [default: that of the run]")
@options.data_dir
@options.kind
@options.label
@options.data_shape
@click.option("--part", type=click.Choice(["train", "val", "test", "all"]),
              help="Part to measure. [default: test; with --data, everything if it has no parts]")
@options.threads
@options.as_json
def evaluate(run_path, weights, data_name, data_dir, kind, label, shape, part, threads, as_json):
    """Measure a trained run on its test set or on other data.

    Prints accuracy and loss, the accuracy of each class, and the most frequent confusions.
    """
    from numbacnn.data.record import KINDS
    from numbacnn.engine import preparing
    from numbacnn.train import Normalize
    from numbacnn.train import evaluate as measure
    from numbacnn.train.standard_error import accuracy_error

    run = options.open_run_with_note(run_path, weights)
    threads = options.use_threads(threads)
    known = run.info["data"]
    choices = {"kind": kind, "label": label, "shape": shape}
    _refuse_without_data(data_name, choices)
    bar = Bar()
    try:
        with preparing():
            data = _load(run, data_name, data_dir, choices, lambda done, total: bar.draw(reading_line(done, total)))
    finally:
        bar.clear()
    _check_fit(data, run)
    options.say_notes(data)
    examples = KINDS[data.kind][0]
    if data_name is None and data.hash != known.get("hash"):
        click.echo(f"note: {data.name} no longer holds the {examples} the run was trained on", err=True)
    if data_name is not None and absolute(data_name) == known["name"] and not data.parts:
        click.echo(f"note: {data.name} holds the {examples} the run was trained on as well; for those held out leave --data out",
                   err=True)
    part, x, y = _part(data, part, data_name)
    what = examples if part == "all" else f"{part} {examples}"
    model = run.load_model(weights)
    try:
        loss, accuracy, predictions = measure(model, x, y, Normalize(known["mean"], known["std"]), Measuring(bar, what))
    finally:
        bar.clear()
    if not math.isfinite(loss):
        raise DataFailure(f"the network of {run.path} answers with numbers too large to compare (its loss is {loss}); train "
                          "it anew with a smaller learning rate")
    result = {"run": str(run.path), "weights": weights, "data": data.name, "part": part, "images": len(y),
              "accuracy": accuracy, "accuracy_error": accuracy_error(accuracy, len(y)), "loss": loss,
              "threads": threads, "notes": list(data.notes),
              **_errors(y, predictions, known["classes"])}
    if as_json:
        print_json(result)
    else:
        click.echo("\n".join(_lines(result, examples)))
        if data_name is None:
            click.echo(f"\nthe errors themselves, of the validation {examples}: numbacnn report {path_word(run.path)}")


def _refuse_without_data(data_name, choices):
    """The data of the run are read as they were for the training."""
    given = [name for name, value in choices.items() if value is not None]
    if data_name is None and given:
        raise click.UsageError(f"--{given[0]} says how to read --data, but there is none: the run's own data are read as they "
                               "were for its training; leave it out, or give --data")


def _load(run, data_name, data_dir, choices, reading):
    """The data to measure: those of the run, divided as for its training, or others, undivided."""
    from numbacnn.data import NAMES, ArgumentError, is_table, load_dataset

    known = run.info["data"]
    source = of_run(known)
    if data_name is None:
        with to_be_put_back(run, ", or give others with --data"):
            return load_dataset(**source | {"data_dir": data_dir or source["data_dir"]}, seed=run.settings.seed, reading=reading)
    own = data_name not in NAMES
    if data_name == known["name"] and data_dir is None and source["data_dir"] is not None:
        data_dir = source["data_dir"]
        click.echo(f"note: {data_name} is read from {data_dir}, as for the training; --data-dir says otherwise", err=True)
    if own:
        _refuse_other_kind(run, data_name, known.get("kind", "images"), choices["kind"])
    size = tuple(known["shape"][1:]) if own and Path(data_name).is_dir() else None
    table = table_for(known) if is_table(data_name) else {}  # read as that of the run, unless told otherwise
    given = {key: value for key, value in choices.items() if value is not None}
    try:
        return load_dataset(data_name, data_dir=data_dir, image_size=size, classes=known["classes"] if own else None, whole=True,
                            reading=reading, pictures=pictures_of(known) if size else None, **table | given)
    except ArgumentError as error:
        if error.argument in table and error.argument not in given:
            raise DataFailure(of_the_run(error, run.path, known)) from None
        raise


def _refuse_other_kind(run, name, kind, asked):
    """A folder or an .npz file holds images and a table no films, whatever is in them; `kind` is what the run learned from."""
    from numbacnn.data import is_table
    from numbacnn.data.record import KINDS

    learned = KINDS[kind][0]
    if asked not in (None, kind):
        raise click.UsageError(f"--kind {asked}: {run.path} was trained on {learned}, so it is measured on {learned}; leave --kind out")
    if kind != "images" and (Path(name).is_dir() or name.lower().endswith(".npz") and Path(name).exists()):
        raise DataFailure(f"{name} holds images, but the run was trained on {learned}")
    if kind == "video" and is_table(name) and Path(name).exists():
        raise DataFailure(f"{name} is a table, which holds no films, but the run was trained on {learned}")


def _part(data, part, data_name):
    """The name of the part to measure, and its examples and labels."""
    import numpy as np

    together = data_name is not None and not data.parts
    if together and part not in (None, "all"):
        raise click.UsageError(f"--part {part}: {data.name} has no parts of its own, so all of it is measured; leave --part out")
    part = part or ("all" if together or not len(data.y_test) else "test")
    parts = {"train": (data.x_train, data.y_train), "val": (data.x_val, data.y_val), "test": (data.x_test, data.y_test)}
    if part == "all":
        return part, *(np.concatenate(arrays) for arrays in zip(*(pair for pair in parts.values() if len(pair[1]))))
    x, y = parts[part]
    if not len(y):
        there = [name for name, (_, labels) in parts.items() if len(labels)]
        if part == "val" and data_name is not None:
            raise click.UsageError(f"--part val: {data.name} has no validation part of its own, each run splits one off the training "
                                   f"examples; leave --data out to measure that of the run, or give one of {', '.join(there)}, all")
        raise click.UsageError(f"--part {part}: {data.name} has no such part; give one of {', '.join(there)}, all")
    return part, x, y


def _check_fit(data, run):
    """Examples and classes must be those the model was made for."""
    from numbacnn.data.record import KINDS

    known = run.info["data"]
    kind, classes = known.get("kind", "images"), known["classes"]
    if data.kind != kind:
        raise DataFailure(f"{data.name} holds {KINDS[data.kind][0]}, but the run was trained on {KINDS[kind][0]}")
    expected, given = run.input_shape, data.x_test.shape[1:]
    if given != expected:
        raise DataFailure(f"the {KINDS[kind][0]} of {data.name} are {shape(given)}, but the run was trained on "
                          f"{shape(expected)}")
    if kind == "tokens" and data.vocabulary_size > run.info["model"]["vocabulary"]:
        raise DataFailure(f"{data.name} has the token {data.vocabulary_size - 1}, but the run was trained on tokens 0 to "
                          f"{run.info['model']['vocabulary'] - 1}")
    if len(data.classes) > len(classes):
        raise DataFailure(f"{data.name} has {len(data.classes)} classes, but the run was trained on {len(classes)}")
    named = not any(name.endswith(".npz") for name in (data.name, known["name"]))  # such a file has no class names
    if named and data.classes != classes:
        raise DataFailure(f"the classes of {data.name} ({', '.join(data.classes)}) are not those of the run "
                          f"({', '.join(classes)})")


def _errors(y, predictions, classes):
    """The most frequent confusions, as plain values."""
    from numbacnn.train import class_accuracy, confusion_matrix, most_confused

    matrix = confusion_matrix(y, predictions, len(classes))
    rows = zip(classes, matrix.sum(axis=1), class_accuracy(matrix))
    return {"per_class": [{"class": name, "images": int(images), "accuracy": float(part) if images else None}
                          for name, images, part in rows],
            "most_confused": [{"actual": classes[pair.actual], "predicted": classes[pair.predicted],
                               "count": pair.count, "part": pair.part} for pair in most_confused(matrix)],
            "confusion_matrix": matrix.tolist()}


def _lines(result, examples):
    """The result as text; `examples` says of what."""
    part = result["part"]
    tested = counted(result["images"], examples if part == "all" else f"{part} {examples}")
    if part == "all":
        tested = f"all {tested}"
    lines = [*wrapped(f"{result['run']} ({result['weights']} weights) on {tested} of {result['data']}"),
             *wrapped(f"accuracy {with_error(result['accuracy'], result['accuracy_error'])} · loss {result['loss']:.4f}"), ""]
    rows = [(row["class"], f"{row['images']:,}", "-" if row["accuracy"] is None else percent(row["accuracy"]))
            for row in result["per_class"]]
    lines += fitting_table(("class", examples, "accuracy"), rows, left=(0,), give_way=((0, 8),))
    if result["most_confused"]:
        rows = [(row["actual"], row["predicted"], f"{row['count']}", percent(row["part"]))
                for row in result["most_confused"]]
        lines += ["", "most confused", *fitting_table(("actual", "taken for", "times", "of its class"), rows, left=(0, 1), give_way=((0, 8), (1, 9)))]
    return lines
