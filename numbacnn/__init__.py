"""numbacnn: convolutional networks whose textbook loops run at full speed, with PyTorch's API.

Names are looked up when they are first used (PEP 562), so `import numbacnn` costs nothing and the command line can
answer `--help` before NumPy and Numba are loaded.
"""

import math as _math
import sys as _sys
from importlib import import_module as _import_module

from numbacnn.tensors import borrowed as _borrowed
from numbacnn.tensors import names as _names
from numbacnn.tensors.absent import NotOffered as _NotOffered
from numbacnn.tensors.absent import absent as _absent

_SUBMODULES = ("accelerator", "amp", "autograd", "backends", "cuda", "data", "functional", "insight", "linalg", "models", "mps", "nn",
               "onnx", "optim", "plot", "random", "train", "utils", "vision", "xpu")

# Public name -> (module, name there).
_OFFERED = {
    name: (module, name)
    for module, names in {
        "engine.team": "get_num_threads set_num_threads",
        "tensors.tape": "no_grad enable_grad is_grad_enabled",
        "tensors.grad_modes": "inference_mode is_inference_mode_enabled set_grad_enabled",
        "tensors.creation": "tensor as_tensor from_numpy zeros ones empty full zeros_like ones_like full_like empty_like eye arange "
                            "linspace logspace rand randn rand_like randn_like randint randperm get_rng_state set_rng_state",
        "tensors.sampling": "bernoulli multinomial normal poisson randint_like",
        "tensors.functions": "is_tensor",
        "tensors.printing": "set_printoptions",
        "tensors.products": "block_diag cdist einsum tensordot",
        "tensors.selection": "where",
        "tensors.parts": "dsplit hsplit vsplit",
        "tensors.generator": "Generator manual_seed initial_seed seed default_generator",
        "tensors.typed": "BoolTensor ByteTensor CharTensor DoubleTensor FloatTensor IntTensor LongTensor ShortTensor",
        "tensors.settings": "are_deterministic_algorithms_enabled channels_last compile contiguous_format finfo "
                            "get_default_device get_default_dtype get_num_interop_threads iinfo is_storage preserve_format "
                            "promote_types result_type set_default_device set_default_dtype set_default_tensor_type "
                            "set_deterministic_debug_mode set_float32_matmul_precision set_num_interop_threads "
                            "use_deterministic_algorithms",
        "serialization": "save load",
        "nn.functional": "celu celu_ rms_norm rrelu rrelu_ selu selu_ threshold threshold_",
        "nn.functional.dropout": "dropout_",
        "tensors.tensor": "Tensor",
        "tensors.shape": "cat stack",
        "tensors.types": "Size device float32 float64 int8 int16 int32 int64 uint8",
    }.items()
    for name in names.split()
}
_OFFERED.update({name: ("tensors.functions", name) for name in _names.METHODS})
_OFFERED.update({name: ("tensors.joining", name) for name in _names.JOINING})
_OFFERED.update({
    "autocast": ("amp", "autocast"), "bool": ("tensors.types", "bool_"), "concat": ("tensors.shape", "cat"),
    "concatenate": ("tensors.shape", "cat"), "double": ("tensors.types", "float64"), "dtype": ("tensors.settings", "dtype"),
    "float": ("tensors.types", "float32"), "int": ("tensors.types", "int32"), "long": ("tensors.types", "int64"),
    "short": ("tensors.types", "int16"),
})
_NUMBERS = {"e": _math.e, "inf": _math.inf, "nan": _math.nan, "newaxis": None, "pi": _math.pi}
_borrowed.functions.load = lambda: _import_module("numbacnn.nn.functional")  # for the methods of a Tensor that are functions there
_sys.meta_path.append(_NotOffered)  # says why there is no module numbacnn.distributed, for example


def __getattr__(name):
    if name in _SUBMODULES:
        value = _import_module(f"numbacnn.{name}")
    elif name in _OFFERED:
        module, attribute = _OFFERED[name]
        value = getattr(_import_module(f"numbacnn.{module}"), attribute)
    elif name in _NUMBERS:
        value = _NUMBERS[name]
    elif name == "__version__":
        from importlib.metadata import version

        value = version("numbacnn")
    else:
        raise _absent("numbacnn", name, (*_SUBMODULES, *_OFFERED))
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *_SUBMODULES, *_OFFERED, *_NUMBERS, "__version__"})
