"""The kinds of number that an operation works on, `tiles` and `floats`, each with the operations by name.

`tiles.linear_forward` works on batches in lanes and tiles, float32, with every thread; `floats.linear_forward` on plain arrays of
any float type, with one.  Both stand on one page of `ops`:

    @operation
    def linear_forward(x, weight, bias):
        ...

    @linear_forward.on_floats
    def _(x, weight, bias):
        ...
"""


class Kind:
    """A kind of number; its attributes are operations."""

    def __init__(self, name):
        self._name = name

    def __repr__(self):
        return f"<operations on {self._name}>"


tiles, floats = Kind("tiles"), Kind("floats")


def operation(function):
    """Decorator: a function of batches is the operation of its name on `tiles`; its `on_floats` decorates that on `floats`."""
    def on_floats(plain):
        setattr(floats, function.__name__, plain)
        return plain

    function.on_floats = on_floats
    setattr(tiles, function.__name__, function)
    return function


def on_floats(function):
    """Decorator of an operation that there is on `floats` alone."""
    setattr(floats, function.__name__, function)
    return function
