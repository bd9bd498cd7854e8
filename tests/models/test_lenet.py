"""LeNet-5 from the first logits to the last step of training, against PyTorch and numbers that were stored."""
import numpy as np
import pytest
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("LeNet in plain Python takes minutes", allow_module_level=True)

import numbacnn as nc
from conftest import SEED
from numbacnn import nn, optim
from numbacnn.models import LeNet5

SHAPES = {"conv1.weight": (6, 1, 5, 5), "conv1.bias": (6,), "conv2.weight": (16, 6, 5, 5), "conv2.bias": (16,),
          "fc1.weight": (120, 400), "fc1.bias": (120,), "fc2.weight": (84, 120), "fc2.bias": (84,),
          "fc3.weight": (10, 84), "fc3.bias": (10,)}
IMAGES = 40  # no multiple of the images in a number
SGD = {"lr": 0.05, "momentum": 0.9}
STEPS = 10
#: from PyTorch in float64: the logits of the first two images, and the losses of ten steps
LOGITS = [
    [1.1901099, -1.6096096, 5.1218984, 1.0835225, 5.1638476, 1.2353291, -0.7536801, -0.7653616, -1.9333639, -0.9311941],
    [1.2940596, -1.7440592, 5.2304833, 0.8771758, 5.3457734, 1.0841755, -0.9450266, -0.7927091, -2.3803107, -0.9250204]]
LOSSES = [5.7364223, 5.8953866, 6.3447885, 4.1458756, 3.3225126, 3.0153136, 3.5979542, 2.5465731, 2.522948, 2.4392073]
# every step multiplies what was rounded before: PyTorch in float32 is 2e-6 away from these numbers
CLOSE = {"rtol": 0, "atol": 1e-5}


def weights(dtype=np.float32):
    """Weights that depend on no library's initialization."""
    draw = np.random.default_rng(SEED)
    return {name: (draw.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))).astype(np.float32).astype(dtype)
            for name, shape in SHAPES.items()}


def batch(count=IMAGES, dtype=np.float32):
    draw = np.random.default_rng(SEED + 1)
    return draw.random((count, 1, 28, 28), np.float32).astype(dtype), draw.integers(0, 10, count)


def pytorch_run(torch, dtype):
    """Logits before, and losses during ten steps of SGD, of the same network in PyTorch."""
    network = torch.nn.Sequential()
    layers = torch.nn
    for name, layer in (
            ("conv1", layers.Conv2d(1, 6, 5, padding=2)), ("relu1", layers.ReLU()), ("pool1", layers.MaxPool2d(2)),
            ("conv2", layers.Conv2d(6, 16, 5)), ("relu2", layers.ReLU()), ("pool2", layers.MaxPool2d(2)),
            ("flatten", layers.Flatten()), ("fc1", layers.Linear(400, 120)), ("relu3", layers.ReLU()),
            ("fc2", layers.Linear(120, 84)), ("relu4", layers.ReLU()), ("fc3", layers.Linear(84, 10))):
        network.add_module(name, layer)
    network.load_state_dict({name: torch.tensor(array) for name, array in weights(dtype).items()}, assign=True)
    return run(network, torch.nn.functional.cross_entropy, torch.optim.SGD, torch.tensor, batch(dtype=dtype))


def run(network, cross_entropy, Optimizer, tensor, data):
    """Train with either library: these lines are valid in both."""
    x, target = map(tensor, data)
    optimizer = Optimizer(network.parameters(), **SGD)
    logits, losses = network(x).detach().numpy(), []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = cross_entropy(network(x), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return logits, losses


def lenet():
    network = LeNet5()
    network.load_state_dict({name: nc.tensor(array) for name, array in weights().items()})
    return network


@pytest.fixture(scope="module")
def ours():
    return run(lenet(), nn.functional.cross_entropy, optim.SGD, nc.tensor, batch())


def test_shapes_are_lenets():
    assert {name: tuple(param.shape) for name, param in LeNet5().named_parameters()} == SHAPES


def test_stored_numbers(ours):
    logits, losses = ours
    np.testing.assert_allclose(logits[:2], LOGITS, **CLOSE)
    np.testing.assert_allclose(losses, LOSSES, **CLOSE)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equals_pytorch(ours, torch, dtype):
    logits, losses = pytorch_run(torch, dtype)
    np.testing.assert_allclose(ours[0], logits, **CLOSE)
    np.testing.assert_allclose(ours[1], losses, **CLOSE)


def trained(steps, seed=SEED):
    """All weights after some steps from an initialization of our own, as one array."""
    nc.manual_seed(seed)
    network, (x, target) = LeNet5(), map(nc.tensor, batch())
    optimizer = optim.SGD(network.parameters(), **SGD)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(x), target).backward()
        optimizer.step()
    return np.concatenate([param.detach().numpy().ravel() for param in network.parameters()])


def test_the_same_seed_gives_the_same_bits_on_one_and_two_threads(threads):
    if config.NUMBA_NUM_THREADS < 2:
        pytest.skip("this computer has one thread")
    results = []
    for number in (1, 2, 2):
        threads(number)
        results.append(trained(20))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[1], results[2])
    assert (trained(1, seed=SEED + 1) != trained(1)).any()


def test_overfits_16_images():
    """Noise with random labels can only be learned by heart, and 61,706 parameters have room for 16 images."""
    nc.manual_seed(SEED)
    network, (x, target) = LeNet5(), map(nc.tensor, batch(16))
    optimizer = optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(150):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(x), target)
        loss.backward()
        optimizer.step()
    assert (network(x).detach().numpy().argmax(axis=1) == target.numpy()).all()
    assert loss.item() < 0.1
