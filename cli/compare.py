"""`numbacnn compare`."""
from pathlib import Path

import click

from numbacnn.cli import options
from numbacnn.cli.output import fitting_table, percent, print_json, wrapped

MOST = 8  # curves in one picture that can be told apart


@click.command(epilog="Exit codes: 0 done, 2 wrong usage, 3 runs or files that cannot be used.")
@click.argument("paths", nargs=-1, required=True, metavar="RUN RUN...")
@click.option("--out", callback=options.no_option, metavar="FILE.png", help="Picture to write. [default: compare-<the other runs>.png in the first RUN]")
@options.as_json
def compare(paths, out, as_json):
    """Compare runs: what differs, and which is better.

    Prints the settings that differ, the accuracies with their standard errors, and whether the best run is better than the second by
    more than chance. Draws loss and accuracy of all runs over each other.
    """
    if not 2 <= len(paths) <= MOST:
        raise click.UsageError(f"compare takes 2 to {MOST} runs, not {len(paths)}; `numbacnn runs` lists what there is")
    if out is not None and not out.lower().endswith(".png"):
        raise click.UsageError(f"--out {out}: the picture is a PNG, so its name must end in .png")
    twice = next((path for path in paths if [Path(each).resolve() for each in paths].count(Path(path).resolve()) > 1), None)
    if twice:
        raise click.UsageError(f"{twice} is named twice")

    from numbacnn.train import open_run
    from numbacnn.train.several_runs import differences, overview

    opened = [open_run(path) for path in paths]
    rows, differ = [overview(run) for run in opened], differences(opened)
    sentences = _verdict(opened, rows)
    file = _draw(opened, rows, Path(out) if out else _usual_path(opened))
    if as_json:
        print_json({"runs": rows, "differ": differ, "notes": sentences, "file": file})
        return
    for line in [*_table(rows), "", *_differences(differ), "", *(line for sentence in sentences for line in wrapped(sentence))]:
        click.echo(line)
    click.echo(f"wrote {file}" if file else "no picture was drawn: no run has finished an epoch")


def _table(rows):
    """A row for each run, numbered."""
    cells = [(str(k), row["run"], "-" if row["best_epoch"] is None else str(row["best_epoch"]), _with_error(row, "val"),
              _with_error(row, "test"), row["verdict"] or row["state"]) for k, row in enumerate(rows, 1)]
    return fitting_table(("", "run", "best", "val_acc", "test_acc", "verdict"), cells, left=(1, 5),
                         give_way=((2, 0), (1, 16), (5, 0), (1, 8)), tails=(1,))


def _with_error(row, part):
    accuracy, error = row[f"{part}_accuracy"], row[f"{part}_accuracy_error"]
    if accuracy is None:
        return "-"
    return percent(accuracy) + ("" if error is None else f" ±{100 * error:.1f}")


def _differences(differ):
    """A line for each setting that is not the same everywhere: its value in run 1, 2, ..."""
    if not differ:
        return ["all settings are the same"]
    return ["what differs, in the order of the runs:", *(line for name, values in differ.items() for line in wrapped(
        f"  {name}: {', '.join(_value(value) for value in values)}"))]


def _value(value):
    return {None: "none", "": "none"}.get(value, f"{value:g}" if isinstance(value, float) else str(value))


def _verdict(opened, rows):
    """Whether the run with the best test accuracy is really ahead of the second."""
    from numbacnn.train.several_runs import ahead, same_test

    tested = sorted((row | {"number": k} for k, row in enumerate(rows, 1) if row["test_accuracy"] is not None),
                    key=lambda row: -row["test_accuracy"])
    if len(tested) < 2:
        return ["fewer than two of these runs have a test accuracy, so none can be called better"]
    if not same_test([run for run, row in zip(opened, rows) if row["test_accuracy"] is not None]):
        return ["these runs were tested on different data, so their accuracies do not tell which is better"]
    first, second = tested[:2]
    if None in (first["test_accuracy_error"], second["test_accuracy_error"], first["test_examples"]):
        return [f"run {first['number']} has the higher test accuracy, but its run.json, or that of run {second['number']}, is of an earlier "
                "version and does not say how certain that is; `numbacnn evaluate` measures it"]
    difference, error = ahead(first, second)
    names = f"run {first['number']} is ahead of run {second['number']} by {100 * difference:.2f} percentage points, standard error {100 * error:.2f}"
    if difference > 2 * error:
        sentence = f"{names}: more than chance would explain with these {first['test_examples']:,} test examples"
    else:
        sentence = f"{names}: too little to call either better"
    return [sentence, "this holds for these trainings; another --seed gives another one, so train several before you choose settings"]


def _usual_path(opened):
    """Path of the picture in the first run's folder, named by the other runs, so that different comparisons do not overwrite each other."""
    return opened[0].path / (f"compare-{'-'.join(run.path.resolve().name for run in opened[1:])}"[:120] + ".png")


def _draw(opened, rows, path):
    """Write the picture; None if no run has finished an epoch."""
    drawn = [(f"{k} {run.path.name}", run.rows, row["best_epoch"]) for k, (run, row) in enumerate(zip(opened, rows), 1) if run.rows]
    if not drawn:
        return None
    from numbacnn.plot import compared_curves, save_png
    from numbacnn.train.files import replace_file

    figure = compared_curves([name for name, _, _ in drawn], *([[row.get(key) for row in found] for _, found, _ in drawn] for key in (
        "train_loss", "val_loss", "train_accuracy", "val_accuracy")), best=[best for _, _, best in drawn])
    with replace_file(path) as temporary:
        save_png(figure, temporary)
    return str(path)
