"""Which data a command reads: kept in run.json, so that a run finds its data again as it was loaded for the training."""
from math import prod
from pathlib import Path

from numbacnn.cli.output import shape as shape_text

CHOICES = ("kind", "label", "shape", "test")  # what only the user's own data leave open


def source_of(data_name, data_dir, limit=None, image_size=None, **choices):
    """The arguments of `load_dataset` for what the options say, with paths that hold in any folder."""
    choices["test"] = choices.get("test") and str(Path(choices["test"]).resolve())
    return {"name": absolute(data_name), "data_dir": data_dir and str(Path(data_dir).resolve()), "limit": limit,
            "image_size": image_size, **{key: choices.get(key) for key in CHOICES}}


def for_run(source):
    """The arguments as run.json keeps them, beside what the data are (which have a kind and a shape as well)."""
    return {**{key: value for key, value in source.items() if key not in CHOICES},
            "choices": {key: source[key] for key in CHOICES if source[key] is not None}}


def of_run(known):
    """The arguments of `load_dataset` from the data of a run.json; a run of an earlier version has fewer."""
    choices = dict(known.get("choices", {}))
    if "shape" in choices:
        choices["shape"] = tuple(choices["shape"])
    size = known.get("image_size")
    return {"name": known["name"], "data_dir": known.get("data_dir"), "limit": known.get("limit"),
            "image_size": size and tuple(size), **{key: choices.get(key) for key in CHOICES}}


def pictures_of(known):
    """Preparation of picture files for a run, from the data in its run.json, which earlier versions did not fully record."""
    from numbacnn.data import is_like_digits

    return known.get("pictures") or {"channels": known["shape"][0], "framed": is_like_digits(known["name"], known["shape"])}


def table_for(known):
    """Settings to read a table for a run: those of its training table, or the shape of its examples if it learned from other files.

    Returns
    -------
    dict
        ``kind``, ``shape`` and ``table``, as `load_dataset` takes them.
    """
    kind, size = known.get("kind", "images"), tuple(known["shape"])
    given = known.get("choices", {}).get("shape")
    if kind == "tokens":
        shape = None
    elif given:
        shape = tuple(given)
    else:
        shape = size[1:] if kind == "images" and size[0] == 1 else size
    table = known.get("table") or {"label": "label", "columns": None, "numbers": prod(size), "before": 0}
    return {"kind": kind, "shape": shape, "table": table}


def of_the_run(error, path, known):
    """The sentence of an ArgumentError about a value that came from a run, not from the user; `known` describes the run's data."""
    from numbacnn.data.record import KINDS

    learned = f"{KINDS[known.get('kind', 'images')][0]} of {shape_text(known['shape'])}"
    return f"{path} was trained on {learned}, so the {error.argument} {error.problem}"


def option_words(known):
    """The arguments of a run's data as options: names with their values, None where there is none."""
    choices, size = known.get("choices", {}), known.get("image_size")
    return {"data": known["name"], "data-dir": known["data_dir"], "limit": known["limit"],
            "image-size": size and shape_text(size), "kind": choices.get("kind"), "label": choices.get("label"),
            "shape": choices.get("shape") and shape_text(choices["shape"]), "test": choices.get("test")}


def absolute(data_name):
    """Make the path of the user's own data absolute; names of data sets stay as they are."""
    from numbacnn.data import NAMES

    return data_name if data_name in NAMES or not Path(data_name).exists() else str(Path(data_name).resolve())
