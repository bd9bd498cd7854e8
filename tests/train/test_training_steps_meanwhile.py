"""Training steps that are replayed, and what happens meanwhile: changes, copies, signals, other threads, reads."""
import copy
import pickle

import numpy as np
import pytest

import numbacnn as nc
from both_loops import Both, K, N, batches, compiled
from numbacnn import engine, nn, optim
from numbacnn.engine import trace
from numbacnn.nn.guards import KEPT, Traces
from numbacnn.train import traced_step


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
def test_parameters_of_a_new_layer_are_known():
    both, (x, y) = Both(), batches()
    both.agree(x, y)
    both.change(lambda model: model[0].requires_grad_(False))
    both.change(lambda model: setattr(model, "4", nn.Linear(36, 5)))
    both.change(lambda model: model[4].requires_grad_(False))
    with pytest.raises(RuntimeError):
        both.steps(x, y)  # there is nothing to train
    assert "nothing that the scores depend on is trained" in both.steps.graph_break
    both.change(lambda model: model[4].requires_grad_(True))
    both.models[1][4].load_state_dict(both.models[0][4].state_dict())
    both.agree(*batches(seed=2))


@compiled
def test_an_update_that_comes_again_is_found_by_its_arrays(monkeypatch):
    both, asked = Both(), []
    captured = traced_step.captured_steps
    monkeypatch.setattr(traced_step, "captured_steps", lambda *given: asked.append(captured(*given)) or asked[-1])
    both.agree(*batches())
    memories = [memory for update in asked.pop() for _, _, memory in update]
    assert len(memories) == K and len({*map(id, memories[1:])}) == 1  # the first step makes the velocities


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


@compiled
def test_nothing_is_trained_without_gradients():
    both, (x, y) = Both(), batches()
    with nc.no_grad(), pytest.raises(RuntimeError, match="no_grad"):
        both.steps(x, y)
    both.agree(x, y)
    with nc.no_grad(), pytest.raises(RuntimeError, match="no_grad"):
        both.steps(x, y)


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
    assert len(both.steps._traces._known) == KEPT


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
def test_who_cannot_be_prepared_has_not_counted(monkeypatch):
    both = Both(optimizer=lambda p: optim.Adam(p, lr=0.01))

    def interrupted(*_):
        raise KeyboardInterrupt

    for seed in (1, 2):  # without a state, and with one
        with monkeypatch.context() as patch:
            patch.setattr(both.steps, "_traces", Traces())
            patch.setattr(traced_step, "Replay", interrupted)
            with pytest.raises(KeyboardInterrupt):
                both.steps(*batches(seed=seed), rates=[0.5] * K)
        both.agree(*batches(seed=seed))


def leave_a_step_running(both):
    """As the plain loop does."""
    x, y = batches(seed=3)
    nn.functional.cross_entropy(both.models[0](nc.tensor(x[0])), nc.tensor(y[0])).backward()
    both.optimizers[0].step()


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
@pytest.mark.parametrize("meanwhile", [
    leave_a_step_running, lambda both: [*both.plainly(*batches(seed=3), [None] * K)], lambda both: Both().steps(*batches(seed=3)),
    lambda both: nn.Linear(500, 500)(nc.ones(64, 500)).sum().item(), lambda both: both.models[1](nc.ones(3, 1, 8, 8)).detach()])
def test_a_signal_handler_that_computes(monkeypatch, meanwhile):
    """Just before a replay begins; what it asks for runs first, with more scratch memory perhaps, and sees the weights of before."""
    both, asked, calls, call = Both(), [], [], trace.Program.calls
    expected, scores = Both().steps(*batches())[0].tolist(), both.models[0](nc.ones(3, 1, 8, 8)).detach().numpy()

    def interrupted(*arguments):
        answer = call(*arguments)
        calls.append(1)
        if len(calls) == 1:
            asked.append(meanwhile(both))
        return answer

    monkeypatch.setattr(trace.Program, "calls", interrupted)
    assert both.steps(*batches())[0].tolist() == expected and len(calls) > 1
    if isinstance(asked[0], nc.Tensor):
        np.testing.assert_array_equal(asked[0].numpy(), scores)


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
