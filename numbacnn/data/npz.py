"""Read your own data set from a NumPy ``.npz`` file."""

from __future__ import annotations

import re
import zipfile
import zlib
from math import isqrt
from pathlib import Path

import numpy as np

from .errors import DataError
from .npz_labels import as_labels
from .parts import SHORT_PART_OF, every_sixth, refuse_same
from .pixels import FEWEST_PIXELS, as_pixels
from .record import Choices, Split
from .unknown import SAVE
from .wording import one_line

CHANNELS = (1, 3)  # gray or RGB: what tells the channel axis from height and width
X_WORDS = ("x", "images", "image", "imgs", "data", "features", "inputs", "pictures")
Y_WORDS = ("y", "labels", "label", "targets", "target", "classes", "class")
NAME_WORDS = ("class_names", "label_names", "names", "classes")


def load_npz(path: str | Path, choices: Choices = Choices()) -> Split:
    """Read images and labels from an ``.npz`` file.

    Parameters
    ----------
    path : str or Path
        Arrays ``x_train, y_train, x_test, y_test``, and ``x_val, y_val`` if
        there is a validation part.  Other usual names are understood
        (``train_images``, ``X_train``, ``labels`` and so on).  Without a test
        part, or with ``x`` and ``y`` alone, every sixth image is kept to test
        with.  ``class_names`` may name the classes.

        Images may be of shape (N, H, W), (N, H, W, C) or (N, C, H, W) with C 1
        or 3, or (N, H * W) if they are square.  For their numbers see
        `as_pixels`.  Labels are whole numbers from 0, texts, or one-hot rows,
        of shape (N,), (N, 1) or (N, classes).
    choices : Choices
        Of these ``test``, a second file to test with, and ``whole``.

    Returns
    -------
    Split
        Images uint8 (N, C, H, W), labels int64 (N,).

    Raises
    ------
    DataError
        If the file or one of its arrays cannot be used.  Pickled objects are
        never loaded.
    """
    path = Path(path)
    arrays, names, notes = read_arrays(path)
    if choices.test is not None:
        arrays, notes = with_test_file(path, arrays, Path(choices.test), notes)
    keys = {part: pair[0] for part, pair in arrays.items()}
    images, more = as_images(path, {part: (keys[part], pair[2]) for part, pair in arrays.items()})
    notes += more
    labels, classes, more = as_labels(path, {part: (pair[1], pair[3], len(pair[2])) for part, pair in arrays.items()}, names)
    return divided(path, images, labels, classes, notes + more, choices)


def divided(path: Path, images: dict, labels: dict, classes: tuple[str, ...], notes: tuple[str, ...], choices: Choices) -> Split:
    """Return the parts that the file has; every sixth image to test with if it has no such part."""
    parts, source = tuple(part for part in ("train", "val", "test") if part in images), f"NumPy file {path}"
    if parts and "train" not in parts and not choices.whole:
        raise DataError(
            f"{path}: has no train part but {' and '.join(parts)}; add x_train and y_train, or measure a run with it (numbacnn evaluate)"
        )
    own = {"x_val": images["val"], "y_val": labels["val"]} if "val" in images else {}
    common = {"source": source, "classes": classes, "notes": notes}
    if "test" in images:
        some = images.get("train", images["test"][:0]), labels.get("train", labels["test"][:0])
        return Split(*some, images["test"], labels["test"], parts=parts, **own, **common)
    part = next(part for part in ("all", "train", "val") if part in images)
    x, y = images[part], labels[part]
    if choices.whole:
        if part == "train":
            return Split(x, y, x[:0], y[:0], parts=parts, **own, **common)
        return Split(x[:0], y[:0], x, y, parts=(), **common)
    if len(x) < 2:
        raise DataError(f"{path}: holds 1 image; at least 2 are needed, one to test with")
    test = every_sixth(y)
    common["notes"] += (f"{path}: has no test part, so every sixth image, {int(test.sum()):,} of {len(x):,}, is kept to test with",)
    return Split(x[~test], y[~test], x[test], y[test], parts=parts, **own, **common)


def with_test_file(path: Path, arrays: dict, test_path: Path, notes: tuple[str, ...]) -> tuple[dict, tuple[str, ...]]:
    """Return the parts of one file with the test part of another; its only part if it has but one."""
    if not test_path.name.lower().endswith(".npz"):
        raise DataError(f"{test_path}: is not an .npz file, but {path} is; give files of one kind")
    refuse_same(path, test_path, "file")
    theirs, _, more = read_arrays(test_path)
    notes += tuple(f"{test_path}: {note}" if str(test_path) not in note else note for note in more)
    part = "test" if "test" in theirs else next(iter(theirs))
    if part != "test" and len(theirs) > 1:
        raise DataError(f"{test_path}: has no test part but {', '.join(theirs)}; save the one to test with as x_test, y_test")
    mine = {("train" if key == "all" else key): value for key, value in arrays.items()}
    if "test" in mine:
        notes += (f"{path}: its own test part is left out, for {test_path} is to test with",)
    return mine | {"test": theirs[part]}, notes


def read_arrays(path: Path) -> tuple[dict, np.ndarray | None, tuple[str, ...]]:
    """Return for each part the keys and arrays of images and labels, the names of the classes, and notes."""
    try:
        # opened here, because np.load leaves a damaged file open
        with open(path, "rb") as raw:
            beginning = raw.read(6)
            if not beginning:
                raise DataError(f"{path}: is an empty file; copy it again, or save it with {SAVE}")
            if beginning == b"\x93NUMPY":
                raise DataError(f"{path}: holds one array (.npy), without labels; save images and labels with {SAVE}")
            if not zipfile.is_zipfile(raw):
                if b"PK\x03\x04".startswith(beginning[:4]):  # the list of what is inside stands at the end
                    raise DataError(f"{path}: is damaged: it begins as an .npz file, but its end is missing; copy it again, or save it again")
                raise DataError(f"{path}: is not an .npz file; save it with {SAVE}")
            raw.seek(0)
            with np.load(raw, allow_pickle=False) as file:
                pairs, name_key, notes = find_pairs(path, file.files)
                arrays = {part: (*keys, *(read_array(path, file, key) for key in keys)) for part, keys in pairs.items()}
                names = read_array(path, file, name_key) if name_key else None
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except (OSError, ValueError, EOFError, MemoryError, RuntimeError) as error:
        raise DataError(f"{path}: cannot be read ({one_line(error)}); save it again") from None
    except (zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path}: is damaged ({one_line(error)}); save it again") from None
    return arrays, names, notes


def read_array(path: Path, file, key: str) -> np.ndarray:
    """Return one array; one of Python objects, which only pickle could read, is refused with the fix."""
    try:
        array = file[key]
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        number = "str" if key.lower() in NAME_WORDS[:-1] else "int" if role_of(key)[1] == "y" else "np.uint8"
        texts = f" (texts as {key}.astype(str))" if number == "int" else ""
        raise DataError(
            f"{path}: {key} is an array of Python objects, not of numbers; save it as {key}.astype({number}){texts}, or if its rows "
            "differ in length make them equal"
        ) from None
    if not isinstance(array, np.ndarray):
        raise DataError(f"{path}: {key} is not a NumPy array; save the file with {SAVE}")
    return array


def role_of(key: str) -> tuple[str | None, str | None]:
    """Return what a key's words say: the part (``all`` if none) and whether it is x or y; None if unknown."""
    words = [word for word in re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()) if word]
    for part in SHORT_PART_OF:  # xtrain, trainx
        words = [piece for word in words for piece in (
            [part, word[-1]] if word in (part + "x", part + "y") else [word[0], part] if word in ("x" + part, "y" + part) else [word])]
    parts = [SHORT_PART_OF[word] for word in words if word in SHORT_PART_OF]
    roles = ["x" if word in X_WORDS else "y" if word in Y_WORDS else None for word in words if word not in SHORT_PART_OF]
    if len(parts) > 1 or len(roles) != 1 or roles[0] is None:
        return None, None
    return parts[0] if parts else "all", roles[0]


def find_pairs(path: Path, keys: list[str]) -> tuple[dict[str, tuple[str, str]], str | None, tuple[str, ...]]:
    """Return for each part the keys of its images and labels, that of the class names, and notes on keys left out."""
    found: dict[tuple[str, str], str] = {}
    name_key = next((key for key in keys if key.lower() in NAME_WORDS[:-1]), None)
    left = []
    for key in keys:
        part, role = role_of(key)
        if key == name_key:
            continue
        if role is None:
            left.append(key)
        elif (part, role) in found:
            if key.lower() in NAME_WORDS and name_key is None:
                name_key = key
                continue
            raise DataError(f"{path}: {found[part, role]} and {key} both look like the {'images' if role == 'x' else 'labels'}; rename one")
        else:
            found[part, role] = key
    pairs = {part: (found[part, "x"], found[part, "y"]) for part in ("train", "val", "test", "all")
             if (part, "x") in found and (part, "y") in found}
    notes = (f"{path}: {', '.join(left)} left out: neither images nor labels",) if left else ()
    if pairs:  # such images may be for a contest, whose labels are kept secret
        unlabeled = {part: key for (part, role), key in found.items() if role == "x" and part in ("val", "test") and part not in pairs}
        notes += tuple(f"{path}: {key} left out: there is no {missing_of(part, 'x')} with its labels" for part, key in unlabeled.items())
        found = {place: key for place, key in found.items() if place[0] not in unlabeled}
    half = [missing_of(part, role) for part, role in found if part not in pairs]
    holds = f"it holds {', '.join(keys) or 'nothing'}"
    if half:
        raise DataError(f"{path}: has no {', '.join(half)}, {holds}; save it with {SAVE}")
    if not pairs:
        raise DataError(f"{path}: has no x_train, y_train, x_test, y_test, {holds}; save it with {SAVE}")
    if "all" in pairs and len(pairs) > 1:
        if "train" in pairs:
            raise DataError(f"{path}: has {' and '.join(pairs['all'])} beside {', '.join(pairs['train'])}; save one of them only")
        pairs["train"] = pairs.pop("all")
    return pairs, name_key, notes


def missing_of(part: str, role: str) -> str:
    """Return the usual key of what is missing beside images (x) or labels (y)."""
    return f"{'y' if role == 'x' else 'x'}_{part}".replace("_all", "")


def as_images(path: Path, parts: dict[str, tuple[str, np.ndarray]]) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Return the images of all parts as uint8 (N, C, H, W), converted in one way, and notes on it."""
    said: dict[str, str] = {}  # each sentence once, of the first array that it is true of
    arrays = {}
    for part, (key, x) in parts.items():
        if x.dtype.kind not in "uifb":
            raise DataError(f"{path}: {key} has dtype {x.dtype}; save it as uint8 from 0 to 255")
        arrays[part], sentence = channels_first(path, key, x)
        said.setdefault(sentence, f"{path}: {key}: {sentence}")
    first = next(iter(arrays))
    for part, x in arrays.items():
        if x.shape[1:] != arrays[first].shape[1:]:
            raise DataError(
                f"{path}: {parts[first][0]} holds images of (C, H, W) {arrays[first].shape[1:]} but {parts[part][0]} of "
                f"{x.shape[1:]}; they must be equal"
            )
    pixels, more = as_pixels(str(path), {parts[part][0]: x for part, x in arrays.items()})
    return dict(zip(arrays, pixels)), tuple(note for sentence, note in said.items() if sentence) + more


def channels_first(path: Path, key: str, x: np.ndarray) -> tuple[np.ndarray, str]:
    """Return images as (N, C, H, W), and a sentence on what was assumed about their axes, or nothing."""
    shape = x.shape
    if x.ndim == 2 and 0 not in shape and isqrt(shape[1]) ** 2 == shape[1] >= FEWEST_PIXELS:
        side = isqrt(shape[1])
        return x.reshape(-1, 1, side, side), f"rows of {shape[1]} numbers are taken as images of 1x{side}x{side}"
    if 0 in shape:
        raise DataError(f"{path}: {key} has shape {shape}, so it holds no images; leave it and its labels out, or fill it")
    if x.ndim not in (3, 4):
        raise DataError(
            f"{path}: {key} has shape {shape}, expected (N, H, W), (N, H, W, C) or (N, C, H, W)"
        )
    if x.ndim == 3:
        return x[:, None], ""
    first, last = shape[1] in CHANNELS, shape[3] in CHANNELS
    if first and last:
        raise DataError(
            f"{path}: {key} has shape {shape}, which may be (N, C, H, W) or (N, H, W, C); "
            "drop a channel axis of 1, or use images larger than 3 pixels"
        )
    if not first and not last:
        raise DataError(
            f"{path}: {key} has shape {shape} without a channel axis of 1 (gray) or 3 (RGB) "
            "in second or last place; drop an alpha channel, or save gray images as (N, H, W)"
        )
    if first:
        return x, ""
    return x.transpose(0, 3, 1, 2), f"images of shape {shape[1:]} are taken as height, width, channels"
