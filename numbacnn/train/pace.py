"""How many threads pay at the moment: on a busy machine one may be faster than all.

A step is a few parallel stages, and each waits for the last slice. Where another program takes a core away from the
thread that has it in hand, that wait can be longer than the work. The results do not depend on the number of threads, so
it may change at any step.
"""
from statistics import median

from numbacnn import get_num_threads, set_num_threads

TRIAL = 4  # turns of one step to time with all threads, and then with one; the first still waits for a program of those before
EVERY = 300  # steps from one trial to the next, at least


class Pace:
    """Chooses between all threads and one: asked before each turn, told how long it took and how many steps it had."""

    def __init__(self):
        self.threads = get_num_threads()
        self._since, self._times = 0, []

    def choose(self):
        """Set the number of threads for the next turn; whether that is part of a trial, and better short."""
        if self.threads == 1:
            return False
        if self._since >= EVERY:
            self._since, self._times = 0, []
        tried = len(self._times)
        if tried < 2 * TRIAL:
            set_num_threads(self.threads if tried < TRIAL else 1)
            return True
        together, alone = median(self._times[1:TRIAL]), median(self._times[TRIAL + 1:])
        set_num_threads(self.threads if together <= alone else 1)
        return False

    def took(self, seconds, steps):
        """The turn is over."""
        self._since += steps
        if len(self._times) < 2 * TRIAL:
            self._times.append(seconds / steps)

    def restore(self):
        """Give back the number of threads there was."""
        set_num_threads(self.threads)
