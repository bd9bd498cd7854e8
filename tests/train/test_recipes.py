"""Recipes of the command line: defaults that explicit options override."""
import json

import pytest

from cli_runs import assert_refused, run
from numbacnn.models import find_model
from numbacnn.train import Settings
from numbacnn.train.recipes import RECIPES, find_recipe


def info_of(folder):
    return json.loads((folder / "run" / "run.json").read_text())


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_can_be_trained(name):
    choices = find_recipe(name)
    find_model(choices.pop("model_name"))
    assert choices.items() <= Settings(**choices).to_dict().items() | {("augment", choices.get("augment"))}


def test_a_recipe_sets_what_is_not_given(elsewhere, data_file):
    done = run("train", "--data", data_file, "--epochs", 1, "--model", "linear", "--recipe", "fast", "--out", "run")
    assert done.exit_code == 0, done.output
    info = info_of(elsewhere)
    assert info["recipe"] == "fast" and info["model"]["name"] == "linear" and info["settings"]["epochs"] == 1
    for name in ("schedule", "optimizer", "learning_rate", "beta1", "beta2"):
        assert info["settings"][name] == RECIPES["fast"][name] != getattr(Settings(), name)


def test_an_option_equal_to_the_usual_default_still_counts(elsewhere, data_file):
    """--optimizer adamw is the default, but here it was asked for."""
    done = run("train", "--recipe", "fast", "--optimizer", Settings.optimizer, "--lr", 0.01, "--data", data_file, "--model",
               "linear", "--epochs", 1, "--out", "run")
    assert done.exit_code == 0, done.output
    settings = info_of(elsewhere)["settings"]
    assert (settings["optimizer"], settings["learning_rate"], settings["schedule"]) == ("adamw", 0.01, "slanted-triangle")


def test_another_optimizer_takes_its_own_rate(elsewhere, data_file):
    """The rate of a recipe suits the optimizer of the recipe, and not another."""
    words = ("train", "--recipe", "fast", "--data", data_file, "--model", "linear", "--epochs", 1, "--out")
    assert run(*words, "run", "--optimizer", "sgd").exit_code == 0
    settings = info_of(elsewhere)["settings"]
    assert settings["learning_rate"] == Settings(optimizer="sgd").learning_rate
    assert settings["schedule"] == RECIPES["fast"]["schedule"]
    assert run(*words, "same/run", "--optimizer", RECIPES["fast"]["optimizer"]).exit_code == 0
    assert info_of(elsewhere / "same")["settings"]["learning_rate"] == RECIPES["fast"]["learning_rate"]


def test_without_one_nothing_changes(elsewhere, data_file):
    assert run("train", "--data", data_file, "--model", "linear", "--epochs", 1, "--out", "run").exit_code == 0
    info = info_of(elsewhere)
    assert info["recipe"] is None and info["settings"] == Settings(epochs=1).to_dict()


def test_an_unknown_recipe_names_those_there_are():
    assert_refused(run("train", "--recipe", "slow"), 2, "no recipe 'slow': the recipes are fast, accurate")


def test_a_resumed_run_keeps_its_settings():
    assert_refused(run("train", "--resume", "run", "--recipe", "fast"), 2, "leave --recipe out")
