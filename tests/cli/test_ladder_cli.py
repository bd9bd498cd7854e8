"""`numbacnn benchmark` and `numbacnn warmup`: what they print and save, and the picture of the ladder."""
import io
import json
import subprocess
import sys
from itertools import combinations

import pytest
from matplotlib.image import imread
from matplotlib.text import Text
from numba.core import config

from cli_runs import assert_refused, run

if config.DISABLE_JIT:
    pytest.skip("half of the rungs are compiled code", allow_module_level=True)

from numbacnn import ladder
from numbacnn.engine import cache
from numbacnn.plot import ladder_picture, save_png
from numbacnn.plot.ladder import significant

SPEED = {"python": 3e-3, "numpy": 40.0, "floats": 1.7, "lanes": 24.0, "tiles": 90.0, "cores": 170.0, "pytorch": 100.0}
LIMITS = {"one_thread": 100.0, "all_threads": 200.0, "cache_bandwidth": 130.0, "memory_bandwidth": 40.0}


def answers(settings, wobble=(1.0, 0.8, 1.3)):
    """What processes would say of a machine with the speeds above."""
    for factor in wobble[:settings.rounds]:
        for rung, rate in SPEED.items():
            ways = {name: {"seconds": ladder.OPS[name].work / rate / factor, "first_call_seconds": 0.1,
                           "variant": "2 threads", "images": 64}
                    for name in settings.ops if (rung, name) != ("lanes", "lenet-step")}
            limits = {"limits": LIMITS} if rung == "cores" else {}
            yield {"rungs": {rung: ways}, "versions": {"numba": "0.68.1"}, **limits}


@pytest.fixture
def canned(monkeypatch):
    """The processes replaced by what they would say, PyTorch's by its absence."""
    def climb(settings):
        yield ladder.Progress(1, settings.rounds, "python")
        yield ladder.Skipped("pytorch", "PyTorch is not installed (pip install torch)")
        yield from (answer for answer in answers(settings) if "pytorch" not in answer["rungs"])

    monkeypatch.setattr(ladder, "climb", climb)


# ---------------------------------------------------------------- the command
def test_one_operation_for_real(elsewhere):
    done = run("benchmark", "--op", "fc1-forward", "--quick", "--rounds", 1, "--json", "--out", "measured")
    assert done.exit_code == 0, done.output
    assert len(done.stdout.splitlines()) == 1
    result = json.loads(done.stdout)
    assert json.loads((elsewhere / "measured" / "ladder.json").read_text()) == result
    assert imread(elsewhere / "measured" / "ladder.png").shape[:2] == (1560, 2400)
    assert {"machine", "versions", "threads", "batch", "net", "rounds", "limits", "ops", "quick", "skipped", "busy",
            "files"} <= set(result)
    assert result["machine"]["cpu"] and {"numba", "numpy", "python", "numbacnn"} <= set(result["versions"])
    (op,) = result["ops"]
    assert (op["name"], op["unit"], result["batch"]) == ("fc1-forward", "GFLOP/s", 64)
    there = {rung["rung"] for rung in op["rungs"] if rung["rate"]}
    assert there >= set(ladder.RUNGS) - {rung["rung"] for rung in result["skipped"]}
    for rung in op["rungs"]:
        if rung["rate"]:
            assert rung["seconds"]["low"] <= rung["seconds"]["median"] <= rung["seconds"]["high"]
            assert rung["rate"]["median"] == pytest.approx(op["flop"] / rung["seconds"]["median"] / 1e9)
    assert all(limit["median"] > 0 for limit in result["limits"].values())


def test_the_table_has_a_row_a_rung(canned):
    done = run("benchmark", "--quick")
    assert done.exit_code == 0, done.output
    assert done.stderr == "note: PyTorch is not installed (pip install torch), so its rung is left out\n"
    lines = done.stdout.splitlines()
    for op in ladder.OPS.values():
        first = next(place for place, line in enumerate(lines) if line.startswith(f"{op.title}, {op.unit}"))
        rows = lines[first:first + len(ladder.RUNGS)]
        assert [title for title, _ in ladder.RUNGS.values() if title not in " ".join(rows)] == []
    step = lines[first:]  # the step is the last operation
    assert step[0].split()[5:13] == ["0.003", "0.0024", "-", "0.0039", "1.00", "0.0015", "%", "1.33"]
    assert step[3].split() == ["lanes", *"-----"]
    assert "\r" not in done.output and "\x1b" not in done.output


def test_operations_keep_their_order_and_are_measured_once(canned):
    done = run("benchmark", "--op", "lenet-step", "--op", "conv2-dx", "--op", "lenet-step", "--json", "--rounds", 2)
    result = json.loads(done.stdout)
    assert [op["name"] for op in result["ops"]] == ["conv2-dx", "lenet-step"] and result["rounds"] == 2
    assert result["skipped"] == [{"rung": "pytorch", "reason": "PyTorch is not installed (pip install torch)"}]
    assert result["ops"][0]["rungs"][-1]["rate"] is None


@pytest.mark.parametrize("peaks, busy", [((200, 190, 170), False), ((200, 190, 120), True), ((80, 80, 80), True)],
                         ids=["quiet", "changing", "low"])
def test_a_busy_machine_is_noticed(canned, monkeypatch, peaks, busy):
    peak = iter(peaks)
    monkeypatch.setattr(ladder, "climb", lambda settings: (
        {**answer, "limits": {**LIMITS, "all_threads": next(peak)}} if "limits" in answer else answer
        for answer in answers(settings)))
    done = run("benchmark", "--op", "fc1-forward", "--quick", "--json")
    assert json.loads(done.stdout)["busy"] is busy and json.loads(done.stdout)["load_before"] == 0.0
    assert ("other programs were using the cores" in done.stderr) is busy


def test_a_load_before_the_start_is_noticed(canned, monkeypatch):
    monkeypatch.setattr("os.getloadavg", lambda: (1000.0, 0.0, 0.0), raising=False)
    done = run("benchmark", "--op", "fc1-forward", "--quick", "--json")
    assert json.loads(done.stdout)["busy"] is True and json.loads(done.stdout)["load_before"] == 1000.0
    assert done.stderr.count("busy before the start (load 1000.0 on") == 1 and "other programs were using" not in done.stderr


@pytest.mark.parametrize("arguments, code, words", [
    (["--op", "conv3"], 2, "--op conv3: there are conv1-forward, .*lenet-step"),
    (["--rounds", 0], 2, "--rounds"),
    (["--threads", 10_000], 2, "--threads must be between 1 and"),
    (["--out", "full"], 3, "full exists and is not empty"),
], ids=["op", "rounds", "threads", "out"])
def test_bad_input_is_refused_before_anything_is_measured(elsewhere, canned, arguments, code, words):
    (elsewhere / "full").mkdir()
    (elsewhere / "full" / "ladder.json").touch()
    assert_refused(run("benchmark", *arguments), code, words)


# ---------------------------------------------------------------- the picture
def picture(ops, threads=2, missing=()):
    settings = ladder.Settings(tuple(ops), 3, 0.1, threads)
    given = [answer for answer in answers(settings) if not set(answer["rungs"]) & set(missing)]
    return ladder_picture(ladder.summary(given, settings), "some machine")


def unseen(figure):
    """The labels of ticks beyond the ends of their axis, which are never drawn."""
    return {tick.label1 for ax in figure.axes for axis in (ax.xaxis, ax.yaxis) for tick in axis.get_major_ticks()
            if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())}


@pytest.mark.parametrize("ops, missing", [
    (ladder.OPS, ()), (ladder.OPS, ["pytorch"]), (["lenet-step"], ()), (["pool1-forward"], ()),
    (["conv2-dx", "conv2-dweight"], ())],
    ids=["all", "no-pytorch", "step", "pooling", "two"])
def test_words_of_the_picture_stay_inside_and_do_not_overlap(ops, missing):
    figure = picture(ops, missing=missing)
    save_png(figure, io.BytesIO())
    texts = {text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()} - unseen(figure)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    for words, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, words
    for (words, box), (others, other) in combinations(boxes, 2):
        assert not box.overlaps(other), (words, others)


def test_the_picture_shows_the_figures():
    figure = picture(["conv2-forward"])
    words = [text.get_text() for text in figure.axes[0].texts]
    assert {"170", "0.0030", "FMA peak 200", "57,000×", "570×"} <= set(words)
    assert len(figure.axes[0].patches) == len(ladder.RUNGS)
    pytorch = next(text for text in figure.axes[0].texts if text.get_text() == "100")
    assert pytorch.get_position()[1] > LIMITS["all_threads"]  # over its bar it would lie across the line of the peak


def test_the_same_figures_give_the_same_picture():
    first, second = io.BytesIO(), io.BytesIO()
    save_png(picture(["conv2-dx"]), first)
    save_png(picture(["conv2-dx"]), second)
    assert first.getvalue() == second.getvalue()


@pytest.mark.parametrize("value, words", [(0.003149, "0.0031"), (2.46, "2.5"), (95.7, "96"), (99.7, "100"),
                                          (1_260, "1,300")])
def test_significant_digits(value, words):
    assert significant(value) == words


# ---------------------------------------------------------------- warmup
AFTER_WARMUP = """
import sys
from numba.core.ccallback import CFunc
from numbacnn.cli import main
from numbacnn.train import warm_up

def call(*arguments):
    try:
        main(arguments)
    except SystemExit as end:
        assert not end.code, arguments

compiled, compile_ = [], CFunc.compile
CFunc.compile = lambda self: compile_(self) or compiled.append(self)
list(warm_up([sys.argv[1]]))
there = len(compiled)
for optimizer in ("sgd", "adam"):
    call("train", "--model", sys.argv[1], "--data", sys.argv[2], "--epochs", "1", "--limit", "300", "--optimizer", optimizer,
         "--out", optimizer, "--threads", "1")
    call("evaluate", optimizer, "--threads", "1")
print(there, len(compiled), file=sys.stderr)
"""


@pytest.mark.parametrize("model, data", [
    ("lenet5", None), pytest.param("linear", None, marks=pytest.mark.slow), ("text_cnn", "phrases")])
def test_after_a_warmup_nothing_is_left_to_compile(elsewhere, data_file, model, data):
    """In a process of its own, which starts without a single kernel."""
    command = [sys.executable, "-c", AFTER_WARMUP, model, data or str(data_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    warmed, in_the_end = map(int, done.stderr.splitlines()[-1].split())
    assert warmed == in_the_end > 5


def test_warmup_says_what_was_compiled_and_where(monkeypatch):
    counts = iter([10, 38, 38, 39, 39, 39])
    monkeypatch.setattr("numbacnn.train.warmup.compiled", lambda: next(counts))
    done = run("warmup")
    assert done.exit_code == 0, done.output
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[:4] for row in rows[:3]] == [["lenet5", "28", "kernels", "compiled"], ["mlp", "1", "kernel", "compiled"],
                                             ["linear", "all", "there", "already"]]
    assert rows[3][:3] == ["compiled", "29", "kernels"] and rows[3][-1] == str(cache.directory())


def test_a_second_warmup_finds_all_there():
    assert run("warmup", "--model", "linear").exit_code == 0
    again = json.loads(run("warmup", "--model", "linear", "--json").stdout)
    assert [row["model"] for row in again["models"]] == ["linear"] and again["compiled"] == 0
    assert 5 < again["kept"] <= sum(1 for _ in cache.directory().rglob("*.nbc"))  # other processes may add to it
    assert f"all is there already in {again['directory']}" in run("warmup", "--model", "linear").stdout.splitlines()[-1]


def test_warmup_refuses_what_cannot_be_done(monkeypatch):
    assert_refused(run("warmup", "--model", "resnet"), 2, "--model resnet: there are lenet5, mlp, linear, lenet5_1998")
    monkeypatch.setattr(cache, "directory", lambda: None)
    assert_refused(run("warmup"), 3, "nowhere to keep compiled kernels; set XDG_CACHE_HOME")
