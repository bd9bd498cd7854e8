"""`numbacnn show-data`."""
import re
from pathlib import Path

import click

from numbacnn.cli import options
from numbacnn.cli.output import print_json

MOST_CLASSES = 24  # rows that are drawn at most


@click.command("show-data", epilog="Exit codes: 0 done, 2 wrong usage, 3 data or files that cannot be used.")
@click.option("--data", "data_name", metavar="NAME", default="digits", show_default=True,
              help=options.DATA_HELP)
@options.data_dir
@options.image_size
@options.kind
@options.label
@options.data_shape
@options.own_test
@options.augment
@click.option("--count", type=click.IntRange(2, 32), default=8, show_default=True, help="Columns of the sheet.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True,
              help="Seed for generated data, validation split (not shown) and augmentation, as in training.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Load the first N training images only.")
@click.option("--out", callback=options.no_option, metavar="FILE.png",
              help="Picture to write. [default: data-<name>.png]")
@options.as_json
def show_data(data_name, data_dir, image_size, kind, label, shape, test, augment, count, seed, limit, out, as_json):
    """Draw samples of a data set as the network sees them.

    One row per class, normalized as in training. With --augment the first column shows the image as it is, the others what
    training makes of it in epochs 1, 2 and so on with the same --seed.
    """
    if out is not None and not out.lower().endswith(".png"):
        raise click.UsageError(f"--out {out}: the picture is a PNG, so its name must end in .png")
    from numbacnn.cli.progress import Bar, reading_line
    from numbacnn.cli.train_report import data_lines, download_line
    from numbacnn.data import load_dataset, parse_augmentation
    from numbacnn.plot import save_png
    from numbacnn.train.files import replace_file

    try:
        augmentation = parse_augmentation(augment)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    bar = Bar()
    try:
        data = load_dataset(data_name, data_dir=data_dir, limit=limit, seed=seed, image_size=image_size, kind=kind,
                            label=label, shape=shape, test=test,
                            progress=lambda done, total: bar.draw(download_line(done, total)),
                            reading=lambda done, total: bar.draw(reading_line(done, total)))
    finally:
        bar.clear()
    figure, shown = _draw(data, augmentation, count, seed)
    options.say_notes(data)
    path = Path(out or f"data-{re.sub(r'[^a-z0-9]+', '-', Path(data_name).stem.lower()).strip('-')}.png")
    with replace_file(path) as temporary:
        save_png(figure, temporary)
    if as_json:
        print_json({"file": str(path), "augment": str(augmentation), "seed": seed, "shown": shown,
                    "notes": list(data.notes), "dataset": data.describe()})
    else:
        click.echo("\n".join([*data_lines(data), f"wrote {path}"]))


def _draw(data, augmentation, count, seed):
    """The sheet, and for each class that is on it the indices of its training examples."""
    import numpy as np

    from numbacnn.plot import series_sheet, token_sheet

    if augmentation.steps:
        if data.kind != "images":
            raise click.UsageError(f"--augment changes images, but {data.name} holds {data.kind}")
        try:
            augmentation.check(data.x_train.shape[1:])
        except ValueError as error:
            raise click.UsageError(str(error)) from None
    indices = {name: np.flatnonzero(data.y_train == k)[:count] for k, name in enumerate(data.classes)}
    indices = dict([(name, found) for name, found in indices.items() if len(found)][:MOST_CLASSES])
    few = f" · {len(indices)} of {len(data.classes)} classes" if len(indices) < len(data.classes) else ""
    if data.kind == "tokens":
        words = data.vocabulary or [str(token) for token in range(int(data.x_train.max()) + 1)]
        rows = [[" ".join(words[token] for token in data.x_train[i] if token) for i in found]
                for found in indices.values()]
        figure = token_sheet(rows, list(indices), f"{_name(data)}: what the tokens stand for{few}")
    elif data.kind == "series":
        indices = {name: found[:max(2, count // 2)] for name, found in indices.items()}
        rows = [_normalized(data, data.x_train[found]) for found in indices.values()]
        figure = series_sheet(rows, list(indices), f"{_name(data)}: what a network sees, (x - mean) / std{few}")
    else:
        figure, indices = _draw_images(data, augmentation, count, seed, indices, few)
    return figure, {name: found.tolist() for name, found in indices.items()}


def _draw_images(data, augmentation, count, seed, indices, few):
    """Images in columns; films and images of many bands with their frames or bands in columns."""
    import numpy as np

    from numbacnn.plot import image_sheet

    title = f"{_name(data)}: what a network sees, (x - mean) / std{few}"
    words = "augmentation: " + str(augmentation).replace(",", " · ") if augmentation.steps else ""
    names, C = list(indices), data.x_train.shape[1]
    if data.kind == "video" or C not in (1, 3):
        indices = {name: found[:1] for name, found in indices.items()}
        rows, labels, what = [], [], "frame" if data.kind == "video" else "band"
        for name, found in indices.items():
            rows.append(_normalized(data, data.x_train[found])[0])
            labels.append(name)
            if augmentation.steps:
                rows.append(_normalized(data, augmentation(data.x_train[found], found, 1, seed))[0])
                labels.append("epoch 1")
        rows = [row.transpose(1, 0, 2, 3) if data.kind == "video" else row[:, None] for row in rows]
        return image_sheet(rows, labels, [f"{what} {k + 1}" for k in range(len(rows[0]))], title, words), indices
    if augmentation.steps:
        indices = {name: found[:1] for name, found in indices.items()}
        rows = [_normalized(data, np.concatenate([data.x_train[found], *(
            augmentation(data.x_train[found], found, epoch, seed) for epoch in range(1, count))]))
            for found in indices.values()]
        headings = ["as it is", *(f"epoch {epoch}" for epoch in range(1, count))]
        return image_sheet(rows, names, headings, title, words, group=1), indices
    if data.masks_train is None:
        rows = [_normalized(data, data.x_train[found]) for found in indices.values()]
        return image_sheet(rows, names, [""] * count, title), indices
    half = count // 2
    indices = {name: found[:half] for name, found in indices.items()}
    rows = [np.concatenate([_normalized(data, data.x_train[found])] * 2) for found in indices.values()]
    masks = [np.concatenate([0 * data.masks_train[found], data.masks_train[found]]) for found in indices.values()]
    return image_sheet(rows, names, [""] * half + ["mask"] * half, title, group=half, masks=masks), indices


def _name(data):
    """The name of the data set, of a path its last part."""
    return Path(data.name).name


def _normalized(data, x):
    from numbacnn.train import Normalize

    return Normalize(data.mean, data.std)(x)
