"""The checks of saliency methods on a trained run: a row for each method, beside guided backpropagation and an edge detector.

`python benchmarks/saliency_checks.py RUN [--images 50] [--json FILE]`, after for example
`numbacnn train --data mnist --data-dir DIR --out RUN`. It takes the first validation images, whether the network reads them
right or not, and explains the class that it takes them for. The baseline is black. The numbers do not depend on the machine.
"""
import argparse
import json
from pathlib import Path

import numpy as np

import numbacnn
from numbacnn import nn
from numbacnn.cli.data_source import of_run
from numbacnn.cli.output import table
from numbacnn.data import load_dataset
from numbacnn.insight import saliency
from numbacnn.train import Normalize, open_run


class Guided(numbacnn.autograd.Function):
    """A ReLU that lets only positive gradients back (Springenberg et al., "Striving for Simplicity", ICLR workshop 2015)."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        return dout.clamp(min=0) * (x > 0).float()


class GuidedReLU(nn.Module):
    """The layer of it."""

    def forward(self, x):
        return Guided.apply(x)


def guided_backprop(model, x, target):
    """The gradient through guided ReLUs, of a chain of layers."""
    layers = [GuidedReLU() if isinstance(layer, nn.ReLU) else layer for layer in model.children()]
    return np.abs(saliency.gradient(nn.Sequential(*layers), x, target)).max(axis=1)


def edge_detector(model, x, target):
    """What knows nothing of the network."""
    return saliency.edge_map(x)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run")
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    run = open_run(options.run)
    known, model = run.info["data"], run.load_model()
    pixels = load_dataset(**of_run(known), seed=run.settings.seed).x_val[:options.images]
    normalize = Normalize(known["mean"], known["std"])
    x, black = normalize(pixels), normalize(np.zeros_like(pixels[:1]))
    rows, results = [], []
    for method in (*saliency.METHODS, guided_backprop, edge_detector):
        checks = saliency.check(model, x, method, baseline=black)
        own, edges, chance, spread = checks.areas
        worth = {True: "another one", False: "the same: of no use", None: "half the same"}[checks.depends_on_weights]
        first, last = checks.correlation[:, ~checks.empty].mean(axis=1)[[0, -1]]
        rows.append((checks.name.replace("_", " "), f"{first:.2f}", f"{last:.2f}", f"{checks.sameness:.2f}", worth,
                     f"{checks.edge_correlation.mean():.2f}", f"{own:.2f}"))
        results.append({"method": checks.name, "stages": checks.stages, "mean_correlation": checks.sameness,
                        "correlation": checks.correlation.mean(axis=1).tolist(), "edges": float(checks.edge_correlation.mean()),
                        "area": own, "edge_area": edges, "random_area": chance, "random_spread": spread,
                        "verdict": checks.verdict})
        print(checks.verdict, flush=True)
    print("\n".join(["", *table(("method", "top random", "all random", "mean", "map with random weights", "with edges", "deletion"),
                                rows, left=(0, 4))]))
    print(f"deletion in random order: {chance:.2f} ± {spread:.2f}; {len(x)} images of {known['name']}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
