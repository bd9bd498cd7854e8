"""Containers, lazy layers, hooks, transposed convolutions and borders of convolutions, against PyTorch where it is."""
import copy

import numpy as np
import pytest

import numbacnn as nc
from numbacnn import nn
from numbacnn.models.layer_table import layer_table
from numbacnn.nn import functional as F
from tolerances import assert_close


def twins(torch, make, x, *more):
    """Results and gradients of the same module of both libraries, with the same weights."""
    theirs, mine = make(torch.nn), make(nn)
    mine.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    results = []
    for module, tensor in ((mine, nc.tensor(x, requires_grad=True)), (theirs, torch.tensor(x, requires_grad=True))):
        out = module(tensor, *more)
        (out * out).sum().backward()
        results.append([out.detach().numpy(), tensor.grad.numpy(), *(p.grad.numpy() for p in module.parameters())])
    size = max(1, *(np.abs(other).max() for other in results[1]))  # gradients that cancel to 0 are sums of terms like the others
    for ours, other in zip(*results, strict=True):
        assert_close(ours, other, 200, size=size)
    assert repr(mine) == repr(theirs)


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("settings", [{}, {"stride": 2, "padding": 1, "output_padding": 1}, {"groups": 2, "dilation": 2, "bias": False}],
                         ids=str)
def test_transposed_convolutions_equal_pytorch(dims, settings, rng, torch):
    x = rng.standard_normal((2, 4, *(5, 4, 3)[:dims])).astype(np.float32)
    twins(torch, lambda library: getattr(library, f"ConvTranspose{dims}d")(4, 6, 3, **settings), x)
    twins(torch, lambda library: getattr(library, f"ConvTranspose{dims}d")(4, 6, 3, **settings), x[0])


def test_an_output_size_chooses_among_those_of_a_stride(rng, torch):
    x = rng.standard_normal((2, 3, 5, 4)).astype(np.float32)
    for size in ((11, 9), (2, 4, 12, 10)):
        twins(torch, lambda library: library.ConvTranspose2d(3, 4, 3, stride=2), x, size)
    with pytest.raises(ValueError, match=r"requested an output size of \[13, 9\], but valid sizes range from \[11, 9\]"):
        nn.ConvTranspose2d(3, 4, 3, stride=2)(nc.tensor(x), (13, 9))


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("dims, padding", [(1, 2), (2, (1, 2)), (2, "same"), (3, 1)])
def test_borders_of_convolutions_equal_pytorch(mode, dims, padding, rng, torch):
    x = rng.standard_normal((2, 3, *(5, 6, 4)[:dims])).astype(np.float32)
    twins(torch, lambda library: getattr(library, f"Conv{dims}d")(3, 4, 2, padding=padding, padding_mode=mode), x)


@pytest.mark.parametrize("make", [lambda library: library.InstanceNorm2d(4, affine=True, track_running_stats=True),
                                  lambda library: library.GroupNorm(2, 4), lambda library: library.LayerNorm((5, 6), bias=False)],
                         ids=["instance", "group", "layer"])
def test_normalization_behind_a_convolution_equals_pytorch(make, rng, torch):
    """In lanes, with lanes that hold no image, whose gradients must be zero."""
    x = rng.standard_normal((3, 2, 5, 6)).astype(np.float32)
    twins(torch, lambda library: library.Sequential(library.Conv2d(2, 4, 1), make(library), library.Conv2d(4, 2, 3)), x)


def test_running_statistics_of_instances_equal_pytorch(rng, torch):
    mine, theirs = (library.InstanceNorm1d(3, track_running_stats=True) for library in (nn, torch.nn))
    for _ in range(3):
        x = rng.standard_normal((4, 3, 7)).astype(np.float32) + 2
        assert_close(mine(nc.tensor(x)).numpy(), theirs(torch.tensor(x)).numpy(), 7, size=10)
    for name in ("running_mean", "running_var"):
        assert_close(getattr(mine, name).numpy(), getattr(theirs, name).numpy(), 30)
    assert_close(mine.eval()(nc.tensor(x)).numpy(), theirs.eval()(torch.tensor(x)).numpy(), 7, size=10)


def test_alpha_dropout_keeps_mean_and_variance():
    nc.manual_seed(1)
    x = nc.randn(200, 500)
    out = F.alpha_dropout(x, 0.3, training=True)
    assert abs(out.mean().item()) < 0.02 and abs(out.std().item() - 1) < 0.02
    limit = -1.7580993408473766  # of SELU; section 2 of the paper says how it is scaled and shifted
    dropped = limit * (1 - 0.3) * ((1 - 0.3) * (1 + 0.3 * limit ** 2)) ** -0.5
    assert 0.29 < ((out - dropped).abs() < 1e-5).float().mean().item() < 0.31
    assert nn.AlphaDropout(0.3).eval()(x) is x


def test_module_dict_and_lists_of_parameters():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.heads = nn.ModuleDict({"keys": nn.Linear(2, 3), "b": nn.ReLU()})
            self.scales = nn.ParameterList([nc.ones(2), nn.Parameter(nc.zeros(3))])
            self.named = nn.ParameterDict({"a": nc.ones(1)})

    net = Net()
    assert [*net.state_dict()] == ["heads.keys.weight", "heads.keys.bias", "scales.0", "scales.1", "named.a"]
    assert [*net.heads] == ["keys", "b"] and "b" in net.heads and len(net.heads) == 2
    assert isinstance(net.heads.pop("b"), nn.ReLU) and [*net.heads.keys()] == ["keys"]
    net.heads.update([("c", nn.Tanh())])
    assert isinstance(net.heads["c"], nn.Tanh) and net.scales[-1].shape == (3,)
    assert len(net.scales[:1]) == 1 and all(isinstance(p, nn.Parameter) for p in net.scales)
    assert net.get_parameter("named.a").tolist() == [1.0]
    with pytest.raises(AttributeError, match="no parameter 'named.b'"):
        net.get_parameter("named.b")
    assert "(0): Parameter containing: [numbacnn.float32 of size 2]" in repr(net.scales)


def test_chains_and_lists_are_joined_and_parted(torch):
    printed = []
    for net in (nn, torch.nn):
        chain = net.Sequential(net.ReLU()) + net.Sequential(net.Tanh(), net.Sigmoid())
        chain += net.Sequential(net.Tanh())
        layers = net.ModuleList([net.ReLU(), net.Tanh()]) + net.ModuleList([net.Sigmoid()])
        printed.append([repr(chain.pop(1)), repr(chain), repr(layers.pop(-1)), repr(layers)])
    assert printed[0] == printed[1]


@pytest.mark.parametrize("name, args, shape", [("LazyConv2d", (4, 3), (2, 3, 5, 5)), ("LazyConvTranspose1d", (4, 3), (3, 5)),
                                               ("LazyBatchNorm1d", (), (4, 3)), ("LazyInstanceNorm3d", (), (2, 3, 2, 2, 2))])
def test_lazy_layers_become_ordinary_ones(name, args, shape):
    nc.manual_seed(4)
    layer = getattr(nn, name)(*args)
    x = nc.randn(*shape)
    layer(x)
    assert type(layer) is getattr(nn, name.removeprefix("Lazy"))
    nc.manual_seed(4)
    nc.randn(*shape)
    other = type(layer)(3, *args)
    assert [*layer.state_dict()] == [*other.state_dict()]
    for one, two in zip(layer.parameters(), other.parameters()):
        assert nc.equal(one, two)
    copy.deepcopy(layer)(x)


LOADED = [("LazyConv2d", (4, 3), (2, 3, 5, 5)), ("LazyConv2d", (4, 3, 1, 0, 1, 1, False), (2, 3, 5, 5)),
          ("LazyConvTranspose1d", (4, 3), (2, 3, 5)), ("LazyBatchNorm2d", (), (4, 3, 2, 2)),
          ("LazyLinear", (4,), (2, 3))]


@pytest.mark.parametrize("name, args, shape", LOADED)
def test_a_lazy_layer_keeps_what_was_loaded(torch, rng, name, args, shape):
    x = rng.standard_normal(shape, dtype=np.float32)
    known = getattr(torch.nn, name.removeprefix("Lazy"))(shape[1], *args)
    state = {key: torch.from_numpy(rng.random(value.shape, dtype=np.float32)) if value.is_floating_point() else value + 7
             for key, value in known.state_dict().items()}
    outs, printed = [], []
    for library, given in ((nc, {key: nc.tensor(value.numpy()) for key, value in state.items()}), (torch, state)):
        layer = getattr(library.nn, name)(*args)
        printed.append([repr(member) for member in (*layer.parameters(), *layer.buffers()) if member.ndim])
        layer.load_state_dict(given)
        outs.append(layer.eval()(library.from_numpy(x)).detach().numpy())
        printed[-1] += [type(layer).__name__, *map(tuple, (member.shape for member in layer.state_dict().values()))]
    assert printed[0] == printed[1]
    np.testing.assert_allclose(*outs, rtol=1.3e-6, atol=1e-5)


def test_an_optimizer_may_be_made_before_a_lazy_layer_has_seen_its_input(torch):
    for library in (nc, torch):
        layer = library.nn.LazyConv2d(4, 3)
        optimizer = library.optim.SGD(layer.parameters(), lr=0.5)
        layer(library.ones(1, 2, 5, 5)).sum().backward()
        before = [param.detach().clone() for param in layer.parameters()]
        optimizer.step()
        moved = [(one - two).abs().max().item() for one, two in zip(before, layer.parameters())]
        assert moved == pytest.approx([4.5, 4.5], abs=1e-5)


def test_backward_hooks_see_and_replace_gradients(torch):
    seen = []
    for library, net in ((nc, nn), (torch, torch.nn)):
        layer = net.Linear(2, 3, bias=False)
        with library.no_grad():
            layer.weight.copy_(library.tensor(np.arange(6.0).reshape(3, 2)))
        x = library.tensor(np.ones((4, 2), np.float32), requires_grad=True)
        handle = layer.register_full_backward_hook(lambda module, dx, dout: (dx[0] * 2,))
        pre = layer.register_full_backward_pre_hook(lambda module, dout: (dout[0] * 10,))
        layer(x).sum().backward()
        handle.remove()
        pre.remove()
        seen.append((x.grad.numpy().copy(), layer.weight.grad.numpy().copy()))
        x.grad = None
        layer(x).sum().backward()
        seen[-1] += (x.grad.numpy(),)
    for mine, other in zip(*seen):
        np.testing.assert_array_equal(mine, other)


@pytest.mark.filterwarnings("ignore:Full backward hook is firing:UserWarning")  # PyTorch tells that it is a special case
def test_a_backward_hook_without_gradients_of_the_input(torch):
    for library, net in ((nc, nn), (torch, torch.nn)):
        calls = []
        layer = net.Linear(2, 3)
        layer.register_full_backward_hook(lambda module, dx, dout: calls.append((dx, tuple(dout[0].shape))))
        layer(library.ones(4, 2)).sum().backward()
        assert calls == [((None,), (4, 3))]


def test_hooks_with_keyword_arguments():
    class Scaled(nn.Module):
        def forward(self, x, scale=1):
            return x * scale

    layer, seen = Scaled(), []
    layer.register_forward_pre_hook(lambda module, args, kwargs: (args, {"scale": kwargs["scale"] + 1}), with_kwargs=True)
    layer.register_forward_hook(lambda module, args, kwargs, out: seen.append(kwargs), with_kwargs=True)
    layer.register_forward_hook(lambda module, args, out: seen.append("first"), prepend=True)
    assert layer(nc.ones(1), scale=2).item() == 3
    assert seen == ["first", {"scale": 3}]


def test_state_is_assigned():
    layer, other = nn.Linear(2, 2), nn.Linear(2, 2).double()
    layer.load_state_dict(other.state_dict(), assign=True)
    assert layer.weight.dtype == nc.float64
    saved = layer.state_dict(destination={"x": 1}, prefix="net.", keep_vars=True)
    assert [*saved] == ["x", "net.weight", "net.bias"] and saved["net.weight"] is layer.weight


@pytest.mark.parametrize("settings, words", [({"size_average": False}, "'sum'"), ({"reduce": False}, "'none'"),
                                             ({"size_average": True, "reduce": True}, "'mean'")], ids=str)
def test_old_names_of_the_reduction_warn_and_work(settings, words, torch):
    x, y = np.array([1.0, 4.0], np.float32), np.array([0.0, 2.0], np.float32)
    with pytest.warns(UserWarning, match=f"size_average and reduce args will be deprecated, please use reduction={words}"):
        mine = F.mse_loss(nc.tensor(x), nc.tensor(y), **settings).tolist()
        loss = nn.MSELoss(**settings)
        expected = torch.nn.functional.mse_loss(torch.tensor(x), torch.tensor(y), **settings).tolist()
    assert mine == expected == loss(nc.tensor(x), nc.tensor(y)).tolist()


def test_the_table_of_layers_knows_the_shapes():
    model = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.SiLU(), nn.PixelShuffle(2), nn.InstanceNorm2d(2),
                          nn.ReflectionPad2d(1), nn.ConvTranspose2d(2, 4, 3, stride=2), nn.PReLU(), nn.Upsample(scale_factor=2),
                          nn.LocalResponseNorm(3), nn.PixelUnshuffle(2), nn.ChannelShuffle(4), nn.LayerNorm((37, 37)))
    x = nc.randn(2, 3, 8, 8)
    rows = layer_table(model, 3, 8, 8)
    out = model(x)
    assert tuple(rows[-1].out_shape) == tuple(out.shape[1:])
