"""`numbacnn saliency`."""
import re
from pathlib import Path

import click

from numbacnn.cli import options
from numbacnn.cli.failure import DATA
from numbacnn.cli.output import counted, percent, print_json, shape, write
from numbacnn.cli.progress import Bar, Measuring

METHODS = ("gradient", "smoothgrad", "gradient-x-input", "integrated-gradients", "occlusion", "grad-cam")
BASELINES = ("black", "mean")
RIGHT, WRONG = 3, 3  # validation images that are shown where none is given
LONG = 50  # letters of a file's name in a title
FEW = 8  # images, at most: each has its maps made anew some 20 times


@click.command(epilog="Exit codes: 0 done, 2 wrong usage, 3 a run, data or pictures that cannot be used (the other pictures are "
                      "still drawn).")
@options.run_argument
@click.argument("inputs", metavar="[IMAGE]...", nargs=-1)
@options.weights
@click.option("--method", type=click.Choice((*METHODS, "all")), default="integrated-gradients", show_default=True,
              help="How the map is computed.")
@click.option("--layer", metavar="NAME",
              help="Layer whose maps Grad-CAM uses, such as conv2. [default: the last with maps as large as those of the last "
                   "convolution]")
@click.option("--class", "class_name", metavar="NAME", help="Class to explain. [default: the one predicted for each image]")
@click.option("--baseline", type=click.Choice(BASELINES), default="black", show_default=True,
              help="What stands for no information, and for removed pixels: black, or the mean of the training images.")
@click.option("--invert/--no-invert", default=None, help="Swap dark and light, or never do. [default: as predict decides]")
@options.data_dir
@click.option("--out", callback=options.folder_for_pictures, metavar="DIR", help="Folder for the pictures. [default: RUN]")
@options.threads
@options.as_json
def saliency(run_path, inputs, weights, method, layer, class_name, baseline, invert, data_dir, out, threads, as_json):
    """Draw which pixels matter, and whether to believe it.

    Writes DIR/saliency-METHOD-IMAGE.png for each image. Beside the map stand the same map with random weights, an edge
    detector, random numbers, and a curve of how fast the probability falls when the marked pixels are removed. Ends with a
    sentence on what the method is worth for this network, measured on all images given: a map that random weights do not
    change says nothing about what was learned. Pictures are read as predict reads them. Without IMAGE, some validation
    images are shown.
    """
    from numbacnn.cli.shown_images import images_for
    from numbacnn.train import Normalize

    if layer is not None and method not in ("grad-cam", "all"):
        raise click.UsageError(f"--layer {layer}: only grad-cam looks at a layer; add --method grad-cam")
    run = options.open_run_with_note(run_path, weights)
    options.use_threads(threads)
    known, model = run.info["data"], run.load_model(weights)
    target = _class(known["classes"], class_name)
    shown, notes, errors = images_for(run, model, "saliency", inputs, invert, data_dir, RIGHT, WRONG)
    if len(shown) > FEW:
        notes.append(f"at most {FEW} images are drawn and checked at once; {counted(len(shown) - FEW, 'images')} left out")
        shown = shown[:FEW]
    normalize = Normalize(known["mean"], known["std"])
    folder = Path(out) if out else run.path
    folder.mkdir(parents=True, exist_ok=True)
    for note in notes:
        write(f"note: {note}", err=True)
    chosen = {"layer": layer, "target": target, "baseline": baseline, "weights": weights}
    results = [_draw(run, model, shown, normalize, name, chosen, folder) for name in (METHODS if method == "all" else (method,))]
    for error in errors:
        write(f"numbacnn: error: {error}", err=True)
    if as_json:
        print_json({"run": str(run.path), "weights": weights, "baseline": baseline, "notes": notes, "methods": results})
    else:
        for result in results:
            click.echo("\n".join([*(f"wrote {image['file']}" for image in result["images"]), result["verdict"]]))
    return DATA if errors else 0


def _class(classes, name):
    if name is None:
        return None
    if name not in classes:
        raise click.UsageError(f"--class {name}: the run knows {', '.join(classes[:20])}{' ...' * (len(classes) > 20)}")
    return classes.index(name)


def _draw(run, model, shown, normalize, method, chosen, folder):
    """The pictures of one method; returns what --json says about it."""
    import numpy as np

    from numbacnn.insight import saliency as insight
    from numbacnn.plot import saliency_sheet, save_png
    from numbacnn.train.files import replace_file

    key, classes = method.replace("-", "_"), run.info["data"]["classes"]
    pixels = np.stack([each.pixels for each in shown])
    x = normalize(pixels)
    baseline = normalize(np.zeros_like(pixels[:1])) if chosen["baseline"] == "black" else np.float32(0)
    settings = {"layer": chosen["layer"]} if key == "grad_cam" else {}
    bar = Bar()
    try:
        own = settings | ({"baseline": baseline} if key in insight.WITH_BASELINE else {})
        maps = insight.saliency_map(model, x, key, chosen["target"], **own)
        checks = insight.check(model, x, key, maps.target, baseline=baseline, progress=Measuring(bar, f"maps by {method}"),
                               **settings)
    except ValueError as error:
        if key == "grad_cam":  # the layer, or a network without convolutions
            raise click.UsageError(str(error)) from None
        raise
    finally:
        bar.clear()
    verdict = checks.verdict if len(shown) == 1 else f"Mean of {len(shown)} images: {checks.verdict}"
    images, taken = [], set()
    for n, each in enumerate(shown):
        path = folder / _file_name(method, each.name, taken)
        probability = float(checks.deletion[n, 0])
        figure = saliency_sheet(pixels[n], maps.map[n], checks, n, _title(maps, n, checks.name, each, classes, probability),
                                _subtitle(run, maps, n, chosen), verdict, checks.name)
        with replace_file(path) as temporary:
            save_png(figure, temporary)
        images.append({"name": each.name, "file": str(path), "explained": classes[maps.target[n]], "probability": probability,
                       "actual": None if each.label is None else classes[each.label], "positive_evidence": not maps.empty[n],
                       "completeness_error": None if maps.error is None else float(maps.error[n])})
    own, edges, chance, spread = checks.areas
    return {"method": method, "layer": maps.layer, "map": list(maps.map.shape[1:]), "rank_correlation": checks.sameness,
            "stages": [{"layer": name, "rank_correlation": float(row.mean())}
                       for name, row in zip(checks.stages, checks.correlation)],
            "deletion_area": {"map": own, "edge_detector": edges, "random_order": chance, "random_spread": spread},
            "deletion_lead": checks.lead, "near_chance": checks.near_chance, "marks_what_matters": checks.marks_what_matters,
            "depends_on_weights": checks.depends_on_weights, "verdict": verdict, "images": images}


def _file_name(method, name, taken):
    """A name that no other image has, of letters that any file system takes."""
    stem = re.sub(r"[^\w.-]+", "-", Path(name).stem if Path(name).suffix else name).strip("-.") or "image"
    number, free = 1, stem
    while free in taken:
        number += 1
        free = f"{stem}-{number}"
    taken.add(free)
    return f"saliency-{method}-{free}.png"


def _title(maps, n, name, each, classes, probability):
    actual = "" if each.label is None else f", truly {classes[each.label]}"
    file = Path(each.name).name
    file = file if len(file) <= LONG else f"…{file[1 - LONG:]}"
    return f"{file} as {classes[maps.target[n]]} (probability {percent(probability)}{actual}) · {name}"


def _subtitle(run, maps, n, chosen):
    from numbacnn.insight.saliency import METHODS as KNOWN

    words = [f"{run.path.name}, {chosen['weights']} weights", f"bright: {KNOWN[maps.method][2]}"]
    if maps.layer:
        words.append(f"maps of {maps.layer}, {shape(maps.map.shape[1:])}")
    if maps.error is not None:
        words.append(f"completeness error {maps.error[n]:.3g}")
    words.append(f"baseline: {chosen['baseline']}")
    return " · ".join(words)
