"""LeNet looks at images: numbacnn beside PyTorch's best, microseconds from a tensor to scores.

`python benchmarks/inference.py [--rounds 5] [--json FILE]`; PyTorch must be installed.
Net B (padding 2 in the first convolution), float32, one image, a few and 256 at a time, under no_grad: from a tensor to
scores as a NumPy array, after each call.  PyTorch runs eager in the default layout and in
channels_last, with one and with all threads; the best of these counts.
"""
import time
from statistics import median

from alternate import compare, spread

from numbacnn.ladder.step import lenet

BATCHES = 1, 8, 256
WARM, TIMED = 50, 300  # calls
FORMAT = "{:6.0f} ({:.0f} to {:.0f})"


def microseconds(call):
    """The median time of a call."""
    times = []
    for turn in range(WARM + TIMED):
        start = time.perf_counter()
        call()
        if turn >= WARM:
            times.append(time.perf_counter() - start)
    return 1e6 * median(times)


def images(batch):
    import numpy as np

    return np.random.default_rng(0).standard_normal((batch, 1, 28, 28)).astype(np.float32)


def ours():
    import numbacnn as nb
    from numbacnn import nn

    model, results = lenet(nn).eval(), {}
    with nb.no_grad():
        for batch in BATCHES:
            x = nb.tensor(images(batch))
            results[str(batch)] = microseconds(lambda: model(x).numpy())
    return results


def pytorch():
    import torch
    from torch import nn

    results, every = {}, torch.get_num_threads()
    with torch.no_grad():
        for batch in BATCHES:
            times = []
            for threads in sorted({1, every}):
                torch.set_num_threads(threads)
                for layout in ("contiguous_format", "channels_last"):
                    form = getattr(torch, layout)
                    model, x = lenet(nn).eval().to(memory_format=form), torch.tensor(images(batch)).contiguous(memory_format=form)
                    times.append(microseconds(lambda: model(x).numpy()))
            results[str(batch)] = min(times)
    return results


def show(results):
    """Print a line a batch: medians with the spread, and how many times as fast numbacnn is."""
    for batch in map(str, BATCHES):
        mine, theirs = ([run[batch] for run in results[side]] for side in ("numbacnn", "pytorch"))
        ratios = spread([b / a for a, b in zip(mine, theirs)])
        print(f"{batch:>3} images: numbacnn {FORMAT.format(*spread(mine))} us, pytorch {FORMAT.format(*spread(theirs))} us, "
              f"{ratios[0]:.2f} ({ratios[1]:.2f} to {ratios[2]:.2f}) times as fast")


if __name__ == "__main__":
    compare(__file__, {"numbacnn": ours, "pytorch": pytorch}, show, __doc__.splitlines()[0])
