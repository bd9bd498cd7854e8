"""How to train: every choice in one frozen record, checked when it is made."""
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from math import isfinite

from numbacnn.data import parse_augmentation

OPTIMIZERS = ("sgd", "adam", "adamw", "rmsprop")
SCHEDULES = ("constant", "cosine", "one-cycle", "slanted-triangle")
DEFAULT_LEARNING_RATE = {"sgd": 0.03, "adam": 0.001, "adamw": 0.004, "rmsprop": 0.001}
DEFAULT_WEIGHT_DECAY = {"sgd": 0.0, "adam": 0.0, "adamw": 0.3, "rmsprop": 0.0}  # without it adamw is adam

#: what held before a setting existed, where that is not today's default: a run.json of then does not name it
BEFORE = {"beta2": 0.999, "label_smoothing": 0.0}


@dataclass(frozen=True)
class Settings:
    """The choices of one training; those not given are the defaults of `numbacnn train`: docs/recipes.md.

    Parameters
    ----------
    epochs : int
        How often every training image is seen.
    batch_size : int
        Images in one step of the optimizer.
    optimizer : str
        `sgd`, `adam`, `adamw` or `rmsprop`.
    learning_rate : float, optional
        Peak learning rate. By default 0.03 for sgd, 0.004 for adamw, else
        0.001.
    momentum : float
        Momentum of sgd, in [0, 1); the others do not use it.
    beta1, beta2 : float
        Of adam and adamw, in [0, 1): the part of the mean gradient, and of its mean square, that a step keeps.
    weight_decay : float, optional
        Pull of every weight towards zero, at least 0. By default 0.3 for adamw, else 0.
    schedule : str
        Learning-rate schedule: `constant`, `cosine` (falls to zero), `one-cycle` (up, then down to zero, along
        cosines) or `slanted-triangle` (the same along straight lines, and sooner up).
    seed : int
        Seed of the initial weights, of the order of the images and of the augmentation, and to the commands also of which images
        validate: same seed, same bits.
    augment : str
        How training images are changed, such as `flip,crop=4` (see `numbacnn.data.parse_augmentation`); kept with
        every number written out. Empty: not at all.
    warmup_epochs : int
        Epochs in which the learning rate rises in equal steps before the schedule begins; fewer than `epochs`.
    label_smoothing : float
        In [0, 1): the part of each label's certainty that is spread over all classes while training.
    clip_norm : float, optional
        Gradients whose common norm is larger are scaled down to it.
    patience : int, optional
        Training ends early after so many epochs without a lower validation loss.
    freeze : str
        Layers that are not trained, such as `features` or `conv1,conv2` (see `numbacnn.train.freezing.frozen_layers`).
    unfreeze_after : int, optional
        After so many epochs, fewer than `epochs`, they are trained too.

    Raises
    ------
    ValueError
        If a value makes no sense; the message names the setting, the value and what is allowed.
    """

    epochs: int = 10
    batch_size: int = 64
    optimizer: str = "adamw"
    learning_rate: float | None = None
    momentum: float = 0.9
    beta1: float = 0.9
    beta2: float = 0.99
    weight_decay: float | None = None
    schedule: str = "one-cycle"
    seed: int = 0
    augment: str = ""
    warmup_epochs: int = 0
    label_smoothing: float = 0.1
    clip_norm: float | None = None
    patience: int | None = None
    freeze: str = ""
    unfreeze_after: int | None = None

    def __post_init__(self):
        _require_one_of("optimizer", self.optimizer, OPTIMIZERS)
        _require_one_of("schedule", self.schedule, SCHEDULES)
        if self.learning_rate is None:
            object.__setattr__(self, "learning_rate", DEFAULT_LEARNING_RATE[self.optimizer])
        object.__setattr__(self, "augment", str(parse_augmentation(self.augment)))
        if self.weight_decay is None:
            object.__setattr__(self, "weight_decay", DEFAULT_WEIGHT_DECAY[self.optimizer])
        _require_whole("epochs", self.epochs, 1)
        _require_whole("batch size", self.batch_size, 1)
        _require_whole("seed", self.seed, 0)
        if not (isfinite(self.learning_rate) and self.learning_rate > 0):
            raise ValueError(f"learning rate must be a finite number above 0, not {self.learning_rate}")
        for name in ("momentum", "beta1", "beta2"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 0 and below 1, not {getattr(self, name)}")
        if not (isfinite(self.weight_decay) and self.weight_decay >= 0):
            raise ValueError(f"weight decay must be a finite number, at least 0, not {self.weight_decay}")
        self._check_warm_up()
        if not 0 <= self.label_smoothing < 1:
            raise ValueError(f"label smoothing must be at least 0 and below 1, not {self.label_smoothing}")
        if self.clip_norm is not None and not (isfinite(self.clip_norm) and self.clip_norm > 0):
            raise ValueError(f"clip norm must be a finite number above 0, not {self.clip_norm}")
        if self.patience is not None:
            _require_whole("patience", self.patience, 1)
        if self.unfreeze_after is not None:
            self._check_unfreezing()

    def _check_warm_up(self):
        _require_whole("warmup epochs", self.warmup_epochs, 0)
        if self.warmup_epochs >= self.epochs:
            raise ValueError(f"warmup epochs must be fewer than the epochs, {self.epochs}, not {self.warmup_epochs}")
        if self.warmup_epochs and self.schedule not in ("constant", "cosine"):
            raise ValueError("warmup epochs go with the schedules constant and cosine; "
                             f"{self.schedule} has a rise of its own")

    def _check_unfreezing(self):
        _require_whole("unfreeze after", self.unfreeze_after, 1)
        if not self.freeze:
            raise ValueError("unfreeze after goes with freeze: say which layers are frozen until then")
        if self.unfreeze_after >= self.epochs:
            raise ValueError(f"unfreeze after must be fewer than the epochs, {self.epochs}, not {self.unfreeze_after}")

    def is_frozen_in(self, epoch):
        """Whether the layers that `freeze` names are frozen in an epoch, counted from 1."""
        return bool(self.freeze) and (self.unfreeze_after is None or epoch <= self.unfreeze_after)

    @classmethod
    def from_dict(cls, saved):
        """The settings that `to_dict` gave, now or in an earlier version.

        Parameters
        ----------
        saved : dict

        Returns
        -------
        Settings

        Raises
        ------
        TypeError, ValueError
            If a name is not a setting; if a value makes no sense.
        """
        return cls(**{**BEFORE, **saved})

    def to_dict(self):
        """The settings as plain values, for run.json."""
        return asdict(self)

    def used(self):
        """Pairs of words: the settings that this training used, without those of other optimizers and those that were left empty."""
        values = self.to_dict()
        if self.optimizer not in ("adam", "adamw"):
            del values["beta1"], values["beta2"]
        if self.optimizer != "sgd":
            del values["momentum"]
        return [(name.replace("_", " "), f"{value:g}" if isinstance(value, float) else str(value))
                for name, value in values.items() if value not in (None, "")]


def _require_one_of(name, value, allowed):
    if value not in allowed:
        close = get_close_matches(str(value).lower(), allowed, n=1)
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {value!r}" + (f"; did you mean {close[0]}?" if close else ""))


def _require_whole(name, value, smallest):
    if isinstance(value, bool) or not isinstance(value, int) or value < smallest:
        raise ValueError(f"{name} must be a whole number, at least {smallest}, not {value!r}")
