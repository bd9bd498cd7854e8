"""Running the same work as the engine does it, operations waiting and chains recorded, and at once, layer by layer."""
from contextlib import contextmanager

import pytest

from numbacnn.engine import queue
from numbacnn.nn import container


@contextmanager
def at_once():
    """Every operation runs when it is asked for, every layer is an operation of its own."""
    append = queue.append

    def append_and_finish(plan, places):
        append(plan, places)
        queue.finish()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue, "append", append_and_finish)
        patch.setattr(container, "recorded", lambda chain, input: None)
        yield
