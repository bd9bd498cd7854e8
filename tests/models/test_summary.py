"""The layer table against published figures, against arrays, and as `numbacnn summary` prints it."""
import json
from math import prod
from pathlib import Path

import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
from cli_runs import assert_refused, copy_of, run
from numbacnn import nn
from numbacnn.models import MODELS, LeNet5, LeNet5Of1998, build_model, own_sizes, takes
from numbacnn.models.branches import Concatenated, Residual
from numbacnn.models.inputs import EXTENTS, input_shape
from numbacnn.models.layer_table import layer_table
from numbacnn.models.residual import BasicBlock, PaddedShortcut, projection
from numbacnn.nn import init

# ---------------------------------------------------------------- the table


def rows_of(name, **sizes):
    """The rows of a model by name, for the images of its paper."""
    sizes = own_sizes(name) | sizes
    with init.undrawn():
        model = build_model(name, **sizes)
    return {row.name: row for row in layer_table(model, *input_shape(sizes))}


@pytest.mark.parametrize("name, published", [
    ("alexnet", 0.71), ("vgg11", 7.61), ("vgg13", 11.31), ("vgg16", 15.47), ("resnet18", 1.81), ("resnet20", 0.04)])
def test_multiply_adds_are_those_published(name, published):
    """In thousand millions, as torchvision's documentation has them."""
    assert round(sum(row.multiply_adds for row in rows_of(name).values()) / 1e9, 2) == published


def test_the_cost_of_lenet5():
    cost = {row.name: row.multiply_adds for row in layer_table(LeNet5(), 1, 28, 28)}
    assert (cost["conv1"], cost["conv2"]) == (117_600, 240_000)
    assert cost["fc1"] + cost["fc2"] + cost["fc3"] == 58_920


def test_the_cost_of_lenet5_of_1998():
    """Connections of the paper, section II.B, without those to biases: C1 has 122,304 and C3 151,600."""
    cost = {row.name: row.multiply_adds for row in layer_table(LeNet5Of1998(), 1, 32, 32)}
    assert (cost["c1"], cost["c3"]) == (122_304 - 6 * 28 * 28, 151_600 - 16 * 10 * 10)


def test_receptive_fields_are_those_known():
    """Araujo et al. 2019, "Computing receptive fields of convolutional neural networks": AlexNet 195, VGG-16 212."""
    assert rows_of("alexnet")["features.12"].receptive_field == (195, 195)
    assert rows_of("vgg16")["features.30"].receptive_field == (212, 212)
    assert rows_of("resnet18", height=500, width=300)["layer4.1.relu"].receptive_field == (435, 300)


CHAINS = {
    "strides": lambda: nn.Sequential(nn.Conv2d(1, 2, 3, 2, 1), nn.MaxPool2d(2), nn.Conv2d(2, 1, (3, 1), dilation=(2, 1))),
    "poolings": lambda: nn.Sequential(nn.AvgPool2d(3, 2), nn.Conv2d(1, 1, 2, padding="same"), nn.AvgPool2d(2)),
    "block": lambda: nn.Sequential(nn.Conv2d(1, 2, 5), BasicBlock(2, 4, 2, projection(2, 4, 2)), BasicBlock(4, 4)),
    "padded": lambda: nn.Sequential(BasicBlock(1, 2, 2, PaddedShortcut(1, 2, 2))),
    "adaptive": lambda: nn.Sequential(nn.Conv2d(1, 1, 3), nn.AdaptiveAvgPool2d((6, 1))),
    "side by side": lambda: nn.Sequential(Concatenated(nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 2, 5, padding=2)),
                                          nn.MaxPool2d(2), Residual(nn.Conv2d(3, 3, 3, padding=1), nn.Identity())),
    "steps": lambda: nn.Sequential(nn.Conv1d(1, 2, 3, 2), nn.ZeroPad1d((4, 0)), nn.Conv1d(2, 1, 3, dilation=2), nn.AvgPool1d(3)),
    "steps pooled": lambda: nn.Sequential(nn.MaxPool1d(3, 2), Residual(nn.Identity(), nn.Conv1d(1, 1, 1)), nn.AdaptiveAvgPool1d(5)),
    "frames": lambda: nn.Sequential(nn.Conv3d(1, 2, (3, 2, 1), padding=(1, 0, 0)), nn.MaxPool3d((1, 2, 2)), nn.AvgPool3d(2)),
}
AXES = {"steps": (44,), "steps pooled": (44,), "frames": (9, 14, 12)}  # of the other chains 44x38 pixels


@pytest.mark.skipif(config.DISABLE_JIT, reason="the loops are many")
@pytest.mark.parametrize("chain", CHAINS)
def test_a_receptive_field_is_where_the_gradient_reaches(chain, rng):
    """One number in the middle of the output; weights above 0, so that nothing cancels."""
    model, axes = CHAINS[chain]().eval().double(), AXES.get(chain, (44, 38))  # loops over floats are compiled once for all extents
    for param in model.parameters():
        param.detach().fill_(0.1)
    images = rng.random((30, 1, *axes))  # max-pooling lets one pixel of four pass, each time another
    x = nc.tensor(images, requires_grad=True)
    out = model(x)
    out[(slice(None), 0, *(side // 2 for side in out.shape[2:]))].sum().backward()
    reached = np.nonzero((x.grad.numpy() != 0).any(axis=(0, 1)))
    extents = tuple(int(np.ptp(places)) + 1 for places in reached)
    row = layer_table(model, 1, *axes)[-1]
    assert (row.out_shape, row.receptive_field) == (tuple(out.shape[1:]), extents)


def test_a_dense_layer_in_place_of_a_convolution():
    rows = layer_table(nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(), nn.Conv2d(3, 1, 2, bias=False)), 2, 6, 5)
    dense = [sum(param.numel() for param in layer.parameters())
             for layer in (nn.Linear(2 * 6 * 5, 3 * 4 * 3), nn.Linear(3 * 4 * 3, 1 * 3 * 2, bias=False))]
    assert [row.dense_parameters for row in rows] == [dense[0], None, dense[1]]


def test_a_residual_block_may_be_one_row():
    rows, short = (layer_table(MODELS["resnet20"](), 3, 32, 32, blocks=blocks) for blocks in (False, True))
    assert len(short) == 3 + 9 + 3 and short[6].name == "layer2.0" and short[6].layer == "BasicBlock 16->32, stride 2"
    for total in ("parameters", "multiply_adds"):
        assert sum(getattr(row, total) for row in short) == sum(getattr(row, total) for row in rows)
    assert [row for row in rows if row.name == "layer2.0.relu"][-1].out_shape == short[6].out_shape


def test_filters_over_words_see_as_many_as_they_are_wide():
    """And then their strongest answer, the whole sentence."""
    rows, short = rows_of("text_cnn"), rows_of("tcn", length=100)
    for width in (3, 4, 5):
        seen = [rows[f"filters.width{width}.{layer}"].receptive_field for layer in ("conv", "pool")]
        assert seen == [(width,), (16,)]
    assert rows["embedding"].receptive_field == (1,) and rows["fc"].receptive_field == (16,)
    assert [short[f"block{k}.add"].receptive_field for k in (1, 2, 3, 4)] == [(13,), (37,), (85,), (100,)]


def test_branches_that_are_added_may_be_one_row_too():
    model = MODELS["tcn"]()
    rows, short = (layer_table(model, 1, 128, blocks=blocks) for blocks in (False, True))
    assert [row.name for row in short[:3]] == ["block1", "relu1", "block2"] and short[0].layer == "Residual 1->24"
    for total in ("parameters", "multiply_adds"):
        assert sum(getattr(row, total) for row in short) == sum(getattr(row, total) for row in rows)


def test_a_layer_without_a_rule_is_refused():
    class Strange(nn.Module):
        pass

    with pytest.raises(TypeError, match="no rule for the layer Strange"):
        layer_table(nn.Sequential(Strange()), 1, 4, 4)


def test_undrawn_weights_leave_the_generator_alone():
    nc.manual_seed(3)
    state = nc.get_rng_state().numpy().copy()
    with init.undrawn():
        layer = nn.Linear(4, 3)
        init.trunc_normal_(layer.weight, mean=9, a=8, b=10)
        init.orthogonal_(layer.weight)
    assert (nc.get_rng_state().numpy() == state).all()
    nn.Linear(4, 3)
    assert (nc.get_rng_state().numpy() != state).any()


# ---------------------------------------------------------------- the command


def as_json(*arguments):
    done = run("summary", *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


INPUTS = {"lenet5": (2, 20, 30), "resnet20": (2, 20, 30), "vgg11_bn": (2, 20, 30), "mlp": (2, 5, 20, 30), "linear": (2, 30),
          "text_cnn": (50, 12), "tcn": (2, 30), "conv3d": (2, 5, 20, 30)}


@pytest.mark.parametrize("name", INPUTS)
def test_totals_equal_the_arrays(name):
    given = INPUTS[name]
    kind = next(kind for kind in takes(name) if len(EXTENTS[kind]) == len(given))
    extents = dict(zip(EXTENTS[kind], given))
    values = as_json(name, "--input", "x".join(map(str, given)), "--classes", 4, "--batch", 3)
    model = build_model(name, **extents, classes=4)
    assert values["parameters"] == sum(param.detach().numpy().size for param in model.parameters())
    assert values["parameter_memory"] == sum(param.detach().numpy().nbytes for param in model.parameters())
    assert values["memory"] == sum(4 * 3 * prod(layer["out_shape"]) for layer in values["layers"])
    assert (values["kind"], values["input"], values["classes"], values["batch"]) == (kind, [*given], 4, 3)
    assert values["layers"][-1]["out_shape"] == [4] and values["layers"][-1]["receptive_field"] == [*given[1:]]


def test_the_table_shows_what_the_json_says():
    done, values = run("summary", "resnet56"), as_json("resnet56")
    assert values["input"] == [3, 32, 32] and len(values["layers"]) == 3 + 27 * 7 + 2 + 3
    lines = done.stdout.splitlines()
    assert lines[2].split() == ["layer", "kind", "output", "parameters", "multiply-adds", "sees", "memory", "if", "dense"]
    for line, layer in zip(lines[3:], values["layers"]):
        words = line.split()
        assert words[0] == layer["name"] and "x".join(map(str, layer["out_shape"])) in words
        assert f"{layer['parameters']:,}" in words and f"{layer['multiply_adds']:,}" in words
    assert lines[-3].split()[:3] == ["total", f"{values['parameters']:,}", f"{values['multiply_adds']:,}"]
    assert lines[-1].startswith(f"{values['parameters']:,} parameters, 3.4 MB; ")


def test_a_run_has_its_own_sizes(trained):
    values = as_json(trained[0])
    assert (values["model"], values["parameters"], values["batch"]) == ("lenet5", 61_706, 10)
    assert as_json(trained[0], "--batch", 20)["memory"] == 2 * values["memory"]
    assert_refused(run("summary", trained[0], "--classes", 3), 2, "is a run, which has images and classes of its own")


@pytest.mark.parametrize("words, code, message", [
    (["lenet"], 2, "unknown model 'lenet': .*did you mean lenet5"), (["nowhere/run"], 3, "is not a run folder"), ([], 2, "MODEL"),
    (["vgg11", "--input", "3x8x8"], 2, "images of 8x8 are too small.*at least 17x17"),
    (["vgg11", "--input", "28x28"], 2, "--input 28x28 has 2 numbers, but vgg11 takes images .in_channels x height x width."),
    (["tcn", "--input", "3x9x9"], 2, "has 3 numbers, but tcn takes series .in_channels x length."),
    (["vgg11", "--input", "28"], 2, "--input 28 has 1 number, but vgg11"),
    (["vgg11", "--input", "3xax8"], 2, "'3xax8' is not a shape; give channels x height x width"),
    (["vgg11", "--input", "1x0x9"], 2, "is not a shape; give"), (["mlp", "--classes", "0"], 2, "0 is not in the range"),
    (["mlp", "--batch", "0"], 2, "0 is not in the range"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_what_cannot_be_shown_is_refused(elsewhere, words, code, message):
    assert_refused(run("summary", *words), code, message)


def test_a_damaged_run_is_refused(elsewhere, trained):
    path = copy_of(trained[0], elsewhere / "run")
    info = json.loads((path / "run.json").read_text())
    for model, message in (({"name": "lenet6"}, "describes no usable model: "), ({"size": 3}, "describes no usable model: ")):
        info["model"] = model
        (path / "run.json").write_text(json.dumps(info))
        assert_refused(run("summary", path), 3, message)


def test_every_model_is_named_in_the_help():
    words = run("train", "--help").stdout.translate(str.maketrans(",.;", "   ")).split()
    assert set(MODELS) <= set(words)


# ---------------------------------------------------------------- docs/models.md

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")


def test_the_figures_of_the_page_are_right():
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| `")]
    assert {row[0] for row in rows} == {name for name in MODELS if not name.endswith("_bn")}
    for name, image, classes, *figures, _ in rows:
        values = as_json(name)
        assert ("x".join(map(str, values["input"])), str(values["classes"])) == (image, classes)
        assert [f"{values[key]:,}" for key in ("parameters", "multiply_adds")] == figures


def test_the_example_of_the_page_is_what_the_command_prints():
    assert f"$ numbacnn summary lenet5 --batch 64\n{run('summary', 'lenet5', '--batch', 64).stdout}```" in PAGE
