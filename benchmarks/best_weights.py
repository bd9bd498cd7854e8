"""Which weights of a training are best, and whether the verdict's advice helps, on data with few validation images.

`python benchmarks/best_weights.py [--data products] [--limit 1000] [--data-dir DIR] [--epochs 30] [--seeds 5] [--optimizer NAME]
[--schedule NAME] [--augment SPEC] [--json FILE]`. Each seed trains once; the test images are measured with the weights that three rules choose:

- `accuracy`: the first epoch with the highest validation accuracy, as versions before 0.2 chose;
- `loss`: what `EpochDone.best` says, by validation loss and its standard error;
- `last`: the last epoch.

Then it trains again as the verdict advises (`loss -> next`), and as the verdict of versions before 0.2 would have
(`accuracy -> next`), and measures the weights that each version would have kept. Without advice, the first figure stands.
The test images decide nothing. Bits do not depend on the number of threads or on what else the machine does.
"""
import argparse
import json
import statistics
from dataclasses import replace
from math import log
from pathlib import Path

import numbacnn
from numbacnn.data import load_dataset
from numbacnn.models import USUAL, build_model
from numbacnn.models.inputs import extents_of
from numbacnn.train import Normalize, Settings, evaluate, fit, judge
from numbacnn.train.records import EpochDone


def train(data, settings):
    """Train once; returns the rows and the weights after each epoch."""
    numbacnn.manual_seed(settings.seed)
    shape = {**extents_of(data.kind, data.x_train.shape[1:], data.vocabulary_size), "classes": len(data.classes)}
    model, rows, weights = build_model(USUAL[data.kind], **shape), [], []
    for record in fit(model, data, settings):
        if isinstance(record, EpochDone):
            rows.append(record)
            weights.append({name: tensor.clone() for name, tensor in model.state_dict().items()})
    return model, rows, weights


def by_accuracy(rows):
    """The first epoch with the highest validation accuracy, counted from 0."""
    return max(range(len(rows)), key=lambda k: rows[k].val_accuracy)


def by_loss(rows):
    """The epoch whose weights are kept today."""
    return max(k for k, row in enumerate(rows) if row.best)


def earlier_advice(rows, settings, classes):
    """The settings that versions before 0.2 advised to change: from the accuracies alone, without their errors."""
    last, best = rows[-1], rows[by_accuracy(rows)]
    if last.train_loss > 0.98 * log(classes):
        return {"learning_rate": settings.learning_rate / 10}
    if last.train_accuracy - last.val_accuracy > 0.05:
        if not settings.weight_decay:
            return {"weight_decay": 0.001}
        return {"epochs": best.epoch} if best.epoch < settings.epochs else {}
    if last.train_accuracy < 0.9:
        falling = len(rows) == 1 or last.val_loss < 0.95 * rows[-2].val_loss
        return {"epochs": 2 * settings.epochs} if falling else {"learning_rate": 2 * settings.learning_rate}
    return {}


def measure(data, model, weights):
    """Test accuracy with these weights, in per cent."""
    model.load_state_dict(weights)
    return 100 * evaluate(model, data.x_test, data.y_test, Normalize(data.mean, data.std))[1]


def compare(data, settings):
    """The figures of one seed."""
    model, rows, weights = train(data, settings)
    rules = {"accuracy": by_accuracy, "loss": by_loss}
    verdict = judge(rows, settings, data)
    advice = {"accuracy": earlier_advice(rows, settings, len(data.classes)), "loss": verdict.change}
    chosen = {**{name: rule(rows) for name, rule in rules.items()}, "last": len(rows) - 1}
    test = {name: measure(data, model, weights[k]) for name, k in chosen.items()}
    for name, rule in rules.items():
        test[f"{name} -> next"] = test[name]
        if advice[name]:
            model, more_rows, more_weights = train(data, replace(settings, **advice[name]))
            test[f"{name} -> next"] = measure(data, model, more_weights[rule(more_rows)])
    return {"seed": settings.seed, "epochs": {name: k + 1 for name, k in chosen.items()}, "test": test, "advice": advice,
            "verdict": verdict.text}


def parse_arguments():
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="products")
    parser.add_argument("--data-dir")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--optimizer", default="adamw")
    parser.add_argument("--schedule", default="one-cycle")
    parser.add_argument("--augment", default="")
    parser.add_argument("--seeds", type=int, default=5, help="how many")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


def main():
    """Compare for every seed, and print the means."""
    given = parse_arguments()
    if given.threads:
        numbacnn.set_num_threads(given.threads)
    results = []
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        data = load_dataset(given.data, given.data_dir, limit=given.limit, seed=seed)
        if not results:
            print(f"{len(data.x_train):,} to train, {len(data.x_val):,} to validate, {len(data.x_test):,} to test")
        settings = Settings(epochs=given.epochs, optimizer=given.optimizer, schedule=given.schedule, augment=given.augment, seed=seed)
        results.append(compare(data, settings))
        print(json.dumps(results[-1]), flush=True)
    for name in results[0]["test"]:
        values = [result["test"][name] for result in results]
        spread = f" +- {statistics.stdev(values):.1f}" if len(values) > 1 else ""
        print(f"{name}: {statistics.mean(values):.1f}{spread} % of the test images ({', '.join(f'{value:.1f}' for value in values)})")
    if given.json:
        Path(given.json).write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
