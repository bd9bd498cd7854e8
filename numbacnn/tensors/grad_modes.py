"""Whether operations are recorded, said by a flag: `set_grad_enabled(training)`, and `inference_mode`."""

import functools

from numbacnn.tensors.tape import grad_mode, no_grad


class set_grad_enabled:
    """Record operations for `backward`, or do not; at once, and in a `with` block until its end.

    Parameters
    ----------
    mode : bool
    """

    def __init__(self, mode):
        self._before, self._mode = grad_mode.enabled, bool(mode)
        grad_mode.enabled = self._mode

    def __enter__(self):
        grad_mode.enabled = self._mode

    def __exit__(self, *exception):
        grad_mode.enabled = self._before

    def __call__(self, func):
        grad_mode.enabled = self._before  # a decorator changes nothing before the function runs

        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            with set_grad_enabled(self._mode):
                return func(*args, **kwargs)

        return wrapper


class inference_mode(no_grad):
    """Do not record: `with inference_mode():` or `@inference_mode()`; with `mode=False` nothing changes."""

    def __new__(cls, mode=True):
        if callable(mode):
            return super().__new__(cls, mode)
        return super().__new__(cls) if mode else set_grad_enabled(grad_mode.enabled)


def is_inference_mode_enabled():
    """Whether operations are not recorded."""
    return not grad_mode.enabled
