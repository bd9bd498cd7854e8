"""One training as the command line runs it: data, model, run folder, loop, test, results."""
import shlex
from dataclasses import dataclass, replace

import click
import numpy as np

import numbacnn
from numbacnn.cli import data_source
from numbacnn.cli.failure import DataFailure, Stopped, sentence_of
from numbacnn.cli.interrupt import ask_before_leaving
from numbacnn.cli.load import load_of
from numbacnn.cli.options import use_threads
from numbacnn.cli.output import path_word
from numbacnn.cli.output import shape as shape_text
from numbacnn.cli.run_data import to_be_put_back
from numbacnn.cli.speed import WORTH_MEASURING, speed
from numbacnn.cli.train_transfer import Source
from numbacnn.cli.unwritten import what_is_kept
from numbacnn.data import load_dataset, parse_augmentation
from numbacnn.data.record import KINDS
from numbacnn.engine import compile_seconds, preparing
from numbacnn.engine.interrupt import uninterrupted
from numbacnn.models import USUAL, build_model, find_model, models_for, takes
from numbacnn.models.inputs import extents_of
from numbacnn.train import Normalize, RunFolder, Settings, create_run, evaluate, fit, judge, learn_familiar, open_run
from numbacnn.train.files import replace_file
from numbacnn.train.freezing import frozen_layers
from numbacnn.train.records import Diverged, EpochDone, Finished, Interrupted, Started
from numbacnn.train.run_folder import refuse_taken, versions
from numbacnn.train.standard_error import accuracy_error


@dataclass(frozen=True)
class Session:
    """A training that is ready to run."""

    model: numbacnn.nn.Module
    data: object
    settings: Settings
    folder: RunFolder
    threads: int
    resume: bool


def new_session(call, report, data_name, data_dir, image_size, kind, label, shape, test, model_name, threads, limit, out,
                from_run, recipe=None, **choices):
    """Check all choices, load the data, build the model, and only then make the run folder."""
    source = None if from_run is None else Source.open(from_run)
    try:
        settings = Settings(**choices)
        if source:
            model_name = source.model_name(model_name)
        if model_name is not None:
            find_model(model_name)
        if out is not None:
            refuse_taken(out)
    except (ValueError, FileExistsError) as error:
        raise click.UsageError(str(error)) from None
    threads = use_threads(threads)
    where = data_source.source_of(data_name, data_dir, limit, image_size, kind=kind, label=label, shape=shape, test=test)
    data = load_data(report, where, settings.seed)
    if recipe is not None and data.kind != "images":
        raise click.UsageError(f"--recipe {recipe} is for images, but {data.name} holds {KINDS[data.kind][0]} of "
                               f"{shape_text(data.x_train.shape[1:])}; leave --recipe out")
    asked = model_name
    model_name = _model_for(data, model_name, source)
    if source:
        data = source.normalized(data)
    extents = {**extents_of(data.kind, data.x_train.shape[1:], data.vocabulary_size), "classes": len(data.classes)}
    numbacnn.manual_seed(settings.seed)
    try:
        parse_augmentation(settings.augment).check(data.x_train.shape[1:])
        model = build_model(model_name, **extents)
        frozen = frozen_layers(model, settings.freeze)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if frozen and not source and settings.unfreeze_after is None:
        raise click.UsageError(f"--freeze {settings.freeze} would keep {', '.join(frozen)} at random: give --from RUN, whose "
                               "weights they take, or --unfreeze-after")
    origin = {"from": source.give(model, settings, data)} if source else {}
    folder = create_run(out, {
        "command": shlex.join(["numbacnn", *call.arguments]), "versions": versions(), "seed": settings.seed,
        "threads": threads, "recipe": recipe, "model": {"name": model_name, **extents},
        "data": {**data.describe(), **data_source.for_run(where)}, **origin,
        "settings": settings.to_dict(), "results": {"status": "running"}})
    if asked is None and data.kind != "images":
        report.note(f"model {model_name}, the one for {KINDS[data.kind][0]}")
    return Session(model, data, settings, folder, threads, resume=False)


def _model_for(data, model_name, source):
    """The model that was asked for, or that of the run to start from, if it takes such data; if none, the usual one."""
    if model_name is None:
        return USUAL[data.kind]
    if data.kind not in takes(model_name):
        wanted, given = " or ".join(KINDS[kind][0] for kind in takes(model_name)), KINDS[data.kind][0]
        what = f"--from {source.run.path}: {model_name}" if source else f"--model {model_name}: it"
        fix = "give a run" if source else f"leave --model out for {USUAL[data.kind]}, or take one"
        raise click.UsageError(f"{what} takes {wanted}, but {data.name} holds {given} of "
                               f"{shape_text(data.x_train.shape[1:])}; {fix} of {', '.join(models_for(data.kind))}")
    return model_name


def resumed_session(report, path, threads, data_dir):
    """Read a run folder back, to go on from its checkpoint."""
    folder = open_run(path)
    status = folder.info.get("results", {}).get("status")
    if status in ("done", "diverged"):
        raise click.UsageError(f"{path} is not interrupted but {status}: there is nothing to resume; start a new run")
    threads = use_threads(threads)
    known = folder.info["data"]
    where = data_source.of_run(known)
    with to_be_put_back(folder):
        data = load_data(report, where | ({"data_dir": data_dir} if data_dir else {}), folder.settings.seed)
    if data.hash != known.get("hash"):
        raise DataFailure(f"{path} was trained on other data than {where['name']} holds now: the run cannot go on")
    if data.val_is_random != known.get("val_is_random", False):
        raise DataFailure(f"{path} is from an earlier version, which validated with the last images of {where['name']}; "
                          "now they are random ones, so the run cannot go on: start a new one")
    if "from" in folder.info:
        data = replace(data, mean=np.array(known["mean"]), std=np.array(known["std"]))
    return Session(folder.new_model(), data, folder.settings, folder, threads, resume=True)


def load_data(report, where, seed):
    """Load the data set, with a bar for downloads; there must be images to train and to validate with."""
    with preparing():
        data = load_dataset(**where, seed=seed, progress=report.download, reading=report.reading)
    if not len(data.x_val):
        one = "1 training image is" if data.kind == "images" else f"1 of the {KINDS[data.kind][0]} to train with is"
        raise DataFailure(f"{where['name']}: {one} too few: at least 2 are needed, one to validate with")
    return data


def run_session(session, report):
    """Train, test, judge, and write down all but the picture; returns the results as plain values."""
    try:
        return _run(session, report)
    except OSError as error:
        raise what_is_kept(session, error) from None


def _run(session, report):
    report.begin(session)
    compiled_before = compile_seconds()
    rows, last = _train(session, report)
    scores = _scores(session, rows, None if isinstance(last, Interrupted) else report.measuring(session))
    results = {"status": {Diverged: "diverged", Interrupted: "interrupted"}.get(type(last), "done"),
               "images_per_second": last.images_per_second, **_speed(session, rows, last), **load_of(report.load, session.threads),
               "compile_seconds": compile_seconds() - compiled_before,
               "epochs_done": len(rows), **scores, **_outlook(session, rows, last),
               "log": [row.to_dict() for row in rows]}
    session.folder.write_info(results=results | {"seconds": report.call.seconds})
    return session.folder.info["results"]


def draw_curves(session):
    """Draw the curves of a training as curves.png. It takes a second, so show the results first."""
    results, path = session.folder.info["results"], session.folder.path
    log = results["log"]
    if not log:
        return
    columns = ("train_loss", "val_loss", "train_accuracy", "val_accuracy", "learning_rate")
    try:
        with uninterrupted():  # an import that is broken off is an ImportError somewhere
            from numbacnn.plot import save_png, training_curves  # not before the training: it takes half a second

        figure = training_curves(*([row[column] for row in log] for column in columns), best=results["best_epoch"],
                                 title=f"{session.folder.info['model']['name']} on {session.data.name}")
        with replace_file(path / "curves.png") as temporary:
            save_png(figure, temporary)
    except OSError as error:
        raise DataFailure(f"{sentence_of(error)}; all else of {path} is written") from None
    except KeyboardInterrupt:
        raise Stopped(f"interrupted while drawing {path / 'curves.png'}; all else of {path} is written") from None


def keep_familiar(session):
    """Find out what the images of a training look like to its network, so that predict can say what is strange to it."""
    done = session.folder.info["results"]["status"] == "done" and session.data.kind == "images"
    try:
        if done and session.data.pictures:
            learn_familiar(session.folder, session.data)
    except OSError as error:
        raise DataFailure(f"{sentence_of(error)}; all else of {session.folder.path} is written") from None


def _train(session, report):
    """Run the loop; returns the rows and the last record."""
    rows = []
    with ask_before_leaving() as stop:
        for record in fit(session.model, session.data, session.settings, session.folder, session.resume,
                          lambda: stop() or report.reader_left):
            report.show(record)
            if isinstance(record, Started):
                rows.extend(record.rows)
            elif isinstance(record, EpochDone):
                rows.append(record)
    return rows, record


def _speed(session, rows, last):
    """Rates of the training; beside the machine's peak if it was worth it and the user does not wait to leave."""
    worth = isinstance(last, Finished) and sum(row.seconds for row in rows) > WORTH_MEASURING
    return speed(session.model, session.folder.input_shape, session.settings, len(rows), last.images_per_second, worth)


def _scores(session, rows, measuring):
    """Results of the training; None for those it did not reach. If `measuring`, which is told of the test, is None, the test is left out."""
    scores = dict.fromkeys(("train_loss", "train_accuracy", "val_loss", "val_accuracy", "val_accuracy_error",
                            "test_loss", "test_accuracy", "test_accuracy_error"))
    scores["best_epoch"] = 0
    if rows:
        best = [row for row in rows if row.best][-1]
        scores |= {"train_loss": rows[-1].train_loss, "train_accuracy": rows[-1].train_accuracy,
                   "val_loss": best.val_loss, "val_accuracy": best.val_accuracy, "best_epoch": best.epoch,
                   "val_accuracy_error": accuracy_error(best.val_accuracy, len(session.data.y_val))}
    if rows and measuring:
        data = session.data
        loss, accuracy, _ = evaluate(session.folder.load_model("best"), data.x_test, data.y_test,
                                     Normalize(data.mean, data.std), measuring)
        scores |= {"test_loss": loss, "test_accuracy": accuracy,
                   "test_accuracy_error": accuracy_error(accuracy, len(data.y_test))}
    return scores


def _outlook(session, rows, last):
    """The verdict, and the command to try next."""
    path = path_word(session.folder.path)
    if isinstance(last, Interrupted):
        return {"verdict": "interrupted",
                "verdict_text": f"interrupted in epoch {last.epoch}, after batch {last.batch}; all is saved.",
                "next": shlex.join(["numbacnn", "train", "--resume", path])}
    verdict = judge(rows, session.settings, session.data, last if isinstance(last, Diverged) else None)
    if verdict.change:
        following = _train_command(session, verdict.change)
    else:
        following = ["numbacnn", "report", path]
    return {"verdict": verdict.kind, "verdict_text": verdict.text, "next": shlex.join(following)}


def _train_command(session, change):
    """The command of this training with other settings: only what is not the default is named."""
    info, settings = session.folder.info, {**session.settings.to_dict(), **change}
    usual = Settings(optimizer=settings["optimizer"]).to_dict() | {"optimizer": Settings.optimizer}
    named = {**data_source.option_words(info["data"]), "model": info["model"]["name"],
             "from": info.get("from", {}).get("run")}
    defaults = {"data": "digits", "model": USUAL[session.data.kind]}
    words = ["numbacnn", "train"]
    for name, value in named.items():
        if value not in (None, defaults.get(name)):
            words += [f"--{name}", str(value)]
    for name, value in settings.items():
        if value != usual[name]:
            words += ["--lr" if name == "learning_rate" else f"--{name.replace('_', '-')}", str(value)]
    return words
