"""`numbacnn predict`."""
import sys

import click

from numbacnn.cli import options
from numbacnn.cli.failure import DATA
from numbacnn.cli.output import is_terminal, print_json, shape, table

SHADES = " ░▒▓█"
FIRST_GREY, GREYS = 232, 24  # of the 256 colours of a terminal


@click.command(epilog="Exit codes: 0 done, 2 wrong usage, 3 a run or a picture that cannot be used (the other pictures "
                      "are still answered).")
@options.run_argument
@click.argument("images", metavar="IMAGE...", nargs=-1, required=True)
@options.weights
@click.option("--invert/--no-invert", default=None,
              help="Swap dark and light, or never do. [default: decided from the border of each picture]")
@click.option("--show", is_flag=True, help="Draw each picture as the network gets it, in block characters.")
@options.as_json
def predict(run_path, images, weights, invert, show, as_json):
    """Classify pictures: PNG, JPEG, BMP or GIF files.

    The run must have learned from grey or colour images. A picture is prepared as the training images were: for digits
    grey, light on dark, cropped, scaled and centred by mass; for other data scaled to cover the size, and cropped. Each
    row says what was done to it.
    """
    from numbacnn.train import open_run

    run = open_run(run_path)
    _refuse_other_than_pictures(run)
    model = run.load_model(weights)
    answers = []
    for image in images:
        answer, pixels = _answer(run, model, image, invert)
        answers.append(answer)
        if pixels is None:
            click.echo(f"numbacnn: error: {answer['error']}", err=True)
        elif show:
            in_greys = is_terminal(sys.stderr if as_json else sys.stdout)
            click.echo(f"{image}:\n{_drawing(pixels, in_greys)}", err=as_json)
    if as_json:
        print_json({"run": str(run.path), "weights": weights, "predictions": answers})
    else:
        _print_table(answers)
    return DATA if any("error" in answer for answer in answers) else 0


def _refuse_other_than_pictures(run):
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
    raise click.UsageError(f"predict reads grey or colour pictures, but {run.path} learned from {what} "
                           f"({known['name']}); numbacnn evaluate {run.path} --data NAME measures it on other data")


def _answer(run, model, image, invert):
    """What the model says about a picture, as plain values, and the picture as it saw it (None: it is unusable)."""
    from numpy import exp, isnan

    from numbacnn.data import DataError, is_like_digits, load_digit_image, load_picture
    from numbacnn.train import Normalise, predict_logits
    from numbacnn.train.evaluation import log_softmax

    sizes, known = run.info["model"], run.info["data"]
    load = load_digit_image if is_like_digits(known["name"]) else load_picture
    try:
        pixels, steps = load(image, (sizes["height"], sizes["width"]), sizes["in_channels"], invert)
    except DataError as error:
        return {"file": image, "error": str(error)}, None
    probabilities = exp(log_softmax(predict_logits(model, pixels[None], Normalise(known["mean"], known["std"]))))[0]
    if isnan(probabilities).any():
        return {"file": image, "error": f"{image}: the network answers with NaN; its weights in {run.path} are no numbers, "
                                        "train it anew with a smaller learning rate"}, None
    order = (-probabilities).argsort(kind="stable")
    first, second = order[0], order[min(1, len(order) - 1)]
    return {"file": image, "prediction": known["classes"][first], "probability": float(probabilities[first]),
            "second": known["classes"][second], "second_probability": float(probabilities[second]),
            "probabilities": probabilities.tolist(), "steps": steps}, pixels


def _print_table(answers):
    rows = [(answer["file"], answer["prediction"], f"{100 * answer['probability']:.1f} %",
             f"{answer['second']} ({100 * answer['second_probability']:.1f} %)",
             ", ".join(answer["steps"]) or "nothing") for answer in answers if "error" not in answer]
    if rows:
        click.echo("\n".join(table(("file", "prediction", "probability", "second", "done to the picture"), rows,
                                   left=(0, 1, 3, 4))))


def _drawing(pixels, in_greys):
    """A picture (C, H, W) in characters, two rows of pixels a line: in a terminal's greys, or in plain shades."""
    grey = pixels.mean(axis=0)
    if len(grey) % 2:
        grey = grey[:-1]
    pairs = list(zip(grey[::2], grey[1::2]))
    if in_greys:
        def level(value):
            return FIRST_GREY + int(value * (GREYS - 1) / 255)

        return "\n".join("".join(f"\x1b[38;5;{level(top)};48;5;{level(bottom)}m▀" for top, bottom in zip(*rows))
                         + "\x1b[0m" for rows in pairs)
    return "\n".join("".join(SHADES[round((top + bottom) / 2 * (len(SHADES) - 1) / 255)] for top, bottom in zip(*rows))
                     for rows in pairs)
