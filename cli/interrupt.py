"""Ctrl-C while training: the first asks for an orderly end, the second leaves at once."""
import os
import signal
from contextlib import contextmanager

from numbacnn.cli.failure import INTERRUPTED


@contextmanager
def ask_before_leaving():
    """Yields a function that tells whether Ctrl-C was pressed."""
    pressed = []

    def on_interrupt(signum, frame):
        if pressed:
            try:
                os.write(2, b"\n")  # the bar may be on the line
            finally:
                os._exit(INTERRUPTED)
        pressed.append(signum)
        # The bar may be on the line; os.write, since a signal may arrive in the middle of a print.
        os.write(2, b"\nfinishing this batch and what it has to compile, and saving; Ctrl-C again leaves at once\n")

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)
