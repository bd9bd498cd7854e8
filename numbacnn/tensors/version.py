"""How often numbers were changed in place, so that backward refuses to use numbers that are not those it needs."""

import threading
from operator import attrgetter
from weakref import ref

FEW = 8  # Tensors on one memory, before the first look for those that are gone
_tidying = threading.Lock()


class Version:
    """The number of in-place changes of a Tensor, of its views and of its detached twins, which share one memory.

    Attributes
    ----------
    count : int
        Grows by 1 with every in-place change.
    """

    count = 0
    _sharing = None  # references to the Tensors on this memory, once there are several
    _many = FEW

    def share(self, tensor, other):
        """Note that `other` lies in the memory of `tensor`."""
        other._version = self
        if self._sharing is None:
            self._sharing = [ref(tensor)]
        self._sharing.append(ref(other))
        if len(self._sharing) > self._many:
            self._forget()

    def others(self, tensor):
        """The Tensors on this memory beside `tensor`."""
        if self._sharing is None:
            return []
        return [each for each in [reference() for reference in self._sharing] if each is not None and each is not tensor]

    def _forget(self):
        """Forget the Tensors that are gone; other threads may add some meanwhile."""
        with _tidying:
            count = len(self._sharing)
            self._sharing[:count] = [reference for reference in self._sharing[:count] if reference() is not None]
            self._many = 2 * len(self._sharing) + FEW

    def __reduce__(self):
        return Version, ()  # a copy of a Tensor lies in a memory of its own


#: `as_saved(tensor)`: what `check` needs to tell later whether it was changed, (Version, its count, shape)
as_saved = attrgetter("_version", "_version.count", "_storage.shape")


def check(op, saved):
    """RuntimeError if numbers that an operation keeps for its backward pass were changed in place since."""
    for version, count, shape in saved:
        if version.count != count:
            raise RuntimeError(
                f"{op}: one of the variables needed for gradient computation has been modified by an inplace operation: "
                f"backward needs the Tensor of shape {tuple(shape)} as it was in the forward pass, at version {count}, but "
                f"it is at version {version.count} now (an optimizer step, or x += y, for example). Run the forward pass "
                "again, or compute a new Tensor instead of changing this one")
