"""The networks of the papers: how many parameters, which shapes, and that each of them can learn."""
import re

import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
from numbacnn.models import MODELS, VGG, CifarResNet, build_model
from numbacnn.nn import functional as F

if config.DISABLE_JIT:
    pytest.skip("deep networks in plain Python take hours", allow_module_level=True)

DEEP = [name for name in MODELS if name not in ("lenet5", "mlp", "linear")]
#: the smallest images, and what the refusal of smaller ones says
SMALLEST = {"alexnet": (15, "the third would not find 3x3 pixels"), "vgg": (17, "the fifth would find a single pixel"),
            "resnet18": (9, "the fourth would normalize a single pixel"),
            "resnet": (5, "the third would normalize a single pixel")}
#: torchvision's documentation for the first ones; He et al. 2016, table 6, for those on CIFAR-10, in millions
PARAMETERS = {"alexnet": 61_100_840, "vgg11_bn": 132_868_840, "resnet18": 11_689_512}
MILLIONS = {"resnet20": 0.27, "resnet32": 0.46, "resnet56": 0.85}


def smallest(name):
    return SMALLEST[name] if name in SMALLEST else SMALLEST[re.match("vgg|resnet", name)[0]]


def count(model):
    return sum(param.numel() for param in model.parameters())


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_are_as_many_as_torchvisions(name):
    assert count(MODELS[name]()) == PARAMETERS[name]


@pytest.mark.parametrize("name", MILLIONS)
def test_parameters_are_as_many_as_in_the_paper(name):
    assert round(count(MODELS[name]()) / 1e6, 2) == MILLIONS[name]


@pytest.mark.parametrize("name", DEEP)
def test_a_step_of_training_on_small_images(name):
    """Scores of the right shape, a loss near ln C, a gradient for every layer, and a smaller loss afterwards."""
    nc.manual_seed(1)
    side, _ = smallest(name)
    model = build_model(name, 1, side, side + 1, 3)
    for module in model.modules():
        if isinstance(module, nc.nn.Dropout):
            module.p = 0  # its lots would be others in the second pass
    x, y = nc.randn(4, 1, side, side + 1), nc.tensor([0, 1, 2, 1])
    logits = model(x)
    assert tuple(logits.shape) == (4, 3)
    loss = F.cross_entropy(logits, y)
    loss.backward()
    for weight, param in model.named_parameters():
        assert np.isfinite(param.grad.numpy()).all() and (param.grad.numpy() != 0).any(), weight
    nc.optim.SGD(model.parameters(), lr=0.01).step()
    assert 0.1 < loss.item() < 6 and F.cross_entropy(model(x), y).item() < loss.item()


@pytest.mark.parametrize("name", DEEP)
def test_images_too_small_are_refused_with_the_reason(name):
    side, reason = smallest(name)
    with pytest.raises(ValueError) as error:
        build_model(name, 1, side + 20, side - 1, 10)
    words = f"{name.removesuffix('_bn')}: images of {side + 20}x{side - 1} are too small: "
    assert str(error.value).startswith(words) and reason in str(error.value)
    assert f"at least {side}x{side}" in str(error.value)


@pytest.mark.parametrize("name", ["resnet20", "vgg11_bn", "alexnet"])
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
    small = {key: tuple(value.shape) for key, value in build_model(name, 3, 32, 32, 10).state_dict().items()}
    hidden = {"vgg11": "classifier.3.weight", "alexnet": "classifier.4.weight"}[name]
    assert small[hidden] == (512, 512) and {key.split(".")[0] for key in small} == {"features", "classifier"}
