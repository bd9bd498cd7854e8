"""Read pictures from folders: one folder per class, named as the class is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .classes import in_order, refuse_strange, same_name
from .errors import DataError
from .folder_layout import LAYOUT, Classes, Layout, find_layout, published_hint
from .folder_tree import told_by_names
from .parts import TEST_EVERY, refuse_same
from .pictures import read_all, repeated
from .preparation import Preparation
from .record import Choices, Split
from .wording import listed


def load_folder(
    path: str | Path,
    image_size: tuple[int, int] | None = None,
    limit: int | None = None,
    choices: Choices = Choices(),
) -> Split:
    """Read pictures from one folder per class.

    Parameters
    ----------
    path : str or Path
        A folder of ``<class>/``, or of parts that hold those: ``train/``,
        ``val/`` and ``test/`` under any of their usual names.  All pictures
        below a class count.  Without a part to test with, ``val/`` is used,
        and without that every sixth picture.
    image_size : (int, int), optional
        Height and width.  Pictures are scaled to cover it, then cropped about
        their middle.  Without it all have to be of one size.
    limit : int, optional
        Read at most so many pictures to train with.
    choices : Choices
        Of these ``test``, ``whole``, ``pictures`` and ``reading`` are for folders.

    Returns
    -------
    Split
        Images uint8 (N, C, H, W) in a fixed shuffled order, C = 1 if every
        picture is gray, else 3.  Classes in the order of their names, numbers
        by size.

    Raises
    ------
    DataError
        If it cannot be told what the classes are, a picture cannot be read,
        sizes differ, or a class is tested that has no pictures to train with.
    """
    path = Path(path)
    layout = find_layout(path)
    parts, source = divide(path, layout, choices)
    classes = in_order({name for part in parts.values() for name in part})
    if choices.classes is not None:  # known before any picture is read
        refuse_strange(classes, str(path), choices.classes)
    rng = np.random.default_rng(0)  # the order is part of the data, not of the training
    files: dict[str, list[Path]] = {}
    labels: dict[str, list[int]] = {}
    for part in [name for name in ("train", "test", "val") if name in parts]:
        pairs = [(file, classes.index(name)) for name, some in parts[part].items() for file in some]
        pairs = [pairs[i] for i in rng.permutation(len(pairs))][: limit if part == "train" else None]
        files[part], labels[part] = [file for file, _ in pairs], [label for _, label in pairs]
    fixed = Preparation.from_dict(choices.pictures)
    images, preparation, notes = read_all(files, image_size, fixed, choices.reading)
    y = {part: np.array(some, np.int64) for part, some in labels.items()}
    found = tuple(part for part in ("train", "val", "test") if part in layout.parts) if len(layout.parts) > 1 else ()
    return Split(
        images["train"], y["train"], images["test"], y["test"], source, tuple(classes),
        x_val=images.get("val"), y_val=y.get("val"), parts=("train", "test") if choices.test else found,
        notes=(*layout.notes, *notes, *repeated(files, images, y, classes, trained=not choices.whole)), pictures=preparation.to_dict(),
        files={part: tuple(name_below(path, file) for file in some) for part, some in files.items()},
    )


def name_below(path: Path, file: Path) -> str:
    """Return the name of a file as seen from a folder; of a file elsewhere all of it."""
    return (file.relative_to(path) if file.is_relative_to(path) else file).as_posix()


def divide(path: Path, layout: Layout, choices: Choices) -> tuple[dict[str, Classes], str]:
    """Return the pictures to train, validate and test with, by class, and where they were found."""
    parts, names, notes = dict(layout.parts), layout.folders, layout.notes
    source = f"pictures in {path}, one folder per class"
    if choices.test is not None:
        refuse_same(path, Path(choices.test), "folder")
        if "test" in parts and len(parts) > 1:
            notes.append(f"{names['test']}/ of {path} left out: --test {choices.test} is tested with")
            del parts["test"]
        check_classes(path, parts)
        train, val = {**parts.get("all", {}), **parts.get("train", {})}, parts.get("val")
        test, told = test_folder(Path(choices.test), notes)
        test = spelled_as(train, test, notes)
        source += f"{validated(names, val)}, tested with {told}"
    elif choices.whole and len(parts) == 1:
        (part, only), = parts.items()
        check_classes(path, parts, least=1)
        return {"train": {}, "test": only}, source + ("" if part == "all" else f", all of {names[part]}/")
    else:
        check_classes(path, parts)
        if "train" not in parts and "all" not in parts:
            raise DataError(f"{path}: has {' and '.join(names.values())} but no folder to train with; lay it out as {LAYOUT}")
        train, val, test = parts.get("train") or parts["all"], parts.get("val"), parts.get("test")
        inside = f" in {names['train']}/" if "train" in parts else ""
        if test is None and val is not None:
            source += f"{inside}, tested with {names['val']}/"
            test, val = val, None
        elif test is None:
            train, test = hold_back(path, train)
            source += f"{inside}, every sixth picture kept to test with"
        else:
            source += f"{inside}{validated(names, val)}, tested with {names['test']}/"
    for what, part in (("validate", val), ("test", test)):
        check_learned(path, what, train, part, notes)
    return {"train": train, "test": test} | ({} if val is None else {"val": val}), source


def validated(names: dict[str, str], val: Classes | None) -> str:
    """Say which folder validates, if one does."""
    return "" if val is None else f", validated with {names['val']}/"


def check_classes(path: Path, parts: dict[str, Classes], least: int = 2) -> None:
    """Raise unless there are classes enough to tell one from the other."""
    part, classes = next((part, parts[part]) for part in ("train", "all", *parts) if part in parts)
    if len(classes) < least:
        number = f"1 class ({next(iter(classes))})" if classes else "no folders with pictures in them"
        hidden = [entry.name for entry in sorted(path.iterdir()) if entry.is_dir() and entry.name.startswith(".")]
        number += f" (hidden ones, {listed(hidden)}, are left out; rename them if they are classes)" if hidden else ""
        raise DataError(
            f"{path}: has {number}; at least {least} class{'es are' if least > 1 else ' is'} needed, laid out as {LAYOUT}"
            + (told_by_names(next(iter(classes.values()))) if classes else "") + published_hint(path)
        )


def hold_back(path: Path, classes: Classes) -> tuple[Classes, Classes]:
    """Return the pictures to train with, and those kept to test with: the last of every six, of fewer the last one."""
    few = [name for name, files in classes.items() if len(files) < 2]
    if few:
        raise DataError(f"{classes[few[0]][0].parent}: holds 1 picture; at least 2 are needed, one to test with")
    test = {name: files[TEST_EVERY - 1 :: TEST_EVERY] or files[-1:] for name, files in classes.items()}
    return {name: [f for f in files if f not in set(test[name])] for name, files in classes.items()}, test


def test_folder(path: Path, notes: list[str]) -> tuple[Classes, str]:
    """Return the pictures of a folder given to test with: of its part to test with if it has parts, else all."""
    if not path.is_dir():
        raise DataError(f"--test {path}: {'is a file' if path.exists() else 'no such folder'}; give a folder laid out as DIR/<class>/*.png")
    layout = find_layout(path)
    part = next(part for part in ("test", "val", *layout.parts) if part in layout.parts)
    if not layout.parts[part]:
        raise DataError(f"--test {path}: has no folders with pictures in them; lay it out as DIR/<class>/*.png")
    notes += [f"--test {path}: {note}" for note in layout.notes]
    return layout.parts[part], f"{layout.folders[part]}/ in {path}" if part in layout.folders else str(path)


def spelled_as(train: Classes, test: Classes, notes: list[str]) -> Classes:
    """Return the classes to test with in the spelling of those to train with."""
    known = {same_name(name): name for name in train}
    changed = [name for name in test if known.get(same_name(name), name) != name]
    if changed:
        notes.append(f"{', '.join(changed)} taken for {', '.join(known[same_name(name)] for name in changed)} in the test pictures")
    return {known.get(same_name(name), name): files for name, files in test.items()}


def check_learned(path: Path, what: str, train: Classes, part: Classes | None, notes: list[str]) -> None:
    """Raise if a part has a class that is not trained with; note classes that it does not have."""
    if part is None:
        return
    odd = [name for name in part if not train.get(name)]
    if odd:
        where = part[odd[0]][0].parent
        raise DataError(
            f"{where}: has pictures of {', '.join(odd)} to {what} with, but {path} has none to train with; the classes to {what} "
            "with must be among those to train with"
        )
    missing = [name for name in train if not part.get(name)]
    if missing and what == "validate":  # classes that are not tested are told of all data
        notes.append(f"no pictures of {listed(missing)} to {what} with")
