"""What the names of folders say: that they are parts, containers that hold the classes, or classes."""

from __future__ import annotations

import re
from collections import defaultdict

from .classes import same_name
from .errors import DataError
from .folder_tree import Folder
from .parts import PART_OF
from .wording import listed

FILLERS = ("dataset", "data", "set", "images", "image", "imgs", "img", "pictures", "photos", "split", "samples", "folder", "seg")
CONTAINERS = ("fold", "kfold", "cv", "part", "batch", "chunk", "shard", "subset", "round")


def part_of(name: str) -> str | None:
    """Return the part that a folder's name means: train, val or test, or None.

    Case, digits (``test1``, ``train2017``) and words such as in ``train_images`` do not matter.
    """
    return PART_OF.get(bare(name))


def bare(name: str) -> str:
    """Return the letters of a folder's name without words that only say that it holds data."""
    letters = bare_word(name)
    if letters in PART_OF:
        return letters
    filler = "|".join(FILLERS)
    return re.sub(rf"^({filler})+|({filler})+$", "", letters)


def bare_word(name: str) -> str:
    """Return the letters of a name, in lower case."""
    return re.sub(r"[\W\d_]+", "", name.casefold())


def refuse_containers(node: Folder, found: list[Folder]) -> None:
    """Raise if the folders are containers that have the classes inside (``fold1/cat``, ``fold2/cat``; ``color/cat``, ``gray/cat``).

    Containers by name need one folder in common. Those of another name need two,
    half of their folders at least, and hold no pictures beside them.
    """
    inside = [{same_name(folder.name) for folder in container.filled} for container in found]
    if len(found) < 2 or not set.intersection(*inside):
        return
    names, classes = listed([container.name for container in found]), listed([folder.name for folder in found[0].filled])
    if all(bare(container.name) in CONTAINERS for container in found):
        raise DataError(
            f"{node.path}: {names} are containers by name and hold the same folders ({classes}), so those are the classes; put each class "
            "together, or name the containers train, val and test"
        )
    common = len(set.intersection(*inside))
    if common > 1 and 2 * common >= len(set.union(*inside)) and not any(container.pictures for container in found):
        raise DataError(
            f"{node.path}: {names} hold the same folders ({classes}), so it cannot be told which are the classes; if {names} are, as "
            f"PyTorch's ImageFolder takes it, move the pictures of each up into it; if {classes} are, put the pictures of each together, or "
            f"give one folder (--data {found[0].path})"
        )


def refuse_parts_in_names(node: Folder, found: list[Folder]) -> None:
    """Raise if the names of folders hold a class and a part (``cats_train``, ``cats_test``)."""
    stems = defaultdict(list)
    for folder in found:
        stems[without_part(folder.name)].append(folder.name)
    twice = next((names for stem, names in stems.items() if stem and len(names) > 1 and any(map(names_part, names))), None)
    if twice:
        name = next(name for name in twice if names_part(name))
        raise DataError(
            f"{node.path}: {listed(twice)} would be classes of their own, but their names tell parts of one class; lay the pictures out "
            f"by part, then by class: {name} as {names_part(name)}/{without_part(name)}"
        )


def words_of(name: str) -> list[str]:
    """Return the words of a name, in lower case."""
    return [word for word in re.split(r"[\W_]+", name.casefold()) if word]


def names_part(name: str) -> str | None:
    """Return the part that the first or last of several words of a name means, or None."""
    words = words_of(name)
    return None if len(words) < 2 else PART_OF.get(words[-1]) or PART_OF.get(words[0])


def without_part(name: str) -> str:
    """Return a name in lower case without the word that means a part, if it has one."""
    words = words_of(name)
    if names_part(name):
        words = words[:-1] if words[-1] in PART_OF else words[1:]
    return "_".join(words)
