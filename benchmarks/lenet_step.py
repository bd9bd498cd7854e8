"""A training step of LeNet: numbacnn beside PyTorch's best, images per second.

`python benchmarks/lenet_step.py [--rounds 5] [--json FILE]`; PyTorch must be installed.
Net B (padding 2 in the first convolution, 61,706 parameters), float32, batches of 64 and of 256: zero_grad,
forward, cross-entropy, backward, SGD with momentum 0.9, on the same arrays in memory.  PyTorch
runs eager in the default layout and in channels_last, with one and with all threads; the best of
these counts.  The loss is read once in TOGETHER steps, as loops do that print it now and then.
numbacnn does it three ways: replayed by `numbacnn.train.TrainingSteps`, TOGETHER steps at a time, as
`numbacnn train` does with batches of 64; in the plain loop; and in a plain loop that reads the loss of every step.
"""
import time
from statistics import median

from alternate import compare, spread

from numbacnn.ladder.ops import STEP_FLOP
from numbacnn.ladder.step import lenet

MFLOP = STEP_FLOP / 1e6  # of training, for one image
BATCHES = 64, 256
TOGETHER = 64  # steps
WARM, TIMED = 1, 6  # turns of so many
WAYS = "replayed", "plain loop", "plain loop that reads each loss"
SPREAD = "{:.2f} ({:.2f} to {:.2f})"


def plain_loop(model, criterion, optimizer, x, y, reads_each=False):
    """TOGETHER steps as a function; they read the last loss, or each."""
    def steps():
        for _ in range(TOGETHER):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            if reads_each:
                loss.item()
        loss.item()

    return steps


def rates(ways, batch):
    """Images per second of each function that takes TOGETHER steps: they take turns, the median counts."""
    times = {name: [] for name in ways}
    for turn in range(WARM + TIMED):
        for name, steps in ways.items():
            start = time.perf_counter()
            steps()
            if turn >= WARM:
                times[name].append(time.perf_counter() - start)
    return {name: batch * TOGETHER / median(those) for name, those in times.items()}


def data(batch):
    import numpy as np

    rng = np.random.default_rng(0)
    return (rng.standard_normal((batch, 1, 28, 28)).astype(np.float32),
            rng.integers(0, 10, batch))


def ours():
    import numpy as np

    import numbacnn as nb
    from numbacnn import nn, optim
    from numbacnn.ladder.peak import fma_peak
    from numbacnn.train import TrainingSteps

    results = {}
    for batch in BATCHES:
        x, y = data(batch)
        model = lenet(nn)
        parts = model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
        steps, batches = TrainingSteps(*parts), [np.broadcast_to(part, (TOGETHER, *part.shape)) for part in (x, y)]
        x, y = nb.tensor(x), nb.tensor(y)
        ways = [lambda: steps(*batches), plain_loop(*parts, x, y), plain_loop(*parts, x, y, reads_each=True)]
        results[str(batch)] = {**rates(dict(zip(WAYS, ways)), batch), "peak": fma_peak()}
    return results


def pytorch():
    import torch

    return {"version": torch.__version__, **{str(batch): best_of_pytorch(batch) for batch in BATCHES}}


def best_of_pytorch(batch):
    """The rate of PyTorch's best way, and that of each."""
    import torch
    from torch import nn, optim

    ways, every = {}, torch.get_num_threads()
    for threads in sorted({1, every}):
        for layout in ("contiguous_format", "channels_last"):
            form = getattr(torch, layout)
            x, y = (torch.tensor(array) for array in data(batch))
            model = lenet(nn).to(memory_format=form)
            optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
            torch.set_num_threads(threads)
            ways |= rates({f"{layout}, {threads} threads": plain_loop(
                model, nn.CrossEntropyLoss(), optimizer, x.contiguous(memory_format=form), y)}, batch)
    torch.set_num_threads(every)
    return {"rate": max(ways.values()), "rates": ways}


def show(results):
    """Print for each batch the medians and the spread: rates, share of the FMA peak measured beside them, and how many times PyTorch."""
    for batch in map(str, BATCHES):
        runs, peers = [run[batch] for run in results["numbacnn"]], [run[batch]["rate"] for run in results["pytorch"]]
        print(f"batch {batch}")
        for way in WAYS:
            mine = [run[way] for run in runs]
            shares = [rate * MFLOP / 1e3 / run["peak"] for rate, run in zip(mine, runs)]
            ratios = [rate / peer for rate, peer in zip(mine, peers)]
            print(f"numbacnn {line_of(mine)}, {spread(shares)[0]:.0%} of the peak, {SPREAD.format(*spread(ratios))} times PyTorch: {way}")
        print(f"pytorch  {line_of(peers)}")


def line_of(measured):
    """Images/s with the spread, and GFLOP/s."""
    middle, low, high = spread(measured)
    return f"{middle:9,.0f} images/s ({low:,.0f} to {high:,.0f}), {middle * MFLOP / 1e3:.0f} GFLOP/s"


if __name__ == "__main__":
    compare(__file__, {"numbacnn": ours, "pytorch": pytorch}, show, __doc__.splitlines()[0])
