"""The command line. It parses, calls the library and prints; the library never imports it."""
from numbacnn.cli.group import main

__all__ = ["main"]
