"""A network on several GPUs: here there is none, so the network is called as it is."""

from numbacnn.nn.module import Module
from numbacnn.tensors.absent import refusing


class DataParallel(Module):
    """Calls the network it holds, as PyTorch's does where there is no GPU; the names of its state begin with "module.".

    Parameters
    ----------
    module : Module
    device_ids, output_device
        Of GPUs; not given, or empty.
    dim : int
        Along which dimension GPUs would share a batch.

    Raises
    ------
    RuntimeError
        If GPUs are named.
    """

    def __init__(self, module, device_ids=None, output_device=None, dim=0):
        super().__init__()
        if device_ids or output_device is not None:
            raise RuntimeError(f"DataParallel: device_ids={device_ids}, output_device={output_device} name GPUs, but numbacnn "
                               "is an engine for the CPU; leave them out")
        self.module, self.device_ids, self.dim = module, [], dim

    def forward(self, *inputs, **kwargs):
        """What the network gives."""
        return self.module(*inputs, **kwargs)


__all__ = ["DataParallel"]
__getattr__ = refusing(__name__, __all__)
