"""Net A with Adam, images per second a core, beside the rates that SimpleChains.jl's authors published.

`python benchmarks/simplechains.py [--rounds 5] [--json FILE]`.  LeNet-5 without padding on 28x28 images (44,426
parameters), float32, Adam, whole training steps on arrays in memory, with one thread and with all.  Published, ten epochs
of 60,000 images: 27,100 to 28,200 images/s a core with AVX-512 and 6,100 on a 32-core EPYC with AVX2 (Elrod, Korsbo &
Rackauckas 2022, "Doing small network scientific machine learning in Julia 5x faster than PyTorch").  That is another
machine, so the ratio says which class the rate is in, not more.
"""
import time

from alternate import compare, spread

PUBLISHED = {"avx512f": 28_200, "avx2": 6_100}  # images/s a core
MFLOP = 1.517  # of training, for one image
BATCHES = (64, 256)
WARM, TIMED = 30, 150


def net_a(nn):
    """The network of SimpleChains' and Flux' examples."""
    return nn.Sequential(nn.Conv2d(1, 6, 5), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2), nn.ReLU(),
                         nn.Flatten(), nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def rate(threads, batch):
    """Images a second with so many threads, by the median step."""
    import numpy as np

    import numbacnn as nb
    from numbacnn import nn, optim

    nb.set_num_threads(threads)
    rng = np.random.default_rng(0)
    x = nb.tensor(rng.standard_normal((batch, 1, 28, 28)).astype(np.float32))
    y = nb.tensor(rng.integers(0, 10, batch))
    model, criterion = net_a(nn), nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    times = []
    for _ in range(WARM + TIMED):
        start = time.perf_counter()
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
    return batch / sorted(times[WARM:])[TIMED // 2]


def ours():
    import numba

    from numbacnn.ladder.peak import fma_peak
    from numbacnn.simd.choice import CPU

    every = numba.config.NUMBA_NUM_THREADS
    rates = {f"{threads} threads, batch {batch}": rate(threads, batch) / threads
             for threads in sorted({1, every}) for batch in BATCHES}
    return {"rates": rates, "peak": fma_peak() / every, "cpu": CPU}


def show(results):
    """Print the medians, their spread, and how many times the published rate of such a CPU that is."""
    runs = results["numbacnn"]
    published = PUBLISHED.get(runs[0]["cpu"])
    for way in runs[0]["rates"]:
        middle, low, high = spread([run["rates"][way] for run in runs])
        share = spread([run["rates"][way] * MFLOP / 1e3 / run["peak"] for run in runs])[0]
        beside = f", {middle / published:.1f} times the published {published:,}" if published else ""
        print(f"{way:22} {middle:9,.0f} images/s a core ({low:,.0f} to {high:,.0f}), {share:.0%} of peak{beside}")


if __name__ == "__main__":
    compare(__file__, {"numbacnn": ours}, show, __doc__.splitlines()[0])
