"""Ctrl-C while something is compiled."""
import signal
import threading
from contextlib import contextmanager


@contextmanager
def uninterrupted():
    """Ctrl-C waits for the end of the block.

    LLVM calls Python back when it has compiled a function; an exception raised in there is lost, and half a function stays.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is None or threading.current_thread() is not threading.main_thread():  # no Python code is run on Ctrl-C
        yield
        return
    pressed = []
    signal.signal(signal.SIGINT, lambda *where: pressed.append(where))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if pressed:
            signal.raise_signal(signal.SIGINT)
