"""Tables and JSON: stdout carries the result, stderr everything else."""
import json

import click


def print_json(values):
    """One JSON object on stdout; NaN would not be JSON, so it is refused."""
    click.echo(json.dumps(values, allow_nan=False, ensure_ascii=False))


def table(header, rows, left=()):
    """Lines of a table with aligned columns.

    Parameters
    ----------
    header : sequence of str
    rows : sequence of sequence of str
    left : container of int
        Columns to be flush left; the others are flush right, as numbers are.

    Returns
    -------
    list of str
        The header first.
    """
    cells = [header, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return ["  ".join(cell.ljust(width) if column in left else cell.rjust(width)
                      for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in cells]


def percent(part):
    """0.9876 as `98.76 %`."""
    return f"{100 * part:.2f} %"


def shape(sizes):
    """(6, 28, 28) as `6x28x28`."""
    return "x".join(map(str, sizes))
