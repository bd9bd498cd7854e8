"""Sheets of saliency maps: what is written on them, which colors, and that no words overlap."""
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest

from numbacnn.plot import saliency_sheet
from test_plot import png, texts


def checks(rng, S, H, W, small=None):
    """Checks of two images, with as many stages."""
    return SimpleNamespace(
        stages=tuple(f"layer3.block{k}.conv2" for k in range(S)), correlation=rng.random((S, 2)),
        random_maps=rng.random((S, 2, *(small or (H, W)))), edges=rng.random((2, H, W)), noise=rng.random((2, H, W)),
        edge_correlation=np.array([0.3, -0.31]), noise_correlation=np.array([0.01, 0.02]), removed=np.linspace(0, 1, 5),
        deletion=rng.random((2, 5)), edge_deletion=rng.random((2, 5)), random_deletion=rng.random((3, 2, 5)))


@pytest.mark.parametrize("shape, S, small", [((1, 28, 28), 5, None), ((3, 20, 40), 8, (3, 5)), ((4, 40, 20), 1, None)],
                         ids=["gray", "color-wide", "channels-tall"])
def test_words_stay_inside_and_do_not_overlap(shape, S, small, rng):
    image = rng.integers(0, 256, shape).astype(np.uint8)
    figure = saliency_sheet(image, rng.random(small or shape[1:]), checks(rng, S, *shape[1:], small), 1, "a title", "a subtitle",
                            "A verdict. " * 40, "integrated gradients")
    png(figure)
    unseen = {id(text) for ax in figure.axes if not ax.axison for text in (*ax.get_xticklabels(), *ax.get_yticklabels())}
    found = {(text.get_text(), text.get_window_extent().bounds): text for text in texts(figure) if id(text) not in unseen}
    boxes = [(words, text.get_window_extent()) for (words, _), text in found.items()]  # a legend shows each text twice
    for words, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, words
    for (words, box), (others, other) in combinations(boxes, 2):
        assert not box.overlaps(other), (words, others)


def test_maps_are_half_transparent_inferno_from_zero(rng):
    figure = saliency_sheet(np.zeros((1, 8, 8)), np.full((4, 4), 2.0), checks(rng, 2, 8, 8), 0)
    maps = [image for ax in figure.axes for image in ax.images if image.get_cmap().name != "gray"]
    assert len(maps) == 3 + 2
    assert {(image.get_cmap().name, image.get_alpha(), image.get_clim()[0]) for image in maps} == {("inferno", 0.5, 0)}
    assert maps[0].get_clim() == (0, 2) and "4x4, enlarged" in figure.axes[1].get_title()


@pytest.mark.parametrize("highest, end", [(0.13, 0.15), (0.98, 1.0), (1.0, 1.0), (0.31, 0.4), (3e-5, 3e-5)])
def test_the_axis_of_the_curve_ends_a_little_above_it(highest, end, rng):
    of = checks(rng, 2, 8, 8)
    for name in ("deletion", "edge_deletion", "random_deletion"):
        setattr(of, name, getattr(of, name) / getattr(of, name).max() * highest)
    of.deletion[0, 0] = highest
    ax, = (ax for ax in saliency_sheet(np.zeros((1, 8, 8)), np.ones((8, 8)), of, 0).axes if ax.get_legend())
    assert ax.get_yticks()[0] == 0 and ax.get_yticks()[-1] == pytest.approx(end) and 3 <= len(ax.get_yticks()) <= 6
    assert highest <= ax.get_ylim()[1] < 1.06 * end


def test_no_evidence_is_written(rng):
    figure = saliency_sheet(np.zeros((1, 8, 8)), np.zeros((2, 2)), checks(rng, 2, 8, 8), 0, map_title="Grad-CAM")
    assert figure.axes[1].get_title() == "Grad-CAM\nno positive evidence"
