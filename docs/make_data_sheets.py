"""Draw the pictures of docs/data.md anew, with the commands it names: python docs/make_data_sheets.py"""
from pathlib import Path

from numbacnn.cli import main
from numbacnn.data import NAMES
from numbacnn.data.drawn import DRAWN

FOLDER = Path(__file__).with_name("data")
AUGMENTATION = "flip,crop=4,rotate,jitter=0.2,cutout=10"


def commands():
    """The arguments of each call of `numbacnn show-data`."""
    for name in NAMES:
        if name in DRAWN:
            yield "show-data", "--data", name, "--limit", "1000", "--out", str(FOLDER / f"{name}.png")
    yield ("show-data", "--data", "products", "--limit", "1000", "--augment", AUGMENTATION, "--out",
           str(FOLDER / "augmentation.png"))


if __name__ == "__main__":
    for arguments in commands():
        try:
            main(arguments)
        except SystemExit as end:
            if end.code:
                raise
