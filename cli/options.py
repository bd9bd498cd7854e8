"""Options that several commands share, and what they mean."""
import math

import click

from numbacnn.cli.output import write

LARGEST_SIDE = 1024  # pixels: a batch of 64 such pictures in colour is 0.8 GB


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
            self.fail(f"{value!r} is no size; give pixels such as 64, or height x width such as 48x64", param, ctx)
        if max(height, width) > LARGEST_SIDE:
            gigabytes = 64 * 3 * 4 * height * width / 1e9
            self.fail(f"64 pictures of {height}x{width} pixels would take {gigabytes:,.0f} GB in memory; give at most "
                      f"{LARGEST_SIDE}, such as 64", param, ctx)
        return height, width


DATA_HELP = ("Data set: digits, products, textures, defects or multispectral (drawn on the spot); mnist, fashion-mnist or "
             "kmnist; cifar10 or cifar100 (with --data-dir); a FILE.npz; or a folder that holds a folder of pictures a "
             "class. No images: phrases, waves or blobs-video (drawn on the spot), or a FILE.csv of token sequences or "
             "time series.")
MODELS_HELP = ("lenet5, lenet5_1998, mlp, linear, alexnet, vgg11, vgg13, vgg16, the same with batch normalisation as vgg11_bn, "
               "vgg13_bn, vgg16_bn, and resnet18, resnet20, resnet32, resnet56; for token sequences text_cnn, for time series tcn, for "
               "films conv3d; mlp and linear take any data")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout instead of tables.")
data_dir = click.option("--data-dir", metavar="DIR",
                        help="Folder with the files of the data set; nothing is downloaded that is there already.")
image_size = click.option("--image-size", type=ImageSize(), metavar="SIZE",
                          help="Scale and crop the pictures of a folder to this size, such as 64, or 48x64 (height x "
                               "width).")
weights = click.option("--weights", type=click.Choice(["best", "last"]), default="best", show_default=True,
                       help="Which weights of the run: of the epoch with the best validation accuracy, or of the last.")
threads = click.option("--threads", type=int, metavar="N", help="Threads to compute with; results do not depend on it. "
                                                                "[default: all]")
augment = click.option("--augment", metavar="SPEC", default="",
                       help="Change training images anew in every epoch, such as shift=2 or flip,crop=4,jitter=0.2; "
                            "images to evaluate are left alone. There are shift, crop, flip, flip-vertical, rotate, "
                            "scale, shear, elastic, brightness, contrast, saturation, hue, jitter, cutout.")
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


def no_option(ctx, param, value):
    """Refuse the name of a file or folder that is more likely an option: Click takes the next word, whatever it is."""
    if value is not None and value.startswith("-"):
        raise click.BadParameter(f"{value!r} looks like an option; write ./{value} if that is the name you mean", ctx, param)
    return value


def finite(ctx, param, value):
    """Refuse nan, which passes every range check of Click."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a finite number.", ctx, param)
    return value
