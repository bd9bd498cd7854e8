"""A house rule: no room of the library uses what another one keeps for itself, its names with an underscore."""
import ast
from functools import lru_cache

import pytest

from test_house_rules import LIBRARY, REPOSITORY, broken, nodes_of, python_files, room_of, tree_of

#: tests may look behind names with an underscore
FILES = python_files(LIBRARY, REPOSITORY / "benchmarks", REPOSITORY / "cli")


def is_private(name):
    return name.startswith("_") and not name.startswith("__") and name not in ("_asdict", "_replace")  # those of named tuples


def home_of(path):
    """The room of the library, or the folder beside it, that a file lies in."""
    folder = path.relative_to(REPOSITORY).parts[0]
    return room_of(path) if folder == LIBRARY.name else folder


def private_members(tree):
    """The private names that the classes of a file give their objects."""
    for node in nodes_of(tree):
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                yield getattr(member, "name", "")  # a method
                for target in getattr(member, "targets", [getattr(member, "target", None)]):
                    yield getattr(target, "id", "")
                    if getattr(target, "id", "") == "__slots__":
                        yield from (word.value for word in ast.walk(member.value) if isinstance(word, ast.Constant))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            yield node.attr if node.value.id in ("self", "cls") else ""


@lru_cache(maxsize=None)
def rooms_of_members():
    """{private name of a member: the rooms whose classes have it}."""
    found = {}
    for path in FILES:
        for name in filter(is_private, private_members(tree_of(path))):
            found.setdefault(name, set()).add(home_of(path))
    return found


def private_reaches(path, tree=None):
    """Lines that use a private member of an object of another room; a name that both rooms have is taken for their own."""
    found = rooms_of_members()
    return [f"{node.lineno}: {node.attr}" for node in nodes_of(tree or tree_of(path)) if isinstance(node, ast.Attribute)
            and is_private(node.attr) and node.attr in found and home_of(path) not in found[node.attr]]


def test_no_room_reaches_into_another():
    """What another room needs has a name without underscore there, as `numbacnn.tensors.internals` gives a Tensor's."""
    assert broken(FILES, private_reaches) == {}, "these lines use what another room keeps for itself"


@pytest.mark.parametrize("file, line", [
    ("numbacnn/nn/conv.py", "x._storage"), ("numbacnn/optim/sgd.py", "Tensor._detached(x)"), ("cli/train.py", "layer(x)._node.name"),
    ("benchmarks/conv.py", "x._plain = y"), ("numbacnn/train/steps.py", "optimizer._state")])
def test_no_room_reaches_into_another_would_notice(file, line):
    assert private_reaches(REPOSITORY / file, ast.parse(line))
    assert not private_reaches(REPOSITORY / "numbacnn/tensors/shape.py", ast.parse("x._storage"))
