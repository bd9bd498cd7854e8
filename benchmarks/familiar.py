"""How often predict is right about what looks like nothing a run has learned.

usage: python benchmarks/familiar.py RUN_ON_DIGITS RUN_ON_PHOTOS PHOTOS

RUN_ON_DIGITS learned mnist (or digits), RUN_ON_PHOTOS the folder PHOTOS or one like it; PHOTOS is a folder of color pictures.
Each picture goes the way that `numbacnn predict` sends it. The limits were set from validation images when the runs were
trained; nothing here changes them. A test image that is called strange is a false alarm; any other picture ought to be. What is refused is not counted.
"""
import sys
import tempfile
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from numbacnn.cli.data_source import of_run, pictures_of
from numbacnn.data import DataError, draw_products, draw_textures, load_as_learned, load_dataset, pictures_below
from numbacnn.train import Normalize, load_familiar, look, open_run

FONTS = Path(matplotlib.__file__).parent / "mpl-data" / "fonts" / "ttf"
FACES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSansMono-Oblique.ttf", "STIXGeneral.ttf", "cmr10.ttf")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LIKE_DIGITS = set("OoIlSsZzBbqgD")  # in print these are 0, 1, 5, 2, 8, 6 or 9 to any reader
MOST = 600  # pictures of a kind


def draw_letters(rng):
    """Dark letters on paper, turned by up to 12 degrees: (letter, Pillow image)."""
    for k in range(MOST):
        letter = LETTERS[k % len(LETTERS)]
        page = Image.new("L", (120, 120), 255)
        font = ImageFont.truetype(str(FONTS / FACES[rng.integers(len(FACES))]), int(rng.integers(50, 75)))
        ImageDraw.Draw(page).text((60, 60), letter, fill=0, font=font, anchor="mm")
        yield letter, page.rotate(rng.uniform(-12, 12), fillcolor=255, resample=Image.Resampling.BICUBIC)


def as_files(images, folder):
    """Save uint8 images (N, C, H, W) as PNG files."""
    for k, image in enumerate(images):
        Image.fromarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0)).save(folder / f"{k:04}.png")
    return sorted(folder.glob("*.png"))


def strange_among(run, files):
    """Whether the run finds each picture strange: an array, shorter by those that `predict` refuses (no ink, no digit)."""
    known, (_, H, W) = run.info["data"], run.input_shape
    pixels = []
    for file in files:
        try:
            pixels.append(load_as_learned(file, (H, W), pictures_of(known)).pixels)
        except DataError:
            continue
    logits, statistics = look(run.load_model(), np.stack(pixels), Normalize(known["mean"], known["std"]))
    return load_familiar(run).strange(statistics, logits)


def test_images(run):
    """The test images of a run, as uint8 (N, C, H, W)."""
    return load_dataset(**of_run(run.info["data"]), seed=run.settings.seed).x_test[:5 * MOST]


def main(run_on_digits, run_on_photos, photos):
    """Print one row for each run and kind of picture."""
    rng = np.random.default_rng(1)
    digits, colored = open_run(run_on_digits), open_run(run_on_photos)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        kinds = {"digits": test_images(digits), "photos": None, "products": draw_products(MOST, 0, "test")[0],
                 "textures": draw_textures(MOST, 0, "test")[0], "noise": rng.integers(0, 256, (MOST, 1, 28, 28), np.uint8)}
        files = {}
        for kind, images in kinds.items():
            if images is not None:
                (folder / kind).mkdir()
                files[kind] = as_files(images, folder / kind)
        files["photos"] = [*rng.permutation(pictures_below(Path(photos))[0])[:MOST]]
        (folder / "letters").mkdir()
        letters = [*draw_letters(rng)]
        for k, (letter, page) in enumerate(letters):
            page.save(folder / "letters" / f"{k:04}.png")
        files["letters"] = sorted((folder / "letters").glob("*.png"))
        (folder / "own").mkdir()
        print(f"{'run':10} {'pictures':24} {'number':>6}  called strange")
        for run, name, own in ((digits, "on digits", "digits"), (colored, "on photos", "photos")):
            tested = files["digits"] if own == "digits" else as_files(test_images(colored), folder / "own")
            rows = {f"its own test {own} (false)": strange_among(run, tested)}
            rows |= {kind: strange_among(run, some) for kind, some in files.items() if kind != own}
            unlike = np.array([letter not in LIKE_DIGITS for letter, _ in letters])
            rows["letters unlike digits"] = rows["letters"][unlike]
            for kind, strange in rows.items():
                print(f"{name:10} {kind:24} {len(strange):6,}  {100 * strange.mean():5.1f} %")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
