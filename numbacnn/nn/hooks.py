"""Handles of hooks: functions that a Module calls before or after its forward."""

from itertools import count

from numbacnn.nn.repeatable import structure

_next_key = count().__next__


class HookHandle:
    """A registered hook; `remove()`, or leaving a `with` block, takes it away again."""

    def __init__(self, hooks, hook):
        self._hooks, self._key = hooks, _next_key()
        hooks[self._key] = hook

    def remove(self):
        """Take the hook away; once is enough, more does no harm."""
        if self._hooks.pop(self._key, None) is not None:
            structure.version += 1  # without hooks a chain may be recorded again

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.remove()
