"""A training step of LeNet: numbacnn beside PyTorch's best, images per second.

`python benchmarks/lenet_step.py [--rounds 5] [--json FILE]`; PyTorch must be installed.
Net B (padding 2 in the first convolution, 61,706 parameters), float32, batch 64: zero_grad,
forward, cross-entropy, backward, SGD with momentum 0.9, on the same arrays in memory.  PyTorch
runs eager in the default layout and in channels_last, with one and with all threads; the best of
these counts.  The loss is read once in TOGETHER steps, as loops do that print it now and then.
numbacnn does it three ways: replayed by `numbacnn.train.TrainingSteps`, TOGETHER steps at a time, as
`numbacnn train` does; in the plain loop; and in a plain loop that reads the loss of every step.
"""
import time
from statistics import median

from alternate import compare, spread

from numbacnn.ladder.ops import BATCH, STEP_FLOP
from numbacnn.ladder.step import lenet

MFLOP = STEP_FLOP / 1e6  # of training, for one image
WARM, TIMED, TOGETHER = 50, 300, 10
WAYS = "replayed", "plain loop", "plain loop that reads each loss"
SPREAD = "{:.2f} ({:.2f} to {:.2f})"


def images_per_second(model, criterion, optimizer, x, y, together=TOGETHER):
    """Of the plain loop; the last of so many steps together reads its loss."""
    def steps():
        for _ in range(together):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        loss.item()

    return rate_of(steps, together)


def rate_of(steps, together):
    """Images per second by the median of TIMED steps, so many of which `steps()` takes, after WARM more."""
    times = []
    for _ in range((WARM + TIMED) // together):
        start = time.perf_counter()
        steps()
        times.append((time.perf_counter() - start) / together)
    return BATCH / median(times[WARM // together:])


def data():
    import numpy as np

    rng = np.random.default_rng(0)
    return (rng.standard_normal((BATCH, 1, 28, 28)).astype(np.float32),
            rng.integers(0, 10, BATCH))


def ours():
    import numpy as np

    import numbacnn as nb
    from numbacnn import nn, optim
    from numbacnn.ladder.peak import fma_peak
    from numbacnn.train import TrainingSteps

    x, y = data()
    model = lenet(nn)
    parts = model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    steps, batches = TrainingSteps(*parts), [np.broadcast_to(part, (TOGETHER, *part.shape)) for part in (x, y)]
    x, y = nb.tensor(x), nb.tensor(y)
    return {"replayed": rate_of(lambda: steps(*batches), TOGETHER),
            "plain loop": images_per_second(*parts, x, y),
            "plain loop that reads each loss": images_per_second(*parts, x, y, together=1),
            "peak": fma_peak()}


def pytorch():
    import torch
    from torch import nn, optim

    rates = {}
    every = torch.get_num_threads()
    for threads in sorted({1, every}):
        for layout in ("contiguous_format", "channels_last"):
            torch.set_num_threads(threads)
            form = getattr(torch, layout)
            x, y = (torch.tensor(array) for array in data())
            model = lenet(nn).to(memory_format=form)
            rates[f"{layout}, {threads} threads"] = images_per_second(
                model, nn.CrossEntropyLoss(),
                optim.SGD(model.parameters(), lr=0.01, momentum=0.9),
                x.contiguous(memory_format=form), y)
    return {"rate": max(rates.values()), "rates": rates, "version": torch.__version__}


def show(results):
    """Print the medians and the spread: rates, share of the FMA peak measured beside them, and how many times PyTorch."""
    peers = [run["rate"] for run in results["pytorch"]]
    for way in WAYS:
        rates = [run[way] for run in results["numbacnn"]]
        shares = [rate * MFLOP / 1e3 / run["peak"] for rate, run in zip(rates, results["numbacnn"])]
        ratios = [rate / peer for rate, peer in zip(rates, peers)]
        print(f"numbacnn {line_of(rates)}, {spread(shares)[0]:.0%} of the peak, {SPREAD.format(*spread(ratios))} times PyTorch: {way}")
    print(f"pytorch  {line_of(peers)}")


def line_of(rates):
    """Images/s with the spread, and GFLOP/s."""
    middle, low, high = spread(rates)
    return f"{middle:9,.0f} images/s ({low:,.0f} to {high:,.0f}), {middle * MFLOP / 1e3:.0f} GFLOP/s"


if __name__ == "__main__":
    compare(__file__, {"numbacnn": ours, "pytorch": pytorch}, show, __doc__.splitlines()[0])
