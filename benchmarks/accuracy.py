"""What a recipe reaches on MNIST: accuracy over several seeds, and what it takes.

`python benchmarks/accuracy.py [--recipe fast] [--seeds 10] [--data-dir DIR] [--test] [--json FILE]`.
Validation accuracy is that of the last epoch; the seconds are those of training, without compiling and validation.
`--test` measures the test images too, for a recipe that is settled: choose without it.
"""
import argparse
import json
import statistics

import numbacnn
from numbacnn.data import load_dataset
from numbacnn.models import build_model
from numbacnn.train import Normalise, Settings, evaluate, fit
from numbacnn.train.records import EpochDone
from numbacnn.train.recipes import RECIPES, find_recipe


def train_once(data, choices, seed, test):
    """One training; returns its figures."""
    choices = dict(choices)
    name = choices.pop("model_name", "lenet5")
    settings = Settings(seed=seed, **choices)
    numbacnn.manual_seed(seed)
    model = build_model(name, *data.x_train.shape[1:], len(data.classes))
    *records, last = fit(model, data, settings)
    rows = [record for record in records if isinstance(record, EpochDone)]
    images = len(data.x_train) * len(rows)
    figures = {"seed": seed, "val_accuracy": rows[-1].val_accuracy, "images": images,
               "images_per_second": last.images_per_second, "seconds": images / last.images_per_second}
    if test:
        figures["test_accuracy"] = evaluate(model, data.x_test, data.y_test, Normalise(data.mean, data.std))[1]
    return figures


def main():
    """Train with every seed and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", choices=list(RECIPES), help="without it: the defaults of numbacnn train")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--data-dir")
    parser.add_argument("--test", action="store_true")
    parser.add_argument("--json", metavar="FILE")
    given = parser.parse_args()
    choices = find_recipe(given.recipe) if given.recipe else {}
    if given.epochs:
        choices["epochs"] = given.epochs
    data = load_dataset("mnist", given.data_dir)
    runs = []
    for seed in range(given.seeds):
        runs.append(train_once(data, choices, seed, given.test))
        print(json.dumps(runs[-1]), flush=True)
    for name in runs[0].keys() - {"seed"}:
        values = [run[name] for run in runs]
        spread = statistics.stdev(values) if len(values) > 1 else 0.0
        print(f"{name}: {statistics.mean(values):.5g} +- {spread:.2g}")
    if given.json:
        with open(given.json, "w", encoding="utf-8") as file:
            json.dump({"recipe": given.recipe, "choices": choices, "runs": runs}, file, indent=2)


if __name__ == "__main__":
    main()
