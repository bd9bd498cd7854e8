"""The ready-made networks: sizes, shapes, and refusals that help."""
import numpy as np
import pytest

import numbacnn
from numbacnn.models import MODELS, LeNet5, build_model, models_for
from numbacnn.models.layer_table import layer_table


def test_lenet5_has_the_parameters_of_net_b():
    shapes = {name: tuple(tensor.shape) for name, tensor in LeNet5().state_dict().items()}
    assert shapes == {
        "conv1.weight": (6, 1, 5, 5), "conv1.bias": (6,), "conv2.weight": (16, 6, 5, 5), "conv2.bias": (16,),
        "fc1.weight": (120, 400), "fc1.bias": (120,), "fc2.weight": (84, 120), "fc2.bias": (84,),
        "fc3.weight": (10, 84), "fc3.bias": (10,)}
    assert sum(np.prod(shape) for shape in shapes.values()) == 61_706


@pytest.mark.parametrize("name", models_for("images"))
@pytest.mark.parametrize("size", [(1, 28, 28), (3, 32, 20), (1, 12, 13)], ids="C{0[0]}-{0[1]}x{0[2]}".format)
def test_a_batch_gives_a_score_a_class(name, size):
    model = build_model(name, *size, classes=7)
    assert tuple(model(numbacnn.zeros(2, *size)).shape) == (2, 7)


@pytest.mark.parametrize("name", models_for("images"))
def test_the_layer_table_agrees_with_the_model(name):
    model = build_model(name, 3, 20, 28, 5)
    rows = layer_table(model, 3, 20, 28)
    assert sum(row.parameters for row in rows) == sum(np.prod(p.shape) for p in model.parameters())
    x = numbacnn.zeros(1, 3, 20, 28)
    for row, (layer_name, layer) in zip(rows, model.named_children(), strict=True):
        x = layer(x)
        assert (row.name, row.out_shape) == (layer_name, tuple(x.shape[1:]))


def test_the_layer_table_counts_the_multiply_adds_of_lenet5():
    cost = {row.name: row.multiply_adds for row in layer_table(LeNet5(), 1, 28, 28)}
    assert (cost["conv1"], cost["conv2"]) == (117_600, 240_000)
    assert cost["fc1"] + cost["fc2"] + cost["fc3"] == 58_920


def test_the_layer_table_refuses_a_layer_it_has_no_rule_for():
    with pytest.raises(TypeError, match="no rule for the layer Tanh"):
        layer_table(numbacnn.nn.Sequential(numbacnn.nn.Tanh()), 1, 4, 4)


@pytest.mark.parametrize("size", [(11, 28), (28, 11), (8, 8)], ids="{0[0]}x{0[1]}".format)
def test_images_too_small_for_lenet5_are_refused_with_the_numbers(size):
    with pytest.raises(ValueError, match=rf"images of {size[0]}x{size[1]} are too small: .* at least 12x12"):
        LeNet5(height=size[0], width=size[1])


@pytest.mark.parametrize("name, hint", [("LeNet", "; did you mean lenet5?"), ("vgg", "")])
def test_an_unknown_model_is_told_what_there_is(name, hint):
    with pytest.raises(ValueError) as error:
        build_model(name, 1, 28, 28, 10)
    assert str(error.value) == f"unknown model {name!r}: there are {', '.join(MODELS)}{hint}"


def test_the_same_seed_gives_the_same_weights():
    def weights(seed):
        numbacnn.manual_seed(seed)
        return LeNet5().state_dict()["conv2.weight"].numpy()

    assert (weights(1) == weights(1)).all()
    assert (weights(1) != weights(2)).any()
