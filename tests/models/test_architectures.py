"""The networks of the papers: how many parameters, which shapes, and that each of them can learn."""
import re

import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
from numbacnn import nn
from numbacnn.models import MODELS, VGG, CifarResNet, LeNet5Of1998, build_model, models_for
from numbacnn.models.layer_table import layer_table
from numbacnn.models.lenet5_1998 import TABLE_I
from numbacnn.nn import functional as F
from numbacnn.nn import init
from tolerances import assert_close

compiled = pytest.mark.skipif(config.DISABLE_JIT, reason="deep networks in plain Python take hours")
#: the smallest images, and what the refusal of smaller ones says
SMALLEST = {"lenet5": (12, "the 5x5 filters of conv2 leave"), "lenet5_1998": (12, "leave no pixel of them"),
            "alexnet": (15, "the third would not find 3x3 pixels"), "vgg": (17, "the fifth would find a single pixel"),
            "resnet18": (9, "the fourth would normalize a single pixel"),
            "resnet": (5, "the third would normalize a single pixel")}
#: torchvision's documentation; He et al. 2016, table 6, in millions
PARAMETERS = {"alexnet": 61_100_840, "vgg11": 132_863_336, "vgg11_bn": 132_868_840, "vgg13": 133_047_848,
              "vgg16": 138_357_544, "vgg16_bn": 138_365_992, "resnet18": 11_689_512}
#: LeCun et al. 1998, table I: a row for each map of S2, a column for each of C3
TABLE = """
X...XXX..XXXX.XX
XX...XXX..XXXX.X
XXX...XXX..X.XXX
.XXX..XXXX..X.XX
..XXX..XXXX.XX.X
...XXX..XXXX.XXX
""".split()
MILLIONS = {"resnet20": 0.27, "resnet32": 0.46, "resnet56": 0.85}


def smallest(name):
    return SMALLEST.get(name) or SMALLEST.get(re.sub(r"\d+(_bn)?$", "", name)) or (3, None)


def count(name):
    with init.undrawn():
        return sum(param.numel() for param in MODELS[name]().parameters())


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_are_as_many_as_torchvisions(name):
    assert count(name) == PARAMETERS[name]


@pytest.mark.parametrize("name", MILLIONS)
def test_parameters_are_as_many_as_in_the_paper(name):
    assert round(count(name) / 1e6, 2) == MILLIONS[name]


def test_lenet5_of_1998_has_the_parameters_of_the_paper():
    """Section II.B says so for each layer; the output layer is not the paper's."""
    model = LeNet5Of1998()
    counts = {name: sum(param.numel() for param in layer.parameters()) for name, layer in model.named_children()}
    assert {name: number for name, number in counts.items() if number} == {
        "c1": 156, "s2": 12, "c3": 1_516, "s4": 32, "c5": 48_120, "f6": 10_164, "output": 850}
    weight, bound = model.c3.weight.detach().numpy(), 1 / np.sqrt(25 * 3)
    assert 0.9 * bound < np.abs(weight[:3]).max() <= bound and np.abs(weight).min() > 0


def test_maps_of_c3_see_the_maps_of_table_i(rng):
    """Each filter by itself, in plain NumPy."""
    layer = LeNet5Of1998().c3
    x = rng.standard_normal((2, 6, 5, 5)).astype(np.float32)
    out = layer(nc.tensor(x)).detach().numpy()[:, :, 0, 0]
    filters = iter(layer.weight.detach().numpy())
    expected = [sum((x[:, ic] * next(filters)).sum(axis=(1, 2)) for ic in seen) for seen in TABLE_I]
    assert_close(out, np.stack(expected, 1) + layer.bias.detach().numpy(), terms=150, roundings=2)
    assert ["".join("X" if ic in seen else "." for seen in TABLE_I) for ic in range(6)] == TABLE


def test_subsampling_is_a_coefficient_and_a_bias_a_map(rng):
    layer = LeNet5Of1998().s2
    coefficient, bias = rng.standard_normal((2, 6)).astype(np.float32)
    layer.load_state_dict({"coefficient.weight": coefficient[:, None, None, None], "coefficient.bias": bias})
    x = rng.standard_normal((2, 6, 4, 4)).astype(np.float32)
    sums = x.reshape(2, 6, 2, 2, 2, 2).sum(axis=(3, 5))
    assert_close(layer(nc.tensor(x)).detach().numpy(), sums * coefficient[:, None, None] + bias[:, None, None], terms=4, roundings=3)


@compiled
@pytest.mark.parametrize("name", models_for("images"))
def test_a_step_of_training_on_small_images(name):
    """A loss near ln C, a gradient for every layer, a smaller loss afterwards; and the layer table says what happens."""
    nc.manual_seed(1)
    side, _ = smallest(name)
    model = build_model(name, 1, side, side + 1, 3)
    rows, seen = layer_table(model, 1, side, side + 1), []
    for path, module in model.named_modules():
        if isinstance(module, nn.Dropout):
            module.p = 0  # it would draw other numbers in the second pass
        if not module._modules:
            module.register_forward_hook(lambda _, args, out, path=path: seen.append((path, tuple(out.shape[1:]))))
    x, y = nc.randn(4, 1, side, side + 1), nc.tensor([0, 1, 2, 1])
    loss = F.cross_entropy(model(x), y)
    assert [(row.name, row.out_shape) for row in rows if row.layer != "Addition"] == seen
    assert sum(row.parameters for row in rows) == sum(param.numel() for param in model.parameters())
    loss.backward()
    for weight, param in model.named_parameters():
        assert np.isfinite(param.grad.numpy()).all() and (param.grad.numpy() != 0).any(), weight
    nc.optim.SGD(model.parameters(), lr=0.01).step()
    assert 0.1 < loss.item() < 6 and F.cross_entropy(model(x), y).item() < loss.item()


@pytest.mark.parametrize("name", [name for name in MODELS if smallest(name)[1]])
def test_images_too_small_are_refused_with_the_reason(name):
    side, reason = smallest(name)
    with pytest.raises(ValueError) as error:
        build_model(name, 1, side + 20, side - 1, 10)
    words = f"{name.removesuffix('_bn')}: images of {side + 20}x{side - 1} are too small: "
    assert str(error.value).startswith(words) and reason in str(error.value)
    assert f"at least {side}x{side}" in str(error.value)


@compiled
@pytest.mark.parametrize("name", ["resnet20", "vgg11_bn", "resnet18"])
def test_one_image_alone_can_be_trained_on(name):
    """The last batch of an epoch may be a single image, and batch normalization needs more than one pixel of it."""
    side, _ = smallest(name)
    model = build_model(name, 1, side, side, 10)
    F.cross_entropy(model(nc.randn(1, 1, side, side)), nc.tensor([3])).backward()


@pytest.mark.parametrize("wrong", [lambda: VGG(12), lambda: CifarResNet(18), lambda: CifarResNet(2)])
def test_a_depth_that_no_network_has_is_refused(wrong):
    with pytest.raises(ValueError, match="depth must be"):
        wrong()


@pytest.mark.parametrize("name", ["vgg11", "alexnet"])
def test_dense_layers_are_the_papers_for_photographs_only(name):
    """Names are torchvision's in either case: features and classifier."""
    with init.undrawn():
        small = {key: tuple(value.shape) for key, value in build_model(name, 3, 32, 32, 10).state_dict().items()}
    hidden = {"vgg11": "classifier.3.weight", "alexnet": "classifier.4.weight"}[name]
    assert small[hidden] == (512, 512) and {key.split(".")[0] for key in small} == {"features", "classifier"}


def test_photographs_may_have_any_size_from_64_on():
    """Fewer pixels are left for the dense part than the paper has, and none is made up."""
    with init.undrawn():
        sizes = {name: layer_table(build_model(name, 3, 64, 100, 10), 3, 64, 100) for name in ("vgg11", "alexnet", "resnet18")}
    left = {name: next(row.out_shape for row in rows if row.name == "avgpool") for name, rows in sizes.items()}
    assert left == {"vgg11": (512, 2, 3), "alexnet": (256, 1, 2), "resnet18": (512, 1, 1)}


def test_a_part_of_a_network_is_a_chain():
    """For features, or to see what lies between the layers."""
    model = build_model("lenet5", 1, 28, 28, 10)
    part = model[:3]
    assert type(part) is nn.Sequential and [name for name, _ in part.named_children()] == ["conv1", "relu1", "pool1"]
    assert part.conv1 is model.conv1 and tuple(part(nc.zeros(1, 1, 28, 28)).shape) == (1, 6, 14, 14)
