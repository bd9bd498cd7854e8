"""From a trained model and some images to the page that steps through both."""

from dataclasses import dataclass

import numpy as np

from numbacnn.pages.explain.loops import loop_sources, scripts, written_for
from numbacnn.pages.explain.storing import MOST_BYTES, plan_page
from numbacnn.pages.packing import packed
from numbacnn.pages.page import make_page

OWN_SCRIPTS = ("drawing.js", "network.js", "training.js", "preparing.js", "window.js", "panel.js", "maps.js", "speaking.js", "explain.js")
EXAMPLES = {"images": "an image", "video": "a film", "series": "a series", "tokens": "a sentence"}


@dataclass(frozen=True)
class Example:
    """An image, or other example, of the page: what it is called, its numbers as the run's data have them, and its class if that is known."""

    name: str
    pixels: np.ndarray
    label: int | None = None
    prediction: int | None = None


def explain_page(model, normalize, examples, classes, *, run, name, data, which_pass, drawable, lr, notes=(), vocabulary=None):
    """The page as text, and what it leaves out.

    Parameters
    ----------
    model : Module
        In evaluation mode.
    normalize : Normalize
    examples : sequence of Example
        At least one: images (C, H, W) or films (C, D, H, W) of uint8, series (C, length) of float32, tokens (length,) of int64.
    classes : sequence of str
    run, name, data, which_pass : str
        What the page says of the run, the model, its data, and of which forward pass it shows.
    drawable : bool
        Whether the user may draw an image: the run learned from gray images that were framed as digits are.
    lr : float
        The step size that the page begins with.
    notes : sequence of str
        What was left out.
    vocabulary : sequence of str, optional
        The words that tokens stand for.

    Returns
    -------
    text : str
        At most 20 MB as UTF-8.
    plan : Plan
        `notes` say what the page does not show, or does not compute itself; they stand there as well. `numbers` has an entry for
        each example that is shown.

    Raises
    ------
    ValueError
        If even one example makes a page of more than 20 MB.
    """
    plan = plan_page(model, normalize, examples)
    whole = all(numbers is None for numbers in plan.numbers)
    used = {loop for _, loop, _ in written_for()} | {"sgd_update"}
    pixels = examples[0].pixels
    kind = "tokens" if pixels.dtype == np.int64 else {2: "series", 3: "images", 4: "video"}[pixels.ndim]
    shape, scale = list(pixels.shape), normalize.byte_scale if pixels.dtype == np.uint8 else normalize.scale
    described_run = {
        "classes": list(classes), "shape": shape, "ops": plan.ops, "lr": lr, "drawable": drawable and whole, "whole": whole,
        "training": plan.training,
        "kind": kind,
        "vocabulary": None if vocabulary is None else list(vocabulary),
        "normalize": None if pixels.dtype == np.int64 else {"scale": scale.astype(float).tolist(), "offset": normalize.offset.astype(float).tolist()},
        "images": [{"name": each.name, "label": each.label, "prediction": each.prediction, "pixels": packed(each.pixels),
                    "stored": numbers} for each, numbers in zip(examples, plan.numbers)],
    }
    text = make_page("explain/explain.html", ["explain/explain.css"], [*scripts(), *(f"explain/{own}" for own in OWN_SCRIPTS)],
                     {"run": described_run, "loops": {loop: loop_sources()[loop] for loop in sorted(used)}},
                     run=run, model=name, data_name=data, example=EXAMPLES[kind], which_pass=which_pass, lr=lr, notes=[*notes, *plan.notes])
    size = len(text.encode())
    if size > MOST_BYTES:
        raise ValueError(f"the page would have {size / 1e6:.1f} MB, and at most {MOST_BYTES / 1e6:.0f} are written: give fewer images, or a smaller network")
    return text, plan
