"""A small network of three-dimensional convolutions for films."""
from collections import OrderedDict

from numbacnn import nn

CHANNELS = (8, 16, 32)


class Conv3D(nn.Sequential):
    """Three convolutions of 3x3x3 with pooling, then two dense layers: filters see what moves, and where to.

    A small relative of C3D: Tran, Bourdev, Fergus, Torresani and Paluri 2015, "Learning Spatiotemporal Features with 3D
    Convolutional Networks", ICCV. As there all filters span 3 frames and 3x3 pixels, and the first pooling leaves the
    frames alone (1x2x2, the others 2x2x2), lest time be merged too early. C3D has eight convolutions of 64 to 512
    filters on 16 frames of 112x112; here are three of 8, 16 and 32, and one hidden dense layer.

    Parameters
    ----------
    in_channels, frames, height, width : int
        Shape of one film: at least 4 frames of at least 8x8.
    classes : int
        Number of outputs.
    hidden : int
        Width of the hidden dense layer.

    Raises
    ------
    ValueError
        If the films are too small for three poolings.

    Examples
    --------
    >>> Conv3D(frames=8, height=24, width=24, classes=8)(numbacnn.zeros(64, 1, 8, 24, 24)).shape
    (64, 8)
    """

    takes = ("video",)

    def __init__(self, in_channels=1, frames=8, height=24, width=24, classes=8, hidden=64):
        if frames < 4 or min(height, width) < 8:
            raise ValueError(f"conv3d: films of {frames} frames of {height}x{width} are too small: frames are halved "
                             f"twice and sides three times; use at least 4 frames of 8x8, or the model mlp")
        layers, before = OrderedDict(), in_channels
        for k, channels in enumerate(CHANNELS, 1):
            layers[f"conv{k}"] = nn.Conv3d(before, channels, 3, padding=1)
            layers[f"relu{k}"] = nn.ReLU()
            layers[f"pool{k}"] = nn.MaxPool3d((1 if k == 1 else 2, 2, 2))
            before = channels
        super().__init__(OrderedDict(
            **layers,
            flatten=nn.Flatten(),
            fc1=nn.Linear(before * (frames // 4) * (height // 8) * (width // 8), hidden),
            relu4=nn.ReLU(),
            fc2=nn.Linear(hidden, classes),
        ))
