"""Fetch a file from the first mirror that has it, and keep it in the user's cache."""

from __future__ import annotations

import hashlib
import http.client
import os
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from .errors import DataError

TIMEOUT = 20  # seconds without an answer before the next mirror is tried
MAX_BYTES = 2**26  # twice the largest file of these data sets: more is not what was asked for
PIECE = 2**16
ELSE = (
    "give a folder that holds the files with --data-dir, or use the built-in data set digits"
)

Progress = Callable[[int, "int | None"], None]


def cache_directory() -> Path:
    """Return the folder for downloaded data; it need not exist.

    ``$XDG_CACHE_HOME/numbacnn/data`` where that variable is set, else the
    platform's own place: ``~/.cache``, ``~/Library/Caches`` on macOS, the
    local application data on Windows.
    """
    base = os.environ.get("XDG_CACHE_HOME")
    if not base and sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    if base:
        return Path(base) / "numbacnn" / "data"
    home = Path(os.path.expanduser("~"))
    folder = home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"
    return folder / "numbacnn" / "data"


def cached_file(
    target: Path,
    mirrors: Sequence[str],
    md5: str,
    progress: Progress | None = None,
    most: int | None = None,
    otherwise: str = ELSE,
) -> Path:
    """Return ``target``, downloaded unless it is there with the right checksum.

    Parameters
    ----------
    target : Path
        Where the file is kept; its name is what the mirrors call it.
    mirrors : sequence of str
        Addresses of folders, tried in turn.
    md5 : str
        Checksum in hexadecimal, compared at every call.
    progress : callable, optional
        Called with ``(bytes_done, bytes_total)``; the total is None where the
        mirror does not tell.
    most : int, optional
        How many bytes the file may have; `MAX_BYTES` if not given.
    otherwise : str
        What to do where no mirror gives the file, for the error.

    Raises
    ------
    DataError
        If no mirror gives the file, or the cache cannot be written.
    """
    if is_intact(target, md5):
        return target
    failures = []
    for mirror in mirrors:
        try:
            download(mirror + target.name, target, md5, progress, most or MAX_BYTES)
            return target
        except (OSError, http.client.HTTPException, ValueError) as error:
            failures.append(f"{mirror} ({error})")
    raise DataError(
        f"{target.name} could not be downloaded from {' or '.join(failures)}; {otherwise}"
    )


def download(url: str, target: Path, md5: str, progress: Progress | None, most: int) -> None:
    """Download ``url`` to ``target`` in one step: there is never half a file."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        number, temporary = tempfile.mkstemp(dir=target.parent, prefix=target.name)
    except OSError as error:
        raise DataError(
            f"{target.parent}: the cache cannot be written ({error.strerror}); set XDG_CACHE_HOME "
            "to a folder that can, or use the built-in data set digits"
        ) from None
    try:
        with os.fdopen(number, "wb") as file, urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            copy(answer, file, progress, most)
        if file_md5(Path(temporary)) != md5:
            raise ValueError("the file's checksum is wrong")
        os.replace(temporary, target)
    finally:
        Path(temporary).unlink(missing_ok=True)


def copy(
    answer: http.client.HTTPResponse, file: BinaryIO, progress: Progress | None, most: int
) -> None:
    """Copy an answer of at most ``most`` bytes to a file, reporting after every piece."""
    length = answer.headers.get("Content-Length", "")
    total = int(length) if length.isdecimal() else None
    done = 0
    while piece := answer.read(PIECE):
        file.write(piece)
        done += len(piece)
        if done > most:
            raise ValueError(f"the file is larger than {most:,} bytes")
        if progress is not None:
            progress(done, total)


def is_intact(path: Path, md5: str) -> bool:
    """Tell whether the file is there and has the checksum."""
    try:
        return file_md5(path) == md5
    except OSError:
        return False


def file_md5(path: Path) -> str:
    """Return the MD5 sum that the publishers list; it guards against damage, not malice."""
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
