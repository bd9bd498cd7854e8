"""numbacnn: convolutional networks whose textbook loops run at full speed, with PyTorch's API.

Names are looked up when they are first used (PEP 562), so `import numbacnn` costs nothing and the command line can
answer `--help` before NumPy and Numba are loaded.
"""

from importlib import import_module as _import_module

_SUBMODULES = ("cuda", "data", "models", "nn", "optim", "plot", "train", "utils")

# Public name -> (module, name there).
_OFFERED = {
    name: (module, name)
    for module, names in {
        "engine.team": "get_num_threads set_num_threads",
        "tensors.tape": "no_grad enable_grad is_grad_enabled",
        "tensors.creation": "tensor as_tensor from_numpy zeros ones empty full zeros_like ones_like full_like eye arange linspace "
                    "rand randn rand_like randn_like randint randperm get_rng_state set_rng_state",
        "tensors.functions": "abs add all allclose any argmax argmin clamp div equal exp flatten is_tensor log log_softmax "
                     "matmul max mean min mm mul numel permute pow relu reshape sigmoid softmax sqrt squeeze std sub sum "
                     "tanh transpose unsqueeze var",
        "tensors.generator": "Generator manual_seed initial_seed seed default_generator",
        "serialization": "save load",
        "tensors.tensor": "Tensor",
        "tensors.shape": "cat stack",
        "tensors.types": "Size device float32 float64 int32 int64 uint8",
    }.items()
    for name in names.split()
}
_OFFERED.update({
    "bool": ("tensors.types", "bool_"), "concat": ("tensors.shape", "cat"), "double": ("tensors.types", "float64"),
    "float": ("tensors.types", "float32"), "int": ("tensors.types", "int32"),
    "long": ("tensors.types", "int64"),
})


def __getattr__(name):
    if name in _SUBMODULES:
        value = _import_module(f"numbacnn.{name}")
    elif name in _OFFERED:
        module, attribute = _OFFERED[name]
        value = getattr(_import_module(f"numbacnn.{module}"), attribute)
    elif name == "__version__":
        from importlib.metadata import version

        value = version("numbacnn")
    else:
        from numbacnn.tensors.absent import absent

        raise absent("numbacnn", name, (*_SUBMODULES, *_OFFERED))
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *_SUBMODULES, *_OFFERED, "__version__"})
