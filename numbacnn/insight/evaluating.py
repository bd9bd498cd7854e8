"""A model for a while in evaluation mode, or in training mode."""
from contextlib import contextmanager


@contextmanager
def in_mode(model, training):
    """Every layer of the model in training mode or not; afterwards each in the mode it was in, for some may have been frozen in it."""
    modes = [(layer, layer.training) for layer in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for layer, training in modes:
            layer.training = training


def evaluating(model):
    """Every layer of the model in evaluation mode; afterwards each in the mode it was in."""
    return in_mode(model, training=False)
