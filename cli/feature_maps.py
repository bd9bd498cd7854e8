"""`numbacnn feature-maps`."""
import re
from pathlib import Path

import click

from numbacnn.cli import options
from numbacnn.cli.failure import DATA
from numbacnn.cli.output import counted, print_json, shape, write

RIGHT, WRONG = 3, 3  # validation images that are shown where none is given
FEW = 8  # images on a sheet, at most


@click.command("feature-maps", epilog="Exit codes: 0 done, 2 wrong usage, 3 a run, data or pictures that cannot be used (the other "
                                      "pictures are still drawn).")
@options.run_argument
@click.argument("inputs", metavar="[IMAGE]...", nargs=-1)
@options.weights
@click.option("--layer", metavar="NAME", help="Layer to draw, such as conv2. [default: all]")
@click.option("--invert/--no-invert", default=None, help="Swap dark and light, or never do. [default: as predict decides]")
@options.data_dir
@click.option("--out", callback=options.folder_for_pictures, metavar="DIR", help="Folder for the pictures. [default: RUN]")
@options.as_json
def feature_maps(run_path, inputs, weights, layer, invert, data_dir, out, as_json):
    """Draw what each layer makes of images.

    Writes DIR/maps-NUMBER-LAYER.png, one sheet per layer, in the order of the forward pass: a row for each image, the image
    at the left, then the layer's maps, all on one scale. A channel that is zero everywhere is marked dead. Dense layers
    are drawn as bars. Pictures are read as predict reads them. Without IMAGE, some validation images are shown.
    """
    import numpy as np

    from numbacnn.cli.shown_images import images_for, labels_of
    from numbacnn.insight import feature_maps as maps_of
    from numbacnn.train import Normalize

    run = options.open_run_with_note(run_path, weights)
    known, model = run.info["data"], run.load_model(weights)
    shown, notes, errors = images_for(run, model, "feature-maps", inputs, invert, data_dir, RIGHT, WRONG)
    if len(shown) > FEW:
        notes.append(f"a sheet has room for {FEW} images; {counted(len(shown) - FEW, 'images')} left out")
    shown = shown[:FEW]
    pixels = np.stack([each.pixels for each in shown])
    maps = maps_of(model, Normalize(known["mean"], known["std"])(pixels))
    layers = [name for name in maps if name != "input"]
    if layer is not None and layer not in layers:
        raise click.UsageError(f"--layer {layer}: the layers of {run.info['model']['name']} are {', '.join(layers)}")
    folder = Path(out) if out else run.path
    folder.mkdir(parents=True, exist_ok=True)
    for note in notes:
        write(f"note: {note}", err=True)
    scores = maps[layers[-1]]
    labels = [*labels_of(shown, scores.reshape(len(shown), -1).argmax(axis=1), known["classes"])]
    sheets = [_draw(run, weights, labels, pixels, maps[name], name, folder, number, known["classes"], name == layers[-1])
              for number, name in enumerate(layers, 1) if layer in (None, name)]
    for error in errors:
        write(f"numbacnn: error: {error}", err=True)
    if as_json:
        print_json({"run": str(run.path), "weights": weights, "notes": notes, "images": [each.name for each in shown],
                    "layers": sheets})
    else:
        click.echo("\n".join(f"wrote {sheet['file']}  {shape(sheet['shape'])}{_dead(sheet)}" for sheet in sheets))
    return DATA if errors else 0


def _draw(run, weights, labels, pixels, maps, name, folder, number, classes, last):
    """One sheet; returns what --json says about it."""
    from numbacnn.plot import feature_map_sheet, save_png
    from numbacnn.train.files import replace_file

    path = folder / f"maps-{number:02d}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', name).strip('-')}.png"
    figure = feature_map_sheet(pixels, maps, name, f"{run.path.name}, {weights} weights · layer {number}: {name}",
                               labels, classes if last else None,
                               "the scores of the classes, before the softmax" if last else "")
    with replace_file(path) as temporary:
        save_png(figure, temporary)
    zero = ~maps.any(axis=tuple({0, *range(2, maps.ndim)})) if maps.ndim == 4 else []
    return {"layer": name, "file": str(path), "shape": list(maps.shape[1:]), "dead": [c for c, dead in enumerate(zero) if dead]}


def _dead(sheet):
    dead = sheet["dead"]
    return f"  dead on these images: {', '.join(map(str, dead[:12]))}{' ...' * (len(dead) > 12)}" if dead else ""
