"""`numbacnn visualize-filters`."""
from pathlib import Path

import click

from numbacnn.cli import options
from numbacnn.cli.output import print_json


@click.command("visualize-filters", epilog="Exit codes: 0 done, 2 wrong usage, 3 a run or files that cannot be used.")
@options.run_argument
@click.option("--layer", metavar="NAME", help="Convolution to show, such as conv2. [default: the first]")
@options.weights
@click.option("--out", callback=options.no_option, metavar="FILE.png",
              help="Picture to write. [default: RUN/filters-<layer>.png]")
@options.as_json
def visualize_filters(run_path, layer, weights, out, as_json):
    """Draw the filters of a convolution.

    Before training, after it, and the difference, all on one scale: red is a positive weight, blue a negative one. A
    filter over a time series or over words is one picture, a row a channel and a column a step; a filter over films is
    a row of slices, one for each frame it spans.
    """
    if out is not None and not out.lower().endswith(".png"):
        raise click.UsageError(f"--out {out}: the picture is a PNG, so its name must end in .png")
    import numpy as np

    from numbacnn.plot import filter_change, save_png
    from numbacnn.train.files import replace_file

    run = options.open_run_with_note(run_path, weights)
    before, after = (run.load_model(name).state_dict() for name in ("initial", weights))  # in the order of the layers
    layer = _find_layer(after, layer, run.info["model"]["name"])
    before, after = (state[f"{layer}.weight"].numpy() for state in (before, after))
    path = Path(out) if out else run.path / f"filters-{layer}.png"
    with replace_file(path) as temporary:
        save_png(filter_change(before, after, layer), temporary)
    norms = [{"filter": oc + 1, "before": float(np.linalg.norm(before[oc])), "after": float(np.linalg.norm(after[oc])),
              "difference": float(np.linalg.norm(after[oc] - before[oc]))} for oc in range(len(after))]
    result = {"run": str(run.path), "layer": layer, "weights": weights, "file": str(path), "shape": list(after.shape),
              "norm_before": float(np.linalg.norm(before)), "norm_after": float(np.linalg.norm(after)),
              "norm_difference": float(np.linalg.norm(after - before)), "filters": norms}
    if as_json:
        print_json(result)
    else:
        click.echo(f"wrote {path}")
        click.echo(_what_to_see(result))


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


def _what_to_see(result):
    """One sentence on how much training changed, and where to look first."""
    before, difference = result["norm_before"], result["norm_difference"]
    if difference == 0:
        return f"{result['layer']}: the filters are as they were before training, which has not changed them."
    most = max(result["filters"], key=lambda row: row["difference"])
    part = f" by {100 * difference / before:.0f} %" if before else ""
    return (f"{result['layer']}: training moved the {len(result['filters'])} filters{part} (norm {before:.2f} before, "
            f"{result['norm_after']:.2f} after, {difference:.2f} of the difference); filter {most['filter']} moved "
            f"most ({most['difference']:.2f}): it answers to a change where its red and blue meet.")
