"""Weight normalization, parameters as a vector, padded sequences, and DataParallel, against PyTorch."""
import numpy as np
import pytest

import numbacnn as nc
from numbacnn import nn
from numbacnn.nn.utils import (clip_grad_norm_, parameters_to_vector, remove_spectral_norm, remove_weight_norm, spectral_norm,
                               vector_to_parameters, weight_norm)
from numbacnn.nn.utils.rnn import pad_sequence
from numbacnn.optim import lr_scheduler


def pair(torch, kind, *args):
    """A layer here and in PyTorch with the same numbers."""
    nc.manual_seed(0)
    ours, theirs = getattr(nn, kind)(*args), getattr(torch.nn, kind)(*args)
    theirs.load_state_dict({name: torch.from_numpy(t.detach().numpy().copy()) for name, t in ours.state_dict().items()})
    return ours, theirs


@pytest.mark.parametrize("layer, args, shape", [("Conv1d", (2, 3, 3), (2, 2, 7)), ("Conv2d", (2, 3, 3), (2, 2, 5, 6)),
                                               ("Linear", (4, 3), (5, 4))])
@pytest.mark.parametrize("dim", [0, 1, None, -1])
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_weight_norm(torch, rng, layer, args, shape, dim):
    ours, theirs = pair(torch, layer, *args)
    ours, theirs = weight_norm(ours, dim=dim), torch.nn.utils.weight_norm(theirs, dim=dim)
    assert [*ours.state_dict()] == [*theirs.state_dict()]
    assert ours.weight_g.shape == theirs.weight_g.shape and np.allclose(ours.weight_g.detach().numpy(),
                                                                        theirs.weight_g.detach().numpy(), atol=1e-6)
    optimizers = nc.optim.SGD(ours.parameters(), lr=0.1), torch.optim.SGD(theirs.parameters(), lr=0.1)
    x = rng.normal(size=shape).astype(np.float32)
    for _ in range(3):
        outs = ours(nc.tensor(x)), theirs(torch.from_numpy(x))
        assert np.allclose(outs[0].detach().numpy(), outs[1].detach().numpy(), atol=1e-5)
        for optimizer, out in zip(optimizers, outs):
            optimizer.zero_grad()
            (out * out).mean().backward()
            optimizer.step()
    for name, parameter in theirs.named_parameters():
        assert np.allclose(getattr(ours, name).detach().numpy(), parameter.detach().numpy(), atol=1e-5), name
        assert np.allclose(getattr(ours, name).grad.numpy(), parameter.grad.numpy(), atol=1e-5), name
    before = ours(nc.tensor(x)).detach().numpy()
    assert [*remove_weight_norm(ours).state_dict()] == ["bias", "weight"]
    assert np.allclose(ours(nc.tensor(x)).detach().numpy(), before, atol=1e-6)


def test_weight_norm_is_refused_twice():
    layer = weight_norm(nn.Linear(2, 2))
    with pytest.raises(RuntimeError, match="two weight_norm hooks on the same parameter weight"):
        weight_norm(layer)
    remove_weight_norm(layer)
    with pytest.raises(ValueError, match="weight_norm of 'weight' not found in Linear"):
        remove_weight_norm(layer)


@pytest.mark.parametrize("layer, args, shape", [("Conv2d", (2, 3, 3), (2, 2, 5, 6)), ("Linear", (4, 3), (5, 4)),
                                               ("ConvTranspose2d", (2, 3, 3), (2, 2, 4, 4))])
@pytest.mark.parametrize("settings", [{}, {"n_power_iterations": 3}, {"dim": 1}], ids=str)
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_spectral_norm(torch, rng, layer, args, shape, settings):
    """From the vectors that PyTorch drew, three steps of training and an evaluation."""
    ours, theirs = pair(torch, layer, *args)
    ours, theirs = spectral_norm(ours, **settings), torch.nn.utils.spectral_norm(theirs, **settings)
    assert [*ours.state_dict()] == [*theirs.state_dict()]
    ours.load_state_dict({name: nc.tensor(t.numpy().copy()) for name, t in theirs.state_dict().items()})
    optimizers = nc.optim.SGD(ours.parameters(), lr=0.1), torch.optim.SGD(theirs.parameters(), lr=0.1)
    x = rng.normal(size=shape).astype(np.float32)
    for _ in range(3):
        outs = ours(nc.tensor(x)), theirs(torch.from_numpy(x))
        assert np.allclose(outs[0].detach().numpy(), outs[1].detach().numpy(), atol=1e-5)
        for optimizer, out in zip(optimizers, outs):
            optimizer.zero_grad()
            (out * out).mean().backward()
            optimizer.step()
    for name, parameter in theirs.state_dict().items():
        assert np.allclose(ours.state_dict()[name].numpy(), parameter.numpy(), atol=1e-5), name
    vector = ours.weight_u.numpy().copy()
    expected = theirs.eval()(torch.from_numpy(x)).detach().numpy()
    assert np.allclose(ours.eval()(nc.tensor(x)).detach().numpy(), expected, atol=1e-5)
    assert np.array_equal(ours.weight_u.numpy(), vector)  # evaluation leaves it
    assert [*remove_spectral_norm(ours).state_dict()] == ["bias", "weight"]
    assert np.allclose(ours(nc.tensor(x)).detach().numpy(), expected, atol=1e-5)


def test_spectral_norm_approaches_the_largest_singular_value(rng):
    layer = spectral_norm(nn.Linear(6, 5), n_power_iterations=200)
    largest = np.linalg.svd(layer.weight_orig.detach().numpy(), compute_uv=False)[0]
    layer(nc.zeros(1, 6))
    assert np.allclose(layer.weight.detach().numpy() * largest, layer.weight_orig.detach().numpy(), atol=1e-5)


def test_spectral_norm_keeps_the_parameter():
    """An optimizer that was made before goes on with it."""
    layer = nn.Linear(3, 2)
    weight = layer.weight
    assert spectral_norm(layer).weight_orig is weight


def test_spectral_norm_is_refused_twice():
    layer = spectral_norm(nn.Linear(2, 2))
    with pytest.raises(RuntimeError, match="two spectral_norm hooks on the same parameter weight"):
        spectral_norm(layer)
    remove_spectral_norm(layer)
    with pytest.raises(ValueError, match="spectral_norm of 'weight' not found in Linear"):
        remove_spectral_norm(layer)
    with pytest.raises(ValueError, match="n_power_iterations must be at least 1, not 0"):
        spectral_norm(layer, n_power_iterations=0)


def test_parameters_as_a_vector():
    net = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    vector = parameters_to_vector(net.parameters())
    assert vector.shape == (11,) and np.array_equal(vector[:6].detach().numpy(), net[0].weight.detach().numpy().ravel())
    vector_to_parameters(nc.arange(11.0), net.parameters())
    assert net[0].bias.tolist() == [6, 7] and net[1].weight.tolist() == [[8, 9]] and net[1].bias.requires_grad
    with pytest.raises(ValueError, match="hold 11 numbers, the vector 10"):
        vector_to_parameters(nc.zeros(10), net.parameters())


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("side", ["right", "left"])
def test_pad_sequence(torch, batch_first, side):
    arrays = [np.arange(2 * n, dtype=np.int64).reshape(n, 2) for n in (3, 1, 4)]
    out = pad_sequence([nc.tensor(a) for a in arrays], batch_first, 7, side)
    expected = torch.nn.utils.rnn.pad_sequence([torch.from_numpy(a) for a in arrays], batch_first, 7, side)
    assert out.dtype == nc.int64 and np.array_equal(out.numpy(), expected.numpy())


def test_pad_sequence_passes_gradients_on():
    a, b = nc.ones(2).requires_grad_(), nc.ones(3).requires_grad_()
    (pad_sequence([a, b]) * nc.tensor([[1.0, 4], [2, 5], [3, 6]])).sum().backward()
    assert a.grad.tolist() == [1, 2] and b.grad.tolist() == [4, 5, 6]
    with pytest.raises(ValueError, match="got 'top'"):
        pad_sequence([a], padding_side="top")
    with pytest.raises(ValueError, match="empty list"):
        pad_sequence([])
    with pytest.raises(AttributeError, match="pack_padded_sequence"):
        nn.utils.rnn.pack_padded_sequence


def test_data_parallel_calls_the_network():
    net = nn.Sequential(nn.Linear(3, 2))
    parallel = nn.DataParallel(net)
    x = nc.ones(4, 3)
    assert np.array_equal(parallel(x).detach().numpy(), net(x).detach().numpy())
    assert [*parallel.state_dict()] == ["module.0.weight", "module.0.bias"] and parallel.module is net
    assert nn.parallel.DataParallel is nn.DataParallel
    with pytest.raises(RuntimeError, match=r"device_ids=\[0, 1\]"):
        nn.DataParallel(net, device_ids=[0, 1])


def test_a_schedule_of_ones_own_in_the_old_way():
    class Halving(lr_scheduler._LRScheduler):
        def get_lr(self):
            return [rate * 0.5 ** self.last_epoch for rate in self.base_lrs]

    net = nn.Linear(2, 1)
    optimizer = nc.optim.SGD(net.parameters(), lr=1.0)
    schedule = Halving(optimizer)
    for _ in range(2):
        net(nc.ones(1, 2)).sum().backward()
        clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    assert optimizer.param_groups[0]["lr"] == 0.25
