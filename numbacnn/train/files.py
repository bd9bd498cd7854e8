"""Files that are either the old one or the complete new one, never half of it."""
import os
from contextlib import contextmanager


class RunError(ValueError):
    """A run folder, or a file in it, cannot be used; the message is one sentence that says which and why."""


@contextmanager
def replace_file(path):
    """Write a file beside its place, and move it there when it is complete.

    Parameters
    ----------
    path : pathlib.Path

    Yields
    ------
    pathlib.Path
        Where to write. If writing fails the file is removed and whatever was at `path` stays.
    """
    temporary = path.with_name(f".{path.name}.part")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
