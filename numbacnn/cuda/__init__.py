"""What programs ask of a GPU before they choose a device: there is none, and nothing to do for it.

Questions are answered and switches accepted as PyTorch does on a machine without a GPU; what needs one is refused.
"""

from numbacnn.cuda import amp
from numbacnn.tensors.absent import refusing

_NO_GPU = "numbacnn is an engine for the CPU; ask numbacnn.cuda.is_available() first, which is False"


def is_available():
    """False: numbacnn computes on the CPU."""
    return False


def is_initialized():
    """False: there is nothing to initialize."""
    return False


def is_bf16_supported(including_emulation=True):
    """False: there is no bfloat16."""
    return False


def device_count():
    """0: there is no GPU."""
    return 0


def manual_seed(seed):
    """Accept a seed and do nothing: no random generator runs on a GPU here; see `numbacnn.manual_seed`."""


def manual_seed_all(seed):
    """Accept a seed and do nothing: no random generator runs on a GPU here; see `numbacnn.manual_seed`."""


def seed():
    """Do nothing: no random generator runs on a GPU here."""


def seed_all():
    """Do nothing: no random generator runs on a GPU here."""


def get_rng_state_all():
    """An empty list: no random generator runs on a GPU here."""
    return []


def set_rng_state_all(new_states):
    """Accept states and do nothing: no random generator runs on a GPU here."""


def empty_cache():
    """Do nothing, as no GPU memory is used."""


def ipc_collect():
    """Do nothing, as no GPU memory is used."""


def memory_allocated(device=None):
    """0 bytes, as no GPU memory is used."""
    return 0


def max_memory_allocated(device=None):
    """0 bytes, as no GPU memory is used."""
    return 0


def memory_reserved(device=None):
    """0 bytes, as no GPU memory is used."""
    return 0


def max_memory_reserved(device=None):
    """0 bytes, as no GPU memory is used."""
    return 0


def reset_peak_memory_stats(device=None):
    """Do nothing, as no GPU memory is used."""


def reset_max_memory_allocated(device=None):
    """Do nothing, as no GPU memory is used."""


def _refused(name, text):
    def function(*args, **kwargs):
        raise RuntimeError(f"cuda.{name}: there is no GPU; {_NO_GPU}")

    function.__name__, function.__qualname__, function.__doc__ = name, name, text
    return function


synchronize = _refused("synchronize", "Refused: there is no GPU to wait for.")
current_device = _refused("current_device", "Refused: there is no GPU.")
set_device = _refused("set_device", "Refused: there is no GPU.")
device = _refused("device", "Refused: there is no GPU.")
get_device_name = _refused("get_device_name", "Refused: there is no GPU.")
get_device_properties = _refused("get_device_properties", "Refused: there is no GPU.")
get_device_capability = _refused("get_device_capability", "Refused: there is no GPU.")
mem_get_info = _refused("mem_get_info", "Refused: there is no GPU.")
memory_summary = _refused("memory_summary", "Refused: there is no GPU.")
current_stream = _refused("current_stream", "Refused: there is no GPU.")

_OFFERED = [name for name in dir() if not name.startswith("_") and name != "refusing"]
__getattr__ = refusing(__name__, _OFFERED)
