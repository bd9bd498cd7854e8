"""The report: a run opened in one page, what was trained, how it went, where it errs, what it has learned."""
from dataclasses import dataclass, field

from numbacnn.insight import phrases_of
from numbacnn.pages.page import make_page
from numbacnn.pages.report.course import MOST_LINES, batches_of, deaths, movement, some
from numbacnn.pages.report.facts import facts
from numbacnn.pages.report.fields import EXAMPLES, fields_of
from numbacnn.pages.report.filters import filters_of
from numbacnn.pages.report.maps import maps_of, pack_picked, pick
from numbacnn.pages.report.mistakes import COLUMNS, Answers, misclassified, mistakes, row_of
from numbacnn.pages.report.pixels import pixels_of
from numbacnn.train import Normalize, RunError, predict_logits

PARTS = {"val": "validation", "test": "test", "train": "training"}
SCRIPTS = ("draw.js", "charts.js", "examples.js", "confusion.js", "filters.js", "maps.js", "pixels.js", "fields.js", "report.js")

__all__ = ["COLUMNS", "Report", "report"]


@dataclass
class Report:
    """A report that is ready to be written.

    Attributes
    ----------
    html : str
        The page; it needs nothing beside it.
    rows : list of tuple
        Each misclassified example, below `COLUMNS`; empty if there were no examples to look at.
    missing : list of str
        What the page does not show and why, a sentence each.
    summary : dict
        `part`, `examples`, `errors`, `accuracy` and `ece` of what was looked at; empty if nothing was.
    """

    html: str
    rows: list = field(default_factory=list)
    missing: list = field(default_factory=list)
    summary: dict = field(default_factory=dict)


def report(run, data, weights="best", part="val", trouble=None, watch=lambda what, done, total: None, table_name="misclassified.csv"):
    """Open a run in one page.

    Parameters
    ----------
    run : numbacnn.train.RunFolder
    data : numbacnn.data.ImageData or None
        What it was trained on; None if it cannot be had.
    weights : str
        `best` or `last`.
    part : str
        Which examples the errors are about: `val`, `test` or `train`.
    trouble : str, optional
        Why there are no data: one sentence.
    watch : callable, optional
        Called as `watch(what, done, total)` while something takes long.
    table_name : str
        What the page calls the table of the misclassified examples that the caller writes beside it.

    Returns
    -------
    Report

    Raises
    ------
    numbacnn.train.RunError
        If the weights are missing or damaged.
    """
    model = run.load_model(weights)
    about, rows = facts(run, model), run.rows
    epoch = run.epoch_of(weights)
    page = {"rows": rows, "best": run.epoch_of("best"), "weights": weights, "epoch": epoch, "part": part,
            **dict.fromkeys(("errors", "dead", "movement", "maps", "pixels", "phrases", "fields"))}
    missing = [] if rows else ["No epoch was finished, so there is no course of the training to show."]
    course = weights_by_epoch(run, model, weights, epoch, missing)
    page["filters"], left_out = filters_of(course)
    if len(course) > 1:
        page["movement"] = lines_of(movement(course))
    missing += left_out
    result = Report("")
    if data is None:
        missing.append(f"Errors, dead ReLUs and maps need the data of the run: {trouble or 'they were not given'}.")
    else:
        look_at(run, model, data, course, page, missing, result, watch, (about["layers"] or {}).get("multiply_adds", 0))
    result.missing = missing
    result.html = make_page("report/report.html", ("report/report.css",), [f"report/{name}" for name in SCRIPTS], {"report": page}, about=about, page=page, missing=missing, table_name=table_name, part_word=PARTS[part], epoch=epoch, weights=weights, label_smoothing=run.settings.label_smoothing, percent=lambda value: f"{100 * value:.2f} %")
    return result


def look_at(run, model, data, course, page, missing, result, watch, multiply_adds):
    """Add to the page all that needs examples."""
    known, part = run.info["data"], page["part"]
    normalize = Normalize(known["mean"], known["std"])
    vocabulary = data.vocabulary or known.get("vocabulary")
    x, y = getattr(data, f"x_{part}"), getattr(data, f"y_{part}")
    dead = ()
    if len(data.x_val):
        dead = look_for_dead(run, data, course, normalize, page, missing, watch)
    if not len(y):
        missing.append(f"There are no {PARTS[part]} examples, so no errors and no maps are shown.")
        return
    answers = Answers(predict_logits(model, x, normalize, lambda done, total: watch(f"{PARTS[part]} examples", done, total)), y)
    if not answers.finite:
        missing.append("The network answers with numbers too large to compare, so no errors and no maps are shown; train it anew "
                       "with a smaller learning rate.")
        return
    names = data.files.get(part)
    page["errors"] = mistakes(answers, x, data.kind, known["classes"], vocabulary, names)
    result.rows = [*misclassified(answers, part, known["classes"], names)]
    result.summary = {"part": part, "examples": len(y), "errors": page["errors"]["errors"], "accuracy": page["errors"]["accuracy"],
                      "loss": page["errors"]["loss"], "ece": page["errors"]["reliability"]["ece"]}
    picked = pick(answers)
    layers, left_out = maps_of(model, x[picked], normalize, dead)
    page["maps"] = {"layers": layers, **pack_picked(answers, x, picked, data.kind, [row_of(answers, n, names) for n in picked], vocabulary)}
    missing += left_out
    if data.kind == "tokens":
        page["phrases"], page["filters"] = phrases_of(model, x, vocabulary), []
    else:
        watch("examples for saliency", 0, len(picked))
        page["pixels"], left_out = pixels_of(model, normalize(x[picked]), multiply_adds)
        missing += left_out
    if data.kind in ("images", "series"):
        page["fields"] = fields_of(model, normalize(x[:EXAMPLES]), [layer["name"] for layer in page["filters"]], multiply_adds)


def look_for_dead(run, data, course, normalize, page, missing, watch):
    """Add to the page the dead ReLUs of each epoch whose weights are all known; returns those of the weights that are shown."""
    names = set(run.new_model().state_dict())
    whole = {epoch: state for epoch, state in course.items() if set(state) == names}
    chosen = {epoch: whole[epoch] for epoch in {*some(sorted(whole)), page["epoch"]} & set(whole)}
    found = deaths(run.new_model(), chosen, batches_of(data.x_val, normalize),
                   lambda done, total: watch("epochs for dead ReLUs", done, total))
    if not any(found.values()):
        missing.append("The network has no ReLU, so there are no dead ones to count.")
        return ()
    if len(chosen) < len(course):
        missing.append(f"Dead ReLUs are counted after {len(chosen)} of {len(course)} epochs.")
    epochs = sorted(found)
    parts = {}
    for place, (name, _) in enumerate(found[epochs[0]]):
        label = name if name not in parts else f"{name} ({place + 1})"
        parts[label] = [float(found[epoch][place][1].mean()) for epoch in epochs]
    page["dead"] = lines_of((epochs, parts))
    page["dead"]["examples"] = len(data.x_val)
    page["dead"]["counts"] = [{"name": name, "dead": int(gone.sum()), "of": len(gone)} for name, gone in found[page["epoch"]]]
    return found[page["epoch"]]


def weights_by_epoch(run, model, weights, epoch, missing):
    """The weights of each epoch that were kept, 0 being before training, and those that are shown."""
    course = {}
    try:
        for known in run.snapshots:
            course[known] = run.load_snapshot(known)
    except RunError as error:
        missing.append(f"Some weights of earlier epochs are not shown: {error}.")
    if len(run.snapshots) < 2:
        missing.append("The run has no snapshots of its weights after each epoch (it is from an earlier version, or its network is too "
                       "large), so filters are shown before and after training only.")
    course[epoch] = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    return course


def lines_of(found):
    """Lines of a chart, of many layers the first and the last few."""
    epochs, parts = found
    names = [*parts]
    if len(names) > MOST_LINES:
        half = MOST_LINES // 2
        names = names[:half] + names[-half:]
    return {"epochs": epochs, "lines": [{"name": name, "values": parts[name]} for name in names], "of": len(parts)}
