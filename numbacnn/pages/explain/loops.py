"""The textbook loops as text, read from the package, and what the page's scripts say they were written for."""

import ast
import hashlib
import re
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent
KERNELS = FOLDER.parent.parent / "kernels"


@lru_cache(maxsize=None)
def loop_sources():
    """Every loop of `numbacnn.kernels` as it stands there, without decorator and docstring.

    Returns
    -------
    dict of str to dict
        By the name of the loop: "file" and "lines".
    """
    found = {}
    for path in sorted(KERNELS.glob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.parse("\n".join(lines)).body:
            if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
                docstring, *body = node.body
                if body:
                    text = lines[node.lineno - 1:docstring.lineno - 1] + lines[docstring.end_lineno:node.end_lineno]
                    found[node.name] = {"file": path.name, "lines": text}
    return found


def fingerprint(name):
    """Eight digits that change with the text of a loop."""
    return hashlib.sha256("\n".join(loop_sources()[name]["lines"]).encode()).hexdigest()[:8]


def scripts():
    """The scripts of the loops, the table of kinds first; named from `numbacnn/pages`."""
    others = sorted(path.name for path in (FOLDER / "loops").glob("*.js") if path.name != "kinds.js")
    return [f"explain/loops/{name}" for name in ("kinds.js", *others)]


def computed_kinds():
    """The kinds of operation that the scripts compute."""
    texts = [path.read_text(encoding="utf-8") for path in (FOLDER / "loops").glob("*.js")]
    return {kind for text in texts for kind in re.findall(r"\bKINDS\.(\w+) = ", text)} | {"input"}


def written_for():
    """Which loops the scripts follow, and the fingerprints they were written for: (script, loop, fingerprint)."""
    for path in sorted((FOLDER / "loops").glob("*.js")):
        for loop, mark in re.findall(r"^\s*// loop: (\w+) ([0-9a-f]{8})$", path.read_text(encoding="utf-8"), re.MULTILINE):
            yield path.name, loop, mark
