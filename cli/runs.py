"""`numbacnn runs`."""
import click

from numbacnn.cli import options
from numbacnn.cli.output import fitting_table, percent, print_json, write

ORDERS = {"name": lambda row: row["run"], "val": lambda row: -(row["val_accuracy"] or 0), "test": lambda row: -(row["test_accuracy"] or 0)}


@click.command(epilog="Exit codes: 0 done, 2 wrong usage, 3 a folder that does not exist.")
@click.argument("folder", required=False, metavar="[FOLDER]")
@click.option("--sort", type=click.Choice([*ORDERS]), default="name", show_default=True,
              help="Order of the rows: by name, or the highest accuracy first.")
@options.as_json
def runs(folder, sort, as_json):
    """List what has been trained.

    Prints one row per run in FOLDER (default: runs): epochs, validation and test accuracy with the best weights, and the verdict.
    """
    from pathlib import Path

    from numbacnn.train.several_runs import find_runs, overview

    if folder is None and not Path("runs").exists():
        found, damaged = [], []
    else:
        found, damaged = find_runs(folder or "runs")
    rows = sorted(map(overview, found), key=ORDERS[sort])
    if as_json:
        print_json({"runs": rows, "damaged": damaged})
    elif rows:
        for line in _lines(rows):
            click.echo(line)
    else:
        click.echo(f"there are no runs in {folder or 'runs'} yet; `numbacnn train` makes one")
    for sentence in damaged:
        write(f"note: {sentence}", err=True)


def _lines(rows):
    """The table; on a terminal that is too narrow without the data and the model."""
    cells = [(row["run"], row["model"] or "", row["data"] or "", f"{row['epochs_done']}/{row['epochs']}", _part(row["val_accuracy"]),
              _part(row["test_accuracy"]), row["verdict"] or row["state"]) for row in rows]
    return fitting_table(("run", "model", "data", "epochs", "val_acc", "test_acc", "verdict"), cells, left=(0, 1, 2, 6),
                         give_way=((2, 0), (1, 0), (0, 16), (3, 0), (0, 8)), tails=(0,))


def _part(accuracy):
    return "-" if accuracy is None else percent(accuracy)
