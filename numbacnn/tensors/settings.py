"""Settings of PyTorch that programs make, and what numbacnn answers; the limits of the dtypes."""

import numpy as np

from numbacnn.tensors import types
from numbacnn.tensors.arithmetic import common_dtype, operands
from numbacnn.tensors.tensor import Tensor

dtype = np.dtype
#: memory formats: how numbers lie in memory is the engine's affair, so these are accepted and change nothing
contiguous_format, preserve_format, channels_last = "contiguous_format", "preserve_format", "channels_last"


def get_default_dtype():
    """The dtype of Tensors made of Python floats, and of layers: float32, unless `set_default_dtype` chose another."""
    return types.default_dtype()


def set_default_dtype(d):
    """Choose the dtype of Tensors made of Python floats, of layers and of quotients of whole numbers.

    Parameters
    ----------
    d : dtype
        float32, the fast one, or float64, which runs the textbook loops number by number.

    Raises
    ------
    TypeError
        For any other dtype.
    """
    if types.as_dtype(d).kind != "f":
        raise TypeError(f"set_default_dtype: only floating point types are supported as the default type, got {d}")
    types.choose_default(types.as_dtype(d))


def set_default_tensor_type(t):
    """Choose FloatTensor, the default, or DoubleTensor; see `set_default_dtype`."""
    name = t if isinstance(t, str) else getattr(t, "__name__", str(t))
    kinds = {"FloatTensor": types.float32, "DoubleTensor": types.float64}
    if name.rpartition(".")[2] not in kinds or ".cuda." in name:
        raise NotImplementedError(f"set_default_tensor_type: only FloatTensor and DoubleTensor are offered, got {name}")
    types.choose_default(kinds[name.rpartition(".")[2]])


def get_default_device():
    """The device of new Tensors: the CPU."""
    return types.device("cpu")


def set_default_device(device):
    """Accept the CPU.

    Raises
    ------
    RuntimeError
        For any other device.
    """
    types.check_device(device)


def use_deterministic_algorithms(mode, *, warn_only=False):
    """Accept either: every algorithm is deterministic, whatever the number of threads."""


def are_deterministic_algorithms_enabled():
    """True: every algorithm is deterministic."""
    return True


def set_deterministic_debug_mode(debug_mode):
    """Accept any: every algorithm is deterministic."""


def set_float32_matmul_precision(precision):
    """Accept "highest", "high" or "medium": products of float32 are always computed in float32, "highest"."""
    if precision not in ("highest", "high", "medium"):
        raise RuntimeError(f'set_float32_matmul_precision: expected "highest", "high" or "medium", got {precision!r}')


def get_num_interop_threads():
    """1: one operation runs at a time, on all threads."""
    return 1


def set_num_interop_threads(num):
    """Accept 1: one operation runs at a time, on all threads; see `set_num_threads`.

    Raises
    ------
    RuntimeError
        If `num` is not positive.
    """
    if num < 1:
        raise RuntimeError(f"set_num_interop_threads: expected a positive number, got {num}")


def is_storage(obj):
    """False: there are no storage objects here; `x.numpy()` gives the memory of a Tensor as an array."""
    return False


def compile(model=None, **options):
    """The model itself: its loops are compiled already, at their first call, whatever the options say.

    Parameters
    ----------
    model : Module or function, optional
        Without it, as in `@compile(...)`, what comes back takes one.
    """
    return compile if model is None else model


def promote_types(type1, type2):
    """The dtype of a sum of Tensors of two dtypes."""
    pair = (Tensor._detached(np.zeros(1, types.as_dtype(each))) for each in (type1, type2))
    return common_dtype(*pair)


def result_type(tensor1, tensor2):
    """The dtype of the sum of two operands, Tensors or numbers."""
    if isinstance(tensor1, Tensor):
        return operands(tensor1, tensor2)[0].dtype
    return operands(tensor2, tensor1)[0].dtype if isinstance(tensor2, Tensor) else np.result_type(type(tensor1), type(tensor2))


class _Limits:
    """Attributes of a dtype as Python numbers."""

    def __init__(self, numbers, dtype, names):
        self.dtype = str(dtype)
        for name in names:
            value = getattr(numbers, name)
            setattr(self, name, value.item() if hasattr(value, "item") else value)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in vars(self).items())})"


class finfo(_Limits):
    """The limits of a floating point dtype: `eps`, `max`, `min`, `tiny`, `smallest_normal`, `resolution`, `bits`."""

    def __init__(self, type=None):
        type = types.default_dtype() if type is None else types.as_dtype(type)
        if type.kind != "f":
            raise TypeError(f"finfo: {type} is not a floating point dtype; take iinfo")
        super().__init__(np.finfo(type), type, ("resolution", "min", "max", "eps", "smallest_normal", "tiny", "bits"))


class iinfo(_Limits):
    """The limits of a whole-number dtype: `max`, `min`, `bits`."""

    def __init__(self, type):
        type = types.as_dtype(type)
        if type.kind not in "iu":
            raise TypeError(f"iinfo: {type} is not a dtype of whole numbers; take finfo")
        super().__init__(np.iinfo(type), type, ("min", "max", "bits"))
