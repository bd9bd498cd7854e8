"""Modules: registration, state, printing and containers, against PyTorch."""

import copy
from collections import OrderedDict

import numpy as np
import pytest

import numbacnn as nc
from numbacnn import nn

SEED = 20240229


@pytest.fixture(autouse=True)
def seeded():
    nc.manual_seed(SEED)


def network(nn, nc):
    """A class for either library: two convolutions, a shared layer, a buffer, a list."""
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 4, kernel_size=3, padding=1)
            self.features = nn.Sequential(OrderedDict(conv2=nn.Conv2d(4, 2, 3, bias=False), act=nn.ReLU()))
            self.pool = nn.MaxPool2d(2, 2)
            self.heads = nn.ModuleList([nn.Linear(8, 3), nn.Linear(8, 3), nn.Tanh()])
            self.again = self.conv1
            self.none = None
            self.register_buffer("seen", nc.zeros(2))
            self.register_buffer("unsaved", nc.ones(1), persistent=False)
            self.scale = nn.Parameter(nc.ones(2))

        def forward(self, x):
            x = self.pool(self.features(self.conv1(x)))
            x = x.view(-1, 8)
            return self.heads[2](self.heads[0](x) + self.heads[1](x)) * self.scale[0]

    return Net()


def both(torch):
    ours, theirs = network(nn, nc), network(torch.nn, torch)
    ours.load_state_dict({name: t.numpy() for name, t in theirs.state_dict().items()})
    return ours, theirs


def names(pairs):
    return [name for name, _ in pairs]


def test_names_and_their_order_equal_pytorch(torch):
    ours, theirs = both(torch)
    for method in ("named_parameters", "named_buffers", "named_modules", "named_children"):
        assert names(getattr(ours, method)()) == names(getattr(theirs, method)())
    assert names(ours.named_parameters(recurse=False)) == ["scale"]
    assert names(ours.named_parameters("net")) == names(theirs.named_parameters("net"))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for (name, mine), other in zip(ours.named_parameters(), theirs.parameters()):
        assert tuple(mine.shape) == tuple(other.shape), name
    assert len(list(ours.parameters())) == len(list(theirs.parameters()))
    assert len(list(ours.modules())) == len(list(theirs.modules()))
    assert ours.get_submodule("features.act") is ours.features.act
    assert dir(ours).count("conv1") == 1


def test_forward_and_backward_equal_pytorch(torch):
    ours, theirs = both(torch)
    images = np.random.default_rng(SEED).standard_normal((5, 3, 6, 6)).astype(np.float32)
    out, expected = ours(nc.tensor(images)), theirs(torch.tensor(images))
    np.testing.assert_allclose(out.detach().numpy(), expected.detach().numpy(), rtol=1e-4, atol=1e-5)
    (out * out).mean().backward()
    (expected * expected).mean().backward()
    for (name, mine), other in zip(ours.named_parameters(), theirs.parameters()):
        np.testing.assert_allclose(mine.grad.numpy(), other.grad.numpy(), rtol=1e-3, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("make", [
    lambda nn: nn.Conv2d(3, 8, 3), lambda nn: nn.Conv2d(3, 8, (3, 5), 2, 1, 2, bias=False),
    lambda nn: nn.Conv2d(1, 2, 3, padding="same"), lambda nn: nn.Conv2d(1, 2, 3, padding="valid"),
    lambda nn: nn.Conv2d(1, 2, (1, 2), padding=(0, 1)), lambda nn: nn.MaxPool2d(2),
    lambda nn: nn.MaxPool2d((3, 2), 2, 1),
    lambda nn: nn.AvgPool2d(2), lambda nn: nn.AvgPool2d((3, 2), stride=(2, 1), padding=1), lambda nn: nn.Linear(3, 4),
    lambda nn: nn.Linear(3, 4, bias=False), lambda nn: nn.LazyLinear(3), lambda nn: nn.LazyLinear(3, bias=False),
    lambda nn: nn.ReLU(), lambda nn: nn.ReLU(inplace=True), lambda nn: nn.Tanh(), lambda nn: nn.Flatten(),
    lambda nn: nn.Flatten(0, 2), lambda nn: nn.Identity(3, unused=4), lambda nn: nn.CrossEntropyLoss(),
    lambda nn: nn.Sequential(), lambda nn: nn.ModuleList(),
    lambda nn: nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Sequential(nn.Flatten(), nn.Linear(8, 2))),
    lambda nn: nn.ModuleList([nn.Sequential(nn.ReLU()), nn.Sequential(nn.ReLU()), nn.Tanh()]),
    lambda nn: nn.Sequential(nn.ReLU(), nn.Tanh(), nn.ReLU())[1:], lambda nn: nn.Module(),
])
def test_repr_equals_pytorch(make, torch):
    assert repr(make(nn)) == repr(make(torch.nn))


def test_repr_of_networks_and_parameters_equals_pytorch(torch):
    ours, theirs = both(torch)
    assert repr(ours) == repr(theirs)
    assert repr(ours.scale) == repr(theirs.scale)
    assert repr(nn.LazyLinear(2).weight) == repr(torch.nn.LazyLinear(2).weight)


def test_extra_repr_of_several_lines_goes_above_the_children(torch):
    def make(nn):
        class Layer(nn.Module):
            def __init__(self, child):
                super().__init__()
                if child:
                    self.child = nn.ReLU()

            def extra_repr(self):
                return "first\nsecond"

        return repr(Layer(True)), repr(Layer(False))

    assert make(nn) == make(torch.nn)


# ---- state

def test_loading_lists_every_complaint_as_pytorch_does_and_changes_nothing(torch):
    ours, theirs = both(torch)
    before = {name: t.tolist() for name, t in ours.state_dict().items()}
    state = ours.state_dict()
    state["extra"] = nc.ones(1)
    state["scale"] = nc.ones(3)
    del state["conv1.bias"]
    state["conv1.weight"] = nc.zeros(4, 3, 3, 3)
    with pytest.raises(RuntimeError) as mine:
        ours.load_state_dict(state)
    with pytest.raises(RuntimeError) as other:
        theirs.load_state_dict({name: torch.tensor(t.numpy()) for name, t in state.items()})
    assert str(mine.value).replace("numbacnn.Size", "torch.Size") == str(other.value)
    assert {name: t.tolist() for name, t in ours.state_dict().items()} == before


def test_loading_what_fits_if_not_strict():
    layer = nn.Linear(2, 1)
    report = layer.load_state_dict({"weight": nc.tensor([[1.0, 2.0]]), "other": nc.ones(1)}, strict=False)
    assert report == (["bias"], ["other"]) and report.missing_keys == ["bias"]
    assert layer.weight.tolist() == [[1.0, 2.0]]
    with pytest.raises(TypeError, match="dict"):
        layer.load_state_dict([1])
    with pytest.raises(RuntimeError, match="weight: expected a Tensor, got int"):
        layer.load_state_dict({"weight": 1, "bias": nc.ones(1)})
    with pytest.raises(RuntimeError, match="bias: expected numbers, got an array of <U1"):
        layer.load_state_dict({"weight": np.zeros((1, 2)), "bias": np.array(["1"])})
    assert layer.weight.tolist() == [[1.0, 2.0]]


def test_the_state_of_a_pytorch_layer_is_copied(torch):
    theirs, ours = torch.nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    theirs(torch.randn(4, 3))
    ours.load_state_dict(theirs.state_dict())
    before = {name: values.numpy().copy() for name, values in theirs.state_dict().items()}
    assert {name: values.tolist() for name, values in ours.state_dict().items()} == {name: v.tolist() for name, v in before.items()}
    ours.running_mean.add_(1)
    assert (theirs.running_mean.numpy() == before["running_mean"]).all()
    with pytest.raises(RuntimeError, match="weight: .*requires grad.*\n.*bias: .*BFloat16"):
        ours.load_state_dict({"weight": theirs.weight, "bias": torch.ones(3, dtype=torch.bfloat16)}, strict=False)


def test_state_shares_memory_and_loading_copies():
    layer = nn.Linear(2, 1)
    state = layer.state_dict()
    with nc.no_grad():
        layer.weight.fill_(3)
    assert state["weight"].tolist() == [[3.0, 3.0]] and not state["weight"].requires_grad
    other = nn.Linear(2, 1)
    other.load_state_dict(state)
    layer.weight.data = nc.zeros(1, 2)
    assert other.weight.tolist() == [[3.0, 3.0]]


def test_a_copy_is_independent():
    net = network(nn, nc)
    twin = copy.deepcopy(net)
    with nc.no_grad():
        net.scale.fill_(5)
    assert twin.scale.tolist() == [1.0, 1.0] and isinstance(twin.scale, nn.Parameter)
    assert twin.again is twin.conv1


def test_train_eval_freeze_apply_and_conversion():
    net = network(nn, nc)
    assert net.training and net.eval() is net and not any(m.training for m in net.modules())
    assert net.train().features.act.training
    net.requires_grad_(False)
    assert not any(p.requires_grad for p in net.parameters())
    seen = []
    assert net.apply(lambda module: seen.append(type(module).__name__)) is net
    assert seen[-1] == "Net" and seen.count("Linear") == 2
    assert net.double().scale.dtype == nc.float64 and net.seen.dtype == nc.float64
    assert net.float().scale.dtype == nc.float32 and net.to("cpu") is net
    with pytest.raises(RuntimeError, match="CPU"):
        net.to("cuda")


def test_zero_grad():
    layer = nn.Module()
    layer.weight = nn.Parameter(nc.ones(2))
    (layer.weight * 3).sum().backward()
    array = layer.weight.grad.numpy()
    layer.zero_grad(set_to_none=False)
    assert array.tolist() == [0.0, 0.0] and layer.weight.grad is not None
    layer.zero_grad()
    assert layer.weight.grad is None


def test_hooks_see_and_replace_and_can_be_removed():
    layer, seen = nn.Identity(), []
    before = layer.register_forward_pre_hook(lambda module, args: (args[0] + 1,))
    after = layer.register_forward_hook(lambda module, args, out: seen.append((args[0].item(), out.item())))
    assert layer(nc.tensor(1.0)).item() == 2.0 and seen == [(2.0, 2.0)]
    after.remove()
    after.remove()
    with layer.register_forward_hook(lambda module, args, out: out * 10):
        assert layer(nc.tensor(1.0)).item() == 20.0
    before.remove()
    assert layer(nc.tensor(1.0)).item() == 1.0 and len(seen) == 1


def test_attributes_move_between_kinds():
    module = nn.Module()
    module.thing = 1
    module.thing = nn.Parameter(nc.ones(1))
    assert "thing" in dict(module.named_parameters()) and "thing" not in vars(module)
    module.thing = nn.ReLU()
    assert "thing" not in dict(module.named_parameters()) and "thing" in dict(module.named_children())
    module.thing = None
    assert module.thing is None and list(module.children()) == []
    del module.thing
    with pytest.raises(AttributeError, match="'Module' object has no attribute 'thing'"):
        module.thing
    module.plain = nc.ones(1)
    assert list(module.parameters()) == [] and list(module.buffers()) == []


class Unfinished(nn.Module):
    def __init__(self):
        self.layer = nn.ReLU()


@pytest.mark.parametrize("attempt, error, words", [
    (lambda: Unfinished(), AttributeError, r"before super\(\).__init__\(\) in Unfinished"),
    (lambda: nn.Module()(1), NotImplementedError, "forward"),
    (lambda: setattr(nn.Linear(1, 1), "weight", nc.ones(1, 1)), TypeError, "parameter 'weight'"),
    (lambda: setattr(network(nn, nc), "seen", 1), TypeError, "buffer 'seen'"),
    (lambda: nn.Module().register_buffer("a.b", None), KeyError, "empty or contain"),
    (lambda: nn.Module().register_buffer("a", 1), TypeError, "buffer"),
    (lambda: nn.Module().register_buffer("forward", None), KeyError, "already exists"),
    (lambda: nn.Module().register_parameter("a", nc.ones(1)), TypeError, "nn.Parameter"),
    (lambda: nn.Module().add_module("a", 1), TypeError, "Module subclass"),
    (lambda: nn.Module().add_module(1, nn.ReLU()), TypeError, "string"),
    (lambda: nn.Module().get_submodule("a.b"), AttributeError, "a.b"),
    (lambda: nn.Sequential(nn.ReLU())[1], IndexError, "has 1 modules"),
    (lambda: nn.Transformer, AttributeError, "nn.Transformer"),
])
def test_mistakes_are_named(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()


# ---- containers

def test_sequential_is_a_list_of_layers():
    a, b, c = nn.ReLU(), nn.Tanh(), nn.Identity()
    layers = nn.Sequential(a, b)
    assert layers.append(c) is layers and len(layers) == 3 and [*layers] == [a, b, c]
    assert layers[0] is a and layers[-1] is c and [*layers[1:]] == [b, c] and isinstance(layers[:1], nn.Sequential)
    layers[0] = c
    del layers[1]
    assert [*layers] == [c, c] and list(layers._modules) == ["0", "1"]
    layers.insert(1, a).extend([b])
    assert [*layers] == [c, a, c, b]
    named = nn.Sequential(OrderedDict(first=a, second=b))
    assert named.first is a and names(named.named_children()) == ["first", "second"]
    assert nn.Sequential(nn.Identity(), nn.Identity())(3) == 3


def test_module_list_is_found_by_the_network():
    layers = nn.ModuleList([nn.Linear(2, 2)])
    layers.extend([nn.Linear(2, 1)])
    assert names(layers.named_parameters()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert isinstance(layers[:1], nn.ModuleList) and len(layers[:1]) == 1
    with pytest.raises(NotImplementedError, match="forward"):
        layers(1)
