"""Empty texts as options and arguments, as a shell makes of a variable that is not set."""
import importlib

import click
import pytest
from cli_runs import assert_refused, run

from numbacnn.cli.group import COMMANDS

PARAMS = []
for name, module in COMMANDS.items():
    command = getattr(importlib.import_module(f"numbacnn.cli.{module}"), module)
    PARAMS += [(name, param, command) for param in command.params if not getattr(param, "is_flag", False)]


@pytest.mark.parametrize("text", ["", " "], ids=["nothing", "space"])
@pytest.mark.parametrize("name, param, command", PARAMS, ids=lambda value: getattr(value, "name", value))
def test_every_option_and_argument_refuses_it(elsewhere, name, param, command, text):
    words = ["run" if isinstance(other, click.Argument) and other is not param else None for other in command.params]
    if isinstance(param, click.Argument):
        words = [text if other is param else word for other, word in zip(command.params, words)]
        called = param.human_readable_name.strip("[].")
    else:
        words += [param.opts[0], text]
        called = param.opts[0]
    result = run(name, *(word for word in words if word is not None))
    assert_refused(result, 2, f"^numbacnn: error: {called}.* is an empty text; give a value")
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("words", [["train", "--data="], ["predict", "run", "x.png", ""], ["warmup", "--model", "mlp", "--model", ""]])
def test_wherever_it_stands(elsewhere, words):
    assert_refused(run(*words), 2, "is an empty text; give a value.*is a variable of the shell not set")


def test_an_argument_too_many_that_is_empty(elsewhere):
    assert_refused(run("train", ""), 2, "one of the arguments is empty; leave it out")


def test_the_augmentation_of_a_recipe_can_be_left_out(elsewhere, data_file):
    done = run("train", "--data", data_file, "--recipe", "accurate", "--augment", "none", "--model", "linear", "--epochs", 1, "--json")
    assert done.exit_code == 0 and '"augment": ""' in done.stdout
