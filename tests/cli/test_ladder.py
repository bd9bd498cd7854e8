"""The ladder: every rung computes the same numbers, and the rounds of all processes become one table."""
import importlib
import json
import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from numba.core import config

import reference
from tolerances import assert_close

if config.DISABLE_JIT:
    pytest.skip("half of the rungs are compiled code", allow_module_level=True)

from numbacnn import ladder
from numbacnn.ladder import processes, side
from numbacnn.ladder.ops import LEARNING_RATE, PARAMETERS, Work, whole

IMAGES = 5  # not a multiple of anything
ONE, NONE, TWO = (1, 1), (0, 0), (2, 2)
SINGLE = [name for name in ladder.OPS if name != "lenet-step"]


def twin(op, arrays):
    """(results, terms of the longest sum) by the plain NumPy twin."""
    settings, (shape, *_) = (ONE, (op.padding,) * 2, ONE), op.made(IMAGES)
    given = SimpleNamespace(**arrays)
    if op.method == "conv2d_forward":
        return [reference.conv2d_forward(given.x, given.weight, given.bias, *settings)], given.weight[0].size
    if op.method == "conv2d_backward_input":
        return [reference.conv2d_backward_input(given.dout, given.weight, *settings, shape)], given.weight[:, 0].size
    if op.method == "conv2d_backward_weight":
        return [reference.conv2d_backward_weight(given.dout, given.x, *settings, shape)], given.dout[:, 0].size
    if op.method == "linear_forward":
        return [reference.linear_forward(given.x, given.weight, given.bias)], given.weight[0].size
    return reference.max_pool2d_forward(given.x, TWO, TWO, NONE, ONE), 1


def works(rung, op, arrays):
    """All ways a rung has of doing an operation."""
    if rung == "pytorch":
        torch = pytest.importorskip("torch")
        before = torch.get_num_threads()
        yield from importlib.import_module("numbacnn.ladder.pytorch").works(op, arrays, 2)
        torch.set_num_threads(before)
    else:
        yield from importlib.import_module(f"numbacnn.ladder.{rung}").works(op, arrays, 1)


def results(work, times=1):
    """What a Work computes when its functions are called in turn, so many times."""
    for _ in range(times):
        for run, _ in work.runs:
            run()
    return work.results()


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("rung", ["textbook", "arrays", "lanes", "tiles", "pytorch"])
def test_every_rung_equals_the_twin(rung, name):
    op = ladder.OPS[name]
    arrays = op.arrays(IMAGES)
    expected, terms = twin(op, arrays)
    ways = list(works(rung, op, arrays))
    assert ways
    for work in ways:
        actual = results(work)
        assert len(actual) == len(op.made(IMAGES)) == len(expected), work.variant
        for array, other, shape in zip(actual, expected, op.made(IMAGES)):
            assert array.shape == shape
            assert_close(array.astype(np.float32), other, terms, roundings=2)


@pytest.fixture(scope="module")
def step():
    """The arrays of a training step, and how far PyTorch, or else the tape, moves each parameter."""
    op = ladder.OPS["lenet-step"]
    arrays = op.arrays(IMAGES)
    judge = "tiles" if importlib.util.find_spec("torch") is None else "pytorch"
    return op, arrays, moves(arrays, next(works(judge, op, arrays)))


def moves(arrays, work):
    """After two steps, since momentum counts from the second on."""
    after = results(work, times=2)
    return [array.astype(np.float64) - arrays[name] for name, array in zip(PARAMETERS, after, strict=True)]


@pytest.mark.parametrize("rung", ["textbook", "arrays", "tiles", "pytorch"])
def test_every_rung_takes_the_same_training_step(rung, step):
    op, arrays, expected = step
    ways = [work for work in works(rung, op, arrays) if "together" not in work.variant]
    assert ways
    for work in ways:
        for name, move, other in zip(PARAMETERS, moves(arrays, work), expected):
            largest = np.abs(other).max()
            assert largest > 1e-3 * LEARNING_RATE, name  # every parameter moves
            rounding = 2 * np.spacing(np.abs(arrays[name]).max())
            np.testing.assert_allclose(move, other, rtol=0, atol=1e-4 * largest + rounding, err_msg=f"{rung}: {name}")


def test_replayed_steps_are_those_of_the_plain_loop(step):
    op, arrays, _ = step
    plain, replayed = works("tiles", op, arrays)
    together = round(plain.runs[0][1] / replayed.runs[0][1])
    assert together > 1 and f"{together} steps together" in replayed.variant
    for one, other in zip(results(plain, together), results(replayed), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_step_by_hand_counts_every_image_and_one_update():
    from numbacnn.ladder import textbook

    op = ladder.OPS["lenet-step"]
    work, = textbook.works(op, op.arrays(2), 1)
    assert [times for _, times in work.runs] == [32, 1]
    single, = textbook.works(ladder.OPS["fc1-forward"], ladder.OPS["fc1-forward"].arrays(2), 1)
    assert [times for _, times in single.runs] == [32]


# ---------------------------------------------------------------- what is measured
def test_few_images_are_the_first_of_many():
    for op in ladder.OPS.values():
        few, many = op.arrays(2), op.arrays()
        for name, array in few.items():
            np.testing.assert_array_equal(array, many[name][:2] if name in op.images else many[name])


def test_the_work_is_that_of_the_literature():
    """Multiply-adds of net B and its parameters, counted by hand from the layers' shapes."""
    conv1, conv2, dense = 6 * 28 * 28 * 25, 16 * 10 * 10 * 6 * 25, 400 * 120 + 120 * 84 + 84 * 10
    assert (conv1, conv2, dense) == (117_600, 240_000, 58_920)
    flop = {name: op.flop / ladder.BATCH for name, op in ladder.OPS.items()}
    assert flop["conv1-forward"] == 2 * conv1 and flop["fc1-forward"] == 2 * 400 * 120
    assert flop["conv2-forward"] == flop["conv2-dx"] == flop["conv2-dweight"] == 2 * conv2
    assert round(flop["lenet-step"] / 1e6, 3) == 2.264
    assert sum(np.prod(shape) for shape in PARAMETERS.values()) == 61_706


@pytest.mark.parametrize("name", SINGLE)
def test_bytes_are_those_of_the_arrays(name):
    op = ladder.OPS[name]
    expected, _ = twin(op, op.arrays(IMAGES))
    touched = [*op.arrays().values(), *(np.empty(shape, np.float32) for shape in op.made(ladder.BATCH))]
    assert op.bytes == sum(array.nbytes for array in touched)
    assert [array.shape for array in expected] == op.made(IMAGES)


def test_time_is_the_median_call_times_the_calls_of_a_batch(monkeypatch):
    seconds = iter([9.0, 1.0, 5.0, 2.0, 8.0, 0.5, 0.1, 0.2])
    monkeypatch.setattr(side, "_seconds", lambda run: next(seconds))
    work = Work([(None, 10), (None, 1)], None, "somehow")
    assert side.time_work(work, budget=0) == {"seconds": 20.2, "first_call_seconds": 17.0, "variant": "somehow"}


def test_a_single_call_is_enough_for_a_pure_loop():
    calls = []
    timed = side.time_work(whole(lambda: calls.append(1), None, 16), budget=0, fewest=1)
    assert len(calls) == 1 and timed["seconds"] == 4 * timed["first_call_seconds"]


# ---------------------------------------------------------------- processes
def test_processes_have_what_they_need(monkeypatch):
    """The pure loop alone runs without the JIT, and the BLAS gets the threads of its process."""
    seen = {}
    monkeypatch.setattr(processes, "json_of", lambda command, environment: seen.update(
        {tuple(json.loads(command[-1])["rungs"]) + (environment["OPENBLAS_NUM_THREADS"],): environment}))
    monkeypatch.setitem(os.environ, "NUMBA_DISABLE_JIT", "0")
    settings = ladder.Settings(("fc1-forward",), 1, 0.01, 2)
    for process in processes.PROCESSES:
        processes.run_process(process, settings)
    assert {"1", "2"} == {key[1] for key in seen if key[0] == "numpy"}
    for (rung, *_), environment in seen.items():
        assert environment.get("NUMBA_DISABLE_JIT") == ("1" if rung == "python" else None)
    assert set().union(*processes.PROCESSES.values()) == set(ladder.RUNGS) == set(side.MODULES)


def test_the_pure_loop_is_python():
    answer = processes.run_process("python", ladder.Settings(("fc1-forward",), 1, 0.0, 2))
    timed = answer["rungs"]["python"]["fc1-forward"]
    assert timed["images"] == 1 and timed["seconds"] == pytest.approx(64 * timed["first_call_seconds"])


def test_no_thread_pool_but_its_own_is_in_a_process():
    answer = processes.run_process("numpy", ladder.Settings(("fc1-forward",), 1, 0.0, 2))
    assert set(answer["versions"]) == {"numpy"} and answer["rungs"]["numpy"]["fc1-forward"]["variant"] == "2 threads"


def test_processes_take_turns_and_a_missing_pytorch_is_said(monkeypatch):
    monkeypatch.setattr(processes, "run_process", lambda process, settings: {"process": process})
    monkeypatch.setattr(processes, "find_spec", lambda name: None)
    records = list(ladder.climb(ladder.Settings(("fc1-forward",), 2, 0.01, 2)))
    assert isinstance(records[0], ladder.Skipped) and "not installed" in records[0].reason
    answers = [record["process"] for record in records if isinstance(record, dict)]
    assert answers == ["python", "numpy, one thread", "numpy", "numba"] * 2


def test_a_broken_pytorch_is_left_out_and_any_other_failure_is_not(monkeypatch):
    def broken(process, settings):
        if process == which:
            raise ladder.LadderError("Traceback\nOSError: libgomp is missing")
        return {"process": process}

    monkeypatch.setattr(processes, "run_process", broken)
    monkeypatch.setattr(processes, "find_spec", lambda name: True)
    settings, which = ladder.Settings(("fc1-forward",), 2, 0.01, 1), "pytorch"
    records = list(ladder.climb(settings))
    skipped = [record for record in records if isinstance(record, ladder.Skipped)]
    assert skipped == [ladder.Skipped("pytorch", "PyTorch failed: OSError: libgomp is missing")]
    assert [r["process"] for r in records if isinstance(r, dict)] == ["python", "numpy", "numba"] * 2
    which = "numba"
    with pytest.raises(ladder.LadderError, match="libgomp"):
        list(ladder.climb(settings))


def test_a_failing_process_says_what_it_wrote():
    with pytest.raises(ladder.LadderError, match="no rung of this name"):
        processes.json_of([sys.executable, "-c", "raise SystemExit('no rung of this name')"])


# ---------------------------------------------------------------- results
def way(seconds, variant="", images=64):
    return {"seconds": seconds, "first_call_seconds": 1.0, "variant": variant, "images": images}


def test_rounds_become_medians_and_shares():
    op = ladder.OPS["conv1-forward"]
    answers = []
    for factor in (1, 3, 2):
        limits = {"one_thread": 50 / factor, "all_threads": 100 / factor, "cache_bandwidth": 9.0,
                  "memory_bandwidth": 4.0}
        answers += [{"rungs": {"python": {op.name: way(10.0 * factor, images=1)}}, "versions": {"numba": "1"}},
                    {"rungs": {"numpy": {op.name: way(0.5 * factor, "1 thread")}}, "versions": {}},
                    {"rungs": {"numpy": {op.name: way(0.1 * factor, "2 threads")}}, "versions": {"numpy": "2"}},
                    {"rungs": {"tiles": {op.name: way(op.work / 25 * factor)}, "lanes": {}}, "versions": {},
                     "limits": limits}]
    result = ladder.summary(answers, ladder.Settings((op.name,), 3, 0.1, 2))
    rungs = {rung["rung"]: rung for rung in result["ops"][0]["rungs"]}
    assert list(rungs) == list(ladder.RUNGS) and result["versions"] == {"numba": "1", "numpy": "2"}
    assert rungs["numpy"]["variant"] == "2 threads" and rungs["numpy"]["times_faster"] == pytest.approx(100)
    assert rungs["tiles"]["share_of_peak"] == pytest.approx(0.5)  # of one thread, round by round
    assert rungs["tiles"]["rate"] == pytest.approx({"median": 12.5, "low": 25 / 3, "high": 25})
    assert rungs["python"]["seconds"] == {"median": 20, "low": 10, "high": 30}
    assert rungs["lanes"]["rate"] is rungs["pytorch"]["rate"] is rungs["cores"]["times_faster"] is None
    assert result["limits"]["all_threads"] == {"median": 50, "low": pytest.approx(100 / 3), "high": 100}
