"""What a recipe reaches: accuracy over several seeds, and what it takes.

`python benchmarks/accuracy.py [--recipe fast] [--data mnist] [--data-dir DIR] [--epochs N] [--seeds 10] [--test] [--json FILE]`.
Accuracies are those the command reports, of the best weights (by validation loss), and on the validation images of the
last epoch too; the seconds are those of training, without compiling and validation. Each seed picks its own validation
images (of data from files), so the mean is one over splits, too. Bits do not depend on the number of threads, so accuracies
may be measured on a busy machine; rates may not.

`--test` measures the test images as well, for a recipe that is settled: choose without it.
"""
import argparse
import json
import statistics
import tempfile
from pathlib import Path

import numbacnn
from numbacnn.data import load_dataset
from numbacnn.train import Normalize, Settings, create_run, evaluate, fit
from numbacnn.train.records import EpochDone
from numbacnn.train.recipes import RECIPES, find_recipe


def train_once(data, choices, seed, test):
    """One training in a run folder that is thrown away; returns its figures."""
    choices = dict(choices)
    shape = dict(zip(("in_channels", "height", "width"), data.x_train.shape[1:]), classes=len(data.classes))
    model = {"name": choices.pop("model_name", "lenet5"), **shape}
    settings = Settings(seed=seed, **choices)
    numbacnn.manual_seed(seed)
    with tempfile.TemporaryDirectory() as folder:
        run = create_run(Path(folder) / "run", {"model": model, "data": data.describe(), "settings": settings.to_dict()})
        *records, last = fit(run.new_model(), data, settings, run)
        best = run.load_model("best")
    rows = [record for record in records if isinstance(record, EpochDone)]
    images = len(data.x_train) * len(rows)
    figures = {"seed": seed, "val_accuracy": [row for row in rows if row.best][-1].val_accuracy,
               "last_val_accuracy": rows[-1].val_accuracy, "images": images,
               "images_per_second": last.images_per_second, "seconds": images / last.images_per_second}
    if test:
        figures["test_accuracy"] = evaluate(best, data.x_test, data.y_test, Normalize(data.mean, data.std))[1]
    return figures


def parse_arguments():
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", choices=list(RECIPES), help="without it: the defaults of numbacnn train")
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--data-dir")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's")
    parser.add_argument("--seeds", type=int, default=10, help="how many")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--test", action="store_true")
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


def main():
    """Train with every seed and print what came out."""
    given = parse_arguments()
    choices = find_recipe(given.recipe) if given.recipe else {}
    if given.epochs:
        choices["epochs"] = given.epochs
    runs = []
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        data = load_dataset(given.data, given.data_dir, seed=seed)
        if not runs:
            print(f"{len(data.x_train):,} images to train, {len(data.x_val):,} to validate, {len(data.x_test):,} to test")
        runs.append(train_once(data, choices, seed, given.test))
        print(json.dumps(runs[-1]), flush=True)
    for name in list(runs[0])[1:]:
        values = [run[name] for run in runs]
        spread = statistics.stdev(values) if len(values) > 1 else 0.0
        print(f"{name}: {statistics.mean(values):.5g} +- {spread:.2g}")
    if given.json:
        result = {"recipe": given.recipe, "choices": choices, "data": data.describe(), "runs": runs}
        Path(given.json).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
