"""Options that several commands share, and what they mean."""
import math
from pathlib import Path

import click

from numbacnn.cli.foreign_options import with_owners
from numbacnn.cli.output import write

LARGEST_SIDE = 1024  # pixels: a batch of 64 such pictures in color is 0.8 GB


def no_option(ctx, param, value):
    """Refuse the name of a file or folder that is more likely an option: Click takes the next word, whatever it is."""
    if value is not None and value.startswith("-"):
        raise click.BadParameter(f"{value!r} looks like an option; write ./{value} if that is the name you mean", ctx, param)
    return value


def folder_for_pictures(ctx, param, value):
    """Refuse a folder that cannot be made because there is a file in its place, before the work for it begins."""
    if no_option(ctx, param, value) is None:
        return None
    file = next((path for path in (Path(value), *Path(value).parents) if path.exists() and not path.is_dir()), None)
    if file is not None:
        raise click.UsageError(f"--out {value}: {file} is a file; give a folder, in which each picture gets a name of its own")
    return value


def page_file(ctx, param, value):
    """Refuse the name of a page that is not HTML, or whose folder does not exist, before the work for it begins."""
    if no_option(ctx, param, value) is None:
        return None
    if not value.lower().endswith((".html", ".htm")):
        raise click.UsageError(f"--out {value}: the page is HTML, so its name must end in .html")
    if not Path(value).parent.is_dir():
        raise click.UsageError(f"--out {value}: there is no folder {Path(value).parent}; make it first")
    return value


class ImageSize(click.ParamType):
    """`64` or `48x64` (height x width) as a pair of numbers."""

    name = "size"

    def convert(self, value, param, ctx):
        """The pair (height, width)."""
        sides = value if isinstance(value, (tuple, list)) else value.lower().split("x")
        try:
            height, width = (int(side) for side in (sides * 2 if len(sides) == 1 else sides))
        except ValueError:
            height = width = 0
        if min(height, width) < 1:
            self.fail(f"{value!r} is not a size; give pixels such as 64, or height x width such as 48x64", param, ctx)
        if max(height, width) > LARGEST_SIDE:
            gigabytes = 64 * 3 * 4 * height * width / 1e9
            self.fail(f"64 pictures of {height}x{width} pixels would take {gigabytes:,.0f} GB in memory; give at most "
                      f"{LARGEST_SIDE}, such as 64", param, ctx)
        return height, width


class Shape(click.ParamType):
    """`28x28`, `3x32x32` or `32x32x3` as a tuple of numbers."""

    name = "shape"

    def convert(self, value, param, ctx):
        """The tuple of two or three sides."""
        if isinstance(value, tuple):
            return value
        sides = value.lower().split("x")
        if len(sides) not in (2, 3) or not all(side.isascii() and side.isdigit() and int(side) > 0 for side in sides):
            self.fail(f"{value!r} is not a shape; give height x width such as 28x28, in color 3x32x32 or 32x32x3, or of time "
                      "series channels x length such as 3x100", param, ctx)
        return tuple(int(side) for side in sides)


DATA_HELP = ("Data set: digits, products, textures, defects or multispectral (drawn on the spot); mnist, fashion-mnist or "
             "kmnist; cifar10 or cifar100 (with --data-dir); a FILE.npz; a FILE.csv with one image, time "
             "series or token sequence per row; or a folder with one subfolder of pictures per class. Not images: phrases, "
             "waves or blobs-video (drawn on the spot).")
MODELS_HELP = ("lenet5, lenet5_1998, mlp, linear, alexnet, vgg11, vgg13, vgg16, the same with batch normalization as vgg11_bn, "
               "vgg13_bn, vgg16_bn, and resnet18, resnet20, resnet32, resnet56; for token sequences text_cnn, for time series tcn, for "
               "films conv3d; mlp and linear take any data")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout instead of tables.")
data_dir = click.option("--data-dir", metavar="DIR",
                        help="Folder with the files of the data set; files already there are not downloaded again.")
image_size = click.option("--image-size", type=ImageSize(), metavar="SIZE",
                          help="Scale and crop the pictures of a folder to this size, such as 64, or 48x64 (height x "
                               "width).")
kind = click.option("--kind", type=click.Choice(["images", "series", "tokens"]),
                    help="Kind of data in the rows of a table. [default: inferred from its numbers, and printed]")
label = click.option("--label", metavar="COLUMN",
                     help="Column of a table that holds the labels: its heading, first or last. [default: the column headed "
                          "label, class, target or y; else the first or last if only it has words; else the first if it has "
                          "few different values, unlike the columns beside it; otherwise name it]")
data_shape = click.option("--shape", type=Shape(), metavar="SHAPE",
                          help="Shape of one row of a table: 28x28 (height x width), 3x32x32 or 32x32x3 in color; for time "
                               "series 3x100 (channels x length).")
own_test = click.option("--test", callback=no_option, metavar="PATH",
                        help="Folder or file to test with, laid out as --data. [default: the test part of the data, else "
                             "every sixth example]")
weights = click.option("--weights", type=click.Choice(["best", "last"]), default="best", show_default=True,
                       help="Weights of the run: the best by validation loss, or those of the last epoch.")
threads = click.option("--threads", type=int, metavar="N", help="Number of threads; the results do not depend on it. "
                                                                "[default: all]")
augment = click.option("--augment", metavar="SPEC", default="", callback=lambda ctx, param, spec: "" if spec == "none" else spec,
                       help="Change the training images at random in every epoch, such as shift=2 or flip,crop=4,jitter=0.2. "
                            "Validation and test images stay as they are. There are shift, crop, flip, flip-vertical, rotate, "
                            "scale, shear, elastic, brightness, contrast, saturation, hue, jitter, cutout; or none, which a "
                            "recipe may need.")
run_argument = click.argument("run_path", metavar="RUN")


def open_run_with_note(path, weights):
    """Open a run folder; if its training diverged, a note on stderr says what its weights are."""
    from numbacnn.train import open_run

    run = open_run(path)
    results = run.info.get("results", {})
    if results.get("status") == "diverged":
        epoch = results.get("best_epoch" if weights == "best" else "epochs_done")
        write(f"note: the training of {run.path} diverged; its {weights} weights are those "
              + (f"after epoch {epoch}" if epoch else "before training"), err=True)
    return run


def say_notes(data):
    """Print to stderr what was guessed, left out or converted while data were loaded."""
    for note in data.notes:
        write(f"note: {with_owners(note, click.get_current_context(silent=True))}", err=True)


def use_threads(number):
    """Let so many threads work (None: all); returns how many there are now."""
    from numbacnn.engine.team import MOST as most
    from numbacnn.engine.team import set_num_threads

    if number is None:
        number = most
    if not 1 <= number <= most:
        raise click.UsageError(f"--threads must be between 1 and {most}, the threads of this machine (or what NUMBA_NUM_THREADS "
                               f"says), not {number}")
    set_num_threads(number)
    return number


def in_sections(sections):
    """A class of commands whose help lists the options under headings.

    Parameters
    ----------
    sections : dict of str: tuple of str
        Heading: names of the parameters below it. What is in no section, such as --help, stands at the end of the last.
    """

    class InSections(click.Command):
        def format_options(self, ctx, formatter):
            records = {param.name: param.get_help_record(ctx) for param in self.get_params(ctx)}
            named = {name for names in sections.values() for name in names}
            rest = [record for name, record in records.items() if record and name not in named]
            for heading, names in sections.items():
                with formatter.section(heading):
                    formatter.write_dl([records[name] for name in names] + (rest if heading == [*sections][-1] else []))

    return InSections


def finite(ctx, param, value):
    """Refuse nan, which passes every range check of Click."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a finite number.", ctx, param)
    return value
