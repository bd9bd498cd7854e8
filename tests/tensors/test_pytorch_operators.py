"""PyTorch's own operator inputs: every function and method that numbacnn offers gives PyTorch's results, or refuses by name."""
import random

import numpy as np
import pytest

from operator_samples import CLEAN, NoSuchDtype, compare, forms

SEED = 20240229
SAMPLES, OF_A_LAYER = 6, 3  # of each operator and dtype, taken evenly from PyTorch's list; a layer compiles for each

#: operator -> (dtypes, what is refused there with a sentence); checked to be exactly what is
INDICES = ("float32", "return_indices=True where windows are of sizes of their own")
REFUSED = {
    "addbmm": ("float32 int64", "addbmm_, where PyTorch makes the Tensor itself larger"),
    "cov": ("float32 int64", "fweights and aweights"),
    "logspace": ("int64", "whole numbers"),
    "norm": ("float32", "the nuclear norm, which linalg.matrix_norm has"),
    "quantile": ("float32", "a gradient with respect to q"),
    "nn.functional.adaptive_max_pool1d": INDICES, "nn.functional.adaptive_max_pool2d": INDICES,
    "nn.functional.adaptive_max_pool3d": INDICES,
    "nn.functional.avg_pool2d": ("float32", "one number in a tuple for two dimensions"),
    "nn.functional.batch_norm": ("float32", "input without channels"),
    "nn.functional.grid_sample": ("float32", "volumes, and reflection"),
    "nn.functional.interpolate": ("float32", "modes bicubic and nearest-exact"),
    "nn.functional.multi_margin_loss": ("float32", "input without dimensions"),
    "nn.functional.triplet_margin_with_distance_loss": ("float32", "PyTorch's own function as the distance"),
}
#: what a layer says of whole numbers and bool; every one may
FLOATS_ONLY = "expected floating point input, got {dtype}"


def samples(torch, op, dtype):
    """Some of PyTorch's samples of an operator, the same ones on every run."""
    torch.manual_seed(SEED)
    np.random.seed(SEED)
    random.seed(SEED)
    tracked = dtype is torch.float32 and op.supports_autograd
    found = list(op.sample_inputs("cpu", dtype, requires_grad=tracked))
    wanted = OF_A_LAYER if op.name.startswith("nn.functional") else SAMPLES
    return found[::-(-len(found) // wanted) or 1]


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
@pytest.mark.parametrize("dtype", ["float32", "int64", "bool"])
def test_operators_give_what_pytorch_gives(dtype):
    torch = pytest.importorskip("torch")
    op_db = pytest.importorskip("torch.testing._internal.common_methods_invocations").op_db
    differ, refused, count = [], {}, 0
    for op in op_db:
        if not op.supports_dtype(getattr(torch, dtype), "cpu") or not forms(op):
            continue
        for sample in samples(torch, op, getattr(torch, dtype)):
            for ours, theirs in forms(op):
                count += 1
                try:
                    compare(torch, op, ours, theirs, sample)
                except AssertionError as error:
                    differ.append(f"{op.name}: {str(error)[:300]} | {sample.summary()[:300]}")
                except NoSuchDtype:
                    pass
                except CLEAN as error:
                    if dtype != "float32" and FLOATS_ONLY.format(dtype=dtype) in str(error):
                        continue
                    refused.setdefault(op.name, f"{type(error).__name__}: {error} | {sample.summary()[:200]}")
    assert not differ, f"{len(differ)} of {count} differ:\n" + "\n".join(differ)
    kept = {name for name, (dtypes, _) in REFUSED.items() if dtype in dtypes.split()}
    wrong = {name: text for name, text in refused.items() if name not in kept}
    assert not wrong, "refused, but not in the table:\n" + "\n".join(f"{name}: {text}" for name, text in wrong.items())
    assert kept == set(refused), f"in the table, but not refused: {kept - set(refused)}"
