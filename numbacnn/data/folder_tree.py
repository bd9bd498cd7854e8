"""A folder as it lies on the disk: which files are pictures, what else is there, and what does not concern us."""

from __future__ import annotations

import os
import re
from collections import Counter
from functools import cached_property
from pathlib import Path

from .picture import is_picture
from .wording import counted

JUNK = {"thumbs.db", "desktop.ini", "__macosx", "__pycache__", "@eadir", "$recycle.bin", "system volume information", "lost+found"}
CACHES = {".thumbnails", ".thumbs", ".cache", ".trash", ".trashes", ".ipynb_checkpoints", ".git"}
UNREADABLE = {".heic": "JPEG", ".heif": "JPEG", ".svg": "PNG", ".pdf": "PNG", ".eps": "PNG", ".dng": "JPEG", ".cr2": "JPEG",
              ".nef": "JPEG", ".arw": "JPEG", ".dcm": "PNG"}  # pictures to their owner, but not to Pillow


class Folder:
    """A folder with what lies in it; hidden files and what systems leave behind are not there.

    Attributes
    ----------
    path : Path
    folders : list of Folder
        The folders directly in it, in the order of their names.
    pictures, others : list of Path
        The files directly in it: those that are pictures, and those that are not.
    hidden : list of Path
        Folders directly in it whose name begins with a point and that hold pictures, which are not looked into.
    lost : list of Path
        Links that lead nowhere or back to a folder around them, and other things that are not files.
    """

    def __init__(self, path: Path, above: tuple[str, ...] = ()) -> None:
        self.path, self.folders, self.pictures, self.others, self.lost, self.hidden = path, [], [], [], [], []
        above = (*above, os.path.realpath(path))
        for entry in sorted(path.iterdir()):
            if is_junk(entry.name):
                if entry.name.startswith(".") and entry.is_dir() and any(is_picture(file) for file in entry.glob("*.*")):
                    self.hidden.append(entry)
                continue
            if entry.is_dir():
                if os.path.realpath(entry) in above:
                    self.lost.append(entry)
                else:
                    self.folders.append(Folder(entry, above))
            elif not entry.is_file():
                self.lost.append(entry)
            else:
                (self.pictures if is_picture(entry) else self.others).append(entry)

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.path.name

    @cached_property
    def filled(self) -> list[Folder]:
        """The folders directly in it that hold pictures, at any depth."""
        return [folder for folder in self.folders if folder.all("pictures")]

    @cached_property
    def empty(self) -> list[Folder]:
        """The folders directly in it that hold no pictures."""
        return [folder for folder in self.folders if not folder.all("pictures")]

    def all(self, what: str) -> list[Path]:
        """All ``pictures``, ``others``, ``lost`` or ``hidden`` in it, at any depth, in the order of their paths."""
        return sorted(getattr(self, what) + [path for folder in self.folders for path in folder.all(what)])


def is_junk(name: str) -> bool:
    """Whether a file or folder is hidden, or one that a system or program leaves behind."""
    return name.startswith(".") or name.casefold() in JUNK


def examples(paths: list[Path], root: Path, most: int = 3) -> str:
    """Return the first few paths as seen from ``root``, and that there are more."""
    names = [str(path.relative_to(root)) for path in paths[:most]]
    return ", ".join(names + ["..."] * (len(paths) > most))


def left_out(tree: Folder) -> list[str]:
    """Return a sentence for each sort of file that is not a picture, and for links that lead nowhere."""
    notes, others = [], tree.all("others")
    foreign = [path for path in others if path.suffix.lower() in UNREADABLE]
    if foreign:
        kinds = sorted({path.suffix.lower() for path in foreign})
        notes.append(
            f"{counted(len(foreign), 'picture')} of a kind that cannot be read left out ({examples(foreign, tree.path)}); "
            f"save {', '.join(kinds)} files as {UNREADABLE[kinds[0]]}"
        )
    others = [path for path in others if path not in set(foreign)]
    if others:
        kinds = Counter(path.suffix.lower() or "without an ending" for path in others)
        listed = ", ".join(f"{kind} {count:,}" for kind, count in kinds.most_common(4))
        notes.append(f"{counted(len(others), 'file')} left out, no pictures: {listed} ({examples(others, tree.path)})")
    hidden = [path for path in tree.all("hidden") if path.name.casefold() not in CACHES]
    if hidden:
        notes.append(f"{counted(len(hidden), 'hidden folder')} of pictures left out, the name begins with a point: {examples(hidden, tree.path)}; "
                     "rename what is a class")
    lost = tree.all("lost")
    if lost:
        notes.append(f"{counted(len(lost), 'link')} left out, to nothing, to no file, or back to a folder around: {examples(lost, tree.path)}")
    return notes


def pictures_below(path: Path) -> tuple[list[Path], list[str]]:
    """Return all pictures in a folder at any depth, in the order of their paths, and sentences on what was left out."""
    tree = Folder(path)
    return tree.all("pictures"), left_out(tree)


def told_by_names(files: list[Path]) -> str:
    """Return a sentence with the classes that the names of pictures seem to tell (``cat.0.jpg``), else nothing."""
    words = Counter(re.match(r"[^\W\d_]*", path.name)[0].casefold() for path in files)
    words = {word: count for word, count in words.items() if word and count > 1 and word not in ("img", "image", "picture", "photo", "dsc")}
    if not 2 <= len(words) <= 50 or sum(words.values()) < 0.9 * len(files):
        return ""
    names = sorted(words)
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) < 6 else f"{', '.join(names[:5])} and {len(names) - 5} more"
    return f"; the names of the files say {listed}: move the pictures of each into a folder of its own"
