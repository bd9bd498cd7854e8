"""Tensors made from data or at random, how they print, and what Python sees of them."""

import subprocess
import sys

import numpy as np
import pytest

import numbacnn as nc

SEED = 20240229


@pytest.mark.parametrize("make", [
    lambda m: m.tensor([1.0, 2.0]), lambda m: m.tensor([1, 2]), lambda m: m.tensor(True), lambda m: m.tensor([]),
    lambda m: m.tensor([[1, 2.5]]), lambda m: m.tensor(np.array([1.0])), lambda m: m.tensor(np.float64(2)),
    lambda m: m.tensor([m.tensor(1.0), m.tensor(2.0)]), lambda m: m.tensor([1, 2], dtype=m.float64),
    lambda m: m.from_numpy(np.arange(3)), lambda m: m.as_tensor([1.0]), lambda m: m.zeros(2, 3),
    lambda m: m.ones((2, 3), dtype=m.int64), lambda m: m.zeros(()), lambda m: m.full((2,), 3),
    lambda m: m.full((2,), 3.0), lambda m: m.zeros_like(m.ones(2, dtype=m.float64)), lambda m: m.eye(2, 3),
    lambda m: m.arange(3), lambda m: m.arange(0, 1, 0.25), lambda m: m.arange(5, 1, -2), lambda m: m.linspace(0, 1, 5),
    lambda m: m.arange(3) + 1.5, lambda m: m.arange(3) / 2, lambda m: m.arange(3) + m.ones(3),
    lambda m: m.ones(2) + m.ones((), dtype=m.float64), lambda m: m.ones(2) + m.ones(2, dtype=m.float64),
    lambda m: m.arange(2) * m.tensor(2.0, dtype=m.float64), lambda m: m.tensor([True, False]) + 1,
    lambda m: m.ones(2) * 2 ** 0.5, lambda m: m.ones(2) > 0.5, lambda m: m.tensor([True, False]).sum(),
    lambda m: m.tensor([3, 1]) == m.tensor([3, 2]), lambda m: (m.ones(2) > 0) & (m.ones(2) < 0),
    lambda m: ~m.tensor([True, False]), lambda m: m.tensor([1.5, -1.5]).long(), lambda m: m.tensor([1, 0]).bool(),
    lambda m: m.ones(2, 3).argmax(), lambda m: m.tensor([[1, 3, 2]]).argmax(1), lambda m: m.ones(2, 3).argmin(0, True),
    lambda m: m.tensor([1.0, 0.0]).all(), lambda m: m.tensor([1.0, 0.0]).any(), lambda m: m.tensor([0.0]).log(),
    lambda m: m.tensor([1.0]) / 0, lambda m: m.cat([m.ones(1, 2), m.zeros(2, 2)]),
    lambda m: m.stack([m.ones(2), m.zeros(2)], 1), lambda m: m.exp(m.zeros(2)), lambda m: m.flatten(m.ones(2, 2)),
    lambda m: m.tensor([1.0, float("nan"), 2.0]).max(), lambda m: m.empty(0, 3).sum(),
    lambda m: m.tensor([1]).type(m.float), lambda m: m.ones_like(m.arange(2)),
    lambda m: m.full_like(m.ones(2), 3), lambda m: m.as_tensor(m.ones(2), dtype=m.int64),
    lambda m: m.tensor(1).flatten(),
    lambda m: m.tensor(1.5).max(0).values, lambda m: m.ones(2, 3).t(), lambda m: m.ones(1, 2, 1).squeeze((0, 2)),
    lambda m: m.ones(6).view_as(m.ones(2, 3)), lambda m: m.ones(2, 3).T.contiguous(), lambda m: abs(m.tensor([-1.0])),
    lambda m: (m.ones(2) > 0) | (m.ones(2) < 0), lambda m: m.tensor([2]).type_as(m.ones(1)).int(),
    lambda m: m.relu(-m.ones(2)),
    lambda m: m.tanh(m.ones(2)).double(), lambda m: m.ones(2) + np.float64(1.5),
    lambda m: m.tensor(0.0) ** m.tensor(2.0),
    lambda m: m.tensor([2, 3]).float().mean(), lambda m: m.tensor([1, 2]).pow(2), lambda m: m.ones(2).to("cpu").cpu(),
])
def test_value_and_dtype_equal_pytorch(make, torch):
    out, expected = make(nc), make(torch)
    assert str(out.dtype) == str(expected.dtype).removeprefix("torch.")
    assert tuple(out.shape) == tuple(expected.shape)
    np.testing.assert_array_equal(out.numpy(), expected.numpy())


def test_memory_is_shared_exactly_where_pytorch_shares_it():
    array = np.zeros(3, np.float32)
    shared, copied = nc.from_numpy(array), nc.tensor(array)
    array[0] = 1
    assert shared[0].item() == 1 and copied[0].item() == 0
    shared.view(3, 1).mul_(5)
    shared.detach().add_(1)
    assert array.tolist() == [6.0, 1.0, 1.0]
    assert np.shares_memory(nc.as_tensor(array).numpy(), array)


def test_the_same_seed_gives_the_same_numbers():
    def numbers():
        return [nc.rand(3), nc.randn((2, 2)), nc.randint(0, 10, (5,)), nc.randint(3, size=(2,)), nc.randperm(6),
                nc.zeros(3).uniform_(-1, 1), nc.zeros(3).normal_(2, 3)]

    nc.manual_seed(3)
    first = [t.tolist() for t in numbers()]
    state = nc.get_rng_state()
    later = nc.rand(4).tolist()
    nc.manual_seed(3)
    assert [t.tolist() for t in numbers()] == first
    nc.set_rng_state(state)
    assert nc.rand(4).tolist() == later
    own = nc.Generator().manual_seed(3)
    assert nc.rand(3, generator=own).tolist() == first[0]
    nc.manual_seed(4)
    assert nc.rand(3).tolist() != first[0]
    assert nc.initial_seed() == 4
    assert nc.Generator().manual_seed(-1).initial_seed() == -1


def test_random_numbers_follow_their_distribution():
    nc.manual_seed(SEED)
    even, normal, whole = nc.rand(20000), nc.randn(20000), nc.randint(2, 5, (20000,))
    assert even.min() >= 0 and even.max() < 1 and abs(even.mean() - 0.5) < 0.01
    assert abs(normal.mean()) < 0.03 and abs(normal.std() - 1) < 0.03
    assert sorted(set(whole.tolist())) == [2, 3, 4] and whole.dtype == nc.int64
    assert sorted(nc.randperm(50).tolist()) == list(range(50))


# ---- what Python sees

@pytest.mark.parametrize("make", [
    lambda m: m.tensor([1.0, 2.0]), lambda m: m.tensor(3), lambda m: m.tensor(3.25),
    lambda m: m.tensor([1.5, float("nan")]),
    lambda m: m.tensor([True]), lambda m: m.zeros(0, 3), lambda m: m.zeros(0),
    lambda m: m.tensor([1.0], dtype=m.float64),
    lambda m: m.tensor([1e-8, 1.0]), lambda m: m.zeros(2000), lambda m: m.tensor([1, 2], dtype=m.int32),
    lambda m: m.ones(2, 3, 4, 5), lambda m: m.arange(40), lambda m: m.arange(30) / 7,
    lambda m: m.arange(3000).view(50, 60),
    lambda m: m.tensor([1.0, 2000.0]), lambda m: m.tensor([1.0, 1e9]), lambda m: m.tensor([-1.5, 22.25]),
    lambda m: m.tensor([0.0, float("inf")]), lambda m: m.tensor([1.0, 2.0], requires_grad=True),
    lambda m: m.tensor([[1.5, 2.0]] * 2).sum(0, keepdim=True), lambda m: m.arange(1500).view(3, 500) / 3,
])
def test_repr_equals_pytorch(make, torch):
    assert repr(make(nc)) == repr(make(torch)).replace("torch.", "numbacnn.")


def test_repr_names_the_operation():
    x = nc.tensor([1.0, 2.0], requires_grad=True)
    assert repr(x + 1) == "tensor([2., 3.], grad_fn=<AddBackward0>)"
    assert repr(nc.ones(2, 3).shape) == "numbacnn.Size([2, 3])"
    assert repr(nc.device("cpu")) == "device(type='cpu')"


def test_numbers_lists_and_formats():
    x = nc.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert x.tolist() == [[1.0, 2.0], [3.0, 4.0]] and len(x) == 2 and [row.tolist() for row in x][1] == [3.0, 4.0]
    assert f"{nc.tensor(1.5):.3f}" == "1.500" and float(nc.tensor(2)) == 2.0 and int(nc.tensor(2.7)) == 2
    assert [10, 20, 30][nc.tensor(1)] == 20
    assert x.size() == (2, 2) and x.size(-1) == 2 and x.dim() == 2 and x.numel() == 4 and x.shape[:1].numel() == 2
    assert x.nelement() == 4 and x.is_floating_point() and x.contiguous() is x and x.data is not x
    assert nc.equal(nc.tensor(x), x) and not np.shares_memory(nc.tensor(x).numpy(), x.numpy())
    assert repr(x.dtype) == "dtype('float32')" and str(x.device) == "cpu" and x.device == nc.device("cpu")
    assert nc.rand_like(x).shape == nc.randn_like(x).shape == x.shape and x.to(float).dtype == nc.float64
    assert bool(nc.tensor([True])) and not bool(nc.tensor(0.0))
    assert (x == None) is False and x in {x: 1} and (x != 2).tolist() == [[True, False], [True, True]]  # noqa: E711
    np.testing.assert_array_equal(np.asarray(x), x.numpy())
    assert isinstance(np.ones(2) * x, nc.Tensor) and x.device.type == "cpu" and x.is_leaf
    assert nc.equal(x, x.clone()) and nc.allclose(x, x + 1e-9) and nc.is_tensor(x)


def test_everything_offered_can_be_had():
    numbacnn_free = ("data", "models", "nn", "optim", "plot", "train", "utils")
    for name in dir(nc):
        if name not in numbacnn_free and name != "newaxis":  # newaxis is None
            assert getattr(nc, name) is not None
    assert nc.__version__[0].isdigit() and not nc.cuda.is_available()


def test_import_is_light():
    code = "import sys, numbacnn; print([m for m in ('numpy', 'numba', 'matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_a_program_with_compiled_functions_of_its_own_ends_without_a_word():
    """Numba keeps the names of such a program, and with them its tensors, beyond those of the library's modules."""
    code = ("import numba, numbacnn as nc; layer = nc.nn.Linear(4, 4); out = layer(nc.zeros(4, 4)); "
            "plus_one = numba.njit(lambda x: x + 1); plus_one(1)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_from_numpy_refuses_the_bytes_of_another_machine():
    array = np.arange(3, dtype=np.float32)
    foreign = array.astype(array.dtype.newbyteorder())
    with pytest.raises(ValueError, match="order of another machine.*tensor"):
        nc.from_numpy(foreign)
    np.testing.assert_array_equal(nc.tensor(foreign).numpy(), array)


def test_out_is_written_to():
    """As PyTorch's first tutorial has it: `torch.matmul(a, b, out=c)`."""
    a, b = nc.ones(2, 2), nc.zeros(2, 2)
    assert nc.matmul(a, a, out=b) is b and b.tolist() == [[2, 2], [2, 2]]
    for ask, message in ((lambda: nc.mul(a, a, out=nc.zeros(3)), r"out has shape \(3,\), but the result has \(2, 2\)"),
                         (lambda: nc.exp(a, out=nc.zeros(2, 2, dtype=nc.int64)), "float32 and cannot be written to out of int64"),
                         (lambda: nc.exp(a.clone().requires_grad_(), out=b), "don't support automatic differentiation")):
        with pytest.raises(RuntimeError, match=message):
            ask()
    with pytest.raises(TypeError, match="out= takes a Tensor for a result that is one"):
        nc.max(a, 0, out=b)


@pytest.mark.parametrize("create, wanted", [
    (lambda **k: nc.zeros(3, **k), [0, 0, 0]), (lambda **k: nc.ones(3, **k), [1, 1, 1]), (lambda **k: nc.full((3,), 2, **k), [2, 2, 2]),
    (lambda **k: nc.arange(3, **k), [0, 1, 2]), (lambda **k: nc.linspace(0, 1, 3, **k), [0, 0.5, 1]),
    (lambda **k: nc.logspace(0, 2, 3, **k), [1, 10, 100])])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_made_goes_into_out(create, wanted, dtype):
    out = nc.full((3,), 7, dtype=getattr(nc, dtype))
    assert create(out=out) is out and out.tolist() == wanted and out.dtype == dtype


@pytest.mark.parametrize("create", [lambda **k: nc.rand(4, 5, **k), lambda **k: nc.randn(4, 5, **k), lambda **k: nc.randint(9, (4, 5), **k)])
def test_what_is_drawn_goes_into_out(create):
    out = nc.full((4, 5), 77.0)
    nc.manual_seed(3)
    assert create(out=out) is out
    nc.manual_seed(3)
    assert nc.equal(out, create(dtype=out.dtype)) and len(set(out.flatten().tolist())) > 3
    with pytest.raises(RuntimeError, match=r"out has shape \(5,\), but the result has \(4, 5\)"):
        create(out=nc.ones(5))
