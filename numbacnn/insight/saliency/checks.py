"""What a saliency method is worth here: does its map depend on the weights, and do the pixels that it marks matter?"""
import copy
from dataclasses import dataclass

import numpy as np

import numbacnn
from numbacnn.insight.saliency.comparison import edge_map, noise_map, rank_correlation
from numbacnn.insight.saliency.deletion import area, deletion_curve
from numbacnn.insight.saliency.maps import METHODS, WITH_BASELINE, enlarged, predicted, saliency_map
from numbacnn.insight.saliency.score import checked, probabilities

SAME, OTHER = 0.6, 0.4  # mean rank correlations from which on maps are called the same, and below which they are not
LEAST = 0.05  # of the pixels: a smaller lead of the deletion curve is none, for `check` removes them in steps of 5 %
STAGES = 8  # how often the map is made anew on the way from the top layer down, at most


@dataclass(frozen=True, eq=False)
class Checks:
    """The checks of a method on N examples; a number for each example unless said otherwise.

    Attributes
    ----------
    name : str
        The method.
    stages : tuple of str
        The lowest layer that is random at each of S stages, the top layer first; at the last all are.
    correlation : ndarray, shape (S, N)
        Rank correlation of the map with that of the trained weights, mean over the seeds.
    random_maps : ndarray, shape (S, N, ...)
        The maps at each stage, of the first seed.
    edges, noise : ndarray, shape (N, ...)
        An edge detector and random numbers, as large as the image.
    edge_correlation, noise_correlation : ndarray, shape (N,)
        Of the map with those.
    removed : ndarray, shape (K,)
        Part of the pixels that is removed, from 0 to 1.
    deletion, edge_deletion : ndarray, shape (N, K)
        Probability of the class when pixels are removed in the order of the map, of the edge detector.
    random_deletion : ndarray, shape (orders, N, K)
        And in random orders.
    empty : ndarray of bool, shape (N,)
        Whether the map is 0 everywhere.
    classes : int
        How many the model knows.
    """

    name: str
    stages: tuple
    correlation: np.ndarray
    random_maps: np.ndarray
    edges: np.ndarray
    noise: np.ndarray
    edge_correlation: np.ndarray
    noise_correlation: np.ndarray
    removed: np.ndarray
    deletion: np.ndarray
    edge_deletion: np.ndarray
    random_deletion: np.ndarray
    empty: np.ndarray
    classes: int

    @property
    def sameness(self):
        """Mean rank correlation over all stages, for the network guesses from the first one on; NaN if no map shows anything."""
        return float(self.correlation[:, ~self.empty].mean()) if not self.empty.all() else float("nan")

    @property
    def depends_on_weights(self):
        """Whether the map is another one when the weights are random: True, False, or None for half and for empty maps."""
        if np.isnan(self.sameness) or OTHER <= self.sameness < SAME:
            return None
        return self.sameness < OTHER

    @property
    def areas(self):
        """Mean area under the deletion curve: of the map, of the edge detector, of random orders, and the spread of the last.

        Four floats; the spread is the standard deviation over the orders.
        """
        by_chance = area(self.random_deletion).mean(axis=1)
        return (float(area(self.deletion).mean()), float(area(self.edge_deletion).mean()), float(by_chance.mean()),
                float(by_chance.std(ddof=1)) if len(by_chance) > 1 else 0.0)

    @property
    def start(self):
        """Mean probability of the class with all pixels: how far the curve can fall at all."""
        return float(self.deletion[:, 0].mean())

    @property
    def lead(self):
        """How much sooner the probability falls than in random order, negative if later: the difference of the areas by `start`.

        Of a curve that falls to 0 at once this is a part of the pixels.
        """
        return (self.areas[2] - self.areas[0]) / self.start if self.start else 0.0

    @property
    def near_chance(self):
        """Whether the class has a probability so near 1 / classes that hardly anything can fall.

        Less than `LEAST` of the way from there to 1, and less than twice 1 / classes.
        """
        chance = 1 / self.classes
        return self.start < min(2 * chance, chance + LEAST * (1 - chance))

    @property
    def marks_what_matters(self):
        """Whether the probability falls sooner than in random order: True, False if later, None if neither can be said."""
        own, _, chance, spread = self.areas
        if self.near_chance or abs(self.lead) < LEAST or abs(chance - own) <= 2 * spread:
            return None
        return self.lead > 0

    @property
    def verdict(self):
        """One plain sentence on what the map is worth, and one on the pixels that it marks."""
        return self._on_weights() if self.empty.all() else f"{self._on_weights()} {self._on_pixels()}"

    def _on_weights(self):
        if self.empty.all():
            return f"{self.name}: no positive evidence for the class, so there is no map to check."
        first, last = self.correlation[:, ~self.empty].mean(axis=1)[[0, -1]]
        number = (f"rank correlation {self.sameness:.2f}: {first:.2f} when all is random down to {self.stages[0]}, {last:.2f} when "
                  "all is random")
        if self.depends_on_weights is False:
            return (f"{self.name}: with random weights the map stays the same ({number}), so it says nothing about what this "
                    "network has learned: it is of no use here.")
        if self.depends_on_weights:
            return f"{self.name}: with random weights the map is another one ({number}), so it depends on what was learned."
        return (f"{self.name}: with random weights the map stays half the same ({number}), so much of it is the image, not "
                "what was learned.")

    def _on_pixels(self):
        own, edges, chance, spread = self.areas
        if self.near_chance:
            return (f"The class explained has a probability of {100 * self.start:.1f} % here, near the chance level of "
                    f"{100 / self.classes:.3g} % for {self.classes} classes: there is hardly anything that could fall, so the deletion "
                    "curve says nothing about the pixels.")
        digits = _digits(spread, own - edges, own - chance, edges - chance)
        words = (f"area under the curve {own:.{digits}f}; an edge detector's {edges:.{digits}f}, random order {chance:.{digits}f} ± "
                 f"{spread:.{digits}f}")
        if self.marks_what_matters is None:
            small = abs(self.lead) < LEAST and abs(chance - own) > 2 * spread
            return (f"The pixels that it marks matter no more than others ({words}"
                    + (f"; the difference is {100 * abs(self.lead):.1f} % of the {self.start:.2f} that can fall, and less than "
                       f"{100 * LEAST:.0f} % counts as none" if small else "") + ").")
        if self.marks_what_matters:
            but = ", but no sooner than in the order of an edge detector, which knows no network" * (edges - own < LEAST * self.start)
            return f"The pixels that it marks matter: without them the probability falls sooner{but} ({words})."
        return f"The pixels that it marks matter less than others: without them the probability falls later ({words})."


def _digits(*differences):
    """Decimals that show the smallest of some differences, from 2 to 5; one of 0 needs none."""
    sizes = [abs(each) for each in differences if each]
    return int(np.clip(np.ceil(-np.log10(min(sizes))), 2, 5)) if sizes else 2


def _silently(done, total):
    """Report no progress: the default."""


def check(model, x, method="gradient", target=None, baseline=0.0, seeds=(0, 1, 2), orders=10, steps=20, stages=STAGES,
          progress=_silently, **options):
    """Check a saliency method on a model and some examples.

    The weights of a copy of the model are shuffled from the top layer down, layer by layer, and the map is made anew each
    time. The map is compared with an edge detector and with noise, and pixels are removed in its order and in random ones.

    Parameters
    ----------
    model : numbacnn.nn.Module
        Gives scores (N, classes), before the softmax; it is left as it was.
    x : array of float, shape (N, C, ...)
    method : str or callable
        A key of `METHODS`; or a method of your own, called as `method(model, x, target)`, that returns maps (N, ...) without
        channels, the larger the more a pixel matters.
    target : int or sequence of int (N,), optional
        The classes to explain; by default what the model takes each example for.
    baseline : float or array that broadcasts to x
        What a removed pixel becomes; also the baseline of a method that has one.
    seeds : sequence of int
        Of the random weights; the correlations are means over them.
    orders : int
        Random orders to remove pixels in.
    steps : int
        Parts in which the pixels are removed.
    stages : int
        At most so many maps on the way down; in a deep network several layers become random at once.
    progress : callable, optional
        Called as `progress(done, total)`, before the first map and after each.
    **options
        Of the method.

    Returns
    -------
    Checks

    Raises
    ------
    TypeError, ValueError
        As the method does; and if the model has no weights.

    Notes
    -----
    Source: Adebayo, Gilmer, Muelly, Goodfellow, Hardt and Kim, "Sanity Checks for Saliency Maps", NeurIPS 2018, section 3
    (cascading randomization). They draw weights anew; here the numbers of each array are shuffled, so that their spread stays.
    That maps are called the same from a mean rank correlation of 0.6 on, and others below 0.4, is a choice of this library, made
    after seeing the maps of LeNet on MNIST. That a lead of less than 5 % of the pixels counts as none was not: in `steps` of 5 % the
    curve does not tell when within a step the probability fell.
    """
    x, target = checked("check", x, predicted(model, x) if target is None else target)

    if method in WITH_BASELINE:
        options["baseline"] = baseline

    def maps_of(model):
        if callable(method):
            return np.asarray(method(model, x, target))
        return saliency_map(model, x, method, target, **options).map

    names, correlations, random_maps = _stages(model, stages), [], []
    done, total = 0, 1 + len(seeds) * len(names)
    progress(done, total)
    trained = maps_of(model)
    for seed in seeds:
        maps = []
        for part in _randomized(model, names, seed):
            progress(done := done + 1, total)
            maps.append(maps_of(part))
        correlations.append([rank_correlation(trained, other) for other in maps])
        random_maps = random_maps or maps
    edges, noise = edge_map(x), noise_map((len(x), *x.shape[2:]), seeds[0])
    large = enlarged(trained, x.shape[2:])

    def deleted(maps, seed=seeds[0]):
        return deletion_curve(model, x, target, maps, baseline, steps, seed)

    by_chance = np.stack([deleted(noise_map(edges.shape, [seed, 3])) for seed in range(orders)])
    return Checks(METHODS[method][1] if isinstance(method, str) else method.__name__, tuple(group[-1] for group in names),
                  np.mean(correlations, axis=0), np.stack(random_maps), edges, noise, rank_correlation(large, edges),
                  rank_correlation(large, noise), np.linspace(0, 1, steps + 1), deleted(trained), deleted(edges), by_chance,
                  ~trained.reshape(len(x), -1).any(axis=1), probabilities(model, x[:1]).shape[1])


def _stages(model, most):
    """The layers that have weights, the top one first, in at most so many groups."""
    names = [name for name, layer in model.named_modules() if any(True for _ in layer.parameters(recurse=False))][::-1]
    if not names:
        raise ValueError(f"check: {type(model).__name__} has no weights that could be made random")
    return [names[part[0]:part[-1] + 1] for part in np.array_split(range(len(names)), min(most, len(names)))]


def _randomized(model, groups, seed):
    """Copies of the model, in each of which one more group of layers has its numbers in random order."""
    changed, draw = copy.deepcopy(model), np.random.default_rng([seed, 4])
    layers = dict(changed.named_modules())
    for group in groups:
        with numbacnn.no_grad():
            for name in group:
                for tensor in layers[name].parameters(recurse=False):
                    mixed = draw.permutation(tensor.detach().numpy().ravel()).reshape(tensor.shape)
                    tensor.copy_(numbacnn.tensor(mixed))
        yield changed
