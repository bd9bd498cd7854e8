"""The functions of `nn.functional` that are methods of a Tensor, too.

Layers build on Tensors, not the other way round. So the room `tensors` does not import them; the package itself, which knows
all rooms, says here how they are loaded when one is first called.
"""


class _Functions:
    """Where the functions are; `load()` gives their module."""

    load = None


functions = _Functions()


class Borrowed:
    """Mixin of Tensor: the non-linearities, whose loops are those of the layers."""

    __slots__ = ()

    def relu(self):
        """max(x, 0) of each element; see `numbacnn.nn.functional.relu`."""
        return functions.load().relu(self)

    def tanh(self):
        """The hyperbolic tangent of each element; see `numbacnn.nn.functional.tanh`."""
        return functions.load().tanh(self._floating())

    def sigmoid(self):
        """1 / (1 + exp(-x)) of each element; see `numbacnn.nn.functional.sigmoid`."""
        return functions.load().sigmoid(self._floating())

    def softmax(self, dim, dtype=None):
        """exp(x), divided by its sum along `dim`; see `numbacnn.nn.functional.softmax`."""
        return functions.load().softmax(self, dim, dtype=dtype)

    def log_softmax(self, dim, dtype=None):
        """The logarithm of `softmax`; see `numbacnn.nn.functional.log_softmax`."""
        return functions.load().log_softmax(self, dim, dtype=dtype)
