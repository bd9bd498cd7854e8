"""How much faster a training step is with all threads than with one, beside what the cores' multiply-adds alone gain.

`python benchmarks/threads.py [--rounds 5] [--json FILE]`.  The step is that of `lenet_step.py`, replayed; one thread and all
take turns in processes of their own.  The FMA peak of the same processes says how much of the other cores there was to be had.
"""
from alternate import compare, spread
from lenet_step import BATCHES, SPREAD, TOGETHER, data, rates

from numbacnn.ladder.step import lenet


def measured(threads):
    """Images/s of each batch size, and the FMA peak, with so many threads."""
    import numpy as np

    import numbacnn as nb
    from numbacnn import nn, optim
    from numbacnn.ladder.peak import fma_peak
    from numbacnn.train import TrainingSteps

    nb.set_num_threads(threads)
    found = {}
    for batch in BATCHES:
        model = lenet(nn)
        steps = TrainingSteps(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.01, momentum=0.9))
        batches = [np.broadcast_to(part, (TOGETHER, *part.shape)) for part in data(batch)]
        found[f"batch {batch}"] = rates({"replayed": lambda: steps(*batches)}, batch)["replayed"]
    return {**found, "FMA peak": fma_peak()}


def with_all():
    from numbacnn import get_num_threads

    return {**measured(get_num_threads()), "threads": get_num_threads()}


def show(results):
    """Print the medians of the ratios and their spread."""
    ones, alls = results["one"], results["all"]
    print(f"{alls[0]['threads']} threads over one, {len(ones)} pairs")
    for what in ones[0]:
        unit = "GFLOP/s" if what == "FMA peak" else "images/s"
        one, every = (spread([run[what] for run in runs])[0] for runs in (ones, alls))
        ratio = spread([b[what] / a[what] for a, b in zip(ones, alls)])
        print(f"{what:10} {one:9,.0f} to {every:9,.0f} {unit}: {SPREAD.format(*ratio)} times")


if __name__ == "__main__":
    compare(__file__, {"one": lambda: measured(1), "all": with_all}, show, __doc__.splitlines()[0])
