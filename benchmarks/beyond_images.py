"""Convolution beyond images: the model for each kind of data beside an mlp with as many parameters, and a wider one.

`python benchmarks/beyond_images.py [--examples 6000] [NAME ...]`, NAME being phrases, waves, blobs-video or multispectral;
all four take some twenty minutes.  A twelfth of the examples is held back; on it the learning rate is chosen (seed 0)
and, for each seed, the epoch.  Then the test examples are measured once for each of three seeds: mean, lowest, highest.
"""
import argparse

import numbacnn
from numbacnn.data import load_dataset
from numbacnn.models import USUAL, build_model
from numbacnn.models.inputs import extents_of
from numbacnn.train import Normalize, Settings, evaluate, fit
from numbacnn.train.records import EpochDone

NAMES = ("phrases", "waves", "blobs-video", "multispectral")
EPOCHS, SEEDS, RATES = 8, (0, 1, 2), (0.001, 0.003, 0.01)


def trained(data, build, rate, seed):
    """A model with the weights of its best epoch, and the validation accuracy they have."""
    numbacnn.manual_seed(seed)
    model, best, accuracy = build(), None, -1
    settings = Settings(epochs=EPOCHS, optimizer="adam", beta2=0.999, learning_rate=rate, schedule="one-cycle",
                        label_smoothing=0.0, seed=seed)
    for record in fit(model, data, settings):
        if isinstance(record, EpochDone) and record.best:
            accuracy = record.val_accuracy
            best = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    if best is not None:
        model.load_state_dict(best)
    return model, accuracy


def compare(name, examples):
    """Yields for each model its name, parameters, the chosen rate and the test accuracies of all seeds."""
    data = load_dataset(name, limit=examples)
    extents = extents_of(data.kind, data.x_train.shape[1:], data.vocabulary_size) | {"classes": len(data.classes)}

    def count(model):
        return sum(p.numel() for p in model.parameters())

    wanted = count(build_model(USUAL[data.kind], **extents))
    for label, build in {
            USUAL[data.kind]: lambda: build_model(USUAL[data.kind], **extents),
            "mlp, as many parameters": lambda: build_model("mlp", **extents, parameters=wanted),
            "mlp, 300 and 100 units": lambda: build_model("mlp", **extents)}.items():
        rate = max(RATES, key=lambda rate: trained(data, build, rate, SEEDS[0])[1])
        models = [trained(data, build, rate, seed)[0] for seed in SEEDS]
        accuracies = [evaluate(model, data.x_test, data.y_test, Normalize(data.mean, data.std))[1] for model in models]
        yield label, count(models[0]), rate, accuracies


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="data sets; all if none is named")
    parser.add_argument("--examples", type=int, default=6000, help="to train and to validate with")
    choices = parser.parse_args()
    print("| data | model | parameters | rate | test accuracy, mean | lowest, highest |\n| --- | --- | --- | --- | --- | --- |")
    for name in choices.names or NAMES:
        for label, parameters, rate, accuracies in compare(name, choices.examples):
            mean = sum(accuracies) / len(accuracies)
            print(f"| `{name}` | {label} | {parameters:,} | {rate:g} | {100 * mean:.1f} % | "
                  f"{100 * min(accuracies):.1f}, {100 * max(accuracies):.1f} |", flush=True)
