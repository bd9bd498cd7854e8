"""The convolutions that every kind of number is tested with."""
import re
from functools import lru_cache

import numpy as np

from conftest import SEED

# N images, IC -> OC channels, image, kernel, stride, padding, dilation; "nobias" for none
SHAPES = """
N1-IC1-OC1-1x1-k1x1-s1-p0-d1           N1-IC1-OC1-5x5-k3x3-s1-p0-d1          N2-IC3-OC4-7x9-k3x2-s2-p1-d1
N2-IC2-OC3-6x5-k2x2-s1-p0-d1           N2-IC2-OC3-6x5-k2x4-s1-p1-d1          N3-IC4-OC2-5x8-k1x1-s1-p0-d1
N3-IC4-OC2-5x8-k1x1-s2-p1-d1           N1-IC3-OC2-4x4-k2x3-s3x2-p0-d1        N2-IC2-OC1-8x7-k3x3-s3-p2x1-d1-nobias
N2-IC1-OC2-3x3-k2x2-s1-p2-d1           N2-IC2-OC2-3x2-k2x1-s1-p3x2-d1        N1-IC2-OC3-2x2-k3x3-s1-p4-d1
N2-IC2-OC3-9x8-k3x2-s1-p0-d2           N2-IC3-OC2-9x9-k2x3-s2-p2-d3x2        N1-IC2-OC2-7x7-k3x3-s2-p3-d3-nobias
N2-IC5-OC6-6x6-k3x3-s1-p1-d1           N2-IC7-OC5-6x6-k3x3-s1-p1-d1          N2-IC8-OC8-5x6-k3x3-s2-p1-d1
N1-IC6-OC16-7x7-k5x5-s1-p0-d1          N2-IC9-OC10-5x5-k3x3-s1-p1-d1         N2-IC11-OC12-4x5-k2x3-s1-p0-d1-nobias
N2-IC13-OC14-4x4-k3x3-s1-p1-d1         N1-IC15-OC17-4x4-k3x3-s2-p1-d1        N2-IC18-OC3-5x4-k2x2-s2-p0-d1
N1-IC19-OC20-4x4-k3x3-s1-p1-d1         N2-IC33-OC4-4x5-k3x3-s1-p1-d1         N2-IC4-OC33-4x5-k3x3-s2-p1-d1
N1-IC16-OC33-3x3-k1x1-s1-p0-d1-nobias  N31-IC2-OC3-5x5-k3x3-s1-p1-d1         N32-IC3-OC4-5x4-k3x2-s2-p1-d1
N33-IC2-OC3-5x5-k3x3-s1-p1-d1          N70-IC3-OC5-4x6-k2x3-s1x2-p0x1-d1     N100-IC1-OC6-6x6-k5x5-s1-p2-d1
N3-IC1-OC6-12x12-k5x5-s1-p2-d1         N2-IC1-OC4-4x9-k1x2-s1-p0-d1          N2-IC1-OC3-5x9-k3x3-s2-p1-d1
N2-IC1-OC8-5x11-k2x4-s1-p3-d1          N2-IC1-OC2-4x20-k2x6-s1x3-p1x5-d1x3   N1-IC1-OC9-3x15-k3x7-s1-p1x3-d1-nobias
N2-IC1-OC5-4x17-k2x8-s2-p2x7-d1x2      N2-IC1-OC3-4x13-k2x9-s1-p1x4-d1       N34-IC1-OC16-6x10-k3x9-s2-p1-d1
N2-IC1-OC1-9x3-k5x1-s2x1-p2x0-d1       N5-IC1-OC3-2x2-k5x3-s2-p3x4-d1x2      N2-IC2-OC2-1x9-k1x3-s1x4-p0x1-d1
N17-IC6-OC16-3x4-k1x1-s1-p0-d1         N2-IC14-OC64-2x3-k1x1-s1-p0-d1        N2-IC38-OC38-3x3-k2x3-s1-p1-d1
N34-IC18-OC64-5x6-k3x3-s1-p1-d1        N3-IC20-OC32-7x9-k2x4-s2x1-p0x2-d1x2  N2-IC19-OC96-6x7-k3x3-s2-p1-d2-nobias
N33-IC6-OC32-4x3-k5x5-s1-p3x2-d1       N2-IC152-OC63-2x3-k1x1-s1-p0-d1
N2-IC3-OC1-6x11-k3x5-s1-p2x3-d1        N33-IC2-OC1-5x13-k3x3-s2x1-p1x0-d1    N2-IC1-OC2-4x5-k2x3-s1-p0x4-d1
N17-IC2-OC1-3x4-k3x7-s1-p1x5-d1-nobias N2-IC1-OC2-5x17-k2x3-s2x1-p1-d2x1     N2-IC2-OC1-1x19-k1x9-s1-p0x4-d1
N2-IC2-OC1-8x9-k3x3-s1x1-p1-d2x1
""".split()
#: What these need is compiled for nothing else, and what they claim others claim of other tiles, strips and windows.
SLOW = """
N1-IC1-OC9-3x15-k3x7-s1-p1x3-d1-nobias N2-IC1-OC4-4x9-k1x2-s1-p0-d1          N2-IC2-OC1-1x19-k1x9-s1-p0x4-d1
N34-IC1-OC16-6x10-k3x9-s2-p1-d1        N2-IC1-OC5-4x17-k2x8-s2-p2x7-d1x2     N2-IC2-OC3-9x8-k3x2-s1-p0-d2
N2-IC3-OC2-9x9-k2x3-s2-p2-d3x2         N2-IC33-OC4-4x5-k3x3-s1-p1-d1         N2-IC14-OC64-2x3-k1x1-s1-p0-d1
""".split()
PATTERN = re.compile(r"N(\d+)-IC(\d+)-OC(\d+)-(\d+x\d+)-k(\d+x\d+)-s([\dx]+)-p([\dx]+)-d([\dx]+)(-nobias)?")


class Case:
    """The arrays of one shape, and what the twin makes of them."""

    def __init__(self, name):
        *counts, image, kernel, stride, padding, dilation, nobias = PATTERN.fullmatch(name).groups()
        N, IC, OC = map(int, counts)
        self.weight_shape = OC, IC, *pair(kernel)
        self.settings = pair(stride), pair(padding), pair(dilation)
        self.x_shape = N, IC, *pair(image)
        self.out_shape = N, OC, *(
            (extent + 2 * p - d * (k - 1) - 1) // s + 1
            for extent, k, s, p, d in zip(pair(image), pair(kernel), *self.settings))
        self.bias_shape = None if nobias else (OC,)
        self.terms = {"out": IC * np.prod(pair(kernel)) + 1, "dx": OC * np.prod(pair(kernel)),
                      "dweight": np.prod(self.out_shape) // OC, "dbias": np.prod(self.out_shape) // OC}
        self.cost = np.prod(self.out_shape) * IC * np.prod(pair(kernel))

    def arrays(self, dtype):
        """x, weight, bias and dout; the same numbers in every run."""
        rng = np.random.default_rng(SEED)
        shapes = self.x_shape, self.weight_shape, self.bias_shape, self.out_shape
        return [None if shape is None else rng.standard_normal(shape).astype(dtype) for shape in shapes]


def pair(text):
    numbers = tuple(map(int, text.split("x")))
    return numbers if len(numbers) == 2 else numbers * 2


@lru_cache(maxsize=None)
def case(name):
    return Case(name)
