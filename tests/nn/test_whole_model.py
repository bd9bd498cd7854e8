"""Whole Modules in files: the class by its name, the attributes as data, nothing that runs."""
import inspect
import json
from collections import OrderedDict

import numpy as np
import pytest
from safetensors.numpy import load as arrays_of
from safetensors.numpy import save as content_of

import numbacnn as nc
from numbacnn import nn
from numbacnn.nn.utils import weight_norm
from numbacnn.serialization import add_safe_globals, clear_safe_globals, get_safe_globals, safe_globals
from numbacnn.serialization.structure import KEY


class Net(nn.Module):
    """What programs keep in their networks."""

    def __init__(self, channels=3):
        super().__init__()
        self.conv = nn.Conv2d(1, channels, 3, padding=1)
        self.norm = nn.BatchNorm2d(channels)
        self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(4, 4), nn.ReLU()), nn.Identity()])
        self.same = self.blocks[0]
        self.layers = [self.blocks[1]]
        self.scale = nn.Parameter(nc.full((2,), 0.5))
        self.register_buffer("table", nc.arange(4))
        self.register_buffer("scratch", nc.ones(1), persistent=False)
        self.sizes, self.options, self.mean = (channels, 4), {"rate": 0.25, "names": ["a", "b"]}, nc.ones(2)

    def forward(self, x):
        return self.same(nn.functional.relu(self.norm(self.conv(x)))) * self.scale.sum()


class Tree(nn.Module):
    """A Module that may hold anything."""


@pytest.fixture(autouse=True)
def nothing_named():
    yield
    clear_safe_globals()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "model.pth"


def images(rng):
    return nc.tensor(rng.standard_normal((2, 1, 4, 4)).astype(np.float32))


def test_a_network_of_a_program_comes_back_whole(file, rng):
    net, x = Net(), images(rng)
    net(x).sum().backward()  # the running means are no longer those of a new network
    net.eval()
    net.norm.train()
    nc.save(net, file)
    back = nc.load(file, weights_only=False)
    assert type(back) is Net and repr(back) == repr(net)
    assert [module.training for module in back.modules()] == [module.training for module in net.modules()]
    assert {**back.state_dict()}.keys() == {**net.state_dict()}.keys()
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(back.state_dict()[name].numpy(), value.numpy())
    assert back.same is back.blocks[0] and back.layers[0] is back.blocks[1]
    assert back.sizes == (3, 4) and back.options == {"rate": 0.25, "names": ["a", "b"]} and back.mean.tolist() == [1, 1]
    assert back.scratch.tolist() == [1] and "scratch" not in back.state_dict()
    np.testing.assert_array_equal(back(x).detach().numpy(), net(x).detach().numpy())


def test_it_trains_on_as_the_one_that_was_saved(file, rng):
    net, x = Net(), images(rng)
    nc.save({"epoch": 3, "model": net}, file)
    back = nc.load(file, weights_only=False)["model"]
    for model in (net, back):
        optimizer = nc.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            (model(x) ** 2).mean().backward()
            optimizer.step()
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(back.state_dict()[name].numpy(), value.numpy())


def test_frozen_weights_stay_frozen(file):
    net = Net()
    net.conv.requires_grad_(False)
    nc.save(net, file)
    back = nc.load(file, weights_only=False)
    assert not back.conv.weight.requires_grad and back.scale.requires_grad


def test_other_programs_find_the_arrays_under_the_names_of_the_state_dict(file):
    net = Net()
    nc.save(net, file)
    arrays = arrays_of(file.read_bytes())
    for name, value in net.state_dict().items():
        if not name.startswith("same."):
            np.testing.assert_array_equal(arrays[name], value.numpy())


def test_a_normalized_weight_is_still_made_of_its_length_and_direction(file, rng):
    net, x = nn.Sequential(weight_norm(nn.Conv2d(1, 2, 3)), nn.ReLU()), images(rng)
    nc.save(net, file)
    back = nc.load(file)
    with nc.no_grad():
        for model in (net, back):
            model[0].weight_g.mul_(2)
    np.testing.assert_array_equal(back(x).detach().numpy(), net(x).detach().numpy())
    back(x).sum().backward()
    assert back[0].weight_v.grad is not None


LAYERS = [name for name in nn.__all__ if inspect.isclass(getattr(nn, name)) and issubclass(getattr(nn, name), nn.Module)
          and not name.startswith("Lazy")]  # those have no weights yet


def test_every_layer_comes_back_without_being_named(file):
    for name in LAYERS:
        layer = made(getattr(nn, name))
        nc.save(layer, file)
        back = nc.load(file)
        assert type(back) is type(layer) and repr(back) == repr(layer) and vars(back).keys() == vars(layer).keys(), name


def made(kind):
    """A layer of that kind, with the first arguments that it takes."""
    for arguments in ((), (4,), (4, 4), (4, 4, 3), (2, 4)):
        try:
            return kind(*arguments)
        except (TypeError, ValueError, NotImplementedError):
            pass
    raise AssertionError(f"{kind} takes other arguments")


def test_a_class_of_the_program_has_to_be_trusted_or_named(file):
    nc.save(Net(), file)
    with pytest.raises(ValueError, match=r"of the class Net of .*weights_only=False.*add_safe_globals\(\[Net\]\)"):
        nc.load(file)
    with safe_globals([Net]):
        assert type(nc.load(file)) is Net
    assert get_safe_globals() == []
    add_safe_globals([Net])
    assert type(nc.load(file)) is Net


def test_a_class_that_is_not_there_is_named(file):
    nc.save(Net(), file)
    write(file, lambda tree: tree["Module"].__setitem__(0, ["networks.mine", "Net"]))
    with pytest.raises(ValueError, match="class Net of networks.mine, which is not there; import networks.mine first"):
        nc.load(file, weights_only=False)


@pytest.mark.parametrize("name", [["os", "system"], ["builtins", "exec"], ["builtins", "dict"], ["numbacnn.serialization", "save"],
                                  ["subprocess", "Popen"]], ids=".".join)
def test_a_file_builds_nothing_but_modules(name, file):
    nc.save(nn.ReLU(), file)
    write(file, lambda tree: tree["Module"].__setitem__(0, name))
    with pytest.raises(ValueError, match="not a class of Modules|not there"):
        nc.load(file, weights_only=False)


def test_no_init_and_no_setter_of_a_class_runs(file, monkeypatch):
    nc.save(Net(), file)
    for name in ("__init__", "__setattr__", "__setstate__"):
        monkeypatch.setattr(Net, name, lambda *given: pytest.fail("code of the class ran"), raising=False)
    assert nc.load(file, weights_only=False).sizes == (3, 4)


@pytest.mark.parametrize("damage", [
    lambda tree: tree["Module"].pop(), lambda tree: tree["Module"][1].pop(0), lambda tree: tree["Module"][1][0].__setitem__(1, 3),
    lambda tree: tree["Module"].__setitem__(0, "Net"),
], ids=["no attributes", "no parameters", "a number of parameters", "half a name"])
def test_a_damaged_structure_is_refused(damage, file):
    nc.save(nn.Linear(2, 2), file)
    write(file, damage)
    with pytest.raises(ValueError, match="damaged|not there"):
        nc.load(file, weights_only=False)


def write(file, change):
    """Change the JSON that says what is in the file."""
    content = file.read_bytes()
    length = int.from_bytes(content[:8], "little")
    tree = json.loads(json.loads(content[8:8 + length])["__metadata__"][KEY])
    change(tree)
    file.write_bytes(content_of(arrays_of(content), metadata={KEY: json.dumps(tree)}))


def test_what_is_code_is_refused_with_its_place(file):
    class Local(nn.Module):
        pass

    hooked, function, deep = Tree(), Tree(), Tree()
    hooked.register_forward_hook(print)
    function.act, deep.inner = nn.functional.relu, nn.Sequential(OrderedDict(head=Local()))
    for model, told in ((Local(), "the model is a .*Local, a class that cannot be found again"), (deep, "inner.head is a .*Local"),
                        (hooked, "the model is a Tree with hooks"), (function, "act is a function")):
        with pytest.raises(TypeError, match=f"save: {told}"):
            nc.save(model, file)
    assert not file.exists()


def test_a_module_that_holds_itself_is_refused(file):
    child = Tree()
    child.parent = [Tree()]
    child.parent[0].child = child
    with pytest.raises(ValueError, match="holds itself"):
        nc.save(child, file)
