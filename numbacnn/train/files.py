"""Files that are either the old one or the complete new one, never half of it."""
import os
from contextlib import contextmanager


class RunError(ValueError):
    """A run folder, or a file in it, cannot be used; the message is one sentence that says which and why."""


@contextmanager
def writing(path):
    """Let an OSError of the block name the file it was about: a full disk gives none, a file in the making another."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None


@contextmanager
def replace_file(path):
    """Write a file beside its place, and move it there when it is complete.

    Parameters
    ----------
    path : pathlib.Path

    Yields
    ------
    pathlib.Path
        Where to write. If writing fails the file is removed and whatever was at `path` stays; an OSError names `path`.
    """
    temporary = path.with_name(f".{path.name}.part")
    with writing(path):
        try:
            yield temporary
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
