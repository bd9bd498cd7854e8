"""`numbacnn explain`."""
from pathlib import Path

import click

from numbacnn.cli import options
from numbacnn.cli.data_source import pictures_of
from numbacnn.cli.failure import DATA
from numbacnn.cli.output import counted, print_json, write

RIGHT, WRONG = 6, 6  # images of the validation split that are shown where none are given


@click.command(epilog="Exit codes: 0 done, 2 wrong usage, 3 a run, data or a picture that cannot be used (the other pictures are "
                      "still shown).")
@options.run_argument
@click.argument("inputs", metavar="[IMAGE]...", nargs=-1)
@options.weights
@options.data_dir
@click.option("--invert/--no-invert", default=None,
              help="Swap dark and light of the pictures, or never do. [default: as predict decides]")
@click.option("--out", callback=options.page_file, metavar="FILE.html", help="Page to write. [default: RUN/explain.html]")
@options.as_json
def explain(run_path, inputs, weights, data_dir, invert, out, as_json):
    """Step through a network, number by number, on a page.

    The page opens by a double click, offline. It shows the network as maps of an image; a click on any number shows the
    loop that computes it, with the weights and pixels it multiplies, forward and backward, and what one step of training
    does with each weight. Where the run learned from framed digits, you can draw a digit on the page.

    IMAGE may be a picture or a folder of them, prepared as predict does it. Without one the page shows images of the
    validation split, some read right and some read wrong; that is also how it shows series, films and sentences.
    """
    import numpy as np

    from numbacnn.cli.shown_images import images_for
    from numbacnn.data.record import KINDS
    from numbacnn.pages.explain import Example, explain_page
    from numbacnn.train import Normalize, predict_logits
    from numbacnn.train.files import replace_file

    run = options.open_run_with_note(run_path, weights)
    known = run.info["data"]
    model = run.load_model(weights)
    normalize = Normalize(known["mean"], known["std"])
    shown, notes, errors = images_for(run, model, "explain", inputs, invert, data_dir, RIGHT, WRONG, of_any_kind=True)
    predictions = predict_logits(model, np.stack([each.pixels for each in shown]), normalize).argmax(axis=1)
    examples = [Example(Path(each.name).name, each.pixels, each.label, int(predicted))
                for each, predicted in zip(shown, predictions)]
    framed = known.get("kind", "images") == "images" and bool(pictures_of(known).get("framed")) and run.input_shape[0] == 1
    page, plan = explain_page(model, normalize, examples, known["classes"], run=run.path.name, name=run.info["model"]["name"],
                              data=Path(known["name"]).name, which_pass=_which_pass(weights, run), drawable=framed,
                              lr=_step_size(run), notes=notes, vocabulary=known.get("vocabulary"))
    notes += plan.notes
    examples = examples[:len(plan.numbers)]
    path = Path(out) if out else run.path / "explain.html"
    with replace_file(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    for note in notes:
        write(f"note: {note}", err=True)
    for error in errors:
        write(f"numbacnn: error: {error}", err=True)
    if as_json:
        print_json({"run": str(run.path), "weights": weights, "file": str(path), "bytes": path.stat().st_size, "notes": notes,
                    "images": [{"name": each.name, "label": None if each.label is None else known["classes"][each.label],
                                "prediction": known["classes"][each.prediction]} for each in examples]})
    else:
        click.echo(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB, {counted(len(examples), KINDS[known.get('kind', 'images')][0])}): open it with a browser")
    return DATA if errors else 0


def _which_pass(weights, run):
    """A sentence that says which forward pass the page shows."""
    epoch = run.info.get("results", {}).get("best_epoch" if weights == "best" else "epochs_done")
    return (f"The page shows the pass that numbacnn predict makes: the {weights} weights{f' (epoch {epoch})' if epoch else ''}, in "
            "evaluation mode, one image at a time; dropout does nothing, and a batch normalization uses the mean and variance that "
            "training has left behind. The backward pass is that of the cross-entropy of this one image, in the same mode.")


def _step_size(run):
    """The step size of plain gradient descent that the page begins with."""
    return float(run.settings.learning_rate) if run.settings.optimizer == "sgd" else 0.01
