"""Mixed precision: there is none. What programs write for GPUs runs as it does in PyTorch without one: in float32."""

import warnings

from numbacnn.tensors.absent import refusing

__all__ = ["GradScaler", "autocast"]


class autocast:
    """A `with` block or decorator that changes nothing: all is computed in the dtype of the Tensors.

    Parameters
    ----------
    device_type : str
        "cuda" is switched off with PyTorch's warning, as on every machine without a GPU.
    dtype : dtype, optional
        Only float32.
    enabled : bool

    Raises
    ------
    NotImplementedError
        For "cpu" and `enabled=True`, which would compute in bfloat16.
    """

    def __init__(self, device_type="cuda", dtype=None, enabled=True, cache_enabled=None):
        if enabled and device_type == "cpu":
            raise NotImplementedError('autocast: device_type="cpu" with enabled=True would compute in bfloat16, which is not offered; '
                                      "leave autocast out or say enabled=False")
        if enabled:
            warnings.warn("User provided device_type of 'cuda', but CUDA is not available. Disabling", stacklevel=2)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False

    def __call__(self, func):
        return func


class GradScaler:
    """Leaves the loss and the gradients as they are: in float32 nothing has to be scaled.

    Parameters
    ----------
    device : str
    enabled : bool
        Said to be on, it is switched off with PyTorch's warning, as on every machine without a GPU.
    """

    def __init__(self, device="cuda", init_scale=65536.0, growth_factor=2.0, backoff_factor=0.5, growth_interval=2000, enabled=True):
        if enabled:
            warnings.warn("GradScaler is enabled, but CUDA is not available. Disabling.", stacklevel=2)

    def scale(self, outputs):
        """The loss as it is."""
        return outputs

    def step(self, optimizer, *args, **kwargs):
        """`optimizer.step()`."""
        return optimizer.step(*args, **kwargs)

    def unscale_(self, optimizer):
        """Do nothing: no gradient was scaled."""

    def update(self, new_scale=None):
        """Do nothing: there is no scale to change."""

    def get_scale(self):
        """1: nothing is scaled."""
        return 1.0

    def is_enabled(self):
        """False: nothing is scaled."""
        return False

    def state_dict(self):
        """Nothing to keep."""
        return {}

    def load_state_dict(self, state_dict):
        """Nothing to continue."""


__getattr__ = refusing(__name__, __all__)
