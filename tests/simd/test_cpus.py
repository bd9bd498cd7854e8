"""The loops on CPUs with narrower registers than this one's, or without fused multiply-add; all other tests run on this one."""
import os
import platform
import subprocess
import sys

import pytest
from numba.core import config

from numbacnn.simd.choice import CPU

CPUS = {  # name: (LLVM's name of a CPU, its features, images a number)
    "avx2": ("haswell", "+avx,+avx2,+fma", 16),
    "plain": ("nehalem", "+sse2,+sse4.2", 8),
}
SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
import numpy as np
import reference
from numbacnn.engine import tiles
from numbacnn.engine.batch import pack
from numbacnn.simd.choice import CPU, L

rng = np.random.default_rng(0)
for N, IC, OC, H, K, stride, padding in ((9, 1, 6, 9, 5, 1, 2), (20, 6, 16, 8, 3, 2, 1), (20, 20, 32, 5, 3, 1, 1)):
    settings = (stride, stride), (padding, padding), (1, 1)
    x, weight = rng.standard_normal((N, IC, H, H)), rng.standard_normal((OC, IC, K, K))
    bias = rng.standard_normal(OC)
    expected = reference.conv2d_forward(x, weight, bias, *settings)
    dout = rng.standard_normal(expected.shape)
    single = lambda array: array.astype(np.float32)
    xs, ws = pack(single(x)), single(weight)
    out = tiles.conv2d_forward(xs, ws, single(bias), *settings).numpy()
    dx, dweight, dbias = tiles.conv2d_backward(pack(single(dout)), xs, ws, *settings, (True,) * 3)
    pairs = [(out, expected),
             (dx.numpy(), reference.conv2d_backward_input(dout, weight, *settings, x.shape)),
             (dweight.numpy(), reference.conv2d_backward_weight(dout, x, *settings, weight.shape)),
             (dbias.numpy(), reference.conv2d_backward_bias(dout))]
    for actual, twin in pairs:
        np.testing.assert_allclose(actual, twin, atol=2e-5 * abs(twin).max())
print(CPU, L)
"""


@pytest.mark.slow
@pytest.mark.skipif(config.DISABLE_JIT, reason="there is nothing to compile for")
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="compiles for x86")
@pytest.mark.parametrize("name", [name for name in CPUS if name != CPU])
def test_convolution_on_another_cpu(name):
    cpu, features, L = CPUS[name]
    environment = {**os.environ, "NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": features}
    script = SCRIPT.format(tests=os.path.dirname(os.path.dirname(__file__)))
    done = subprocess.run([sys.executable, "-c", script], env=environment, text=True,
                          capture_output=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [name, str(L)]
