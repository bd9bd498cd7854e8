"""trace: every operation of a forward pass, its numbers and its gradients, against the pass itself and against PyTorch."""
import numpy as np
import pytest
from tolerances import assert_close

import numbacnn as nc
from numbacnn import nn
from numbacnn.insight import trace
from numbacnn.models import build_model, own_sizes
from numbacnn.models.inputs import input_shape
from numbacnn.nn import functional as F
from numbacnn.tensors.listeners import listeners

MODELS = ("lenet5", "lenet5_1998", "resnet20", "tcn", "text_cnn", "conv3d")


def made(name, rng):
    """A model of the registry, two examples for it and their classes."""
    nc.manual_seed(7)
    sizes = own_sizes(name)
    shape = input_shape({"name": name, **sizes})
    x = rng.integers(0, 40, (2, *shape)) if name == "text_cnn" else rng.standard_normal((2, *shape)).astype(np.float32)
    return build_model(name, **sizes), x, np.array([1, 0])


def passed(model, x, target):
    """Output, loss, gradient of the input and gradients of the parameters of the plain pass."""
    data = nc.tensor(x)
    data.requires_grad_(data.dtype.kind == "f")
    out = model(data)
    loss = F.cross_entropy(out, nc.tensor(target))
    loss.backward()
    grads = {name: p.grad.numpy().copy() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    return out.detach().numpy(), loss.item(), None if data.grad is None else data.grad.numpy(), grads


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] if name in ("lenet5_1998", "tcn") else [])
                                  for name in MODELS])
def test_the_numbers_are_those_of_the_pass(name, training, rng):
    model, x, target = made(name, rng)
    model.train(training)
    before = {key: value.numpy().copy() for key, value in model.state_dict().items()}
    steps = trace(model, x, target)
    assert all((value.numpy() == before[key]).all() for key, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters()) and not listeners
    out, loss, dx, grads = passed(model, x, target)

    assert steps[0].kind == "input" and (steps[0].output == x).all()
    assert (steps[-2].output == out).all()
    assert steps[-1].name == "loss" and steps[-1].output == np.float32(loss)
    assert dx is None or (steps[0].gradient == dx).all()
    found = {f"{step.layer}.{weight}": gradient for step in steps for weight, gradient in step.weight_gradients.items()}
    for key, grad in grads.items():
        if key not in ("c3.weight",):  # there the filters are put together before they are read
            assert (found[key].reshape(grad.shape) == grad).all(), key
    assert len({step.name for step in steps}) == len(steps)
    assert all(read < k for k, step in enumerate(steps) for read in step.reads)


def test_the_steps_of_lenet(rng):
    model, x, target = made("lenet5", rng)
    model(nc.tensor(x)), model(nc.tensor(x))  # as one call from here on
    steps = trace(model.eval(), x)
    assert [step.kind for step in steps] == ["input", "conv2d", "relu", "max_pool2d", "conv2d", "relu", "max_pool2d", "flatten",
                                             "linear", "relu", "linear", "relu", "linear"]
    assert [step.name for step in steps[1:]] == [name for name, _ in model.named_children()] == [s.layer for s in steps[1:]]
    assert [step.reads for step in steps[1:]] == [(k,) for k in range(12)]
    assert steps[1].arguments == {"stride": (1, 1), "padding": (2, 2), "dilation": (1, 1), "groups": 1}
    assert steps[3].arguments["kernel"] == (2, 2) and steps[3].gradient is None
    assert (steps[4].weights["weight"] == model.conv2.weight.detach().numpy()).all()


class Own(nn.Module):
    """A network with all that a Sequential has not: branches, functions, views, numbers of its own."""

    def __init__(self):
        super().__init__()
        self.strided = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.dilated = nn.Conv2d(8, 8, (3, 1), dilation=2, padding=(2, 0), groups=4, bias=False)
        self.bn = nn.BatchNorm2d(8)
        self.act = nn.ReLU()
        self.gamma = nn.Parameter(nc.full((8, 1, 1), 0.7))
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        a = self.act(self.bn(self.strided(x)))
        b = F.relu(self.dilated(a), inplace=True) * self.gamma
        c = nc.cat([a + b, 2 * a], 1)
        d = F.max_pool2d(c, 3, 2, padding=1)
        return self.fc(self.act(d).mean((2, 3)).view(-1, 16))


def own_in_pytorch(torch, model, x, target, training):
    """A forward and backward pass in PyTorch, with the gradient of every number in between."""
    T = torch.nn.functional
    p = {name: torch.tensor(value.numpy().copy()) for name, value in model.state_dict().items()}
    weights = {name: value.requires_grad_() for name, value in p.items() if "running" not in name and "num" not in name}
    kept = {}

    def keep(name, value):
        value.retain_grad()
        kept[name] = value
        return value

    x = torch.tensor(x, requires_grad=True)
    s = keep("strided", T.conv2d(x, p["strided.weight"], p["strided.bias"], 2, 1))
    n = keep("bn", T.batch_norm(s, p["bn.running_mean"].clone(), p["bn.running_var"].clone(), p["bn.weight"], p["bn.bias"],
                                training))
    a = keep("act", T.relu(n))
    dil = keep("dilated", T.conv2d(a, p["dilated.weight"], None, 1, (2, 0), 2, 4))
    r = keep("relu", T.relu(dil))
    b = keep("mul", r * p["gamma"])
    added, doubled = keep("add", a + b), keep("mul (2)", 2 * a)
    c = keep("cat", torch.cat([added, doubled], 1))
    d = keep("max_pool2d", T.max_pool2d(c, 3, 2, 1))
    m = keep("mean", keep("act (2)", T.relu(d)).mean((2, 3)))
    out = keep("fc", T.linear(keep("view", m.view(-1, 16)), weights["fc.weight"], p["fc.bias"]))
    T.cross_entropy(out, torch.tensor(target)).backward()
    return x, kept, weights


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
def test_a_network_of_ones_own_beside_pytorch(training, rng, torch):
    nc.manual_seed(3)
    model, x, target = Own().train(training), rng.standard_normal((2, 3, 9, 11)).astype(np.float32), np.array([4, 0])
    steps = {step.name: step for step in trace(model, x, target)}
    image, kept, weights = own_in_pytorch(torch, model, x, target, training)
    names = [step for step in steps if step not in ("input", "loss", "view")]
    assert set(names) == set(kept) - {"view"}  # two dimensions of one size already: no view is taken
    for name in names:
        assert_close(steps[name].output, kept[name].detach().numpy(), terms=30, roundings=6)
        assert_close(steps[name].gradient, kept[name].grad.numpy(), terms=30, roundings=6)
    assert_close(steps["input"].gradient, image.grad.numpy(), terms=72, roundings=6)
    for key, weight in weights.items():
        layer, _, name = key.rpartition(".")
        step = steps[layer or "mul"]  # before a batch normalization that measures, a bias has the gradient 0 but for rounding
        assert_close(step.weight_gradients[name], weight.grad.numpy(), 72, 6, size=np.abs(step.gradient).max())
    assert steps["dilated"].arguments == {"stride": (1, 1), "padding": (2, 0), "dilation": (2, 2), "groups": 4}
    order = [*steps]
    assert [order[k] for k in steps["cat"].reads] == ["add", "mul (2)"]
    assert [order[k] for k in steps["add"].reads] == ["act", "mul"]
    assert steps["mul (2)"].weights["other"] == 2 and "bias" not in steps["dilated"].weights


def test_changes_in_place_are_followed(rng):
    class InPlace(nn.Module):
        def forward(self, x):
            y = x * 3
            row = y[:, 0]
            y.add_(1)
            row.mul_(2)
            return (y + row[:, None]).sum(2)

    x = rng.standard_normal((2, 4, 5)).astype(np.float32)
    steps = trace(InPlace(), x, [1, 2])
    y = x * 3 + 1
    y[:, 0] *= 2
    assert_close(steps[-2].output, (y + y[:, :1]).sum(2), terms=10)
    plus = next(step for step in steps if step.kind == "add" and len(step.reads) == 2)
    assert (steps[plus.reads[0]].output == y).all()
    d = passed(InPlace(), x, np.array([1, 2]))[2]
    assert (steps[0].gradient == d).all()


def test_what_is_no_step_and_what_is_one(rng):
    class Mixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.off, self.drop, self.w = nn.Dropout(0.5), nn.Dropout(0.5), nn.Parameter(nc.ones(3, 3))

        def forward(self, x):
            w = self.w.exp() + 1  # of weights alone
            return self.drop(self.off(x) @ w) * (x > 0)

    model = Mixed()
    model.off.eval()
    x = rng.standard_normal((2, 3)).astype(np.float32)
    nc.manual_seed(5)
    steps = trace(model, x, [0, 1])
    assert [(step.name, step.kind) for step in steps[:2]] == [("input", "input"), ("off", "identity")]
    assert "exp" not in [step.kind for step in steps]
    drop = next(step for step in steps if step.name == "drop")
    assert drop.kind == "dropout" and drop.arguments["p"] == 0.5
    assert (steps[-2].output == model(nc.tensor(x)).detach().numpy()).all()  # the same random numbers: the generator stands where it stood
    assert steps[1].gradient.shape == (2, 3)


def test_a_weight_read_twice_gets_two_gradients(rng):
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(4, 4)

        def forward(self, x):
            return self.fc(self.fc(x))

    model, x = Twice(), rng.standard_normal((3, 4)).astype(np.float32)
    steps = trace(model, x, [0, 1, 2])
    _, _, _, grads = passed(model, x, np.array([0, 1, 2]))
    assert [step.name for step in steps] == ["input", "fc", "fc (2)", "loss"]
    assert_close(sum(step.weight_gradients["weight"] for step in steps[1:3]), grads["fc.weight"], terms=3)
    model.fc.weight.requires_grad_(False)
    assert "weight" not in trace(model, x, [0, 1, 2])[1].weight_gradients


def test_what_cannot_be_traced_is_refused(rng):
    x = rng.standard_normal((2, 1, 28, 28)).astype(np.float32)
    with pytest.raises(ValueError, match=r"output must be \(N, classes\), not \(2, 6, 24, 24\)"):
        trace(nn.Conv2d(1, 6, 5), x, [0, 1])
    with pytest.raises(TypeError, match="must return one Tensor, not tuple"):
        trace(nn.MaxPool2d(2, return_indices=True), x)
    with pytest.raises(ValueError, match="no gradient leads back"):
        trace(nn.Embedding(3, 2).requires_grad_(False), np.array([1, 2]), [0, 1])
    assert not listeners
