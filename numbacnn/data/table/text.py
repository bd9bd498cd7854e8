"""From the bytes of a table to its rows as text, each with its place in the file."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from pathlib import Path
from typing import NamedTuple

from ..errors import DataError

MARKS = {  # a byte order mark says how the text is encoded; the longer ones first
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
PACKED = {b"\x1f\x8b": gzip.decompress, b"BZh": bz2.decompress, b"\xfd7zXZ": lzma.decompress}
COMMENTS = "#%"
ERRORS = ("#n/a", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!")  # what spreadsheets write where there is no value
MOST_HIDDEN = 0.05  # part of the rows that may be comments with as many cells as the others: more are rows whose label begins so
EMPTY = " \t,;|\""


class Rows(NamedTuple):
    """The rows of a table as text.

    ``lines`` are without line ends, comments and blank lines, and ``numbers``
    counts from 1 where each stands in the file.  ``comments`` are those before
    the first row, without their sign, and ``separator`` is what a first line
    ``sep=;`` says (else "").
    """

    path: Path
    lines: list[str]
    numbers: list[int]
    comments: list[str]
    separator: str
    notes: tuple[str, ...]

    def without_first(self) -> Rows:
        """Return the rows after the first."""
        return self._replace(lines=self.lines[1:], numbers=self.numbers[1:])


def read_rows(path: Path) -> Rows:
    """Read the rows of a table; it may be compressed by gzip, bzip2 or xz.

    Raises
    ------
    DataError
        If the file cannot be read, is not text in UTF-8 (or another encoding
        that its first bytes name), or has no rows.
    """
    text = decode(path, read_bytes(path))
    if not text.strip():
        raise DataError(f"{path}: is empty; write one example per row: label,number,number,...")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    numbers = range(1, len(lines) + 1)
    if '"' in text:
        lines, numbers = joined(path, lines)
    separator = ""
    if lines[0].lower().startswith("sep=") and len(lines[0].rstrip()) <= 5:  # as spreadsheets write it
        separator, lines, numbers = lines[0][4:5] or ",", lines[1:], numbers[1:]
    return sorted_out(path, lines, numbers, separator)


def sorted_out(path: Path, lines: list[str], numbers: list[int], separator: str) -> Rows:
    """Return the rows without comments and lines that hold nothing, and say what was left out."""
    kept, places, comments, left, hollow, hidden = [], [], [], 0, 0, []
    for number, line in zip(numbers, lines):
        start = line.lstrip()[:1]
        if not start:
            continue
        if start in EMPTY and not line.strip(EMPTY):
            hollow += 1
        elif start in COMMENTS and not line.lstrip().lower().startswith(ERRORS):
            left += 1
            if not kept:
                comments.append(line.lstrip().lstrip(COMMENTS).strip())
            elif separators(line) == separators(kept[-1]):
                hidden.append(number)
        else:
            kept.append(line)
            places.append(number)
    if not kept:
        raise DataError(f"{path}: holds no rows, only comments; a line that begins with # or % is one")
    if len(hidden) > max(1, MOST_HIDDEN * len(kept)):
        raise DataError(
            f"{path}: {len(hidden)} lines begin with # or % as comments do, but look like rows (the first is row {hidden[0]}); put the "
            'cell in quotation marks ("#1") if they are, or delete them'
        )
    notes = ()
    if left:
        row = f"; row {hidden[0]} looks like data, so put its first cell in quotation marks if it is" if hidden else ""
        notes += (f"{path}: {left} comment line{'s' * (left > 1)} (beginning with # or %) left out{row}",)
    if hollow:
        notes += (f"{path}: {hollow} row{'s' * (hollow > 1)} of empty cells left out",)
    return Rows(path, kept, places, comments, separator, notes)


def separators(line: str) -> dict[str, int]:
    """Return how often a line has each of the characters that may separate cells; only the spaces of a line without others count."""
    found = {sign: line.count(sign) for sign in ",;\t|" if sign in line}
    return found or {" ": len(line.split())}


def seems_text(path: Path) -> bool:
    """Whether a file begins as text does: in UTF-8, or with a mark that names another encoding."""
    try:
        with open(path, "rb") as file:
            start = file.read(4096)
    except OSError:
        return False
    if start.startswith(tuple(MARKS)):
        return True
    try:
        start.decode()
    except UnicodeDecodeError as error:
        return error.start > len(start) - 4  # a letter cut in two
    return bool(start) and b"\0" not in start


def read_bytes(path: Path) -> bytes:
    """Return what is in a file, unpacked if it is compressed."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None
    for start, unpack in PACKED.items():
        if data.startswith(start):
            try:
                return unpack(data)
            except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
                raise DataError(f"{path}: is damaged or cut off, it cannot be decompressed") from None
    return data


def decode(path: Path, data: bytes) -> str:
    """Return bytes as text; only UTF-8 needs no mark."""
    encoding = next((name for mark, name in MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise DataError(
            f"{path}, row {row}: byte 0x{data[error.start]:02x} is not {encoding.removesuffix('-sig').upper()} text; "
            "save the table as UTF-8 (in a spreadsheet: CSV UTF-8)"
        ) from None
    if "\0" in text:
        row = text[: text.index("\0")].count("\n") + 1
        raise DataError(
            f"{path}, row {row}: holds a NUL character, so it is not a table, or it is damaged, or UTF-16 without its "
            "mark; save it as UTF-8"
        )
    return text


def joined(path: Path, lines: list[str]) -> tuple[list[str], list[int]]:
    """Put lines together where a quoted cell goes on in the next one; the first number counts."""
    whole, numbers, begun = [], [], None
    for number, line in enumerate(lines, 1):
        if begun is not None:
            begun = f"{begun} {line}"
        elif line.count('"') % 2 == 0:
            whole.append(line)
            numbers.append(number)
        else:
            begun, start = line, number
        if begun is not None and begun.count('"') % 2 == 0:
            whole.append(begun)
            numbers.append(start)
            begun = None
    if begun is not None:
        raise DataError(f'{path}, row {start}: a quotation mark (") is never closed; close it, or write it twice')
    return whole, numbers
