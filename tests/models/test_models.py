"""The ready-made networks: sizes, shapes, and refusals that help."""
import numpy as np
import pytest

import numbacnn
from numbacnn.models import MODELS, LeNet5, build_model

SHALLOW = ["lenet5", "mlp", "linear"]


def test_lenet5_has_the_parameters_of_net_b():
    shapes = {name: tuple(tensor.shape) for name, tensor in LeNet5().state_dict().items()}
    assert shapes == {
        "conv1.weight": (6, 1, 5, 5), "conv1.bias": (6,), "conv2.weight": (16, 6, 5, 5), "conv2.bias": (16,),
        "fc1.weight": (120, 400), "fc1.bias": (120,), "fc2.weight": (84, 120), "fc2.bias": (84,),
        "fc3.weight": (10, 84), "fc3.bias": (10,)}
    assert sum(np.prod(shape) for shape in shapes.values()) == 61_706


@pytest.mark.parametrize("name", SHALLOW)
@pytest.mark.parametrize("size", [(1, 28, 28), (3, 32, 20), (1, 12, 13)], ids="C{0[0]}-{0[1]}x{0[2]}".format)
def test_a_batch_gives_a_score_a_class(name, size):
    model = build_model(name, *size, classes=7)
    assert tuple(model(numbacnn.zeros(2, *size)).shape) == (2, 7)


@pytest.mark.parametrize("size", [(11, 28), (28, 11), (8, 8)], ids="{0[0]}x{0[1]}".format)
def test_images_too_small_for_lenet5_are_refused_with_the_numbers(size):
    with pytest.raises(ValueError, match=rf"images of {size[0]}x{size[1]} are too small: .* at least 12x12"):
        LeNet5(height=size[0], width=size[1])


@pytest.mark.parametrize("name, hint", [("LeNet", "; did you mean lenet5?"), ("vgg", "; did you mean vgg16?")])
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
