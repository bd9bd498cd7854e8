"""What training costs on paper, and the rates that `numbacnn train` reports."""
import json
import os

import pytest
from numba.core import config

from cli_runs import run, train
from numbacnn import engine, nn
from numbacnn.cli import load as machine_load
from numbacnn.cli import speed
from numbacnn.models import build_model
from numbacnn.models.layer_table import layer_table
from numbacnn.models.training_cost import training_multiply_adds
from numbacnn.train import Settings


def cost(model, *image):
    return training_multiply_adds(layer_table(model, *image))


def test_lenet_costs_what_is_published_for_both_nets():
    """Net B pads the first convolution; net A does not, and is what other engines measure."""
    net_b = build_model("lenet5", 1, 28, 28, 10)
    net_a = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
                          nn.Flatten(), nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
    assert [round(2 * cost(net, 1, 28, 28) / 1e6, 3) for net in (net_b, net_a)] == [2.264, 1.517]


def test_what_is_frozen_has_no_gradient():
    """conv1 117,600, conv2 240,000, fc1 48,000, fc2 10,080, fc3 840 multiply-adds forward."""
    rows = layer_table(build_model("lenet5", 1, 28, 28, 10), 1, 28, 28)
    assert training_multiply_adds(rows, ["conv1"]) == 117_600 + 2 * 240_000 + 3 * (48_000 + 10_080 + 840)
    assert training_multiply_adds(rows, ["conv1", "conv2", "fc1", "fc2"]) == 416_520 + 840
    assert training_multiply_adds(rows, ["conv2", "fc1", "fc2", "fc3"]) == 117_600 * 2 + 2 * (416_520 - 117_600)


def test_epochs_with_frozen_layers_cost_less():
    model, frozen = build_model("lenet5", 1, 28, 28, 10), Settings(epochs=4, freeze="body", unfreeze_after=3)
    values = speed.speed(model, (1, 28, 28), frozen, 4, 10_000, measure_peak=False)
    assert values["training_mflop_an_image"] == pytest.approx((3 * 2 * 417_360 + 2 * 1_131_960) / 4 / 1e6)


@pytest.mark.parametrize("alone, together, expected", [(90, 180, 180), (90, 85, 85), (90, 70, None)])
def test_a_busy_machine_has_no_peak(monkeypatch, alone, together, expected):
    threads, asked = engine.get_num_threads(), []

    def peak(repeats=9):
        asked.append(engine.get_num_threads())
        return together if len(asked) == 2 else alone

    monkeypatch.setattr(speed, "fma_peak", peak)
    assert speed.measured_peak() == (None if config.DISABLE_JIT else expected)
    assert asked == ([] if config.DISABLE_JIT else [1, threads])


def test_rates_come_from_the_images_of_a_second(monkeypatch):
    monkeypatch.setattr(speed, "measured_peak", lambda: 45.2784)
    model, image = build_model("lenet5", 1, 28, 28, 10), (1, 28, 28)
    values = speed.speed(model, image, Settings(), 1, 10_000, measure_peak=True)
    assert values == pytest.approx({"training_mflop_an_image": 2.26392, "gflops": 22.6392, "peak_gflops": 45.2784,
                                    "share_of_peak": 0.5})
    assert speed.speed_line({**values, "images_per_second": 10_000, "seconds": 4.12}) == (
        "10,000 images/s in training, 22.6 GFLOP/s, 50.00 % of the machine's peak of 45 · 4.1 s from the start")
    unmeasured = speed.speed(model, image, Settings(), 1, 10_000, measure_peak=False)
    assert unmeasured["share_of_peak"] is None and unmeasured["gflops"] == values["gflops"]
    faster_than_it_can_be = speed.speed(model, image, Settings(), 1, 100_000, measure_peak=True)
    assert faster_than_it_can_be["share_of_peak"] is None
    nothing = speed.speed(model, image, Settings(), 1, None, measure_peak=True)
    assert speed.speed_line({**nothing, "images_per_second": None, "seconds": 0.5}, "examples/s") == "0.5 s from the start"


def test_the_rates_are_printed_and_kept(elsewhere, data_file, monkeypatch):
    monkeypatch.setattr("numbacnn.cli.train_session.WORTH_MEASURING", 0)
    monkeypatch.setattr(speed, "measured_peak", lambda: 1e6)
    common = ("train", "--data", data_file, "--model", "linear", "--epochs", 1)
    values = json.loads(run(*common, "--out", "run", "--json").stdout)
    kept = json.loads((elsewhere / "run/run.json").read_text())["results"]
    assert values["training_mflop_an_image"] == 2 * 2 * 7840 / 1e6
    assert values["gflops"] == pytest.approx(values["images_per_second"] * 4 * 7840 / 1e9)
    assert values["peak_gflops"] == 1e6 and values["share_of_peak"] == values["gflops"] / 1e6
    for name in ("seconds", "gflops", "peak_gflops", "share_of_peak", "images_per_second"):
        assert kept[name] == values[name]
    assert values["seconds"] > values["log"][0]["seconds"]
    text = run(*common).stdout
    assert " images/s in training, " in text and " of the machine's peak of 1000000 · " in text and " s from the start\n" in text


@pytest.mark.parametrize("error, least, code, said", [
    (OSError(28, "No space left on device"), 0, 3, "run/curves.png: no space left on device"),
    (KeyboardInterrupt(), 0, 130, "interrupted while drawing run/curves.png"),
    (OSError(28, "No space left on device"), 1, 5, "run/curves.png: no space left on device"),
], ids=["full", "ctrl-c", "too low"])
def test_results_do_not_wait_for_the_picture(elsewhere, data_file, monkeypatch, error, least, code, said):
    """Drawing takes a second; a picture that cannot be written leaves a complete run, and what is to be said of it."""
    def refuse(figure, path):
        raise error

    monkeypatch.setattr("numbacnn.plot.save_png", refuse)
    done = run("train", "--data", data_file, "--model", "linear", "--epochs", 1, "--out", "run", "--min-accuracy", least)
    assert done.exit_code == code and "\nnext: " in done.stdout
    assert done.stderr.splitlines()[-1] == f"numbacnn: error: {said}; all else of run is written"
    assert ("is below --min-accuracy 1\n" in done.stderr) == bool(least)
    assert json.loads((elsewhere / "run/run.json").read_text())["results"]["status"] == "done"
    assert not list((elsewhere / "run").glob("*.png*"))


@pytest.mark.parametrize("threads, load, busy", [(8, 4.0, False), (8, 4.01, True), (2, 7.0, False), (2, 7.01, True), (1, 0.0, False), (8, None, False)])
def test_a_load_is_too_high_if_less_than_half_a_core_is_free_for_each_thread(monkeypatch, threads, load, busy):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert machine_load.load_of(load, threads) == {"load_before": load, "busy": busy}


@pytest.mark.parametrize("error", [OSError, AttributeError])
def test_a_system_that_tells_no_load_is_not_busy(monkeypatch, error):
    def unknown():
        raise error

    monkeypatch.setattr(os, "getloadavg", unknown, raising=False)
    assert machine_load.load_before() is None


@pytest.mark.parametrize("load, busy", [(0.2, False), (100.2, True)])
def test_a_busy_machine_is_told_once(elsewhere, data_file, monkeypatch, load, busy):
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    done = train(data_file, "--threads", 1, "--json")
    values = json.loads(done.stdout)
    assert (values["load_before"], values["busy"]) == (load, busy)
    said = "note: the cores were busy before the start (load 100.2 on 2 cores in the last minute), so images/s may be too low"
    assert done.stderr.splitlines().count(said) == busy
