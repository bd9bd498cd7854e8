"""The networks for token sequences, time series and films: against PyTorch, and what their registry refuses."""
import numpy as np
import pytest

import numbacnn as nc
from numbacnn import nn
from numbacnn.models import MODELS, TCN, USUAL, TextCNN, build_model, models_for, takes
from numbacnn.models.branches import Concatenated, Residual
from numbacnn.models.inputs import EXTENTS, extents_of, input_shape, kind_of
from numbacnn.models.layer_table import layer_table
from numbacnn.models.tcn import blocks_needed
from numbacnn.nn import functional as F
from tolerances import assert_close

SMALL = {
    "text_cnn": {"vocabulary": 11, "length": 7, "classes": 3},
    "tcn": {"in_channels": 2, "length": 20, "classes": 4},
    "conv3d": {"in_channels": 2, "frames": 5, "height": 9, "width": 8, "classes": 3},
}


def examples(name, count, rng):
    """Examples as the data sets give them."""
    shape = input_shape(SMALL[name])
    if name == "text_cnn":
        return rng.integers(0, SMALL[name]["vocabulary"], (count, *shape))
    return rng.standard_normal((count, *shape)).astype(np.float32)


def torch_text_cnn(torch, w, tokens):
    """Kim's network from its equations."""
    vectors = torch.nn.functional.embedding(tokens, w["embedding.weight"], padding_idx=0).transpose(1, 2)
    strongest = [torch.nn.functional.conv1d(vectors, w[f"filters.width{width}.conv.weight"],
                                            w[f"filters.width{width}.conv.bias"]).amax(2).relu() for width in (3, 4, 5)]
    return torch.cat(strongest, 1) @ w["fc.weight"].T + w["fc.bias"]


def torch_tcn(torch, w, x):
    """The reference program's way: pad both ends, then cut off what looked ahead."""
    blocks = 1 + max(int(name[len("block")]) for name in w if name.startswith("block"))
    for k in range(1, blocks):
        out, reach = x, 6 * 2 ** (k - 1)
        for conv in ("conv1", "conv2"):
            weight, bias = (w[f"block{k}.body.{conv}.{part}"] for part in ("weight", "bias"))
            out = torch.nn.functional.conv1d(out, weight, bias, padding=reach, dilation=2 ** (k - 1))
            out = out[:, :, :-reach].relu()
        if k == 1:
            x = torch.nn.functional.conv1d(x, w["block1.shortcut.weight"], w["block1.shortcut.bias"])
        x = (out + x).relu()
    return x[:, :, -1] @ w["fc.weight"].T + w["fc.bias"]


def torch_conv3d(torch, w, x):
    for k in (1, 2, 3):
        x = torch.nn.functional.conv3d(x, w[f"conv{k}.weight"], w[f"conv{k}.bias"], padding=1).relu()
        x = torch.nn.functional.max_pool3d(x, (1 if k == 1 else 2, 2, 2))
    x = (x.flatten(1) @ w["fc1.weight"].T + w["fc1.bias"]).relu()
    return x @ w["fc2.weight"].T + w["fc2.bias"]


@pytest.mark.parametrize("count", [5, 33])
@pytest.mark.parametrize("name, twin", [("text_cnn", torch_text_cnn), ("tcn", torch_tcn), ("conv3d", torch_conv3d)])
def test_logits_and_gradients_are_pytorchs(name, twin, count, torch, rng):
    nc.manual_seed(1)
    model = MODELS[name](**SMALL[name], **({"dropout": 0.0} if name == "text_cnn" else {}))
    x, y = examples(name, count, rng), rng.integers(0, SMALL[name]["classes"], count)
    logits = model(nc.tensor(x))
    F.cross_entropy(logits, nc.tensor(y)).backward()
    weights = {key: torch.tensor(value.detach().numpy(), requires_grad=True) for key, value in model.state_dict().items()}
    expected = twin(torch, weights, torch.tensor(x))
    torch.nn.functional.cross_entropy(expected, torch.tensor(y)).backward()
    assert_close(logits.detach().numpy(), expected.detach().numpy(), terms=1000, roundings=9)
    gradients = dict(model.named_parameters())
    assert set(gradients) == set(weights)
    for key, weight in weights.items():
        assert_close(gradients[key].grad.numpy(), weight.grad.numpy(), terms=1000, roundings=9, size=0.1)


def test_tcn_looks_back_to_the_first_step_and_never_ahead(rng):
    x = rng.standard_normal((1, 2, 20)).astype(np.float32)
    model = TCN(**SMALL["tcn"])
    until_last = nn.Sequential(*[*model][:-3])
    out = until_last(nc.tensor(x)).detach().numpy()
    later = x.copy()
    later[:, :, 13:] += 1
    assert (until_last(nc.tensor(later)).detach().numpy()[:, :, :13] == out[:, :, :13]).all()
    first = nc.tensor(x, requires_grad=True)
    model(first).sum().backward()
    assert (first.grad.numpy()[:, :, 0] != 0).any()


@pytest.mark.parametrize("length, kernel_size, blocks", [(1, 7, 1), (13, 7, 1), (14, 7, 2), (128, 7, 4), (128, 3, 6)])
def test_tcn_has_as_many_blocks_as_it_takes(length, kernel_size, blocks):
    assert blocks_needed(length, kernel_size) == blocks


def test_dropout_is_where_the_papers_have_it():
    kinds = [type(layer) for layer in TCN(1, 20, dropout=0.1).modules()]
    assert kinds.count(nn.Dropout1d) == 4  # two blocks
    assert TextCNN(11, 7).dropout.p == 0.5


# ---------------------------------------------------------------- the registry
@pytest.mark.parametrize("name", SMALL)
def test_the_usual_model_of_a_kind_is_built_from_its_extents(name, rng):
    kind = kind_of(SMALL[name])
    assert takes(name) == (kind,) and USUAL[kind] == name and models_for(kind) == [name, "mlp", "linear"]
    model = build_model(name, **SMALL[name])
    assert tuple(model(nc.tensor(examples(name, 3, rng))).shape) == (3, SMALL[name]["classes"])


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("model_name", ["own", "mlp", "linear"])
def test_the_layer_table_agrees_with_the_model(name, model_name, rng):
    model = build_model(name if model_name == "own" else model_name, **SMALL[name])
    rows = layer_table(model, *input_shape(SMALL[name]))
    assert sum(row.parameters for row in rows) == sum(p.numel() for p in model.parameters())
    seen = []
    for layer in model.modules():  # what a layer gives, in the order in which the layers are called
        if not isinstance(layer, nn.Sequential):
            layer.register_forward_hook(lambda layer, given, out: seen.append(tuple(out.shape[1:])))
    model(nc.tensor(examples(name, 1, rng)))
    assert [row.out_shape for row in rows if row.layer not in ("Concatenation", "Addition")] == seen


def test_the_layer_table_counts_what_branches_cost():
    branches = nn.Sequential(nn.Sequential(),
                             Concatenated(nn.Conv1d(3, 4, 3, padding=1), nn.Conv1d(3, 2, 5, padding=4, dilation=2)),
                             Residual(nn.Conv1d(6, 6, 1), nn.Identity()))
    rows = layer_table(branches, 3, 10)
    assert [(row.name, row.out_shape, row.multiply_adds) for row in rows] == [
        ("1.0", (4, 10), 4 * 10 * 9), ("1.1", (2, 10), 2 * 10 * 15), ("1.cat", (6, 10), 0),
        ("2.0", (6, 10), 360), ("2.1", (6, 10), 0), ("2.add", (6, 10), 0)]
    assert rows[1].layer == "Conv1d 3->2 5, padding 4, dilation 2"
    assert tuple(branches(nc.zeros(2, 3, 10)).shape) == (2, 6, 10)


@pytest.mark.parametrize("name", SMALL)
def test_an_mlp_has_at_least_as_many_parameters_and_hardly_more(name):
    wanted = sum(p.numel() for p in build_model(name, **SMALL[name]).parameters())
    model = build_model("mlp", **SMALL[name], parameters=wanted)
    count = sum(p.numel() for p in model.parameters())
    unit = model.fc1.in_features + model.fc2.out_features + 1  # one more unit of the first hidden layer
    assert wanted <= count < wanted + 2 * unit


REFUSED = [
    (lambda: build_model("conv3d", in_channels=1, length=128), "conv3d takes video, not series; for series there are tcn"),
    (lambda: build_model("text_cnn", 1, 28, 28, 10), "text_cnn takes tokens, not images; for images there are lenet5"),
    (lambda: build_model("mlp", in_channels=1, frames=4), "no kind of data has the extents frames, in_channels; there are"),
    (lambda: build_model("text_cnn", vocabulary=9, length=4), "sequences of 4 tokens are too short: a filter spans 5"),
    (lambda: build_model("conv3d", in_channels=1, frames=3, height=9, width=9), "films of 3 frames of 9x9 are too small"),
    (lambda: build_model("mlp", 1, 28, 28, 10, parameters=100), "100 parameters are too few for 784 numbers"),
    (lambda: TCN(1, 9, kernel_size=1), "kernel_size must be at least 2"),
]


@pytest.mark.parametrize("build, words", REFUSED, ids=lambda value: value if isinstance(value, str) else "")
def test_what_does_not_fit_is_refused(build, words):
    with pytest.raises(ValueError, match=words):
        build()


def test_extents_know_their_kind_and_shape():
    shapes = {"images": (3, 5, 7), "video": (1, 4, 5, 7), "series": (2, 9), "tokens": (6,)}
    assert set(shapes) == set(EXTENTS)
    for kind, shape in shapes.items():
        named = extents_of(kind, shape, 40)
        assert kind_of({**named, "name": "x", "classes": 3}) == kind and input_shape(named) == shape
