"""Convolutions, forward and both gradients: the textbook loops on tiles beside PyTorch.

`python benchmarks/conv.py [--rounds 5] [--json FILE]`; PyTorch must be installed.
GFLOP/s of all cores and the share of the FMA peak measured in the same process.  Data and weights
are in memory, batches in lanes and weights packed anew each time, as in any training step.
PyTorch: the better of the default layout and channels_last; its dX and dW come from
`torch.ops.aten.convolution_backward` with one of the two asked for.
"""
from alternate import compare, spread

from numbacnn.ladder.peak import fma_peak, seconds

CASES = {  # name: (N, IC, H, OC, kernel, stride, padding, groups)
    "LeNet conv1, 1->6, 28x28, 5x5, padding 2": (64, 1, 28, 6, 5, 1, 2, 1),
    "LeNet conv2, 6->16, 14x14, 5x5": (64, 6, 14, 16, 5, 1, 0, 1),
    "SimpleCNN conv1, 3->8, 32x32, 3x3": (64, 3, 32, 8, 3, 1, 1, 1),
    "SimpleCNN conv2, 8->16, 32x32, 3x3": (64, 8, 32, 16, 3, 1, 1, 1),
    "64->64, 32x32, 3x3": (64, 64, 32, 64, 3, 1, 1, 1),
    "128->128, 16x16, 3x3": (64, 128, 16, 128, 3, 1, 1, 1),
    "256->256, 8x8, 3x3": (64, 256, 8, 256, 3, 1, 1, 1),
    "64->128, 16x16, 3x3, stride 2": (64, 64, 16, 128, 3, 2, 1, 1),
    "64->64, 16x16, 1x1": (64, 64, 16, 64, 1, 1, 0, 1),
    "16->1, 28x28, 3x3": (64, 16, 28, 1, 3, 1, 1, 1),
    "depthwise, 128 channels, 16x16, 3x3": (64, 128, 16, 128, 3, 1, 1, 128),
}
WHAT = ("forward", "dX", "dW")
TIMED = 0.3  # seconds for each measurement
FEWEST = 5  # repeats at least


def gflop(N, IC, H, OC, kernel, stride, padding, groups):
    """Billions of floating-point operations of a forward pass; either gradient has as many."""
    OH = (H + 2 * padding - kernel) // stride + 1
    return 2 * N * OC * OH * OH * IC // groups * kernel * kernel / 1e9


def best_seconds(work):
    """The shortest of the runs that fit into TIMED, after one that compiles."""
    work()
    times = []
    while len(times) < FEWEST or sum(times) < TIMED:
        times.append(seconds(work))
    return min(times)


def ours():
    """GFLOP/s of each case, and the peak."""
    import numpy as np

    from numbacnn.engine import finish, tiles
    from numbacnn.engine.batch import pack

    rng = np.random.default_rng(0)
    rates = {}
    for name, (N, IC, H, OC, kernel, stride, padding, groups) in CASES.items():
        OH = (H + 2 * padding - kernel) // stride + 1
        x, dout = (pack(rng.standard_normal(shape).astype(np.float32)) for shape in ((N, IC, H, H), (N, OC, OH, OH)))
        weight, bias = rng.standard_normal((OC, IC // groups, kernel, kernel)).astype(np.float32), np.zeros(OC, np.float32)
        settings = [(value, value) for value in (stride, padding, 1)]

        def run(what):
            if what == "forward":
                tiles.conv2d_forward(x, weight, bias, *settings, groups)
            else:
                tiles.conv2d_backward(dout, x, weight, *settings, (what == "dX", what == "dW", False), groups)
            finish()

        rates[name] = {what: gflop(*CASES[name]) / best_seconds(lambda: run(what)) for what in WHAT}
    return {"rates": rates, "peak": fma_peak()}


def pytorch():
    """GFLOP/s of each case, the better of the default layout and channels_last."""
    import torch

    rates = {name: dict.fromkeys(WHAT, 0.0) for name in CASES}
    for name, (N, IC, H, OC, kernel, stride, padding, groups) in CASES.items():
        OH = (H + 2 * padding - kernel) // stride + 1
        for layout in (torch.contiguous_format, torch.channels_last):
            x, dout, weight = (torch.randn(shape).contiguous(memory_format=layout) for shape in (
                (N, IC, H, H), (N, OC, OH, OH), (OC, IC // groups, kernel, kernel)))
            bias, twice = torch.zeros(OC), [(value, value) for value in (stride, padding, 1)]

            def run(what):
                if what == "forward":
                    torch.conv2d(x, weight, bias, *twice, groups)
                else:
                    torch.ops.aten.convolution_backward(dout, x, weight, [OC], *twice, False, (0, 0), groups,
                                                        (what == "dX", what == "dW", False))

            with torch.no_grad():
                for what in WHAT:
                    rate = gflop(*CASES[name]) / best_seconds(lambda: run(what))
                    rates[name][what] = max(rates[name][what], rate)
    return {"rates": rates, "version": torch.__version__}


def show(results):
    """Print the medians and the spread."""
    mine, peers = results["numbacnn"], results["pytorch"]
    peak, low, high = spread([run["peak"] for run in mine])
    print(f"FMA peak {peak:.0f} GFLOP/s (from {low:.0f} to {high:.0f})")
    print(f"{'':42} {'numbacnn':>22} {'of peak':>8} {'PyTorch':>20} {'ratio':>16}")
    for name in CASES:
        for what in WHAT:
            rates, theirs = ([run["rates"][name][what] for run in runs] for runs in (mine, peers))
            share = spread([rate / run["peak"] for rate, run in zip(rates, mine)])[0]
            ratio = spread([a / b for a, b in zip(rates, theirs)])
            print(f"{name + ' ' + what:48} {cell(rates)} {share:8.0%} {cell(theirs)} "
                  f"{ratio[0]:5.2f} ({ratio[1]:.2f} to {ratio[2]:.2f})")


def cell(rates):
    """Median and spread in a column."""
    middle, low, high = spread(rates)
    return f"{middle:5.0f} ({low:3.0f} to {high:3.0f})"


if __name__ == "__main__":
    compare(__file__, {"numbacnn": ours, "pytorch": pytorch}, show, __doc__.splitlines()[0])
