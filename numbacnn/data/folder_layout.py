"""Which folders are parts (train, val, test), which are classes, and which picture belongs to what."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from .classes import in_order, same_name
from .errors import DataError
from .folder_names import bare, bare_word, part_of, refuse_containers, refuse_parts_in_names
from .folder_tree import Folder, examples, left_out, told_by_names
from .parts import PARTS
from .wording import counted, listed

UNLABELED = ("unlabeled", "unlabelled", "unsupervised")
NOT_KNOWN = (*UNLABELED, "unknown", "all", "files")  # the one folder of a part whose classes are to be found
TO_PREDICT = ("pred", "predict", "prediction", "predictions")  # beside parts; beside classes they may be one
NO_CLASSES = {"images", "image", "imgs", "img", "pictures", "photos", "jpegimages", "annotations", "annotation", "labels", "label",
              "masks", "mask", "trimaps", "segmentation", "groundtruth", "bboxes", "xml", "json"}
LAYOUT = "DIR/<class>/*.png, or DIR/train/<class>/*.png and DIR/test/<class>/*.png"
PUBLISHED = {"ubyte": "mnist", "data_batch": "cifar10", "train.bin": "cifar100"}  # parts of the names of their files
Classes = dict[str, list[Path]]


class Layout(NamedTuple):
    """The pictures of each part by class; ``parts`` has the one key ``all`` if there are no parts.

    ``folders`` are the names of the parts' folders, and ``notes`` sentences
    about what was left out or guessed.
    """

    parts: dict[str, Classes]
    folders: dict[str, str]
    notes: list[str]


def find_layout(path: Path) -> Layout:
    """Return how the pictures in a folder are laid out.

    Raises
    ------
    DataError
        If it is not a folder, or it cannot be told what its classes are.
    """
    if not path.is_dir():
        raise DataError(f"{path}: no such folder; give one laid out as {LAYOUT}")
    tree = Folder(path)
    notes = left_out(tree)
    node = inner(tree, notes)
    if not node.filled and node.pictures:
        raise DataError(
            f"{node.path}: holds {counted(len(node.pictures), 'picture')} without a folder for each class; lay them out as "
            f"{LAYOUT}{told_by_names(node.pictures)}"
        )
    named = [folder for folder in node.filled if part_of(folder.name)]
    if named:
        parts, folders = read_parts(node, named, notes)
    else:
        parts = parts_in_classes(node, notes)
        folders = {part: part for part in parts}
        if not parts:
            parts, folders = {"all": classes_in(node, notes)}, {}
    check_names(path, parts, notes)
    return Layout(same_order(parts), folders, notes)


def inner(node: Folder, notes: list[str], part: str | None = None) -> Folder:
    """Return the folder that holds the parts or classes: ``node``, or the one folder around all of them.

    Inside a ``part`` another folder of its name (``train/train``) is one around.
    """
    at, around = node, []
    while len(at.filled) == 1 and part_of(at.filled[0].name) in (None, part):
        around.append(at)
        at = at.filled[0]
    if len(at.filled) < 2 and not any(part_of(folder.name) for folder in at.filled):
        return node
    if around:
        notes.append(f"the one folder inside is taken: {at.path}")
    loose = [path for folder in around for path in folder.pictures]
    if loose:
        notes.append(f"{counted(len(loose), 'picture')} left out, around {at.path}: {examples(loose, node.path)}")
    return at


def read_parts(node: Folder, named: list[Folder], notes: list[str]) -> tuple[dict[str, Classes], dict[str, str]]:
    """Return the classes in the folders of each part, and the names of those folders."""
    aside = [folder for folder in node.filled if bare(folder.name) in UNLABELED + TO_PREDICT]
    beside = [folder for folder in node.filled if folder not in named and folder not in aside]
    names = ", ".join(folder.name for folder in named)
    if beside:
        others = listed([folder.name for folder in beside])
        raise DataError(
            f"{node.path}: {names} {'are parts' if len(named) > 1 else 'is a part'} by name, and beside lie {others}, so it cannot be "
            f"told what is a class; move {others} elsewhere, or rename {names} if it is a class (such as class_{named[0].name})"
        )
    by_part = one_for_each_part(node, named)
    flat = {part: inner(folder, notes, part) for part, folder in by_part.items()}
    without = [part for part, folder in flat.items() if not folder.filled or part != "train" and is_unlabeled(folder, flat.get("train"))]
    if without and ("train" in without or "train" not in flat):
        part = "train" if "train" in without else without[0]
        raise DataError(
            f"{node.path}: {names} {'are parts' if len(named) > 1 else 'is a part'}, no class{'es' * (len(named) > 1)}, and "
            f"{flat[part].path} holds pictures without a folder for each class; lay them out as "
            f"{LAYOUT}{told_by_names(flat[part].pictures)}"
        )
    notes.extend(unlabeled(folder) for folder in [flat.pop(part) for part in without] + aside)
    if node.pictures:
        notes.append(f"{counted(len(node.pictures), 'picture')} left out, beside the parts: {examples(node.pictures, node.path)}")
    parts = {part: classes_in(folder, notes) for part, folder in flat.items()}
    return parts, {part: by_part[part].name for part in parts}


def one_for_each_part(node: Folder, named: list[Folder]) -> dict[str, Folder]:
    """Return the folder of each part that there is; of ``test`` and ``eval`` the latter validates. Two for one part are refused."""
    by_part = defaultdict(list)
    for folder in named:
        by_part[part_of(folder.name)].append(folder)
    evals = [folder for folder in by_part["test"] if bare(folder.name).startswith("eval")]
    if len(by_part["test"]) == 2 and len(evals) == 1 and not by_part["val"]:
        by_part["val"] = evals
        by_part["test"].remove(evals[0])
    for part, folders in by_part.items():
        if len(folders) > 1:
            raise DataError(
                f"{node.path}: has {' and '.join(folder.name for folder in folders)}, which mean the same part, {part}; put them "
                "together, or move all but one elsewhere"
            )
    return {part: by_part[part][0] for part in PARTS if by_part[part]}


def is_unlabeled(folder: Folder, train: Folder | None) -> bool:
    """Whether a part has no classes, only folders around pictures whose class is not known, as ``test/unknown`` and ``test/test``."""
    known = {same_name(below.name) for below in train.filled} if train else set()
    around = []
    while len(folder.filled) == 1:
        folder = folder.filled[0]
        around.append(folder.name)
    names = [name for name in around if not part_of(name)]
    return bool(known and around) and not folder.filled and all(
        bare_word(name) in {*NOT_KNOWN, *NO_CLASSES} and same_name(name) not in known for name in names)


def unlabeled(folder: Folder) -> str:
    """Say that a folder of pictures without classes is left out."""
    pictures = counted(len(folder.all("pictures")), "picture")
    return f"{pictures} in {folder.path} left out: no folder says their class (numbacnn predict classifies them)"


def parts_in_classes(node: Folder, notes: list[str]) -> dict[str, Classes]:
    """Return the parts of classes that have them inside, ``cat/train`` and ``cat/test``; empty if they have none."""
    inside = {folder: [below for below in folder.filled if part_of(below.name)] for folder in node.filled}
    if not any(inside.values()):
        return {}
    mixed = [folder for folder, parts in inside.items() if len(parts) != len(folder.filled) or folder.pictures]
    if mixed:
        having = next(folder for folder, parts in inside.items() if parts)
        raise DataError(
            f"{node.path}: {having.name} is divided into {', '.join(below.name for below in inside[having])}, but "
            f"{mixed[0].name} holds other pictures too; lay them out as {LAYOUT}"
        )
    parts: dict[str, Classes] = defaultdict(lambda: defaultdict(list))
    for folder, below in inside.items():
        for part in below:
            parts[part_of(part.name)][folder.name] += part.all("pictures")
    notes.append(f"the classes in {node.path} are divided into {', '.join(part for part in PARTS if part in parts)} inside, which is taken")
    return {part: dict(parts[part]) for part in PARTS if part in parts}


def classes_in(node: Folder, notes: list[str]) -> Classes:
    """Return the pictures of every class: of each folder in ``node`` that has some, at any depth."""
    aside = [folder for folder in node.filled if bare_word(folder.name) in UNLABELED]
    found = [folder for folder in node.filled if folder not in aside]
    if found and all(bare_word(folder.name) in NO_CLASSES for folder in found):
        files = max(found, key=lambda folder: len(folder.all("pictures"))).all("pictures")
        names = " and ".join(folder.name for folder in found)
        raise DataError(
            f"{node.path}: {names} {'are not names of classes' if len(found) > 1 else 'is not the name of a class'}; lay the pictures out as "
            f"{LAYOUT}{told_by_names(files)}"
        )
    notes.extend(map(unlabeled, aside))
    refuse_containers(node, found)
    refuse_parts_in_names(node, found)
    empty = [folder.name for folder in node.empty]
    if empty:
        verb, what = ("hold", "not classes") if len(empty) > 1 else ("holds", "not a class")
        notes.append(f"{listed(empty)} in {node.path} {verb} no pictures: {what}")
    if node.pictures and found:
        notes.append(
            f"{counted(len(node.pictures), 'picture')} left out, beside the folders of classes in {node.path}: "
            f"{examples(node.pictures, node.path)}"
        )
    below = [path for folder in found for deeper in folder.folders for path in deeper.all("pictures")]
    if below:
        where = sorted({path.parent.relative_to(node.path).as_posix() for path in below})
        notes.append(f"{counted(len(below), 'picture')} in deeper folders of {node.path} counted for the class above them: {listed(where)}")
    return {folder.name: folder.all("pictures") for folder in found}


def check_names(path: Path, parts: dict[str, Classes], notes: list[str]) -> None:
    """Raise if two classes of a part differ by case only; give the classes of all parts one spelling."""
    spelling: dict[str, str] = {}  # that of the first part, which is the one to train with
    for part, classes in parts.items():
        seen: dict[str, str] = {}
        for name in classes:
            key = same_name(name)
            if key in seen:
                raise DataError(
                    f"{path}: the folders {shown(seen[key])} and {shown(name)} differ only in case, in how accents are stored, or in "
                    "spaces at their ends; put their pictures together, or rename one"
                )
            seen[key] = name
        changed = [name for name in classes if spelling.setdefault(same_name(name), name.strip()) != name]
        if changed:
            where = path.name if part == "all" else part
            taken = ", ".join(spelling[same_name(name)] for name in changed)
            notes.append(f"{', '.join(map(shown, changed))} in {where} taken for {taken}")
        parts[part] = {unicodedata.normalize("NFC", spelling[same_name(name)]): files for name, files in classes.items()}


def shown(name: str) -> str:
    """Return a name for an error: in quotes if it begins or ends with spaces, so that they can be seen."""
    return name if name == name.strip() else repr(name)


def same_order(parts: dict[str, Classes]) -> dict[str, Classes]:
    """Return the parts with their classes in order: numbers by size, words by the alphabet."""
    return {part: {name: classes[name] for name in in_order(classes)} for part, classes in parts.items()}


def published_hint(path: Path) -> str:
    """Return how to ask for what ``path`` seems to hold instead of pictures, else nothing."""
    for file in sorted(path.iterdir()):
        name = next((name for part, name in PUBLISHED.items() if part in file.name), None)
        if name:
            return f"; if {file.name} is of a published data set give its name and the folder: --data {name} --data-dir {path}"
    for file in sorted(path.iterdir()):
        if file.suffix.lower() in (".csv", ".tsv", ".npz"):
            return f"; to read {file.name} give the file itself: --data {file}"
        if file.name == "run.json":
            return f"; it is a run of numbacnn, not data: numbacnn evaluate {path} measures it"
    return ""
