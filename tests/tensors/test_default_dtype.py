"""`set_default_dtype`: what is made of Python floats has PyTorch's dtype, and a network trained in float64 PyTorch's numbers."""
import numpy as np
import pytest
from numpy.testing import assert_allclose
from PIL import Image

import numbacnn as nc
from numbacnn.vision.transforms.functional import to_tensor


@pytest.fixture(params=["float32", "float64"])
def both(request):
    """PyTorch and numbacnn with the same default, which is float32 again afterwards."""
    torch = pytest.importorskip("torch")
    for library in (torch, nc):
        library.set_default_dtype(getattr(library, request.param))
    yield torch, nc
    for library in (torch, nc):
        library.set_default_dtype(library.float32)


MADE = {
    "tensor of floats": lambda m: m.tensor([1.5, 2]),
    "tensor of a float": lambda m: m.tensor(0.1),
    "tensor of nothing": lambda m: m.tensor([]),
    "tensor of ints": lambda m: m.tensor([1, 2]),
    "tensor of a float32 array": lambda m: m.tensor(np.ones(2, np.float32)),
    "Tensor of sizes": lambda m: m.Tensor(2, 3).zero_(),
    "Tensor of a list": lambda m: m.Tensor([1, 2]),
    "Tensor of nothing": lambda m: m.Tensor(),
    "FloatTensor": lambda m: m.FloatTensor([1, 2]),
    "DoubleTensor": lambda m: m.DoubleTensor([1, 2]),
    "zeros": lambda m: m.zeros(2),
    "ones of float32": lambda m: m.ones(2, dtype=m.float32),
    "zeros of Python's float": lambda m: m.zeros(2, dtype=float),
    "full of a float": lambda m: m.full((2,), 1.5),
    "full of an int": lambda m: m.full((2,), 1),
    "zeros_like of float32": lambda m: m.zeros_like(m.ones(2, dtype=m.float32)),
    "eye": lambda m: m.eye(2),
    "arange of floats": lambda m: m.arange(0, 1, 0.1),
    "arange of ints": lambda m: m.arange(3),
    "linspace": lambda m: m.linspace(0, 1, 7),
    "logspace": lambda m: m.logspace(0, 1, 7),
    "rand": lambda m: m.rand(2) * 0,
    "randn": lambda m: m.randn(2) * 0,
    "normal": lambda m: m.normal(0.0, 0.0, (2,)),
    "ints by ints": lambda m: m.tensor([1, 2]) / 3,
    "ints times a float": lambda m: m.tensor([1, 2]) * 0.1,
    "root of ints": lambda m: m.tensor([1, 2]).sqrt(),
    "arctangent of ints": lambda m: m.atan2(m.tensor([1, 2]), m.tensor([3, 4])),
    "where of numbers": lambda m: m.where(m.tensor([True, False]), 0.1, 0.2),
    "float32 times a float": lambda m: m.ones(2, dtype=m.float32) * 0.1,
    "int64 and float32": lambda m: m.tensor([1, 2]) + m.ones(2, dtype=m.float32),
    "type of Tensor": lambda m: m.tensor([1, 2]).type(m.Tensor),
    "type of torch.FloatTensor": lambda m: m.tensor([1, 2]).type("torch.FloatTensor"),
    "float()": lambda m: m.tensor([1.5]).float(),
    "new_tensor of floats": lambda m: m.ones(2, dtype=m.float32).new_tensor([1.5]),
    "weight of a layer": lambda m: m.nn.Linear(2, 3).weight * 0,
    "statistics of a layer": lambda m: m.nn.BatchNorm2d(2).running_var,
    "prune mask": lambda m: m.nn.PReLU().weight,
}


@pytest.mark.parametrize("name", MADE)
def test_numbers_and_dtype_are_those_of_pytorch(both, name):
    theirs, ours = (MADE[name](library) for library in both)
    assert str(theirs.dtype).rpartition(".")[2] == ours.dtype.name
    assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=2 * np.finfo(ours.dtype).eps if ours.dtype.kind == "f" else 0)


def test_the_default_is_told(both):
    torch, _ = both
    assert nc.get_default_dtype().name == str(torch.get_default_dtype()).rpartition(".")[2]
    assert nc.finfo().eps == torch.finfo().eps
    for number in (0.5, 1):
        assert repr(nc.tensor(number)) == repr(torch.tensor(number))
        for kind in ("float32", "float64"):
            text = repr(torch.tensor(number, dtype=getattr(torch, kind)))
            assert repr(nc.tensor(number, dtype=getattr(nc, kind))) == text.replace("torch.", "numbacnn.")


def test_a_picture_becomes_numbers_of_the_default(both):
    torch, _ = both
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    expected = torch.from_numpy(pixels).to(torch.get_default_dtype()).div(255)[None].numpy()  # what torchvision does
    found = to_tensor(Image.fromarray(pixels)).numpy()
    assert found.dtype == expected.dtype
    assert_allclose(found, expected, rtol=np.finfo(found.dtype).eps)


def test_the_old_way_to_choose(both):
    nc.set_default_tensor_type("torch.DoubleTensor")
    assert nc.ones(1).dtype == nc.float64
    nc.set_default_tensor_type(nc.FloatTensor)
    assert nc.ones(1).dtype == nc.float32


@pytest.mark.parametrize("choose, error, message", [
    (lambda: nc.set_default_dtype(nc.int64), TypeError, "only floating point types are supported"),
    (lambda: nc.set_default_dtype("half"), TypeError, "not offered"),
    (lambda: nc.set_default_tensor_type("torch.cuda.FloatTensor"), NotImplementedError, "only FloatTensor and DoubleTensor")])
def test_other_defaults_are_refused(choose, error, message):
    with pytest.raises(error, match=message):
        choose()
    assert nc.get_default_dtype() == nc.float32


OPTIMIZERS = {
    "SGD": lambda m, params: m.optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=5e-4),
    "Adam": lambda m, params: m.optim.Adam(params, lr=1e-3, betas=(0.5, 0.999), weight_decay=1e-4),
    "Adam, large eps": lambda m, params: m.optim.Adam(params, lr=1e-2, eps=1e-2, amsgrad=True),
    "AdamW": lambda m, params: m.optim.AdamW(params, lr=1e-3),
    "RMSprop": lambda m, params: m.optim.RMSprop(params, lr=1e-3, momentum=0.5, centered=True),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("both", ["float64"], indirect=True)
def test_training_in_float64_gives_pytorchs_numbers(both, optimizer):
    torch, _ = both
    rng = np.random.default_rng(1)
    images, labels = rng.normal(size=(4, 6, 3, 8, 8)), rng.integers(0, 5, (4, 6))
    weights, runs = None, []
    for m in both:
        net = m.nn.Sequential(m.nn.Conv2d(3, 8, 3, padding=1, bias=False), m.nn.BatchNorm2d(8), m.nn.PReLU(), m.nn.MaxPool2d(2),
                              m.nn.Conv2d(8, 8, 3, groups=2), m.nn.LeakyReLU(0.2), m.nn.AdaptiveAvgPool2d(1), m.nn.Flatten(),
                              m.nn.Linear(8, 5))
        weights = weights or [p.detach().numpy().copy() for p in net.parameters()]
        with m.no_grad():
            for p, numbers in zip(net.parameters(), weights):
                p.copy_(m.tensor(numbers))
        steps, losses = OPTIMIZERS[optimizer](m, net.parameters()), []
        for x, y in zip(images, labels):
            steps.zero_grad()
            loss = m.nn.functional.cross_entropy(net(m.tensor(x)), m.tensor(y))
            loss.backward()
            steps.step()
            losses.append(loss.item())
        runs.append((losses, [p.detach().numpy() - start for p, start in zip(net.parameters(), weights)]))
    (their_losses, theirs), (our_losses, ours) = runs
    assert_allclose(our_losses, their_losses, rtol=1e-12)
    for moved, expected in zip(ours, theirs):
        assert_allclose(moved, expected, rtol=0, atol=1e-9 * np.abs(expected).max())
