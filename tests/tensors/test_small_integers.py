"""int8 and int16: names, what they become in sums and with other dtypes, and in files."""
import numpy as np
import pytest

import numbacnn as nc

SMALL = ["int8", "int16"]


@pytest.mark.parametrize("dtype, method, typed_name", [("int8", "char", "CharTensor"), ("int16", "short", "ShortTensor")])
def test_names(dtype, method, typed_name):
    wanted = getattr(nc, dtype)
    x = nc.tensor([-3, 5], dtype=wanted)
    assert x.dtype == wanted == np.dtype(dtype) and repr(x) == f"tensor([-3,  5], dtype=numbacnn.{dtype})"
    typed = getattr(nc, typed_name)
    for made in (getattr(nc.tensor([-3.9, 5.9]), method)(), typed([-3, 5]), nc.tensor([-3, 5]).type(typed), nc.tensor([-3, 5]).to(wanted)):
        assert nc.equal(made, x) and made.dtype == wanted and isinstance(made, typed)
    assert x.type() == f"torch.{typed_name}" and nc.iinfo(wanted).max == np.iinfo(dtype).max
    assert nc.ones(2, 3, dtype=wanted).shape == (2, 3) and nc.short is nc.int16


@pytest.mark.parametrize("dtype", SMALL)
def test_what_it_becomes(dtype):
    x = nc.tensor([100, 100], dtype=getattr(nc, dtype))
    wide = "int16" if dtype == "int8" else dtype
    assert (x.sum().item(), x.sum().dtype, x.prod().item(), x.cumsum(0).tolist()) == (200, nc.int64, 10_000, [100, 200])
    assert [(x + y).dtype.name for y in (1, x, nc.ones(2, dtype=nc.uint8), nc.ones(2, dtype=nc.int32), nc.tensor(1), 1.5, x > 0)] == [
        dtype, dtype, wide, "int32", dtype, "float32", dtype]
    assert (x / 2).tolist() == [50.0, 50.0] and (x + x).tolist() == ([-56, -56] if dtype == "int8" else [200, 200])  # as in PyTorch
    assert x.cumsum(0, dtype=x.dtype).dtype == x.sum(dtype=x.dtype).dtype == dtype


@pytest.mark.parametrize("dtype", SMALL)
def test_files_keep_the_dtype(dtype, tmp_path):
    x = nc.tensor([-3, 0, 5], dtype=getattr(nc, dtype))
    nc.save({"x": x, "kind": x.dtype}, tmp_path / "x.pth")
    found = nc.load(tmp_path / "x.pth")
    assert found["x"].dtype == dtype and found["kind"] == dtype and nc.equal(found["x"], x)


def test_layers_refuse_them_by_name():
    with pytest.raises(TypeError, match="expected floating point input, got int16"):
        nc.nn.functional.conv2d(nc.ones(1, 1, 3, 3, dtype=nc.int16), nc.ones(1, 1, 2, 2))


@pytest.mark.parametrize("bounds", [(0.0, -8.000001, -4.0), (0.5, 3.2), (5,), (2, 9, 3)])
def test_arange_counts_with_the_fractions_and_steps_without(bounds):
    """Of int64 PyTorch cuts the fractions off first."""
    start, end, step = (*bounds, 1)[:3] if len(bounds) > 1 else (0, *bounds, 1)
    count = int(np.ceil((end - start) / step))
    for dtype in (nc.int8, nc.int16, nc.int32, nc.uint8)[:None if step > 0 else 3]:
        assert nc.arange(*bounds, dtype=dtype).tolist() == [int(start) + int(step) * k for k in range(count)]
    assert nc.arange(*bounds, dtype=nc.int64).tolist() == [*range(int(start), int(end), int(step))]


def test_a_sum_by_letters_counts_in_int64():
    x = nc.full((3, 100), 100, dtype=nc.int8)
    assert nc.einsum("ij->i", x).tolist() == [10_000] * 3 and nc.einsum("ij->ji", x).dtype == nc.int8
    assert nc.einsum("ij,k->ki", x, nc.ones(2, dtype=nc.int8)).tolist() == [[10_000] * 3] * 2
    assert nc.einsum("ij,j->i", x, x[0]).dtype == nc.int8  # a product of Tensors stays
