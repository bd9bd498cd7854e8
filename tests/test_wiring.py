"""Which operands of operations are one memory: the same sequence of operations comes again, wired in another way."""
import gc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("only compiled operations wait", allow_module_level=True)

from engine_modes import normal
from numbacnn import nn
from numbacnn.engine import queue
from numbacnn.engine.buffers import Buffer
from numbacnn.engine.wiring import Wiring
from numbacnn.nn import functional as F
from test_queue import adding

PLANS = adding(1, "x", "out"), adding(10, "x", "out"), adding(100, "x", "out")


@settings(deadline=None, derandomize=True, database=None)
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
    assert wiring.numbers == [0, 1, 0, 2] and wiring.owners is None
    assert wiring.places_in([c, a, c, b]) == [c, a, b]
    assert wiring.places_in([a, b, c, a]) is None and wiring.places_in([a, a, a, c]) is None
    assert wiring.places_in([a, b, a, c[1:]]) is None
    assert Wiring([c[1:], a, c]).owners == [0, 1, 0]


def test_few_programs_of_the_same_plans_are_kept():
    for count in range(queue.KEPT_WIRINGS + 4):
        arrays = [np.zeros(4, np.float32) for _ in range(6)]
        operands = [arrays[(count >> k) & 1] for k in range(6)]
        queue._program([(plan, operands[2 * k:2 * k + 2]) for k, plan in enumerate(PLANS)])
    assert len(queue._programs[PLANS]) == queue.KEPT_WIRINGS


# ---------------------------------------------------------------- numbers to come, in blocks that are used again
def test_an_array_keeps_its_block():
    number = queue.Pending((3, 5))
    address, array = number.memory.address, number.numpy()[1:]
    array[:] = 7
    del number
    gc.collect()
    others = [Buffer(128) for _ in range(20)]
    assert address not in [other.address for other in others] and (array == 7).all()
    del array
    gc.collect()
    assert Buffer(128).address == address


def test_gradients_of_a_chain_are_kept_as_long_as_one_is():
    net = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 4))
    x, kept = normal(3, 6, seed=6), None
    for step in range(4):
        net.zero_grad()
        F.mse_loss(net(x), normal(3, 4, seed=step)).backward()
        if step == 1:
            kept = net[2].bias.grad
            array, numbers = kept.numpy(), kept.numpy().copy()
    np.testing.assert_array_equal(array, numbers)
    assert not np.array_equal(net[2].bias.grad.numpy(), numbers)
