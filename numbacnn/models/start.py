"""What the deep networks have in common before training: images large enough, and first weights that keep signals alive."""
from numbacnn import nn


def refuse_small_images(name, height, width, smallest, reason):
    """ValueError if a side of the images is below `smallest`; `reason` says what would be left of it."""
    if min(height, width) < smallest:
        raise ValueError(f"{name}: images of {height}x{width} are too small: {reason}; use images of at least "
                         f"{smallest}x{smallest}, or the model mlp")


def start_convolutions(model):
    """Draw the filters so that the variance survives layer by layer of ReLUs, and set their biases to zero.

    With weights drawn as PyTorch does by default, the outputs of a dozen layers without normalization are next to zero, and so
    are the gradients. Source: He et al. 2015, "Delving deep into rectifiers", section 2.2.
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
