"""Words that notes and errors are made of: counted things, lists of names, what another library says."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, thing: str) -> str:
    """Return ``1 picture``, ``1,834 pictures``."""
    return f"{number:,} {thing}{'s' * (number != 1)}"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return ``cat, dog, owl``; if there are more names than ``most``, the first ones and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def one_line(error: BaseException) -> str:
    """Return the first line of an error's text, or its type where it has no text."""
    return (str(error).splitlines() or [""])[0].strip(" .") or type(error).__name__
