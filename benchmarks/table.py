"""How fast a table of pixels loads, beside NumPy's reader: CPU time, the least of three runs of each by turns.

`python benchmarks/table.py [ROWS]`; 42,000 rows of a label and 784 numbers if not given, a fifth of them not 0.
"""
import sys
import tempfile
from pathlib import Path
from time import process_time

import numpy as np

from numbacnn.data import Choices, load_csv

NUMBERS, INK, RUNS = 784, 0.2, 3


def main(rows=42_000):
    rng = np.random.default_rng(0)
    table = rng.integers(0, 256, (rows, 1 + NUMBERS)) * (rng.random((rows, 1 + NUMBERS)) < INK)
    table[:, 0] = np.arange(rows) % 10
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pixels.csv"
        np.savetxt(path, table, "%d", ",")
        readers = {"numbacnn.data.load_csv": lambda: load_csv(path, Choices(whole=True)),
                   "numpy.loadtxt": lambda: np.loadtxt(path, delimiter=",")}
        seconds = {name: [] for name in readers}
        for _ in range(RUNS):
            for name, read in readers.items():
                start = process_time()
                read()
                seconds[name].append(process_time() - start)
    for name, each in seconds.items():
        print(f"{name:24}{min(each):6.2f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
