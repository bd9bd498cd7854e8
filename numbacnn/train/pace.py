"""How many threads pay at the moment: on a busy machine one may be faster than all.

A step is a few parallel stages, and each waits for the last slice. Where another program takes a core away from the
thread that has it in hand, that wait can be longer than the work. The results do not depend on the number of threads, so
it may change at any step.
"""
from statistics import median

from numbacnn import get_num_threads, set_num_threads

TRIAL = 4  # steps to time with all threads, and then with one; the first still waits for a program of those before
EVERY = 300  # steps from one trial to the next


class Pace:
    """Chooses between all threads and one: asked before each step, told the time from one step to the next."""

    def __init__(self):
        self.threads = get_num_threads()
        self._step, self._times = 0, []

    def choose(self):
        """Set the number of threads for the next step."""
        if self.threads == 1:
            return
        turn = self._step % EVERY
        if turn == 0:
            self._times = []
            set_num_threads(self.threads)
        elif turn == TRIAL:
            set_num_threads(1)
        elif turn == 2 * TRIAL:
            together, alone = median(self._times[1:TRIAL]), median(self._times[TRIAL + 1:])
            set_num_threads(self.threads if together <= alone else 1)

    def took(self, seconds):
        """The step is over."""
        self._step += 1
        if len(self._times) < 2 * TRIAL:
            self._times.append(seconds)

    def restore(self):
        """Give back the number of threads there was."""
        set_num_threads(self.threads)
