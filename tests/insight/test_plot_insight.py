"""What `numbacnn.insight` finds, drawn by `numbacnn.plot` on given axes or on new ones."""
import numpy as np
import pytest

from numbacnn.insight import ReceptiveField, confusion_matrix, reliability
from numbacnn.plot import confusion_table, feature_map_grid, filter_grid, receptive_field_map, reliability_diagram, saliency_overlay
from numbacnn.plot.figure import new_figure

MATRIX = np.array([[8, 2, 0], [0, 5, 5], [1, 0, 0]])
DRAWN = {"confusion": (confusion_table, (MATRIX,)), "reliability": (reliability_diagram, (reliability(np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([0, 0])),)),
         "maps": (feature_map_grid, (np.arange(60.0).reshape(3, 4, 5) - 7,)), "filters": (filter_grid, (np.ones((2, 1, 3, 3)),)),
         "field": (receptive_field_map, (ReceptiveField((1, 1), (slice(1, 4), slice(0, 2)), np.eye(5)),)),
         "saliency": (saliency_overlay, (np.ones((1, 4, 4)), np.eye(4)))}


@pytest.mark.parametrize("name", DRAWN)
def test_on_axes_of_ones_own_or_on_new_ones(name):
    draw, arguments = DRAWN[name]
    own = new_figure(3, 3).add_subplot()
    assert draw(*arguments, ax=own) is own
    new = draw(*arguments)
    assert new.figure is not own.figure and len(new.figure.axes) == 1
    assert len(new.images) == len(own.images) and len(new.patches) == len(own.patches)


def test_a_cell_of_the_confusion_has_its_share_of_the_row_and_its_count():
    y, taken = np.repeat([0, 0, 1, 1, 2], [8, 2, 5, 5, 1]), np.repeat([0, 1, 1, 2, 0], [8, 2, 5, 5, 1])
    assert (confusion_matrix(y, taken, 3) == MATRIX).all()
    ax = confusion_table(MATRIX, ["cat", "dog", "hen"])
    np.testing.assert_allclose(ax.images[0].get_array(), [[0.8, 0.2, 0], [0, 0.5, 0.5], [1, 0, 0]])
    assert {(text.get_position(), text.get_text()) for text in ax.texts} == {((0, 0), "8"), ((1, 0), "2"), ((1, 1), "5"), ((2, 1), "5"), ((0, 2), "1")}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["cat", "dog", "hen"]
    assert not confusion_table(np.eye(21, dtype=int)).texts and confusion_table(np.eye(20, dtype=int)).texts
    assert np.isfinite(confusion_table(np.zeros((2, 2), int)).images[0].get_array()).all()  # a class without examples


def test_bars_of_the_reliability_end_at_accuracy_and_confidence():
    found = reliability(np.array([[0.91, 0.09], [0.95, 0.05], [0.3, 0.7]]), np.array([0, 1, 1]), bins=10)
    ax = reliability_diagram(found)
    heights = sorted(round(bar.get_height(), 6) for bar in ax.patches)
    assert heights == sorted([1.0, 0.5, -0.3, 0.43])  # accuracies, then the way from each to its confidence
    assert ax.get_title() == f"expected calibration error {100 * (2 * 0.43 + 0.3) / 3:.2f} %"


def test_maps_lie_side_by_side_on_one_scale():
    maps = np.arange(10 * 6.0).reshape(10, 2, 3) - 20
    image = feature_map_grid(maps).images[0]
    sheet = image.get_array()
    assert sheet.shape == (5, 31) and image.get_clim() == (-39, 39)
    assert (sheet[:2, :3] == maps[0]).all() and (sheet[:2, 28:31] == maps[7]).all() and (sheet[3:, 4:7] == maps[9]).all()
    assert feature_map_grid(np.zeros((1, 2, 2))).images[0].get_clim() == (0, 1)
    with pytest.raises(ValueError, match=r"expected maps \(C, H, W\) of one example, got shape \(2, 2\)"):
        feature_map_grid(np.zeros((2, 2)))


def test_the_frame_stands_around_the_promise():
    ax = receptive_field_map(ReceptiveField((1, 1), (slice(1, 4), slice(0, 2)), np.eye(5)))
    [frame] = ax.patches
    assert (frame.get_xy(), frame.get_width(), frame.get_height()) == ((-0.5, 0.5), 2, 3)
    assert not receptive_field_map(ReceptiveField((1, 1), None, np.eye(5))).patches
    with pytest.raises(ValueError, match=r"got shape \(5,\)"):
        receptive_field_map(ReceptiveField((1,), None, np.ones(5)))
