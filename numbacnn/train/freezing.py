"""Layers that training leaves as they are, for good or for the first epochs: transfer learning."""
from numbacnn import nn


def layers_of(model):
    """The layers that have numbers of their own, by name, in the order of the model."""
    return {name: layer for name, layer in model.named_modules()
            if any("." not in entry for entry in layer.state_dict())}


def frozen_layers(model, freeze):
    """Find the layers that a choice of words names.

    Parameters
    ----------
    model : numbacnn.nn.Module
    freeze : str
        Words separated by commas: `features` (all before the first dense layer), `body` (all but the last layer), or
        names of layers, or of chains of layers, such as `conv1`. Empty for none.

    Returns
    -------
    list of str
        Names in the order of the model.

    Raises
    ------
    ValueError
        If a word names nothing, or nothing would be left to train.
    """
    layers = layers_of(model)
    names = [*layers]
    dense = next((k for k, layer in enumerate(layers.values()) if isinstance(layer, nn.Linear)), len(names) - 1)
    groups = {"features": names[:dense], "body": names[:-1]}
    found = set()
    for word in filter(None, (word.strip() for word in freeze.split(","))):
        here = groups.get(word) or [name for name in names if name == word or name.startswith(f"{word}.")]
        if not here:
            known = [*(f"{group} ({', '.join(members)})" for group, members in groups.items() if members), *names]
            raise ValueError(f"freeze: there is no {word!r} in this model; there are {', '.join(known)}")
        found.update(here)
    if found and all(name in found for name, layer in layers.items() if [*layer.parameters()]):
        raise ValueError(f"freeze: {freeze} is all there is, so nothing would be left to train; leave {names[-1]} out")
    return [name for name in names if name in found]


class Freezing:
    """Freezes the layers that the settings name, epoch by epoch.

    A frozen layer has no gradient, so no optimizer moves it, weight decay neither. Frozen batch normalization uses its
    running statistics and does not move them: they belong to the weights before it, and a small new data set would
    spoil them. That is what Keras does; PyTorch needs `eval()` for it.

    Parameters
    ----------
    model : numbacnn.nn.Module
    settings : Settings
        Its `freeze` and `unfreeze_after`.

    Raises
    ------
    ValueError
        As `frozen_layers`.
    """

    def __init__(self, model, settings):
        self.settings = settings
        self.layers = [model.get_submodule(name) for name in frozen_layers(model, settings.freeze)]

    def begin_epoch(self, number):
        """Freeze or unfreeze; to be called when the model was told that it is in training."""
        frozen = self.settings.is_frozen_in(number)
        for layer in self.layers:
            layer.requires_grad_(not frozen)
            layer.train(not frozen)

    def end(self):
        """Give the parameters back as they were: to be trained."""
        for layer in self.layers:
            layer.requires_grad_(True)
