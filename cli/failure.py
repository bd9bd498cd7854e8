"""Exit codes, and which errors of the library are the user's to mend."""
import click

# 0 is success; 130 and 141 are 128 + SIGINT and 128 + SIGPIPE, what a shell says of a program that these have ended
USAGE, DATA, DIVERGED, TOO_LOW, INTERRUPTED, BROKEN_PIPE = 2, 3, 4, 5, 130, 141


class DataFailure(click.ClickException):
    """Data or files that cannot be used."""

    exit_code = DATA


class Stopped(click.ClickException):
    """Ctrl-C, with more to say than that."""

    exit_code = INTERRUPTED


def wrong_option(error):
    """One sentence for an error of the library about an argument that a command has as an option, else None."""
    from numbacnn.data import ArgumentError

    if isinstance(error, ArgumentError):
        return f"--{error.argument.replace('_', '-')} {error.problem}"
    return None


def sentence_of(error):
    """One sentence for an error of the library that bad input can cause, None for one that is a defect."""
    from numbacnn.data import DataError
    from numbacnn.train import RunError

    if isinstance(error, (DataError, RunError)):
        return str(error)
    if isinstance(error, OSError):
        reason = error.strerror or str(error) or type(error).__name__
        return f"{error.filename}: {reason[:1].lower()}{reason[1:]}" if error.filename is not None else reason
    if isinstance(error, MemoryError):
        return "not enough memory for this; try smaller examples, and where the command has them --limit and a smaller --batch-size"
    return None
