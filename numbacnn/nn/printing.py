"""How a Module prints: as PyTorch prints it."""


def module_text(module):
    """The text of `repr(module)`: its arguments on one line, or its children indented, one a line."""
    extra = module.extra_repr()
    children = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in module._modules.items()]
    if not children and "\n" not in extra:
        return f"{type(module).__name__}({extra})"
    lines = extra.splitlines() + children
    return f"{type(module).__name__}(" + "".join(f"\n  {line}" for line in lines) + "\n)"
