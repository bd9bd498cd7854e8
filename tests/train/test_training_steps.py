"""Training steps that are replayed: the bits of the plain loop, whatever is trained and however; all else step by step."""
import re

import numpy as np
import pytest

import numbacnn as nc
from both_loops import Both, K, N, batches, chain, compiled, sgd
from numbacnn import nn, optim
from numbacnn.train import Normalize, traceable

OPTIMIZERS = [lambda p: optim.SGD(p, lr=0.1), lambda p: optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.5, weight_decay=0.01),
              lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, maximize=True), lambda p: optim.Adam(p, lr=0.01),
              lambda p: optim.AdamW(p, lr=0.01), lambda p: optim.RMSprop(p, lr=0.01),
              lambda p: optim.RMSprop(p, lr=0.01, momentum=0.9, centered=True)]


@compiled
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_bits_are_those_of_the_plain_loop(optimizer):
    both = Both(optimizer=optimizer)
    both.agree(*batches(), rates=[0.1, 0.2, 0.05, 0.01, 0.3])
    both.agree(*batches(seed=2))
    both.agree(*(part[:1] for part in batches(seed=3)))


@compiled
@pytest.mark.parametrize("settings", [{"reduction": "sum"}, {"label_smoothing": 0.1}, {"ignore_index": -1}])
def test_settings_of_the_loss(settings):
    Both(criterion=lambda: nn.CrossEntropyLoss(**settings)).agree(*batches())


@compiled
def test_every_shape_of_batch_has_its_own_step():
    both, (x, y) = Both(), batches()
    for size in (N, 7, N, 7, 1):
        both.agree(x[:, :size].copy(), y[:, :size])


@compiled
def test_pixels_in_bytes():
    both = Both(prepare=Normalize([0.3], [0.2]).tensor)
    x = np.random.default_rng(1).integers(0, 256, (K, N, 1, 8, 8)).astype(np.uint8)
    both.agree(x, batches()[1])


@compiled
def test_groups_and_frozen_layers():
    def groups(params):
        first, *others = params
        return optim.Adam([{"params": [first], "lr": 0.001}, {"params": others, "weight_decay": 0.1}], lr=0.01)

    both = Both(optimizer=groups)
    both.agree(*batches())
    both.change(lambda model: model[0].requires_grad_(False))
    both.agree(*batches(seed=2))
    both.change(lambda model: model[0].requires_grad_())  # from now on the parameters have made different numbers of steps
    both.agree(*batches(seed=3))


class Own(nn.Sequential):
    """Whose `forward` may do anything."""

    def forward(self, input):
        return super().forward(input) + 0


class Residual(nn.Module):
    """Whose `forward` does the same each time; its body is used so many times."""

    def __init__(self, times):
        super().__init__()
        nc.manual_seed(3)
        self.times, self.body, self.head = times, nn.Conv2d(1, 1, 3, padding=1), nn.Linear(64, 5)

    @traceable
    def forward(self, input):
        out = input
        for _ in range(self.times):
            out = input + self.body(out)
        return self.head(nn.functional.relu(out).flatten(1))


@compiled
@pytest.mark.parametrize("times, replayed", [(1, True), (2, False)])
def test_a_forward_that_says_so_is_replayed(times, replayed):
    """But not where the gradient of a parameter has several parts, which are added on arrival."""
    both = Both(model=lambda: Residual(times))
    both.agree(*batches(), replayed=replayed)
    both.agree(*batches(seed=2), replayed=replayed)


class WithNumPy(Residual):
    """Whose `forward` does the same each time, but not all of it in the engine."""

    def __init__(self, compute):
        super().__init__(1)
        self.compute = compute

    @traceable
    def forward(self, input):
        return self.head((self.body(input) + self.compute(self, input)).flatten(1))


@compiled
@pytest.mark.parametrize("compute", [
    lambda model, x: x * 2, lambda model, x: x - x.mean(), lambda model, x: nn.functional.relu(x * 0.5), lambda model, x: x.abs(),
    lambda model, x: nn.functional.conv2d(x, model.body.weight.detach() * 2, padding=1)])
def test_what_numpy_computes_is_not_traced(compute):
    both = Both(model=lambda: WithNumPy(compute))
    both.agree(*batches(), replayed=False)
    both.agree(*batches(seed=2), replayed=False)


@compiled
@pytest.mark.parametrize("prepare", [lambda x: nc.tensor(x * 2), lambda x: nc.tensor(x[:, ::-1].copy())])
def test_batches_that_numpy_prepares(prepare):
    Both(prepare=prepare).agree(*batches(), replayed=False)


@compiled
def test_a_part_of_the_batch():
    def model():
        nc.manual_seed(3)
        return nn.Sequential(nn.Flatten(), nn.Linear(32, 5))

    for part in (slice(0, 4), slice(4, 8)):
        both = Both(model=model, prepare=lambda x, part=part: nc.Tensor._detached(np.ascontiguousarray(x)[:, :, part]))
        both.agree(*batches(), replayed=part.start == 0)


@compiled
def test_layers_of_one_dimension():
    def model():
        nc.manual_seed(3)
        return nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(124, 5))

    x, y = batches()
    Both(model=model).agree(x.reshape(K, N, 1, 64), y)


@compiled
def test_a_parameter_that_does_not_lie_in_one_piece():
    both = Both()
    for model in both.models:
        model[4].weight.data = nc.tensor(np.arange(180, dtype=np.float32).reshape(36, 5) / 90).t()
    both.agree(*batches(), replayed=False)


@compiled
def test_rates_reach_every_group():
    def groups(params):
        first, *others = params
        return sgd([{"params": [first]}, {"params": others}])

    both = Both(optimizer=groups)
    both.change(lambda model: model[0].requires_grad_(False))
    both.agree(*batches(), rates=[0.1, 0.2, 0.3, 0.4, 0.5])
    assert [group["lr"] for group in both.optimizers[1].param_groups] == [0.5, 0.5]
    both.change(lambda model: model[0].requires_grad_())
    both.agree(*batches(seed=2))


@compiled
def test_rates_that_are_no_numbers_are_refused_before_anything_happens():
    both = Both(optimizer=lambda p: optim.Adam(p, lr=0.01))
    with pytest.raises(ValueError, match="'fast'"):
        both.steps(*batches(), rates=[0.1, 0.2, "fast", 0.1, 0.1])
    both.agree(*batches())
    for optimizer in both.optimizers:
        optimizer.param_groups[0]["lr"] = nc.tensor(0.01)
    both.agree(*batches(seed=2), replayed=False)


class Slower(optim.SGD):
    """An optimizer that is not numbacnn's."""

    def _update(self, params, grads, states, group):
        super()._update(params, grads, states, {**group, "lr": group["lr"] / 2})


@pytest.mark.parametrize("settings, graph_break", [
    ({"model": lambda: chain(nn.BatchNorm2d(4))}, r"^layer 3 \(BatchNorm2d\) has a forward that could do something else with every batch$"),
    ({"model": lambda: Own(*chain())}, r"^the network \(Own\) has .* mark that with @numbacnn.train.traceable$"),
    ({"model": lambda: chain().double()}, "the scores, .*float64 .*, are no float32 rows"),
    ({"optimizer": lambda p: Slower(p, lr=0.1)},
     r"the optimizer is a test_training_steps.Slower, not one of numbacnn.optim's Adadelta, Adagrad, Adam, AdamW, RMSprop, SGD"),
    ({"clip_norm": 0.1}, "clip_norm"),
    ({"criterion": lambda: nn.CrossEntropyLoss(nc.ones(5))}, "^the loss has weights of the classes$"),
    ({"criterion": lambda: lambda out, classes: nn.functional.cross_entropy(out, classes) * 2},
     "the loss is test_training_steps.*<lambda>, not"),
    ({"criterion": nn.NLLLoss}, "NLLLoss, not an nn.CrossEntropyLoss")])
def test_others_are_trained_step_by_step(settings, graph_break):
    both = Both(**settings)
    dtype = both.models[0][0].weight.dtype
    for x, y in (batches(dtype=dtype), [part[:1] for part in batches(dtype=dtype, seed=2)]):
        both.agree(x, y, replayed=False)
        assert re.search(graph_break, both.steps.graph_break)


def test_dropout_draws_anew_for_each_batch():
    nc.manual_seed(7)
    both = Both(model=lambda: chain(nn.Dropout(0.5)))
    x, y = batches()
    state = nc.get_rng_state()
    losses, _ = both.steps(x, y)
    nc.set_rng_state(state)
    assert losses.tolist() == [loss for loss, _ in both.plainly(x, y, [None] * K)]


@compiled
def test_batches_that_do_not_lie_in_one_piece():
    x, y = batches()
    Both().agree(x.transpose(0, 1, 2, 4, 3), y, replayed=False)
    Both().agree(x[::2], y[::2])
    Both().agree(np.broadcast_to(x[0], x.shape), y)
    Both().agree(nc.tensor(x), nc.tensor(y))


@pytest.mark.parametrize("x, y, rates, words", [
    (K, K - 1, None, "5 batches, classes of 4; give as many"), (0, 0, None, "0 batches, classes of 0"),
    (K, K, [0.1], "5 batches, classes of 5, 1 learning rates"), (K, K, [0.1] * 4 + [None], "rates must be numbers")])
def test_as_many_of_each(x, y, rates, words):
    images, classes = batches()
    with pytest.raises(ValueError, match=words):
        Both().steps(images[:x], classes[:y], rates)


def test_a_single_batch_is_told_how_to_come():
    images, classes = batches()
    with pytest.raises(ValueError, match=r"y \(20,\), expected .*x\[None\] and y\[None\]"):
        Both().steps(images[0], classes[0])


@pytest.mark.parametrize("wrong, error, words", [
    (lambda x, y: (x, y + 1), ValueError, "target 5 is out of range"), (lambda x, y: (x, y - 1), ValueError, "target -1 is negative"),
    (lambda x, y: (x, y[:, 1:]), ValueError, "19"), (lambda x, y: (x, y.astype(np.float32)), TypeError, "integers"),
    (lambda x, y: (x[:, :, :, :6], y), ValueError, "Linear"), (lambda x, y: (x[..., 0], y), ValueError, "Conv2d")])
def test_what_does_not_fit_is_told_as_in_the_plain_loop(wrong, error, words):
    both = Both()
    both.steps(*batches())
    for steps in (both.steps, Both().steps):
        with pytest.raises(error, match=words):
            steps(*wrong(*batches()))
    both.steps(*batches(seed=2))


@compiled
def test_a_loss_or_an_optimizer_that_was_changed_is_not_passed_by():
    both = Both()
    hook = both.criterion.register_forward_hook(lambda module, args, out: out * 2)
    both.agree(*batches(), replayed=False)
    assert both.steps.graph_break == "the loss has a hook, or a forward of its own"
    hook.remove()
    both.criterion.weight = nc.ones(5) / 3
    both.agree(*batches(seed=2), replayed=False)
    both.criterion.weight = None
    both.agree(*batches(seed=3))
    for optimizer in both.optimizers:
        optimizer.step = lambda optimizer=optimizer: type(optimizer).step(optimizer)
    both.agree(*batches(seed=4), replayed=False)


@compiled
def test_a_layer_that_made_way_is_in_the_way_no_more():
    both = Both(model=lambda: chain(nn.BatchNorm2d(4)))
    both.agree(*batches(), replayed=False)
    both.change(lambda model: setattr(model, "3", nn.Identity()))
    both.agree(*batches(seed=2))


@pytest.mark.parametrize("layer", [nn.Identity, lambda: nn.BatchNorm2d(4)])
def test_numbers_of_any_width_and_byte_order(layer):
    x, y = batches()
    both, plain = Both(model=lambda: chain(layer())), Both(model=lambda: chain(layer()))
    losses, _ = both.steps(x.astype(">f4"), y.astype(np.int8))
    assert losses.tolist() == plain.steps(x, y)[0].tolist()
