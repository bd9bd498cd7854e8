"""The one error that the data package raises for bad input."""

from __future__ import annotations


class DataError(ValueError):
    """Data that cannot be used: one sentence says which, what is wrong, and what to do."""
