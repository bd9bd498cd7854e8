"""`numbacnn visualize-filters`."""
from pathlib import Path

import click

from numbacnn.cli import options
from numbacnn.cli.failure import DATA
from numbacnn.cli.output import print_json, write

MOST_LINES = 40  # about filters


@click.command("visualize-filters", epilog="Exit codes: 0 done, 2 wrong usage, 3 a run, pictures or files that cannot be used (the "
                                           "other pictures are still drawn).")
@options.run_argument
@click.argument("inputs", metavar="[IMAGE]...", nargs=-1)
@click.option("--layer", metavar="NAME", help="Convolution to show, such as conv2. [default: the first]")
@options.weights
@click.option("--invert/--no-invert", default=None, help="Swap dark and light, or never do. [default: as predict decides]")
@options.data_dir
@click.option("--out", callback=options.no_option, metavar="FILE.png",
              help="Picture to write. [default: RUN/filters-<layer>.png]")
@options.as_json
def visualize_filters(run_path, inputs, layer, weights, invert, data_dir, out, as_json):
    """Draw the filters of a convolution, and their maps.

    Before training, after it, and the difference, all on one scale: red is a positive weight, blue a negative one. A
    filter over a time series is drawn as one picture with a row for each channel and a column for each step, a filter over films
    as a row of slices, one for each frame that it spans. Beside them stand the maps that the filters make of the images, by
    default of one validation example that is read right and one that is read wrong. For filters over words, the sheet shows the
    phrases that each one responds to most.

    Words stand under a filter of the first layer only where its weights have a simple shape, such as an edge, that noise
    does not have. A filter whose ReLU is zero on all validation examples looked at is marked dead. Without the data of
    the run the filters are drawn alone. Filters and channels count from 0, as in the loops.
    """
    if out is not None and not out.lower().endswith(".png"):
        raise click.UsageError(f"--out {out}: the picture is a PNG, so its name must end in .png")
    from numbacnn.cli.filter_facts import facts_of, sheet_of, title_of, what_changed
    from numbacnn.plot import save_png
    from numbacnn.train.files import replace_file

    run = options.open_run_with_note(run_path, weights)
    model = run.load_model(weights)
    before, after = run.load_weights("initial"), model.state_dict()  # in the order of the layers
    layer = _find_layer(after, layer, run.info["model"]["name"])
    before, after = (state[f"{layer}.weight"].numpy() for state in (before, after))
    facts = facts_of(run, model, layer, before, after, inputs, invert, data_dir)
    path = Path(out) if out else run.path / f"filters-{layer}.png"
    with replace_file(path) as temporary:
        save_png(sheet_of(run, weights, layer, facts), temporary)
    for note in facts.notes:
        write(f"note: {note}", err=True)
    for error in facts.errors:
        write(f"numbacnn: error: {error}", err=True)
    if as_json:
        print_json({"run": str(run.path), "title": title_of(run, weights), "layer": layer, "weights": weights,
                    "epoch": run.epoch_of(weights), "file": str(path), "shape": list(after.shape), **_as_json(facts)})
    else:
        kind = run.info["data"].get("kind", "images")
        lines = [f"wrote {path}", title_of(run, weights), what_changed(facts, layer), *_about_filters(facts), *facts.remarks(kind)]
        click.echo("\n".join(lines))
    return DATA if facts.errors else 0


def _find_layer(state, layer, model):
    """The name of a convolution in the weights; the first one if none is asked for."""
    convolutions = [name.removesuffix(".weight") for name, tensor in state.items()
                    if name.endswith(".weight") and len(tensor.shape) > 2]
    if not convolutions:
        raise click.UsageError(f"the model {model} has no convolution, so there are no filters to show")
    if layer is None:
        return convolutions[0]
    if layer not in convolutions:
        raise click.UsageError(f"--layer {layer}: the convolutions of {model} are {', '.join(convolutions)}")
    return layer


def _as_json(facts):
    import numpy as np

    before, after, moved = facts.before, facts.after, facts.after - facts.before
    filters = []
    for oc in range(len(after)):
        found = facts.shapes[oc] if facts.shapes else None
        filters.append({"filter": oc, "before": float(np.linalg.norm(before[oc])), "after": float(np.linalg.norm(after[oc])),
                        "difference": float(np.linalg.norm(moved[oc])), "dead": None if facts.dead is None else bool(facts.dead[oc]),
                        "words": found and found.words, "share": found and found.share,
                        "phrases": facts.phrases and [{"phrase": phrase, "answer": answer} for phrase, answer in facts.phrases[oc]]})
    scale = facts.scale
    return {"norm_before": float(np.linalg.norm(before)), "norm_after": float(np.linalg.norm(after)),
            "norm_difference": float(np.linalg.norm(moved)), "scale": scale.limit, "outside_scale": scale.beyond,
            "largest": scale.largest, "images": [each.name for each in facts.shown], "notes": facts.notes, "filters": filters}


def _about_filters(facts):
    """A line for each filter of which there is something to say."""
    if facts.phrases is not None:
        lines = [f"filter {oc}: " + " · ".join(f"{phrase} ({answer:.2f})" for phrase, answer in phrases)
                 for oc, phrases in enumerate(facts.phrases)]
    else:
        lines = [f"filter {oc}: {found.words} ({100 * found.share:.0f} %)" for oc, found in enumerate(facts.shapes or ()) if found]
    more = len(lines) - MOST_LINES
    return lines[:MOST_LINES] + [f"... and {more} more; --json names all"] * (more > 0)
