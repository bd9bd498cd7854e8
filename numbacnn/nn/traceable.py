"""Which layers may be traced, and whether one of them has changed since (see `guards`)."""

from weakref import WeakSet


class _Structure:
    """Counts the changes of the layers that traces rest on, of all of them together."""

    def __init__(self):
        self.version = 0
        self._layers = WeakSet()

    def watch(self, modules):
        """From now on the changes of these count."""
        self._layers.update(modules)

    def changed(self, module):
        """An attribute, a child or a hook of `module` is another one."""
        if module in self._layers:
            self.version += 1


structure = _Structure()


def traceable(forward):
    """Mark the `forward` of a layer as pure: for a given input shape it always calls the same operations.

    So it has no randomness, no state, no branch on the data, and nothing that depends on `training`.
    """
    forward.traceable = True
    return forward
