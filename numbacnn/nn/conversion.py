"""Conversion: how a Module's numbers change their type."""

from numbacnn.tensors.tape import no_grad
from numbacnn.tensors.types import check_device


class Conversion:
    """The part of a Module that converts its parameters and buffers."""

    def to(self, *args, **kwargs):
        """Convert floating-point parameters and buffers, in place, as `Tensor.to` would; returns the Module itself."""
        with no_grad():
            for tensor in (*self.parameters(), *self.buffers()):
                if tensor.is_floating_point():
                    tensor.data = tensor.to(*args, **kwargs)
        return self

    def float(self):
        """Convert to float32."""
        return self.to("cpu", dtype="float32")

    def double(self):
        """Convert to float64."""
        return self.to("cpu", dtype="float64")

    def cuda(self, *args):
        """Not offered: raises RuntimeError."""
        check_device("cuda")

    def cpu(self):
        """This Module: it is on the CPU already."""
        return self
