"""Recipes: choices for `numbacnn train` that go well together, under a name.

A recipe only sets defaults, under the names of `Settings` and `model_name`; whatever is chosen besides counts more.
"""

RECIPES = {
    # Adam that forgets old gradients early, soon at its peak rate and from then on straight down (Howard & Ruder 2018):
    # two passes have no time to lose
    "fast": {"model_name": "lenet5", "epochs": 2, "batch_size": 64, "optimizer": "adam", "learning_rate": 0.006,
             "beta1": 0.8, "beta2": 0.98, "schedule": "slanted-triangle", "label_smoothing": 0.1},
    # shifted anew in every epoch, no image is learned by heart, and more epochs go on helping
    "accurate": {"model_name": "lenet5", "epochs": 14, "batch_size": 64, "optimizer": "adamw", "learning_rate": 0.004,
                 "weight_decay": 0.1, "beta2": 0.99, "schedule": "one-cycle", "label_smoothing": 0.1, "augment": "shift=2"},
}


def find_recipe(name):
    """The choices of a recipe.

    Parameters
    ----------
    name : str
        A key of `RECIPES`.

    Returns
    -------
    dict
        A new one, with the names of `Settings` and `model_name`.

    Raises
    ------
    ValueError
        If there is no recipe of that name; the message names those there are.
    """
    if name not in RECIPES:
        raise ValueError(f"there is no recipe {name!r}: the recipes are {', '.join(RECIPES)}")
    return dict(RECIPES[name])
