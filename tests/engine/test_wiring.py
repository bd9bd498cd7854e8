"""Which operands of operations are one memory: the same sequence of operations comes again, wired in another way."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("only compiled operations wait", allow_module_level=True)

import numbacnn as nc
from engine_modes import normal
from numbacnn import nn, optim
from numbacnn.engine import queue
from numbacnn.engine.buffers import Buffer
from numbacnn.engine.plan import Array, Plan
from numbacnn.engine.wiring import Wiring
from numbacnn.nn import functional as F
from test_queue import add_word, adding

PLANS = adding(1, "x", "out"), adding(10, "x", "out"), adding(100, "x", "out")


@given(st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_a_sequence_computes_the_same_however_its_operands_are_shared(which):
    """The operands of three additions are four arrays in any order, some of them views of one memory."""
    memory = np.zeros(12, np.float32)
    arrays = [memory[:4], memory[2:6], memory[8:], np.zeros(4, np.float32)]
    expected, numbers = [np.zeros(12, np.float32), np.zeros(4, np.float32)], iter(which)
    twins = [expected[0][:4], expected[0][2:6], expected[0][8:], expected[1]]
    for plan, added in zip(PLANS, (1, 10, 100)):
        x, out = next(numbers), next(numbers)
        if {x, out} == {0, 1}:  # a sum that overlaps itself has no order
            out = x
        queue.enqueue(plan, x=arrays[x], out=arrays[out])
        twins[out][:] = twins[x] + added
    queue.finish()
    np.testing.assert_array_equal(memory, expected[0])
    np.testing.assert_array_equal(arrays[3], expected[1])


def test_a_sequence_wired_as_before_is_the_same_program():
    a, b, c = (np.zeros(4, np.float32) for _ in range(3))
    programs = []
    for operands in ((a, b, b, c), (c, a, a, b), (a, b, c, a), (a, a, a, a), (a[:], b, b, c)):
        waiting = [(plan, operands[2 * k:2 * k + 2]) for k, plan in enumerate(PLANS[:2])]
        program, places = queue._program(waiting)
        programs.append(program)
        assert [id(places[number]) for number in program.wiring.numbers] == [*map(id, operands)]
    assert programs[0] is programs[1] and len({*map(id, programs)}) == 4


def test_only_operands_that_hang_together_alike_have_places():
    a, b, c = Buffer(128), Buffer(128), np.zeros(4, np.float32)
    wiring = Wiring([a, b, a, c])
    assert wiring.numbers == [0, 1, 0, 2] and wiring.owners == [(0, True), (1, True), (2, True)]
    assert wiring.places_in([c, a, c, b]) == [c, a, b]
    assert wiring.places_in([a, b, c, a]) is None and wiring.places_in([a, a, a, c]) is None
    assert wiring.places_in([a, b, a, c[1:]]) is None
    assert Wiring([c[1:], a, c]).owners == [(0, False), (1, True), (0, False)]


def stages(*waiting):
    """How many the program of these operations has; a stage waits for the one before."""
    return len(queue._program([*waiting])[0]._arrays[2])


def part(offset):
    """A plan that reads four numbers of a block, from this byte on."""
    return Plan().row(add_word.of(), 4, [Array(("block", offset), (4,), (4,))], [Array("out", (4,), (4,))], [0]).finish()


def test_parts_of_a_block_are_told_apart_unless_an_array_lies_in_it():
    block, x, out = np.zeros(64, np.float32), np.zeros(4, np.float32), np.zeros(4, np.float32)
    writes = Plan().row(add_word.of(), 4, [Array("x", (4,), (4,))], [Array(("block", 0), (4,), (4,))], [1]).finish()
    assert part(128).names == ("block", "out") == writes.names[:1] + ("out",) and PLANS[0].names == ("out", "x")
    assert stages((writes, (block, x)), (part(128), (block, out))) == 1
    assert stages((writes, (block, x)), (part(0), (block, out))) == 2
    assert stages((PLANS[0], (block[32:36], x)), (part(128), (block, out))) == 2


def test_few_programs_of_the_same_plans_are_kept():
    first = None
    for count in range(queue.KEPT_WIRINGS + 4):
        arrays = [np.zeros(4, np.float32) for _ in range(6)]
        operands = [arrays[(count >> k) & 1] for k in range(6)]
        queue._program([(plan, operands[2 * k:2 * k + 2]) for k, plan in enumerate(PLANS)])
        usual = queue._program([(plan, (arrays[2], arrays[3])) for plan in PLANS])[0]
        first = first or usual
        assert usual is first  # what comes again is not among those that are forgotten
    assert len(queue._programs[PLANS]) == queue.KEPT_WIRINGS


# ---------------------------------------------------------------- numbers to come, several in one block
@pytest.fixture
def t():
    """Numbers to come of shape (20, 50), not yet read."""
    return F.linear(normal(20, 6), normal(50, 6)).detach()


def test_shapes_of_one_memory_are_known_as_one(t):
    """Any number of them: a program that holds an array of one may write to it while operations on the other wait."""
    flat, square = t.reshape(1000), t.reshape(25, 40)
    array = t.numpy()
    expected = array.reshape(25, 40).sum(1)
    out = F.linear(square, nc.ones(1, 40))
    array[:] = 0
    np.testing.assert_allclose(out.numpy()[:, 0], expected, rtol=1e-4, atol=1e-4)
    assert np.shares_memory(flat.numpy(), array)


def test_a_parameter_may_lie_in_the_gradient_of_another(t):
    """Steps are made one after the other, so the second sees what the first did."""
    other, weight = nn.Parameter(t.detach()), nn.Parameter(nc.zeros(20, 50))
    expected = t.detach()._array.copy()
    weight.grad, other.grad = t, nc.full((20, 50), 100.0)
    optim.SGD([other, weight], lr=1.0).step()
    np.testing.assert_allclose(weight.detach().numpy(), 100 - expected, rtol=1e-4, atol=1e-4)


def chain_gradients(steps=1):
    """A chain after some steps; its gradients lie in one block."""
    net = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 4))
    for step in range(steps):
        net.zero_grad()
        F.mse_loss(net(normal(3, 6, seed=6)), normal(3, 4, seed=step)).backward()
    return net


def test_a_gradient_of_a_chain_that_is_kept_stays_as_it_is():
    net = chain_gradients()
    kept = net[2].bias.grad
    array, numbers = kept.numpy(), kept.numpy().copy()
    for step in (1, 2):
        net.zero_grad()
        F.mse_loss(net(normal(3, 6)), normal(3, 4, seed=step)).backward()
    assert not np.array_equal(net[2].bias.grad.numpy(), numbers)
    np.testing.assert_array_equal(array, numbers)


def test_gradients_of_a_chain_that_were_looked_at_go_with_those_that_were_not():
    net, twin = chain_gradients(2), chain_gradients(2)
    twin.load_state_dict(net.state_dict())
    chain = [nc.tensor(param.grad.detach().numpy().copy()) for param in net.parameters()]
    for param, grad in zip(twin.parameters(), chain):
        param.grad = grad
    net[0].weight.grad.mul_(1)
    for params in (net.parameters(), twin.parameters()):
        optim.SGD(params, lr=0.5, momentum=0.9).step()
    for one, other in zip(net.parameters(), twin.parameters()):
        np.testing.assert_array_equal(one.detach().numpy(), other.detach().numpy())
