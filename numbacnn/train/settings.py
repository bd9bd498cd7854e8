"""How to train: every choice in one frozen record, checked when it is made."""
from dataclasses import asdict, dataclass
from math import isfinite

from numbacnn.data import parse_augmentation

OPTIMIZERS = ("sgd", "adam")
SCHEDULES = ("constant", "cosine", "one-cycle")
DEFAULT_LEARNING_RATE = {"sgd": 0.03, "adam": 0.001}


@dataclass(frozen=True)
class Settings:
    """The choices of one training.

    Parameters
    ----------
    epochs : int
        How often every training image is seen.
    batch_size : int
        Images in one step of the optimizer.
    optimizer : str
        `sgd` or `adam`.
    learning_rate : float, optional
        Size of a step, at its highest point in the schedule. By default 0.03 for sgd, 0.001 for adam.
    momentum : float
        Momentum of sgd, in [0, 1); adam does not use it.
    weight_decay : float
        Pull of every weight towards zero, at least 0.
    schedule : str
        Course of the learning rate: `constant`, `cosine` (falls to zero) or `one-cycle` (up, then down to zero).
    seed : int
        Seed of the initial weights, of the order of the images and of the augmentation: same seed, same bits.
    augment : str
        How training images are changed, such as `flip,crop=4` (see `numbacnn.data.parse_augmentation`); kept with
        every number written out. Empty: not at all.

    Raises
    ------
    ValueError
        If a value makes no sense; the message names the setting, the value and what is allowed.
    """

    epochs: int = 3
    batch_size: int = 64
    optimizer: str = "sgd"
    learning_rate: float | None = None
    momentum: float = 0.9
    weight_decay: float = 0.0
    schedule: str = "cosine"
    seed: int = 0
    augment: str = ""

    def __post_init__(self):
        _require_one_of("optimizer", self.optimizer, OPTIMIZERS)
        _require_one_of("schedule", self.schedule, SCHEDULES)
        if self.learning_rate is None:
            object.__setattr__(self, "learning_rate", DEFAULT_LEARNING_RATE[self.optimizer])
        object.__setattr__(self, "augment", str(parse_augmentation(self.augment)))
        _require_whole("epochs", self.epochs, 1)
        _require_whole("batch size", self.batch_size, 1)
        _require_whole("seed", self.seed, 0)
        if not (isfinite(self.learning_rate) and self.learning_rate > 0):
            raise ValueError(f"learning rate must be a finite number above 0, not {self.learning_rate}")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum must be at least 0 and below 1, not {self.momentum}")
        if not (isfinite(self.weight_decay) and self.weight_decay >= 0):
            raise ValueError(f"weight decay must be a finite number, at least 0, not {self.weight_decay}")

    def to_dict(self):
        """The settings as plain values, for run.json."""
        return asdict(self)


def _require_one_of(name, value, allowed):
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")


def _require_whole(name, value, smallest):
    if isinstance(value, bool) or not isinstance(value, int) or value < smallest:
        raise ValueError(f"{name} must be a whole number, at least {smallest}, not {value!r}")
