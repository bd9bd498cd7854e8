"""`autograd.profiler` counts the operations that PyTorch's counts, and `autograd.functional` gives its derivatives."""
import re
from threading import Thread

import numpy as np
import pytest
from numpy.testing import assert_allclose

import numbacnn as nc
from numbacnn.autograd.functional import jacobian, vjp
from numbacnn.autograd.profiler import profile, record_function


def measured(m):
    """A profile of seven operations, two of them in a block with a name."""
    x, y = m.ones(2, 3, requires_grad=True), m.full((2, 3), 2.0)
    with m.autograd.profiler.profile(record_shapes=True) as prof:
        for _ in range(3):
            x = (x / y) * y
        with m.autograd.profiler.record_function("the end"):
            x.exp().sum()
    return prof


def test_counts_are_those_of_pytorch():
    torch = pytest.importorskip("torch")
    events = measured(nc).key_averages()
    theirs = {event.key.removeprefix("aten::"): event.count for event in measured(torch).key_averages()}
    assert {event.key: event.count for event in events} == {key: theirs[key] for key in ("div", "mul", "exp", "sum", "the end")}


def test_times_add_up():
    events = {event.key: event for event in measured(nc).key_averages()}
    for event in events.values():
        assert_allclose(event.cpu_time * event.count, event.cpu_time_total, rtol=1e-12)
        assert event.cpu_time_total >= event.self_cpu_time_total > 0
    block, inside = events["the end"], [events["exp"], events["sum"]]
    assert_allclose(block.cpu_time_total - block.self_cpu_time_total, sum(event.cpu_time_total for event in inside), rtol=1e-6)
    assert all(event.cpu_time_total == event.self_cpu_time_total for event in inside)


def test_the_table_is_sorted_and_cut():
    events = measured(nc).key_averages()
    text = events.table(sort_by="count", row_limit=2, header="the operations")
    names = re.findall(r"^ *(div|mul|exp|sum|the end) +\d", text, re.MULTILINE)
    assert text.startswith("the operations\n") and sorted(names) == ["div", "mul"]
    assert "Self CPU time total" in text and "# of Calls" in text
    assert re.findall(r"^ *(\w+) +\d", events.table(sort_by="key", row_limit=3), re.MULTILINE) == ["div", "exp", "mul"]
    assert str(events) == events.table()


def test_shapes_tell_calls_apart():
    with profile(record_shapes=True) as prof:
        nc.ones(2).exp(), nc.ones(3).exp(), nc.ones(3).exp()
    events = prof.key_averages(group_by_input_shape=True)
    assert [(event.key, event.input_shapes, event.count) for event in events] == [("exp", ((2,),), 1), ("exp", ((3,),), 2)]
    assert prof.total_average().count == 3


def test_what_is_switched_off_measures_nothing():
    with profile(enabled=False) as off, record_function("nothing"):
        nc.ones(2).exp()
    nc.ones(2).exp()
    assert off.key_averages() == []


def test_the_numbers_of_a_network_are_not_changed():
    net = nc.nn.Sequential(nc.nn.Conv2d(1, 4, 3), nc.nn.ReLU(), nc.nn.MaxPool2d(2), nc.nn.Flatten(), nc.nn.Linear(36, 3))
    x = nc.randn(3, 1, 8, 8)
    expected = net(x).detach().numpy()
    with profile() as prof:
        found = net(x).detach().numpy()
    np.testing.assert_array_equal(found, expected)
    assert {"conv2d", "relu", "max_pool2d", "linear"} <= {event.key for event in prof.key_averages()}


FUNCTIONS = {
    "one to one": (lambda m, x: x.exp() * 2, 1),
    "two to one": (lambda m, x, y: 2 * x.exp() + 3 * y, 2),
    "two to two": (lambda m, x, y: (x * y, (x ** 2).sum(1)), 2),
    "one unused": (lambda m, x, y: x.sin(), 2),
    "to a number": (lambda m, x, y: (x * y).sum(), 2),
    "constant": (lambda m, x: m.ones(2, dtype=m.float64), 1),
}


def arrays_of(found):
    return [found.numpy()] if not isinstance(found, tuple) else [array for part in found for array in arrays_of(part)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_are_those_of_pytorch(name):
    torch = pytest.importorskip("torch")
    function, count = FUNCTIONS[name]
    rng = np.random.default_rng(0)
    numbers = [rng.normal(size=(2, 3)) for _ in range(count)]
    found = []
    for m in (torch, nc):
        inputs = tuple(m.tensor(x) for x in numbers)
        inputs = inputs[0] if count == 1 else inputs
        outputs = function(m, *(inputs if count == 2 else (inputs,)))
        v = tuple(m.ones_like(out) * (2 + k) for k, out in enumerate(outputs)) if isinstance(outputs, tuple) else m.ones_like(outputs) * 2
        api = m.autograd.functional
        made = api.jacobian(lambda *x: function(m, *x), inputs), api.vjp(lambda *x: function(m, *x), inputs, v)
        found.append((str([type(part) is tuple for part in made]), arrays_of(made)))
    (theirs, expected), (ours, arrays) = found
    assert ours == theirs and len(arrays) == len(expected)
    for array, numbers in zip(arrays, expected):
        assert array.shape == numbers.shape
        assert_allclose(array, numbers, rtol=1e-12)


X = nc.ones(2)


@pytest.mark.parametrize("ask, error, message", [
    (lambda: profile(use_cuda=True), NotImplementedError, "use_cuda=True is not offered"),
    (lambda: profile(profile_memory=True), NotImplementedError, "profile_memory"),
    (lambda: measured(nc).key_averages().table(sort_by="cuda_time"), ValueError, "sort_by is one of"),
    (lambda: jacobian(lambda x: x * 2, X, create_graph=True), NotImplementedError, "no second derivatives"),
    (lambda: jacobian(lambda x, y: x * 2, (X, X), strict=True), RuntimeError, "does not depend on input 1"),
    (lambda: jacobian(lambda x: nc.ones(1), X, strict=True), RuntimeError, "output 0 does not depend"),
    (lambda: jacobian(lambda x: 1.0, X), TypeError, "returns Tensors, got float"),
    (lambda: vjp(lambda x: x * 2, X), RuntimeError, "v may only be left out"),
    (lambda: vjp(lambda x: x * 2, X, nc.ones(3)), RuntimeError, r"v has the shapes \[\(3,\)\]"),
    (lambda: nc.autograd.functional.hessian, AttributeError, "hessian is not part of numbacnn")])
def test_what_cannot_be_done_is_named(ask, error, message):
    with pytest.raises(error, match=message):
        ask()


def test_the_jacobian_is_found_within_no_grad():
    with nc.no_grad():
        assert jacobian(lambda x: x * x, nc.tensor([2.0, 3.0])).tolist() == [[4, 0], [0, 6]]


def test_backward_and_optimizer_have_rows_of_their_own():
    """What follows them is not charged with their time: the one operation after them is cheap, they are not."""
    w = nc.randn(300, 300, requires_grad=True)
    optimizer = nc.optim.SGD([w], lr=0.1)
    with profile() as prof:
        for _ in range(3):
            (w @ w).exp().sum().backward()
            optimizer.step()
            nc.ones(2).neg()
    events = {event.key: event for event in prof.key_averages()}
    counts = {key: event.count for key, event in events.items()}
    assert {"matmul backward": 3, "exp backward": 3, "sum backward": 3, "SGD.step": 3, "neg": 3}.items() <= counts.items()


def test_other_threads_are_not_measured():
    with profile() as prof:
        thread = Thread(target=lambda: nc.ones(2).exp().neg())
        thread.start()
        thread.join()
        nc.ones(2).abs()
    assert [event.key for event in prof.key_averages()] == ["abs"]
