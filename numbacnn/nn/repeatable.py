"""Which layers may be recorded (see `recording`), and whether one of them has changed since."""


class _Structure:
    """Counts the changes of repeatable layers, of all of them together."""

    version = 0


structure = _Structure()


def repeatable(forward):
    """Mark the `forward` of a layer: the same operations for every input of a shape, none outside the engine."""
    forward.repeatable = True
    return forward
