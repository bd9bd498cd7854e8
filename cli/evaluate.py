"""`numbacnn evaluate`."""
import math
from pathlib import Path

import click

from numbacnn.cli import options
from numbacnn.cli.failure import DataFailure
from numbacnn.cli.output import counted, percent, print_json, shape, table
from numbacnn.cli.progress import Bar, Measuring


@click.command(epilog="Exit codes: 0 done, 2 wrong usage, 3 a run, data or files that cannot be used.")
@options.run_argument
@options.weights
@click.option("--data", "data_name", metavar="NAME",
              help="Another data set, FILE.npz, FILE.csv or folder; it is normalised as the run's was. [default: that of the run]")
@options.data_dir
@options.threads
@options.as_json
def evaluate(run_path, weights, data_name, data_dir, threads, as_json):
    """Measure a run on test images, or whatever it was trained on.

    Accuracy and loss, the accuracy of each class, and what is taken for what most often.
    """
    from numbacnn.data.record import KINDS
    from numbacnn.engine import preparing
    from numbacnn.train import Normalise
    from numbacnn.train import evaluate as measure

    run = options.open_run_with_note(run_path, weights)
    threads = options.use_threads(threads)
    known = run.info["data"]
    with preparing():
        data = _load(known, data_name, data_dir, run.settings.seed)
    _check_fit(data, run)
    examples = KINDS[data.kind][0]
    if data_name is None and data.hash != known.get("hash"):
        click.echo(f"note: {data.name} no longer holds the {examples} the run was trained on", err=True)
    model = run.load_model(weights)
    bar = Bar()
    try:
        loss, accuracy, predictions = measure(model, data.x_test, data.y_test, Normalise(known["mean"], known["std"]),
                                              Measuring(bar, f"test {examples}"))
    finally:
        bar.clear()
    if not math.isfinite(loss):
        raise DataFailure(f"the network of {run.path} answers with numbers too large to compare (its loss is {loss}); train "
                          "it anew with a smaller learning rate")
    result = {"run": str(run.path), "weights": weights, "data": data.name, "images": len(data.y_test),
              "accuracy": accuracy, "loss": loss, "threads": threads,
              **_errors(data.y_test, predictions, known["classes"])}
    if as_json:
        print_json(result)
    else:
        click.echo("\n".join(_lines(result, examples)))


def _load(known, data_name, data_dir, seed):
    from numbacnn.data import NAMES, load_dataset

    if data_name is not None:
        own_folder = data_name not in NAMES and Path(data_name).is_dir()
        return load_dataset(data_name, data_dir=data_dir, image_size=tuple(known["shape"][1:]) if own_folder else None)
    return load_dataset(known["name"], data_dir=data_dir or known.get("data_dir"), limit=known.get("limit"), seed=seed,
                        image_size=known.get("image_size"))


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
    if kind == "tokens" and data.x_test.max() >= run.info["model"]["vocabulary"]:
        raise DataFailure(f"{data.name} has the token {data.x_test.max()}, but the run was trained on tokens 0 to "
                          f"{run.info['model']['vocabulary'] - 1}")
    if len(data.classes) > len(classes):
        raise DataFailure(f"{data.name} has {len(data.classes)} classes, but the run was trained on {len(classes)}")
    named = not any(name.endswith(".npz") for name in (data.name, known["name"]))  # such a file has no class names
    if named and data.classes != classes:
        raise DataFailure(f"the classes of {data.name} ({', '.join(data.classes)}) are not those of the run "
                          f"({', '.join(classes)})")


def _errors(y, predictions, classes):
    """Where it errs, as plain values."""
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
    tested = counted(result["images"], f"test {examples}")
    lines = [f"{result['run']} ({result['weights']} weights) on {tested} of {result['data']}",
             f"accuracy {percent(result['accuracy'])} · loss {result['loss']:.4f}", ""]
    rows = [(row["class"], f"{row['images']:,}", "-" if row["accuracy"] is None else percent(row["accuracy"]))
            for row in result["per_class"]]
    lines += table(("class", examples, "accuracy"), rows, left=(0,))
    if result["most_confused"]:
        rows = [(row["actual"], row["predicted"], f"{row['count']}", f"{percent(row['part'])} of all {row['actual']}")
                for row in result["most_confused"]]
        lines += ["", "most confused", *table(("actual", "taken for", "times", ""), rows, left=(0, 1))]
    return lines
