"""Training steps that are replayed: the bits of the plain loop, whatever the optimiser, and what changes is noticed."""
import copy
import pickle

import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
from numbacnn import engine, nn, optim
from numbacnn.engine import replay
from numbacnn.nn import recorded_step
from numbacnn.nn.utils import clip_grad_norm_
from numbacnn.train import Normalise, TrainingSteps, repeatable, training_steps

K, N = 5, 20
compiled = pytest.mark.skipif(config.DISABLE_JIT, reason="only compiled operations are replayed")
OPTIMIZERS = [lambda p: optim.SGD(p, lr=0.1), lambda p: optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.5, weight_decay=0.01),
              lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, maximize=True), lambda p: optim.Adam(p, lr=0.01),
              lambda p: optim.AdamW(p, lr=0.01), lambda p: optim.RMSprop(p, lr=0.01),
              lambda p: optim.RMSprop(p, lr=0.01, momentum=0.9, centered=True)]


def sgd(params):
    return optim.SGD(params, lr=0.1, momentum=0.9)


def chain(*more):
    """Nine weights, a bias, and a dense layer; `more` layers come before it."""
    nc.manual_seed(3)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), *more, nn.Flatten(), nn.Linear(36, 5))


def batches(seed=1, dtype=np.float32):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((K, N, 1, 8, 8)).astype(dtype), rng.integers(0, 5, (K, N))


class Both:
    """The same model twice, with its optimiser: one for the plain loop, one for `TrainingSteps`."""

    def __init__(self, model=chain, optimizer=sgd, criterion=nn.CrossEntropyLoss, **settings):
        self.models = model(), model()
        self.optimizers = [optimizer(each.parameters()) for each in self.models]
        self.criterion, self.clip_norm = criterion(), settings.get("clip_norm")
        self.prepare = settings.get("prepare", nc.tensor)
        self.steps = TrainingSteps(self.models[1], self.criterion, self.optimizers[1], **settings)

    def change(self, how):
        """Do the same to both models."""
        for model in self.models:
            how(model)

    def plainly(self, x, y, rates):
        """Loss and scores of each step of the plain loop."""
        (model, _), (optimizer, _) = self.models, self.optimizers
        for batch, classes, rate in zip(x, y, rates):
            out = model(self.prepare(batch))
            loss = self.criterion(out, nc.tensor(classes))
            optimizer.zero_grad()
            loss.backward()
            if self.clip_norm is not None:
                clip_grad_norm_(model.parameters(), self.clip_norm)
            if rate is not None:
                for group in optimizer.param_groups:
                    group["lr"] = rate
            optimizer.step()
            yield loss.item(), out.detach().numpy()

    def agree(self, x, y, rates=None, replayed=True):
        """Train both; losses, scores, weights and what the optimisers remember must be the same bits."""
        losses, scores = self.steps(x, y, rates)
        assert self.steps.replayed == replayed
        plain = [*self.plainly(x, y, rates or [None] * len(x))]
        np.testing.assert_array_equal(losses.numpy(), np.array([loss for loss, _ in plain], losses.dtype))
        np.testing.assert_array_equal(scores.numpy(), np.stack([out for _, out in plain]))
        states = [[*model.state_dict().values()] + [value for memory in optimizer.state_dict()["state"].values()
                                                    for value in memory.values()]
                  for model, optimizer in zip(self.models, self.optimizers)]
        assert len(states[0]) == len(states[1])
        for one, other in zip(*states):
            np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
        assert self.optimizers[0].param_groups[0]["lr"] == self.optimizers[1].param_groups[0]["lr"]


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
    both = Both(prepare=Normalise([0.3], [0.2]).tensor)
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


@compiled
@pytest.mark.parametrize("change", [
    lambda m: m.__setitem__(1, nn.Tanh()), lambda m: setattr(m[0], "weight", nn.Parameter(nc.ones(4, 1, 3, 3))),
    lambda m: m.insert(3, nn.ELU()), lambda m: m[1].__setattr__("__class__", nn.Tanh),
    lambda m: setattr(m[0].weight, "data", nc.ones(4, 1, 3, 3)), lambda m: m[0].weight.data.mul_(2),
    lambda m: m.load_state_dict({name: value + 1 for name, value in m.state_dict().items()})])
def test_changes_are_noticed(change):
    both = Both()
    both.agree(*batches())
    both.change(change)
    both.agree(*batches(seed=2))


@compiled
def test_a_hook_and_other_settings_of_the_loss_are_noticed():
    both = Both()
    both.agree(*batches())
    hooks = [model[1].register_forward_hook(lambda module, args, out: out * 2) for model in both.models]
    both.agree(*batches(seed=2), replayed=False)
    for hook in hooks:
        hook.remove()
    both.agree(*batches(seed=3))
    both.criterion.label_smoothing = 0.2
    both.agree(*batches(seed=4))
    both.criterion.weight = nc.ones(5)
    both.agree(*batches(seed=5), replayed=False)


@compiled
def test_what_an_optimizer_was_given_is_noticed():
    both = Both(optimizer=lambda p: optim.Adam(p, lr=0.01))
    both.agree(*batches())
    kept = [optimizer.state_dict() for optimizer in both.optimizers]
    both.agree(*batches(seed=2))
    for optimizer, state in zip(both.optimizers, kept):
        optimizer.load_state_dict(state)
    both.agree(*batches(seed=3))
    for optimizer in both.optimizers:
        for memory in optimizer.state.values():
            memory["exp_avg"] = memory["exp_avg"].astype(np.float64)
    both.agree(*batches(seed=4), replayed=False)


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

    @repeatable
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

    @repeatable
    def forward(self, input):
        return self.head((self.body(input) + self.compute(self, input)).flatten(1))


@compiled
@pytest.mark.parametrize("compute", [
    lambda model, x: x * 2, lambda model, x: x - x.mean(), lambda model, x: nn.functional.relu(x * 0.5), lambda model, x: x.abs(),
    lambda model, x: nn.functional.conv2d(x, model.body.weight.detach() * 2, padding=1)])
def test_what_numpy_computes_is_not_recorded(compute):
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
def test_nothing_is_trained_without_gradients():
    both, (x, y) = Both(), batches()
    with nc.no_grad(), pytest.raises(RuntimeError, match="no_grad"):
        both.steps(x, y)
    both.agree(x, y)
    with nc.no_grad(), pytest.raises(RuntimeError, match="no_grad"):
        both.steps(x, y)


@compiled
def test_who_cannot_be_prepared_has_not_counted(monkeypatch):
    both = Both(optimizer=lambda p: optim.Adam(p, lr=0.01))

    def interrupted(*_):
        raise KeyboardInterrupt

    for seed in (1, 2):  # without a state, and with one
        with monkeypatch.context() as patch:
            patch.setattr(both.steps, "_known", {})
            patch.setattr(recorded_step, "Replay", interrupted)
            with pytest.raises(KeyboardInterrupt):
                both.steps(*batches(seed=seed), rates=[0.5] * K)
        both.agree(*batches(seed=seed))


@compiled
def test_a_signal_handler_while_the_optimizer_is_asked(monkeypatch):
    """It may look at numbers, and train another model."""
    both, seen, update = Both(), [], optim.SGD._update
    expected = Both().steps(*batches())[0].tolist()

    def interrupted(optimizer, *arguments):
        if optimizer is both.optimizers[1]:
            seen.append(both.models[0](nc.tensor(batches()[0][0])).detach().numpy().copy())
            leave_a_step_running(both)
        update(optimizer, *arguments)

    monkeypatch.setattr(optim.SGD, "_update", interrupted)
    assert both.steps(*batches())[0].tolist() == expected
    assert len(seen) == K and all((one != other).any() for one, other in zip(seen, seen[1:]))


@compiled
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda steps: pickle.loads(pickle.dumps(steps))])
def test_copies(duplicate):
    both = Both()
    both.agree(*batches())
    steps = duplicate(both.steps)
    losses = steps(*batches(seed=2))[0].tolist()
    assert steps.replayed and losses == both.steps(*batches(seed=2))[0].tolist()


@compiled
def test_only_so_many_shapes_are_remembered():
    both = Both()
    for size in range(1, N + 1):
        both.steps(*(part[:, :size] for part in batches()))
    assert len(both.steps._known) == training_steps.KEPT


@compiled
def test_rates_that_are_no_numbers_are_refused_before_anything_happens():
    both = Both(optimizer=lambda p: optim.Adam(p, lr=0.01))
    with pytest.raises(ValueError, match="'fast'"):
        both.steps(*batches(), rates=[0.1, 0.2, "fast", 0.1, 0.1])
    both.agree(*batches())
    for optimizer in both.optimizers:
        optimizer.param_groups[0]["lr"] = nc.tensor(0.01)
    both.agree(*batches(seed=2), replayed=False)


def leave_a_step_running(both):
    """As the plain loop does."""
    x, y = batches(seed=3)
    nn.functional.cross_entropy(both.models[0](nc.tensor(x[0])), nc.tensor(y[0])).backward()
    both.optimizers[0].step()


@compiled
@pytest.mark.parametrize("meanwhile", [
    leave_a_step_running, lambda both: [*both.plainly(*batches(seed=3), [None] * K)], lambda both: Both().steps(*batches(seed=3)),
    lambda both: nn.Linear(500, 500)(nc.ones(64, 500)).sum().item(), lambda both: both.models[1](nc.ones(3, 1, 8, 8)).detach()])
def test_a_signal_handler_that_computes(monkeypatch, meanwhile):
    """Just before a replay begins; what it asks for runs first, with more scratch memory perhaps, and sees the weights of before."""
    both, asked, calls, call = Both(), [], [], replay.Program.calls
    expected, scores = Both().steps(*batches())[0].tolist(), both.models[0](nc.ones(3, 1, 8, 8)).detach().numpy()

    def interrupted(*arguments):
        answer = call(*arguments)
        calls.append(1)
        if len(calls) == 1:
            asked.append(meanwhile(both))
        return answer

    monkeypatch.setattr(replay.Program, "calls", interrupted)
    assert both.steps(*batches())[0].tolist() == expected and len(calls) > 1
    if isinstance(asked[0], nc.Tensor):
        np.testing.assert_array_equal(asked[0].numpy(), scores)


class Slower(optim.SGD):
    """An optimiser of one's own."""

    def _update(self, params, grads, states, group):
        super()._update(params, grads, states, {**group, "lr": group["lr"] / 2})


@pytest.mark.parametrize("settings", [
    {"model": lambda: chain(nn.BatchNorm2d(4))}, {"model": lambda: Own(*chain())}, {"model": lambda: chain().double()},
    {"optimizer": lambda p: Slower(p, lr=0.1)}, {"clip_norm": 0.1}, {"criterion": lambda: nn.CrossEntropyLoss(nc.ones(5))},
    {"criterion": lambda: lambda out, classes: nn.functional.cross_entropy(out, classes) * 2}])
def test_others_are_trained_step_by_step(settings):
    both = Both(**settings)
    dtype = both.models[0][0].weight.dtype
    both.agree(*batches(dtype=dtype), replayed=False)
    both.agree(*(part[:1] for part in batches(dtype=dtype, seed=2)), replayed=False)


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


@compiled
def test_what_was_asked_for_before_sees_the_weights_of_before():
    both, (x, y) = Both(), batches()
    expected = both.models[0](nc.tensor(x[0])).detach().numpy()
    scores = both.models[1](nc.tensor(x[0]))
    both.steps(x, y)
    np.testing.assert_array_equal(scores.detach().numpy(), expected)


@compiled
def test_backward_after_the_weights_have_moved_is_refused():
    both, (x, y) = Both(), batches()
    loss = nn.functional.cross_entropy(both.models[1](nc.tensor(x[0])), nc.tensor(y[0]))
    both.steps(x, y)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


@compiled
def test_weights_that_somebody_looks_at():
    both, (x, y) = Both(), batches()
    [*both.plainly(x[:1], y[:1], [None])]
    both.models[1].load_state_dict(both.models[0].state_dict())
    both.optimizers[1].load_state_dict(both.optimizers[0].state_dict())
    nn.functional.cross_entropy(both.models[1](nc.tensor(x[0])), nc.tensor(y[0])).backward()
    outside = both.models[1][0].weight.detach().numpy()
    before = outside.copy()
    both.agree(x, y)
    assert (outside != before).all() and all(param.grad is None for param in both.models[1].parameters())


@compiled
def test_any_number_of_threads():
    before, losses = engine.get_num_threads(), []
    try:
        for threads in {1, before}:
            engine.set_num_threads(threads)
            losses.append(Both().steps(*batches())[0].tolist())
    finally:
        engine.set_num_threads(before)
    assert all(those == losses[0] for those in losses)


@pytest.mark.parametrize("x, y, rates, words", [
    (K, K - 1, None, "5 batches, classes of 4; give as many"), (0, 0, None, "0 batches, classes of 0"),
    (K, K, [0.1], "5 batches, classes of 5, 1 learning rates")])
def test_as_many_of_each(x, y, rates, words):
    images, classes = batches()
    with pytest.raises(ValueError, match=words):
        Both().steps(images[:x], classes[:y], rates)


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
