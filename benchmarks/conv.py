"""Four convolutions: the textbook loop on tiles beside PyTorch.

`python benchmarks/conv.py [--rounds 5] [--json FILE]`; PyTorch must be installed.
Forward, with bias; GFLOP/s of all cores and the share of the FMA peak measured in the same
process.  Data and weights are in memory, compiled and packed as in any training step.
"""
from alternate import compare, spread

from numbacnn.ladder.peak import fma_peak, seconds

CASES = {  # name: (N, IC, H, OC, kernel, stride, padding)
    "LeNet conv1: 64 images, 1->6, 28x28, 5x5, padding 2": (64, 1, 28, 6, 5, 1, 2),
    "LeNet conv2: 64 images, 6->16, 14x14, 5x5": (64, 6, 14, 16, 5, 1, 0),
    "128 images, 64->64, 16x16, 3x3, padding 1": (128, 64, 16, 64, 3, 1, 1),
    "128 images, 64->128, 16x16, 3x3, stride 2, padding 1": (128, 64, 16, 128, 3, 2, 1),
}
REPEATS = 60


def gflop(N, IC, H, OC, kernel, stride, padding):
    """Billions of floating-point operations of a forward pass."""
    OH = (H + 2 * padding - kernel) // stride + 1
    return 2 * N * OC * OH * OH * IC * kernel * kernel / 1e9


def ours():
    """GFLOP/s of each case, and the peak."""
    import numpy as np

    from numbacnn.engine import tiles
    from numbacnn.engine.batch import pack

    rng = np.random.default_rng(0)
    rates = {}
    for name, (N, IC, H, OC, kernel, stride, padding) in CASES.items():
        x = pack(rng.standard_normal((N, IC, H, H)).astype(np.float32))
        weight = rng.standard_normal((OC, IC, kernel, kernel)).astype(np.float32)
        bias = np.zeros(OC, np.float32)
        pairs = [(value, value) for value in (stride, padding, 1)]
        best = min(seconds(lambda: tiles.conv2d_forward(x, weight, bias, *pairs))
                   for _ in range(REPEATS))
        rates[name] = gflop(*CASES[name]) / best
    return {"rates": rates, "peak": fma_peak()}


def pytorch():
    """GFLOP/s of each case, the better of the default layout and channels_last."""
    import torch

    rates = {}
    for name, (N, IC, H, OC, kernel, stride, padding) in CASES.items():
        best = float("inf")
        for layout in (torch.contiguous_format, torch.channels_last):
            x = torch.randn(N, IC, H, H).contiguous(memory_format=layout)
            conv = torch.nn.Conv2d(IC, OC, kernel, stride, padding).to(memory_format=layout)
            with torch.no_grad():
                best = min([best] + [seconds(lambda: conv(x)) for _ in range(REPEATS)])
        rates[name] = gflop(*CASES[name]) / best
    return {"rates": rates, "version": torch.__version__}


def show(results):
    """Print the medians and the spread."""
    peak, low, high = spread([run["peak"] for run in results["numbacnn"]])
    print(f"FMA peak {peak:.0f} GFLOP/s (from {low:.0f} to {high:.0f})")
    for name in CASES:
        mine = spread([run["rates"][name] for run in results["numbacnn"]])
        share = spread([run["rates"][name] / run["peak"] for run in results["numbacnn"]])
        peer = spread([run["rates"][name] for run in results["pytorch"]])
        print(f"{name}\n    numbacnn {mine[0]:4.0f} GFLOP/s ({mine[1]:.0f} to {mine[2]:.0f}), "
              f"{share[0]:.0%} of peak; PyTorch {peer[0]:4.0f} ({peer[1]:.0f} to {peer[2]:.0f}); "
              f"ratio {mine[0] / peer[0]:.2f}")


if __name__ == "__main__":
    compare(__file__, {"numbacnn": ours, "pytorch": pytorch}, show, __doc__.splitlines()[0])
