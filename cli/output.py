"""Tables and JSON: stdout carries the result, stderr everything else."""
import json
import math
import os
import sys

import click


def is_terminal(stream):
    """Whether to draw and colour on a stream: it is a terminal that can, and NO_COLOR is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write(line, err=False, nl=True, color=None):
    """A line for stdout, or stderr; False if whoever read it has left, and then everything else is written to nowhere.

    Without the detour Python would complain once more while it shuts down. Where the output goes to a file on a full disk,
    the OSError says that it was the output.
    """
    stream = sys.stderr if err else sys.stdout
    try:
        click.echo(line, err=err, nl=nl, color=color)
        stream.flush()
        return True
    except BrokenPipeError:
        to_nowhere(stream)
        return False
    except OSError as error:
        to_nowhere(stream)
        raise OSError(error.errno, error.strerror, "standard error" if err else "standard output") from None


def to_nowhere(stream):
    """Let a stream whose reader has left swallow what comes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def print_json(values):
    """One JSON object on stdout; numbers that JSON does not know (NaN, infinity) become null."""
    click.echo(json.dumps(_finite(values), allow_nan=False, ensure_ascii=False))


def _finite(value):
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


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


def counted(number, things):
    """`1 image`, `1,834 images`; of time series there is no singular."""
    return f"{number:,} {things.removesuffix('s') if number == 1 and not things.endswith('series') else things}"


def path_word(path):
    """A path as a word of a command: one that begins with a dash would be taken for an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def percent(part):
    """0.9876 as `98.76 %`."""
    return f"{100 * part:.2f} %"


def shape(sizes):
    """(6, 28, 28) as `6x28x28`."""
    return "x".join(map(str, sizes))
