"""Weights saved by PyTorch fit and give the same scores and gradients here: a residual network and a VGG, written twice."""
import numpy as np
import pytest
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("deep networks in plain Python take hours", allow_module_level=True)

import numbacnn as nc
from numbacnn.models import MODELS, build_model
from numbacnn.nn import functional as F
from tolerances import assert_close

IMAGES, CLASSES, ROUNDINGS = 5, 7, 4


def resnet20(torch):
    """The network of He et al. 2016, section 4.2, as it is usually written for PyTorch."""
    nn = torch.nn

    class BasicBlock(nn.Module):
        def __init__(self, before, planes, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(before, planes, 3, stride=stride, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(planes)
            self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(planes)
            self.stride, self.more = stride, planes - before

        def forward(self, x):
            y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
            return torch.relu(y + nn.functional.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, 0, self.more)))

    class ResNet20(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
            for number, (before, planes) in enumerate([(16, 16), (16, 32), (32, 64)], 1):
                blocks = [BasicBlock(before if k == 0 else planes, planes, 2 if k == 0 and number > 1 else 1)
                          for k in range(3)]
                self.add_module(f"layer{number}", nn.Sequential(*blocks))
            self.fc = nn.Linear(64, CLASSES)

        def forward(self, x):
            x = self.layer3(self.layer2(self.layer1(torch.relu(self.bn1(self.conv1(x))))))
            return self.fc(x.mean(dim=(2, 3)))

    return ResNet20()


def vgg11(torch):
    """Column A of Simonyan & Zisserman 2015, table 1, with torchvision's names, for images of less than 32 pixels."""
    nn = torch.nn

    class VGG11(nn.Module):
        def __init__(self):
            super().__init__()
            layers, before = [], 3
            for width in (64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"):
                if width == "M":
                    layers.append(nn.MaxPool2d(2, ceil_mode=True))
                else:
                    layers += [nn.Conv2d(before, width, 3, padding=1), nn.ReLU()]
                    before = width
            self.features = nn.Sequential(*layers)
            self.classifier = nn.Sequential(nn.Linear(512, 512), nn.ReLU(), nn.Dropout(), nn.Linear(512, 512), nn.ReLU(),
                                            nn.Dropout(), nn.Linear(512, CLASSES))

        def forward(self, x):
            return self.classifier(self.features(x).flatten(1))

    return VGG11()


TWINS = {"resnet20": (resnet20, 13, 18), "vgg11": (vgg11, 17, 20)}  # rows and columns of the images


def both(torch, name, path, rng):
    """A model here and one in PyTorch (float64 from then on) with equal weights, by way of a file; and a batch."""
    from safetensors.torch import save_file

    torch.manual_seed(1)
    build, height, width = TWINS[name]
    theirs = build(torch)
    for layer in theirs.modules():
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(layer.weight)
        if isinstance(layer, torch.nn.BatchNorm2d):  # as training would leave them
            for tensor, low, high in ((layer.weight, 0.5, 1.5), (layer.bias, -1, 1), (layer.running_mean, -1, 1),
                                      (layer.running_var, 0.5, 2)):
                torch.nn.init.uniform_(tensor, low, high)
        if isinstance(layer, torch.nn.Dropout):
            layer.p = 0  # the two libraries draw different random numbers
    save_file(theirs.state_dict(), path)
    ours = build_model(name, 3, height, width, CLASSES)
    assert ours.load_state_dict(nc.load(path)) == ([], [])
    for layer in ours.modules():
        if isinstance(layer, nc.nn.Dropout):
            layer.p = 0
    x = rng.standard_normal((IMAGES, 3, height, width)).astype(np.float32)
    return theirs.double(), ours, x, rng.integers(0, CLASSES, IMAGES)


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("name", TWINS)
def test_scores_and_gradients_are_pytorchs(name, training, torch, tmp_path, rng):
    theirs, ours, x, y = both(torch, name, tmp_path / "weights.safetensors", rng)
    theirs.train(training), ours.train(training)
    images, expected_images = nc.tensor(x, requires_grad=True), torch.tensor(x, dtype=torch.float64, requires_grad=True)
    logits, expected = ours(images), theirs(expected_images)
    F.cross_entropy(logits, nc.tensor(y)).backward()
    torch.nn.functional.cross_entropy(expected, torch.tensor(y)).backward()

    def close(actual, expected):
        assert_close(actual.detach().numpy(), expected.detach().numpy(), terms=1000, roundings=ROUNDINGS)

    close(logits, expected)
    close(images.grad, expected_images.grad)
    expected_parameters = dict(theirs.named_parameters())
    for weight, param in ours.named_parameters():
        close(param.grad, expected_parameters[weight].grad)
    for buffer, expected_buffer in zip(ours.buffers(), theirs.buffers(), strict=True):  # running statistics
        assert_close(buffer.numpy().astype(np.float32), expected_buffer.numpy(), terms=1000)


def parameters(name, *shape, bias=True):
    return {f"{name}.weight": shape, **({f"{name}.bias": shape[:1]} if bias else {})}


def normalization(name, channels):
    statistics = {f"{name}.{of}": (channels,) for of in ("weight", "bias", "running_mean", "running_var")}
    return {**statistics, f"{name}.num_batches_tracked": ()}


def dense(places, inputs, hidden=4096, classes=1000):
    first, second, third = (f"classifier.{place}" for place in places)
    return {**parameters(first, hidden, inputs), **parameters(second, hidden, hidden), **parameters(third, classes, hidden)}


def torchvision_alexnet():
    convolutions = [(0, 64, 3, 11), (3, 192, 64, 5), (6, 384, 192, 3), (8, 256, 384, 3), (10, 256, 256, 3)]
    state = {}
    for place, channels, before, side in convolutions:
        state |= parameters(f"features.{place}", channels, before, side, side)
    return state | dense((1, 4, 6), 256 * 6 * 6)


def torchvision_vgg11(places=(0, 3, 6, 8, 11, 13, 16, 18), normalized=False):
    state, before = {}, 3
    for place, channels in zip(places, (64, 128, 256, 256, 512, 512, 512, 512), strict=True):
        state |= parameters(f"features.{place}", channels, before, 3, 3)
        state |= normalization(f"features.{place + 1}", channels) if normalized else {}
        before = channels
    return state | dense((0, 3, 6), 512 * 7 * 7)


def torchvision_resnet18():
    state, before = parameters("conv1", 64, 3, 7, 7, bias=False) | normalization("bn1", 64), 64
    for number, channels in enumerate((64, 128, 256, 512), 1):
        for block in (f"layer{number}.0", f"layer{number}.1"):
            state |= parameters(f"{block}.conv1", channels, before, 3, 3, bias=False) | normalization(f"{block}.bn1", channels)
            state |= parameters(f"{block}.conv2", channels, channels, 3, 3, bias=False)
            state |= normalization(f"{block}.bn2", channels)
            if before != channels:
                state |= parameters(f"{block}.downsample.0", channels, before, 1, 1, bias=False)
                state |= normalization(f"{block}.downsample.1", channels)
            before = channels
    return state | parameters("fc", 1000, 512)


@pytest.mark.parametrize("name, expected", [
    ("alexnet", torchvision_alexnet()), ("vgg11", torchvision_vgg11()), ("resnet18", torchvision_resnet18()),
    ("vgg11_bn", torchvision_vgg11((0, 4, 8, 11, 15, 18, 22, 25), normalized=True))], ids=lambda value: value if
    isinstance(value, str) else "")
def test_names_and_shapes_are_torchvisions(name, expected):
    with nc.nn.init.undrawn():
        state = MODELS[name]().state_dict()
    assert {key: tuple(tensor.shape) for key, tensor in state.items()} == expected
