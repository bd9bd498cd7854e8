"""Pruning against PyTorch: which weights are held at 0, what trains, what is saved."""
import numpy as np
import pytest

import numbacnn as nc
from numbacnn import nn
from numbacnn.nn.utils import prune
from tolerances import assert_close


def test_the_smallest_weights_go_as_in_pytorch(rng, torch):
    from torch.nn.utils import prune as theirs

    layers, gradients = [nn.Linear(6, 5), torch.nn.Linear(6, 5)], []
    weight, x = rng.standard_normal((5, 6)).astype(np.float32), rng.standard_normal((4, 6)).astype(np.float32)
    for library, layer, module in ((nc, layers[0], prune), (torch, layers[1], theirs)):
        with library.no_grad():
            layer.weight.copy_(library.tensor(weight))
            layer.bias.zero_()
        assert module.l1_unstructured(layer, "weight", 0.3) is layer and module.is_pruned(layer)
        module.l1_unstructured(layer, name="weight", amount=4)
        layer(library.tensor(x)).sum().backward()
        gradients.append(layer.weight_orig.grad.numpy())
    mine, other = layers
    assert sorted(mine.state_dict()) == sorted(other.state_dict()) == ["bias", "weight_mask", "weight_orig"]
    assert (mine.weight_mask.numpy() == other.weight_mask.numpy()).all() and (mine.weight_mask == 0).sum() == 9 + 4
    assert_close(mine(nc.tensor(x)).detach().numpy(), other(torch.tensor(x)).detach().numpy(), terms=6)
    assert_close(gradients[0], gradients[1], terms=4)
    prune.remove(mine, "weight")
    assert sorted(mine.state_dict()) == ["bias", "weight"] and not prune.is_pruned(mine) and mine.weight.requires_grad
    assert (mine.weight == 0).sum() == 13


def test_random_weights_go():
    nc.manual_seed(5)
    layers = [prune.random_unstructured(nn.Linear(50, 40), "weight", 0.25) for _ in range(2)]
    masks = [layer.weight_mask.numpy() for layer in layers]
    assert [int((mask == 0).sum()) for mask in masks] == [500, 500] and (masks[0] != masks[1]).any()


@pytest.mark.parametrize("attempt, error, words", [
    (lambda m: prune.l1_unstructured(m, "weight", 1.5), ValueError, "in the range"),
    (lambda m: prune.l1_unstructured(m, "weight", 7), ValueError, "smaller than the number of parameters to prune=6"),
    (lambda m: prune.l1_unstructured(m, "weight", "all"), TypeError, "must be an int or a float"),
    (lambda m: prune.remove(m, "weight"), ValueError, "has to be pruned before")], ids=range(4))
def test_refusals(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt(nn.Linear(3, 2))
