"""What users read is in American spelling: messages, help, pages. Names and docstrings of the library are left alone."""
import ast
import re
from pathlib import Path

import click
import pytest

from numbacnn.cli import main

ROOT = Path(__file__).parents[1]
STEMS = ("normal", "optim", "initial", "minim", "maxim", "recogn", "organ", "summar", "visual", "regular", "general", "serial")
BRITISH = re.compile(
    r"\b(\w*grey\w*|\w*colour\w*|centre[ds]?|centring|neighbour\w*|behaviour\w*|favour\w*|labell\w+|modell\w+|analys(ed?|es|ing)"
    rf"|artefacts?|spelt|learnt|catalogues?|({'|'.join(STEMS)})is(es?|ed|ers?|ing|ations?))\b", re.IGNORECASE)
KEYS = {"normalise", "normalised", "Normalise"}  # alone: the name of a class, of its module, or of what JSON holds
QUOTED = {"pad: Unrecognised padding mode "}  # as PyTorch says it


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


@pytest.mark.parametrize("name", main.list_commands(None))
def test_help_is_in_american_spelling(name):
    command = main.get_command(None, name)
    context = click.Context(command, parent=click.Context(main, **main.context_settings))
    assert not BRITISH.search(command.get_help(context))
