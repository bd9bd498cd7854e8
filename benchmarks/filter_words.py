"""How often the words under a filter are right: filters of noise alone, and simple shapes under noise.

`python benchmarks/filter_words.py [--filters 20000] [--json FILE]`. For the usual sizes of first filters: the share of random
filters that get words though they are noise (normally distributed, and uniform, as weights are before training); and for
shapes of which each has the same size as the noise on it, twice its size, or three times: how many get words, and how many of
these words name another shape than the one that was made. The numbers do not depend on the machine.
"""
import argparse
import json
from pathlib import Path

import numpy as np

from numbacnn.cli.output import table
from numbacnn.insight import filter_shapes
from numbacnn.insight.filter_shapes import shape_spaces

SIZES = (("gray 3x3", (1, 3, 3), "images"), ("gray 5x5", (1, 5, 5), "images"), ("RGB 3x3", (3, 3, 3), "images"),
         ("RGB 5x5", (3, 5, 5), "images"), ("series 7", (1, 7), "series"), ("film 3x3x3", (1, 3, 3, 3), "video"))
STRENGTHS = (1, 2, 3)


def rate(found):
    """Share of the filters that have words."""
    return float(np.mean([shape is not None for shape in found]))


def shapes_under_noise(sides, kind, filters, strength, rng):
    """Filters of a random member of a random space, so many times as large as the noise on it, and the names of the spaces."""
    spaces = shape_spaces(sides[1:], len(sides) == 3 and sides[0] == 3)
    names = [*spaces]
    chosen = rng.integers(len(names), size=filters)
    made = []
    for k in chosen:
        basis = spaces[names[k]]
        shape = rng.normal(size=len(basis)) @ basis
        noise = rng.normal(size=shape.size)
        made.append(strength * shape / np.linalg.norm(shape) + noise / np.linalg.norm(noise))
    return np.reshape(made, (filters, *sides)), [names[k] for k in chosen]


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--filters", type=int, default=20_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rng, rows, results = np.random.default_rng(0), [], []
    for name, sides, kind in SIZES:
        shape = (options.filters, *sides)
        result = {"filters": name, "normal": rate(filter_shapes(rng.normal(size=shape), kind)),
                  "uniform": rate(filter_shapes(rng.uniform(-1, 1, shape), kind)), "under_noise": []}
        for strength in STRENGTHS:
            weight, names = shapes_under_noise(sides, kind, options.filters // 4, strength, rng)
            found = filter_shapes(weight, kind)
            said = [(shape.kind, name) for shape, name in zip(found, names) if shape]
            result["under_noise"].append({"strength": strength, "found": rate(found),
                                          "another": float(np.mean([a != b for a, b in said])) if said else 0.0})
        results.append(result)
        rows.append((name, f"{100 * result['normal']:.2f} %", f"{100 * result['uniform']:.2f} %",
                     *(f"{100 * row['found']:.0f} % ({100 * row['another']:.1f} %)" for row in result["under_noise"])))
    print("\n".join(table(("filters", "normal noise", "uniform noise", *(f"shape {s}x noise" for s in STRENGTHS)), rows, left=(0,))))
    print("in brackets: of the words, those that name another shape than was made")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
