"""A training step of LeNet: numbacnn beside PyTorch's best, images per second.

`python benchmarks/lenet_step.py [--rounds 5] [--json FILE]`; PyTorch must be installed.
Net B (padding 2 in the first convolution, 61,706 parameters), float32, batch 64: zero_grad,
forward, cross-entropy, backward, SGD with momentum 0.9, on the same arrays in memory.  PyTorch
runs eager in the default layout and in channels_last, with one and with all threads; the best of
these counts.  The loss is read once in TOGETHER steps, as loops do that print it now and then; a second
line says what numbacnn does if every step reads it.
"""
import time
from statistics import median

from alternate import compare, spread

from numbacnn.ladder.ops import BATCH, STEP_FLOP
from numbacnn.ladder.step import lenet

MFLOP = STEP_FLOP / 1e6  # of training, for one image
WARM, TIMED, TOGETHER = 50, 300, 10


def images_per_second(model, criterion, optimizer, x, y, together=TOGETHER):
    """By the median of TIMED steps, so many together, after WARM more; the last of those together reads its loss."""
    times = []
    for _ in range((WARM + TIMED) // together):
        start = time.perf_counter()
        for _ in range(together):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        loss.item()
        times.append((time.perf_counter() - start) / together)
    return BATCH / median(times[WARM // together:])


def data():
    import numpy as np

    rng = np.random.default_rng(0)
    return (rng.standard_normal((BATCH, 1, 28, 28)).astype(np.float32),
            rng.integers(0, 10, BATCH))


def ours():
    import numbacnn as nb
    from numbacnn import nn, optim
    from numbacnn.ladder.peak import fma_peak

    x, y = (nb.tensor(array) for array in data())
    model = lenet(nn)
    parts = model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.01, momentum=0.9), x, y
    return {"rate": images_per_second(*parts), "read each step": images_per_second(*parts, together=1),
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
    """Print the medians and the spread."""
    for side, runs in results.items():
        middle, low, high = spread([run["rate"] for run in runs])
        print(f"{side:9} {middle:9,.0f} images/s ({low:,.0f} to {high:,.0f}), "
              f"{middle * MFLOP / 1e3:.0f} GFLOP/s")
    middle, low, high = spread([run["read each step"] for run in results["numbacnn"]])
    print(f"numbacnn {middle:9,.0f} images/s ({low:,.0f} to {high:,.0f}) if every step reads its loss")
    share = spread([run["rate"] * MFLOP / 1e3 / run["peak"] for run in results["numbacnn"]])
    print(f"numbacnn runs at {share[0]:.0%} of the FMA peak measured beside it")
    ratio = spread([a["rate"] / b["rate"] for a, b in zip(results["numbacnn"], results["pytorch"])])
    print(f"ratio {ratio[0]:.2f} (from {ratio[1]:.2f} to {ratio[2]:.2f})")


if __name__ == "__main__":
    compare(__file__, {"numbacnn": ours, "pytorch": pytorch}, show, __doc__.splitlines()[0])
