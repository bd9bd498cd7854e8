"""American spelling, as PyTorch's names have it: in names, file names, docstrings, messages and help."""
import ast
import re
from pathlib import Path

import click
import pytest

from numbacnn.cli import main

ROOT = Path(__file__).parents[2]
STEMS = ("normal", "optim", "initial", "minim", "maxim", "recogn", "organ", "summar", "visual", "regular", "general", "serial")
BRITISH = re.compile(
    r"\b(\w*grey\w*|\w*colour\w*|centre[ds]?|centring|neighbour\w*|behaviour\w*|favour\w*|labell\w+|modell\w+|analys(ed?|es|ing)"
    rf"|artefacts?|spelt|learnt|catalogues?|({'|'.join(STEMS)})is(es?|ed|ers?|ing|ations?))\b", re.IGNORECASE)
KEYS = {"normalised", "unlabelled"}  # alone: what runs of earlier versions hold, and a name that folders have
QUOTED = {"pad: Unrecognised padding mode "}  # as PyTorch says it
TITLE = "Visualising Image Classification Models"  # of a paper


def british(path):
    """Strings of a file that are British, but docstrings and keys."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
                  and isinstance(node.body[0], ast.Expr)}
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
             and id(node) not in docstrings)
    return [text for text in texts if BRITISH.search(text) and text not in KEYS | QUOTED]


def test_messages_are_in_american_spelling():
    files = [*(ROOT / "cli").glob("*.py"), *(ROOT / "numbacnn").rglob("*.py")]
    assert len(files) > 200
    assert {str(path): found for path in files if (found := british(path))} == {}


FOLDERS = "numbacnn", "cli", "benchmarks", "examples", "docs", "tests"
FILES = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if path.name != "test_spelling.py"]
NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")  # one word of a name: of conv_forward, of TrainingSteps


def british_names(path):
    """Names of a file, with its own, and its docstrings that are British."""
    nodes = [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    names = {path.stem, *(name for node in nodes for field in ("id", "attr", "arg", "name", "asname")
                          if isinstance(name := getattr(node, field, None), str))}
    texts = [text for node in nodes if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
             and (text := ast.get_docstring(node)) and BRITISH.search(text.replace(TITLE, ""))]
    return sorted(name for name in names if BRITISH.search(" ".join(NAME.findall(name)))) + texts


def test_names_and_docstrings_are_in_american_spelling():
    assert len(FILES) > 400
    assert {str(path.relative_to(ROOT)): found for path in FILES if (found := british_names(path))} == {}


@pytest.mark.parametrize("name", ["normalise", "Normalise", "COLOURS", "in_greys", "centre_by_mass", "gather_neighbours"])
def test_a_british_name_would_be_noticed(name, tmp_path):
    (tmp_path / "file.py").write_text(f"{name} = 1", encoding="utf-8")
    assert british_names(tmp_path / "file.py") == [name]


@pytest.mark.parametrize("name", main.list_commands(None))
def test_help_is_in_american_spelling(name):
    command = main.get_command(None, name)
    context = click.Context(command, parent=click.Context(main, **main.context_settings))
    assert not BRITISH.search(command.get_help(context))
