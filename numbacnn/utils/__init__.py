"""Tools around training; see `numbacnn.utils.data`."""

from numbacnn.utils import data

__all__ = ["data"]
