"""The engine is prepared on another thread while the command line loads data."""
import threading

import pytest
from numba.core import config

if config.DISABLE_JIT:
    pytest.skip("there is nothing to prepare", allow_module_level=True)

import numbacnn as nc
from cli_runs import run
from numbacnn.cli import train_session
from numbacnn.data import DataError
from numbacnn.engine import cache, preparing, runner, team


@pytest.fixture
def prepared(monkeypatch):
    """Set when the engine is asked to prepare itself; what it would load is in the cache."""
    asked = threading.Event()
    monkeypatch.setattr(team, "prepare", asked.set)
    monkeypatch.setattr(cache, "kept", lambda: 1)
    return asked


def test_the_block_runs_meanwhile(monkeypatch, prepared):
    here, there, over = threading.Event(), threading.Event(), []

    def prepare():
        there.set()
        over.append(here.wait(100) and threading.current_thread() is not threading.main_thread())

    monkeypatch.setattr(team, "prepare", prepare)
    with preparing():
        assert there.wait(100)
        here.set()
    assert over == [True]  # and nothing goes on after the block


def test_what_nobody_kept_is_compiled_later(monkeypatch, prepared):
    monkeypatch.setattr(cache, "kept", lambda: 0)
    with preparing():
        pass
    assert not prepared.is_set()


def test_what_goes_wrong_is_told_to_whoever_needs_the_engine(monkeypatch, capfd):
    def broken():
        raise OSError("no room")

    monkeypatch.setattr(cache, "kept", lambda: 1)
    monkeypatch.setattr(team, "prepare", broken)
    with preparing():
        pass
    assert capfd.readouterr() == ("", "")
    with pytest.raises(OSError, match="no room"):
        team.call_up(0, 1)


@pytest.mark.parametrize("error", [DataError("no such file"), KeyboardInterrupt()])
def test_errors_of_the_block_come_out_of_it(prepared, error):
    with pytest.raises(type(error)):
        with preparing():
            raise error
    assert prepared.is_set()


def test_where_no_thread_can_be_started_the_block_runs_alone(monkeypatch, prepared):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    done = []
    with preparing():
        done.append(True)
    assert done and not prepared.is_set()


def test_two_threads_that_prepare_at_once_compile_once():
    team.prepare.cache_clear()
    with preparing():
        team.prepare()
    assert [len(function.signatures) for function in (runner.join, runner.help_out, runner.take_over)] == [1, 1, 1]
    assert nc.nn.functional.max_pool2d(nc.ones(64, 3, 9, 9), 2).sum().item() == 3072


@pytest.mark.parametrize("error, code, sentence", [(DataError("it is damaged"), 3, "it is damaged"),
                                                   (KeyboardInterrupt(), 130, "interrupted")])
def test_training_and_evaluating_prepare_while_they_load(elsewhere, trained, monkeypatch, prepared, error, code, sentence):
    def load_dataset(*where, **more):
        assert prepared.wait(100)
        raise error

    monkeypatch.setattr(train_session, "load_dataset", load_dataset)
    monkeypatch.setattr("numbacnn.data.load_dataset", load_dataset)
    for command in (["train"], ["evaluate", trained[0]]):
        prepared.clear()
        done = run(*command)
        assert done.exit_code == code and done.stderr.strip().startswith(f"numbacnn: error: {sentence}")
