"""Tables and JSON: stdout carries the result, stderr everything else."""
import json
import math
import os
import shutil
import sys
import textwrap

import click

ELLIPSIS = "…"


def is_terminal(stream):
    """Whether to draw and color on a stream: it is a terminal that can, and NO_COLOR is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write(line, err=False, nl=True, color=None):
    """Write a line to stdout or stderr; return False if its reader has left, after which all output is discarded.

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
    """Discard everything that is written to a stream whose reader has left."""
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


def width(err=False):
    """Columns that a line of stdout (or stderr) may have: those of the terminal, or what COLUMNS says; None where no one counts them."""
    try:
        asked = int(os.environ.get("COLUMNS", ""))
    except ValueError:
        asked = 0
    if asked > 0:
        return asked
    return shutil.get_terminal_size().columns if (sys.stderr if err else sys.stdout).isatty() else None


def wrapped(sentence, err=False):
    """A sentence as lines of the `width`; words, paths among them, stay whole."""
    most = width(err)
    return textwrap.wrap(sentence, most, break_long_words=False, break_on_hyphens=False) if most else [sentence]


def fitting_table(header, rows, left=(), give_way=(), tails=(), err=False):
    """Lines of a `table` no longer than the `width`, as far as its least needed columns can give way.

    Parameters
    ----------
    header, rows, left
        As of `table`.
    give_way : sequence of (int, int)
        Columns that give way, one after the other until the table fits, and how many letters are left of each at least; 0 leaves
        the column out.
    tails : container of int
        Columns of which the end is kept, as of paths; of the others the beginning.
    err : bool
        Whether the table is for stderr.

    Returns
    -------
    list of str
    """
    most, shown, cells = width(err), [*range(len(header))], [[*header], *map(list, rows)]
    steps = iter(give_way)
    while True:
        lines = table([cells[0][k] for k in shown], [[row[k] for k in shown] for row in cells[1:]],
                      [place for place, k in enumerate(shown) if k in left])
        over = max(map(len, lines)) - (most or math.inf)
        column, least = next(steps, (None, 0)) if over > 0 else (None, 0)
        if column is None:
            return lines
        if least == 0:
            shown.remove(column)
            continue
        longest = max(least, len(header[column]), max(len(row[column]) for row in cells) - over)
        for row in cells:
            row[column] = shortened(row[column], longest, column in tails)


def shortened(text, longest, tail):
    """At most so many letters of a text, its beginning or its `tail`; an ellipsis stands for the others."""
    if len(text) <= longest:
        return text
    return ELLIPSIS + text[len(text) - longest + 1:] if tail else text[:longest - 1] + ELLIPSIS


def counted(number, things):
    """`1 image`, `1,834 images`; of time series there is no singular."""
    return f"{number:,} {things.removesuffix('s') if number == 1 and not things.endswith('series') else things}"


def path_word(path):
    """A path as a word of a command: one that begins with a dash would be taken for an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def percent(part):
    """0.9876 as `98.76 %`."""
    return f"{100 * part:.2f} %"


def with_error(accuracy, error):
    """0.9876 and 0.0017 as `98.76 % ± 0.17 (standard error)`."""
    return f"{percent(accuracy)} ± {100 * error:.2f} (standard error)"


def shape(sizes):
    """(6, 28, 28) as `6x28x28`."""
    return "x".join(map(str, sizes))
