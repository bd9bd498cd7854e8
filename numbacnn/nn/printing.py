"""How a Module prints: as PyTorch prints it, and in a notebook as a table."""

from numbacnn import notebook
from numbacnn.nn.parameter import UninitializedParameter

MOST_ROWS = 100


def module_text(module):
    """The text of `repr(module)`: its arguments on one line, or its children indented, one a line."""
    extra = module.extra_repr()
    children = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in module._modules.items()]
    if not children and "\n" not in extra:
        return f"{type(module).__name__}({extra})"
    lines = extra.splitlines() + children
    return f"{type(module).__name__}(" + "".join(f"\n  {line}" for line in lines) + "\n)"


def module_html(module):
    """What a notebook shows: the layers, one a row, with the shapes of their weights and how many parameters they have."""
    rows, counted = [], set()
    for name, layer in module.named_modules():
        own = {key: param for key, param in layer._parameters.items() if param is not None}
        fresh = {id(param): param.numel() for param in own.values() if id(param) not in counted}  # a shared weight counts once
        counted |= set(fresh)
        if own or not layer._modules:
            rows.append((name or "(itself)", f"{type(layer).__name__}({' '.join(layer.extra_repr().split())})",
                         ", ".join(f"{key} {_shape(param)}" for key, param in own.items()), f"{sum(fresh.values()):,}"))
    total = sum(param.numel() for param in module.parameters())
    trained = sum(param.numel() for param in module.parameters() if param.requires_grad)
    left_out = [("…", f"{len(rows) - MOST_ROWS} more", "", "")] if len(rows) > MOST_ROWS else []
    count = f"{total:,} parameters" + (f", {trained:,} of them trained" if trained < total else "")
    return notebook.paragraph(count, type(module).__name__) + notebook.table(
        ("layer", "what it does", "its weights", "parameters"), rows[:MOST_ROWS] + left_out)


def _shape(param):
    return "×".join(map(str, param.shape)) if not isinstance(param, UninitializedParameter) else "(known after the first input)"
