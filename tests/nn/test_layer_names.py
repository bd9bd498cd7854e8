"""Errors say in which layer of a network they arose."""
import pickle
import re
from pathlib import Path
from traceback import extract_tb

import pytest

import numbacnn as nc
from numbacnn import nn


def refused(network, *shape, error=ValueError):
    """The message and the traceback of what a network refuses."""
    with pytest.raises(error) as caught:
        network(nc.zeros(*shape))
    return str(caught.value), extract_tb(caught.value.__traceback__)


def test_a_layer_alone_has_no_name():
    message, _ = refused(nn.Conv2d(3, 6, 5), 1, 1, 8, 8)
    assert message.startswith("conv2d: ")


@pytest.mark.parametrize("shape", [(1, 3, 8, 8), (8,)])
def test_position_in_a_sequential(shape):
    """The rest of the message is that of the layer alone, and the traceback leads to it."""
    layer = nn.Conv2d(1, 6, 5)
    alone, _ = refused(layer, *shape)
    message, traceback = refused(nn.Sequential(nn.ReLU(), layer), *shape)
    assert message == f"layer 1 (Conv2d): {alone}"
    assert Path(traceback[-1].filename).parts[-2:] == ("functional", "conv.py")


def test_dotted_names_are_told_once_however_deep():
    network = nn.Sequential(nn.Identity(), nn.Linear(4, 4))
    alone, _ = refused(nn.Linear(4, 4), 2, 3)
    for depth in range(1, 6):
        message, _ = refused(network, 2, 3)
        assert message == f"layer {'0.' * (depth - 1)}1 (Linear): {alone}"
        network = nn.Sequential(network)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([nn.Linear(4, 4), nn.Linear(5, 5)])
        self.shared = nn.Sequential(self.blocks[1])
        self.hidden = [nn.Linear(7, 7)]  # in a plain list it has no name

    def forward(self, input, which):
        if which == "hidden":
            return self.hidden[0](input)
        if which == "itself":
            return input.reshape(5)
        if which == "key":
            raise KeyError("no such key")
        return self.blocks[which](input)


@pytest.mark.parametrize("which, beginning, error", [
    (0, r"layer net.blocks.0 \(Linear\): linear: ", ValueError),
    (1, r"layer net.blocks.1 or net.shared.0 \(Linear\): linear: ", ValueError),  # it may be either
    ("hidden", r"layer net \(Net\): linear: ", ValueError), ("itself", r"layer net \(Net\): reshape: ", RuntimeError),
    ("key", "'no such key'$", KeyError)])
def test_networks_of_ones_own(which, beginning, error):
    class Outer(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = Net()

        def forward(self, input):
            return self.net(input, which)

    message, _ = refused(Outer(), 2, 3, error=error)
    assert re.match(beginning, message), message


def test_errors_without_a_plain_message_are_left_alone():
    class Odd(nn.Module):
        def forward(self, input):
            b"\xff".decode("utf-8")

    message, _ = refused(nn.Sequential(Odd()), 1, error=UnicodeDecodeError)
    assert message.startswith("'utf-8' codec")


def test_a_new_error_from_an_old_one_is_that_of_the_outer_layer():
    class Careful(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(4, 4)

        def forward(self, input):
            try:
                return self.inner(input)
            except ValueError as error:
                raise ValueError("no use") from error

    assert refused(nn.Sequential(Careful()), 2, 3)[0] == "layer 0 (Careful): no use"


def test_a_layer_in_a_plain_list_is_told_by_the_network_that_holds_it():
    class Hidden(nn.Module):
        def __init__(self):
            super().__init__()
            self.chain = [nn.Sequential(nn.ReLU(), nn.Linear(4, 4))]

        def forward(self, input):
            return self.chain[0](input)

    alone, _ = refused(nn.Linear(4, 4), 2, 3)
    assert refused(nn.Sequential(Hidden()), 2, 3)[0] == f"layer 0 (Hidden): {alone}"


def test_an_error_can_be_sent_to_another_process_without_the_network():
    with pytest.raises(ValueError) as caught:
        nn.Sequential(nn.Linear(400, 400))(nc.zeros(2, 3))
    assert len(pickle.dumps(caught.value)) < 1000


def test_an_error_in_a_hook_is_told_of_its_layer():
    network = nn.Sequential(nn.ReLU(), nn.ReLU())

    def refuse(module, args):
        raise ValueError("no")

    network[1].register_forward_pre_hook(refuse)
    assert refused(network, 2)[0] == "layer 1 (ReLU): no"
