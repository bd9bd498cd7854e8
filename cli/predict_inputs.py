"""What `numbacnn predict` is given: pictures, folders of pictures and tables, prepared as the data of the run were."""
from pathlib import Path

import click

from numbacnn.cli.data_source import of_the_run, pictures_of, table_for
from numbacnn.cli.failure import DataFailure
from numbacnn.cli.output import counted, shape
from numbacnn.cli.progress import Bar, reading_line


def prepare(run, names, invert, command="predict"):
    """Read what is to be classified or looked into.

    Parameters
    ----------
    run : RunFolder
    names : sequence of str
        Pictures, folders, tables.
    invert : bool or None
        Whether to swap dark and light in pictures; None decides for each.
    command : str
        The command that reads them; errors name it.

    Returns
    -------
    prepared : dict of str to array
        The example of each file (or row) that can be used.
    answers : list of dict
        For each, in their order, the beginning of its answer: `file`, and `steps` of pictures or `error`.
    notes : list of str
        What was left out.
    """
    from numbacnn.data import ArgumentError, DataError, is_table

    prepared, answers, notes, pictures = {}, [], [], []
    for name in names:
        if not is_table(name):
            pictures.append(name)
            continue
        try:
            _read_table(run, name, prepared, answers, notes)
        except ArgumentError as error:
            answers.append({"file": name, "error": of_the_run(error, run.path, run.info["data"])})
        except DataError as error:
            answers.append({"file": name, "error": _no_table(name, error, run)})
    if pictures:
        _refuse_other_than_pictures(run, command)
        _read_pictures(run, _files(pictures, notes), invert, prepared, answers)
    return prepared, answers, notes


def _no_table(name, error, run):
    """Why a table cannot be read; a run that never read one is more likely to have been given a stray text file."""
    known = run.info["data"]
    if known.get("kind", "images") != "images" or known.get("table"):
        return str(error)
    return (f"{name}: is a text file, but {run.path} reads pictures; as a table of pixels it cannot be read either: "
            f"{str(error).removeprefix(f'{name}: ')}")


def _read_table(run, name, prepared, answers, notes):
    """Add the rows of a table, and what is to be said about it."""
    from numbacnn.data import Choices, DataError, load_rows
    from numbacnn.data.record import KINDS

    known = run.info["data"]
    kind, bar = known.get("kind", "images"), Bar()
    if kind == "video":
        raise click.UsageError(f"{run.path} learned from films, which no table holds; numbacnn evaluate {run.path} measures it")
    try:
        x, rows, said = load_rows(name, Choices(**table_for(known), reading=lambda done, total: bar.draw(reading_line(done, total))))
    finally:
        bar.clear()
    notes += said
    if x.shape[1:] != tuple(run.input_shape):
        raise DataError(f"{name}: its rows are {KINDS[kind][0]} of {shape(x.shape[1:])}, but {run.path} learned from "
                        f"{shape(run.input_shape)}")
    if kind == "tokens" and x.max() >= run.info["model"]["vocabulary"]:
        raise DataError(f"{name}: has the token {x.max()}, but {run.path} learned from tokens 0 to "
                        f"{run.info['model']['vocabulary'] - 1}")
    for example, row in zip(x, rows):
        label = f"{name}:{row}"
        prepared[label] = example
        answers.append({"file": label})


def _refuse_other_than_pictures(run, command):
    """A picture can only be read by a model that learned from images of one or three channels."""
    from numbacnn.data.record import KINDS

    known = run.info["data"]
    kind, channels = known.get("kind", "images"), run.input_shape[0]
    if kind != "images":
        what = f"{KINDS[kind][0]} of {shape(run.input_shape)}"
    elif channels not in (1, 3):
        what = f"images of {channels} channels"
    else:
        return
    table = "give a FILE.csv of them, or " if kind in ("series", "tokens") else ""
    instead = (f"{table}numbacnn evaluate {run.path} --data NAME measures it on other data" if command == "predict" else
               f"leave IMAGE out, and {command} shows some of its validation images")
    raise click.UsageError(f"{command} reads gray or color pictures, but {run.path} learned from {what} ({known['name']}); {instead}")


def _files(names, notes):
    """The pictures to classify, those of folders in the order of their paths; adds what is to be said about folders."""
    from numbacnn.data import pictures_below

    files = []
    for name in names:
        if not Path(name).is_dir():
            files.append(name)
            continue
        found, left_out = pictures_below(Path(name))
        folders = {path.parent for path in found}
        if not found:
            notes.append(f"{name} holds no pictures")
        elif folders != {Path(name)}:
            notes.append(f"{name}: {counted(len(found), 'pictures')} in {counted(len(folders), 'folders')}, subfolders included")
        files += map(str, found)
        notes += left_out
    if not files:
        raise DataFailure("; ".join(notes))
    return [*dict.fromkeys(files)]


def _read_pictures(run, files, invert, prepared, answers):
    """Add pictures."""
    from numbacnn.data import DataError, load_as_learned
    from numbacnn.data.unknown import no_picture

    sizes, pictures = run.info["model"], pictures_of(run.info["data"])
    bar = Bar()
    try:
        for done, file in enumerate(files):
            bar.draw(reading_line(done, len(files)))
            wrong = no_picture(file)
            if wrong:
                answers.append({"file": file, "error": wrong})
                continue
            try:
                prepared[file], steps = load_as_learned(file, (sizes["height"], sizes["width"]), pictures, invert)
                answers.append({"file": file, "steps": steps})
            except DataError as error:
                answers.append({"file": file, "error": str(error)})
    finally:
        bar.clear()
