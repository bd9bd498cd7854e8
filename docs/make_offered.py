"""Write docs/offered.md, what there is of PyTorch's API, from the docstrings: python docs/make_offered.py"""
import importlib
import inspect
from pathlib import Path

from numbacnn.tensors.tensor import OFFERED as MEMBERS

PAGE = Path(__file__).with_name("offered.md")
MODULES = {
    "numbacnn": "Tensors and what is done with them",
    "numbacnn.linalg": "Linear algebra",
    "numbacnn.autograd": "Gradients asked for by hand",
    "numbacnn.autograd.functional": "Derivatives of functions",
    "numbacnn.autograd.profiler": "Where the time goes",
    "numbacnn.amp": "Mixed precision, which is switched off",
    "numbacnn.cuda": "What is asked of a GPU",
    "numbacnn.nn": "Layers and losses",
    "numbacnn.nn.functional": "The same as functions",
    "numbacnn.nn.init": "How weights begin",
    "numbacnn.nn.utils": "Beside the layers",
    "numbacnn.nn.utils.prune": "Weights held at 0",
    "numbacnn.optim": "Optimizers",
    "numbacnn.optim.lr_scheduler": "Courses of the learning rate",
    "numbacnn.utils.data": "Data in batches",
    "numbacnn.vision.datasets": "Data sets of pictures, as in torchvision",
    "numbacnn.vision.transforms": "Transforms of pictures",
    "numbacnn.vision.transforms.functional": "Transforms as functions",
    "numbacnn.vision.utils": "Pictures side by side",
    "numbacnn.vision.io": "Pictures from files",
    "numbacnn.vision.models": "Networks for photographs",
}

BEGINNING = """# What is offered of PyTorch's API

Generated from the docstrings by `docs/make_offered.py`; do not edit. Names, arguments, defaults, shapes and numbers are
PyTorch's; `help(name)` in Python says more. What is not here raises an error that names it and the closest that there is.
`init.fan_in_and_fan_out`, `reset_`, `undrawn` and `optim.decay_weights_only` are numbacnn's own.
"""


def offered(name):
    """The public classes and functions of a module that are numbacnn's own, by name."""
    module = importlib.import_module(name)
    names = getattr(module, "__all__", dir(module))
    found = {name: getattr(module, name) for name in names if not name.startswith("_")}
    own = name if "__all__" not in vars(module) and name != "numbacnn" else "numbacnn"
    return {name: value for name, value in sorted(found.items(), key=lambda item: item[0].lower())
            if (inspect.isclass(value) or inspect.isfunction(value)) and value.__module__.startswith(own)}


def first_line(value):
    """What a docstring says first, as a cell of a table."""
    return (inspect.getdoc(value) or "").partition("\n")[0].replace("|", "\\|")


def page():
    """The text of docs/offered.md."""
    parts = [BEGINNING]
    for module, title in MODULES.items():
        rows = [f"| `{name}` | {first_line(value)} |" for name, value in offered(module).items()]
        parts.append("\n".join([f"## {title}: `{module}`\n", "| name | what it is |", "| --- | --- |", *rows, ""]))
        if module == "numbacnn":
            members = ", ".join(f"`{name}`" for name in MEMBERS if not name.startswith("_"))
            parts.append(f"A Tensor also has {members}, indexing with numbers, slices, arrays and masks, and Python's operators.\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
