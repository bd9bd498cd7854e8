"""`numbacnn predict`."""
import sys

import click

from numbacnn.cli import options
from numbacnn.cli.failure import DATA
from numbacnn.cli.foreign_options import with_owners
from numbacnn.cli.output import counted, fitting_table, is_terminal, print_json, wrapped, write
from numbacnn.cli.predict_inputs import prepare
from numbacnn.cli.progress import Bar, Measuring

SHADES = " ░▒▓█"
FIRST_GRAY, GRAYS = 232, 24  # of the 256 colors of a terminal


@click.command(epilog="Exit codes: 0 done, 2 wrong usage, 3 a run or a picture that cannot be used (the other pictures "
                      "are still answered).")
@options.run_argument
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@options.weights
@click.option("--invert/--no-invert", default=None,
              help="Swap dark and light, or never do. [default: for runs on digits, decided from the border of each "
                   "picture; else never]")
@click.option("--show", is_flag=True, help="Draw each picture as the network gets it, in block characters.")
@options.as_json
def predict(run_path, inputs, weights, invert, show, as_json):
    """Classify pictures, folders of them, or rows of a table.

    Pictures may be files of any format that Pillow reads; for these the run must have learned from gray or color images. A
    picture is prepared as the images of the run were. If those were digits, framed as MNIST's are, it is made gray, light on
    dark, cropped, scaled and centered by mass. Otherwise it is scaled to cover the size and cropped; one that has the size
    already is taken as it is. Each row says what was done to the picture. A question mark says that it looks like nothing the
    run has learned.

    A FILE.csv, with or without labels, is read as the run's table was, with one answer per row.
    """
    from numbacnn.train import load_familiar

    run = options.open_run_with_note(run_path, weights)
    prepared, answers, notes = prepare(run, inputs, invert)
    model = run.load_model(weights)
    images = run.info["data"].get("kind", "images") == "images"
    familiar = load_familiar(run) if weights == "best" and images else None
    _classify(run, model, [answer for answer in answers if "error" not in answer], prepared, familiar)
    if familiar is None and images and any("prediction" in answer for answer in answers):
        notes.append(_why_unknown(run, weights))
    for note in notes:
        write(f"note: {note}", err=True)
    for answer in answers:
        if "error" in answer:
            write(f"numbacnn: error: {with_owners(answer['error'], click.get_current_context(silent=True))}", err=True)
        elif show and images:
            in_grays = is_terminal(sys.stderr if as_json else sys.stdout)
            write(f"{answer['file']}:\n{_drawing(prepared[answer['file']], in_grays)}", err=as_json)
    if as_json:
        print_json({"run": str(run.path), "weights": weights, "notes": notes, "predictions": answers})
    else:
        _print_table(answers)
    return DATA if any("error" in answer for answer in answers) else 0


def _why_unknown(run, weights):
    """Why it cannot be told whether a picture looks like nothing the run has learned."""
    why = ("that is known for its best weights" if weights != "best" else
           f"{run.path} has no familiar.safetensors: it is from an earlier version, or had too few validation images")
    return f"whether a picture looks like nothing the run has learned cannot be told: {why}"


def _classify(run, model, answers, prepared, familiar):
    """Add to each answer what the model says about its picture, and whether it is strange to it (None: not known)."""
    import numpy as np

    from numbacnn.train import Normalize, look, predict_logits
    from numbacnn.train.evaluation import log_softmax

    if not answers:
        return
    known = run.info["data"]
    pixels = np.stack([prepared[answer["file"]] for answer in answers])
    bar = Bar()
    try:
        arguments = (model, pixels, Normalize(known["mean"], known["std"]), Measuring(bar, "examples"))
        if familiar is None:
            logits, strange = predict_logits(*arguments), [None] * len(pixels)
        else:
            logits, statistics = look(*arguments)
            strange = familiar.strange(statistics, logits).tolist()
    finally:
        bar.clear()
    for answer, probabilities, unlike in zip(answers, np.exp(log_softmax(logits)), strange):
        if np.isnan(probabilities).any():
            answer["error"] = (f"{answer['file']}: the network answers with NaN; its weights in {run.path} are not numbers, "
                               "train it anew with a smaller learning rate")
            continue
        order = (-probabilities).argsort(kind="stable")
        first, second = order[0], order[min(1, len(order) - 1)]
        answer |= {"prediction": known["classes"][first], "probability": float(probabilities[first]),
                   "second": known["classes"][second], "second_probability": float(probabilities[second]),
                   "probabilities": probabilities.tolist(), "strange": unlike}


def _print_table(answers):
    answered = [answer for answer in answers if "error" not in answer]
    rows = [(answer["file"], answer["prediction"] + " ?" * bool(answer["strange"]), f"{100 * answer['probability']:.1f} %",
             f"{answer['second']} ({100 * answer['second_probability']:.1f} %)",
             ", ".join(answer.get("steps", ())) or "nothing") for answer in answered]
    strange = sum(bool(answer["strange"]) for answer in answered)
    if rows:
        width = 5 if any("steps" in answer for answer in answered) else 4  # nothing is done to rows of a table
        header = ("file", "prediction", "probability", "second", "done to the picture")
        give_way = ((0, 24), (4, 0), (0, 16), (3, 0), (0, 8), (1, 10))[0 if width == 5 else 2:]
        click.echo("\n".join(fitting_table(header[:width], [row[:width] for row in rows], (0, 1, 3, 4), give_way, tails=(0,))))
    if strange:
        click.echo("\n".join(wrapped(f"? {strange:,} of {counted(len(rows), 'pictures')} look{'s' * (strange == 1)} like nothing the "
                                     "run has learned: do not go by the answer")))


def _drawing(pixels, in_grays):
    """A picture (C, H, W) in characters, two rows of pixels a line: in a terminal's grays, or in plain shades."""
    gray = pixels.mean(axis=0)
    if len(gray) % 2:
        gray = gray[:-1]
    pairs = list(zip(gray[::2], gray[1::2]))
    if in_grays:
        def level(value):
            return FIRST_GRAY + int(value * (GRAYS - 1) / 255)

        return "\n".join("".join(f"\x1b[38;5;{level(top)};48;5;{level(bottom)}m▀" for top, bottom in zip(*rows))
                         + "\x1b[0m" for rows in pairs)
    return "\n".join("".join(SHADES[round((top + bottom) / 2 * (len(SHADES) - 1) / 255)] for top, bottom in zip(*rows))
                     for rows in pairs)
