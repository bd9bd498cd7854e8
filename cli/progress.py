"""The moving part of a training: the bar, and the note that kernels are being compiled. All of it goes to stderr."""
import shutil
import sys
from threading import Event, Thread
from time import perf_counter

from numbacnn.cli.output import is_terminal, write

WORTH_SAYING = 1.0  # seconds; loading kernels from the cache takes less, and is not called compiling
WORTH_WAITING = 5.0  # seconds that may pass without a word where there is no bar
WIDTH = 24
COMPILING = "compiling kernels..."
LONGEST_USUAL = 10.0  # seconds to compile LeNet-5 from an empty cache, of two idle cores
TICK = 0.1  # seconds between two drawings of those that have passed


class Bar:
    """One line that is drawn over and over; nothing at all if stderr is not a terminal, or NO_COLOR is set."""

    def __init__(self):
        self.visible = is_terminal(sys.stderr)
        self.drawn = False

    def draw(self, line):
        """Draw a line in the place of the one before, cut to the width of the terminal."""
        if self.visible:
            self.drawn = True
            line = line[:shutil.get_terminal_size().columns - 1]
            write(f"\r\x1b[2K{line}", err=True, nl=False, color=True)

    def clear(self):
        """Take the bar away, before something else is printed."""
        if self.drawn:
            self.drawn = False
            write("\r\x1b[2K", err=True, nl=False, color=True)


def bar_line(batch, unit="images/s"):
    """`epoch 3/10 ━━━━━━ 412/938  0:14 left  loss 0.0831  101,200 images/s` for a BatchDone."""
    parts = [f"epoch {batch.epoch}/{batch.epochs} {_filled(batch.batch, batch.batches)} {batch.batch}/{batch.batches}"]
    if batch.seconds_left is not None:
        parts.append(_left(batch.seconds_left))
    parts.append(f"loss {batch.loss:.4f}")
    if batch.images_per_second is not None:
        parts.append(f"{batch.images_per_second:,.0f} {unit}")
    return "  ".join(parts)


def reading_line(done, total):
    """Draw a bar of how much of a file or folder has been read."""
    return f"reading {_filled(done, total)} {100 * done // total} %"


def _filled(done, total):
    full = WIDTH * done // total
    return "━" * full + "─" * (WIDTH - full)


def _left(seconds):
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes}:{seconds:02d} left"


class Measuring:
    """Progress of `numbacnn.train.evaluate`: a bar on a terminal, else a line if it takes long.

    Parameters
    ----------
    bar : Bar
    what : str
        What is measured, such as "test images".
    """

    def __init__(self, bar, what):
        self.bar, self.what = bar, what
        self.first, self.told = None, False

    def __call__(self, done, total):
        """Report that `done` of `total` are done."""
        left = None
        if self.first is None:
            self.first = (done, perf_counter()) if done else None
        else:  # the first pass may have compiled kernels, so it is not timed
            before, then = self.first
            left = (perf_counter() - then) / (done - before) * (total - done)
        tail = "" if left is None else f"  {_left(left)}"
        self.bar.draw(f"measuring {_filled(done, total)} {done:,}/{total:,} {self.what}{tail}")
        if left is not None and left > WORTH_WAITING and not self.bar.visible and not self.told:
            self.told = True
            write(f"measuring {total:,} {self.what}: {_left(left)}", err=True)


class CompileNote:
    """Says `compiling kernels... 6.1 s (once; cached)`, the first half as soon as it takes longer than a second.

    On a terminal the seconds are counted meanwhile, and how many there usually are stands beside them.

    Parameters
    ----------
    bar : Bar
        Draws the seconds.
    kept : callable
        Tells whether what is compiled is kept for the next program.
    """

    def __init__(self, bar, kept):
        self.bar, self.kept = bar, kept
        self.begun = False
        self._over = Event()
        self._thread = Thread(target=self._tell, daemon=True)

    def start(self):
        """The first batch is about to run."""
        self._thread.start()

    def finish(self, seconds):
        """The first batch is done, `seconds` of it went into compiling."""
        self.cancel()
        if self.begun:
            self.bar.clear()
            once = "once; cached" if self.kept() else "again in every program: there is nowhere to keep them"
            begin = COMPILING if self.bar.visible else ""  # elsewhere it stands there already
            write(f"{begin} {seconds:.1f} s ({once if seconds > WORTH_SAYING else 'from the cache'})", err=True)

    def cancel(self):
        """Say nothing if nothing was said yet."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _tell(self):
        start = perf_counter()
        if self._over.wait(WORTH_SAYING):
            return
        self.begun = True
        if not self.bar.visible:
            write(COMPILING, err=True, nl=False)
            return
        while not self._over.is_set():
            self.bar.draw(compiling_line(perf_counter() - start))
            self._over.wait(TICK)


def compiling_line(seconds):
    """Text on the seconds that the first batch has been compiling, and how many are usual."""
    usual = "usually 6 to 10 s, once" if seconds <= LONGEST_USUAL else "usually 6 to 10; cores busy?"
    return f"{COMPILING} {seconds:.1f} s ({usual})"
