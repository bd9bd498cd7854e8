"""The data sets that are drawn: the same from the same seed, and not to be told apart without looking at patterns."""

import numpy as np
import pytest

from numbacnn import data as library
from numbacnn.data import DataError, draw_blobs_video, draw_defects, draw_phrases, draw_products, load_dataset
from numbacnn.data.drawn import DRAWN
from numbacnn.data.drawn import blobs_video, phrases
from numbacnn.data.drawn.outline import fill, thicken
from numbacnn.data.record import KINDS

NAMES = [name for name in DRAWN if name != "digits"]
SHAPES = {
    "products": (3, 32, 32),
    "textures": (1, 32, 32),
    "defects": (1, 32, 32),
    "multispectral": (8, 24, 24),
    "blobs-video": (1, 8, 24, 24),
    "waves": (1, 128),
    "phrases": (16,),
}
DTYPES = {"images": np.uint8, "video": np.uint8, "series": np.float32, "tokens": np.int64}


@pytest.fixture(scope="module")
def drawn():
    """2,000 examples of each, and their labels."""
    return {name: DRAWN[name].draw(2000, 3) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_of_their_kind_and_classes_even(name, drawn):
    x, y = drawn[name][:2]
    entry = DRAWN[name]
    assert x.shape == (2000, *SHAPES[name]) and x.dtype == DTYPES[entry.kind]
    assert entry.kind in KINDS and y.dtype == np.int64 and y.shape == (2000,)
    counts = np.bincount(y[:1000], minlength=len(entry.classes))
    assert len(counts) == len(entry.classes) and counts.max() - counts.min() <= 1
    assert len({example.tobytes() for example in x}) == 2000


@pytest.mark.parametrize("name", NAMES)
def test_an_example_depends_on_seed_stream_and_place_alone(name, drawn):
    draw = DRAWN[name].draw
    for again, before in zip(draw(1001, 3), drawn[name]):
        np.testing.assert_array_equal(again, before[:1001])
    others = [draw(20, 4)[0], draw(20, 3, "test")[0], drawn[name][0][1000:1020]]
    for other in others:
        assert not np.array_equal(other, drawn[name][0][:20])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "arguments, words",
    [((0, 0), "count is 0; ask for at least 1"), ((1, -1), "seed is -1; give a seed of 0"),
     ((1, 0, "val"), "stream is 'val'; give one of train, test")],
)
def test_bad_arguments(name, arguments, words):
    draw = getattr(library, f"draw_{name.replace('-', '_')}")
    with pytest.raises(DataError, match=f"{draw.__name__}: {words}"):
        draw(*arguments)


@pytest.mark.parametrize("name", NAMES)
def test_no_linear_model_tells_the_classes_apart(name, drawn):
    """Ridge regression on one number per class: the better penalty of two gets less than 3 of 4 right."""
    x, y = drawn[name][:2]
    if DRAWN[name].kind == "tokens":
        x = np.eye(x.max() + 1)[x]
    x = x.reshape(2000, -1).astype(np.float32)
    x = (x - x.mean(0)) / (x.std(0) + 1e-6)
    train, test = slice(0, 1000), slice(1000, None)
    target = np.eye(y.max() + 1)[y]
    products = x @ x[train].T
    best = max(
        (products[test] @ np.linalg.solve(products[train] + penalty * x.shape[1] * np.eye(1000), target[train]))
        .argmax(1).__eq__(y[test]).mean()
        for penalty in (3, 100)
    )
    chance = 1 / (y.max() + 1)
    assert best < min(0.75, chance + 0.5), best


# --- each of them

def test_products_show_neither_class_by_color_nor_by_place(drawn):
    x, y = drawn["products"]
    means = np.stack([x[y == k].mean((0, 2, 3)) for k in range(8)])
    assert np.ptp(means, axis=0).max() < 12  # of 255
    assert set(np.unique(x)) >= {0, 255}


def test_masks_cover_scratches_and_nothing_else(drawn):
    x, y, masks = drawn["defects"]
    assert masks.shape == (2000, 32, 32) and masks.dtype == np.uint8 and set(np.unique(masks)) == {0, 1}
    covered = masks.sum((1, 2))
    assert (covered[y == 0] == 0).all() and (covered[y == 1] > 0).mean() > 0.99
    assert 8 < np.median(covered[y == 1]) < 60
    contrast = []
    for image, mask in zip(x[y == 1, 0].astype(float), masks[y == 1].astype(bool)):
        near = np.zeros_like(mask)
        near[1:-1, 1:-1] = (mask[:-2, 1:-1] | mask[2:, 1:-1] | mask[1:-1, :-2] | mask[1:-1, 2:]) & ~mask[1:-1, 1:-1]
        if mask.any() and near.any():
            contrast.append(abs(image[mask].mean() - image[near].mean()))
    assert np.median(contrast) > 15  # of 255: it is there where the mask says


def test_masks_go_with_the_images_they_belong_to():
    data = load_dataset("defects", limit=120)
    x, _, masks = draw_defects(120, 0)
    np.testing.assert_array_equal(np.concatenate([data.masks_train, data.masks_val]), masks)
    assert data.masks_test.shape == (2000, 32, 32) and len(data.masks_val) == len(data.x_val) == 10
    np.testing.assert_array_equal(np.concatenate([data.x_train, data.x_val]), x)
    assert load_dataset("textures", limit=20).masks_train is None


def test_a_reader_of_pairs_understands_every_phrase():
    tokens, labels = draw_phrases(3000, 1)
    group = {phrases.VOCABULARY.index(word): name for name, words in phrases.GROUPS.items() for word in words}
    for row, label in zip(tokens, labels):
        length = np.flatnonzero(row)[-1] + 1
        assert 8 <= length <= 16 and (row[:length] > 0).all()
        kinds = [group[token] for token in row[:length]]
        (verdict,) = [k for k, kind in enumerate(kinds) if kind in ("praise", "blame")]
        turned = kinds[verdict - 1] == "turn" or kinds[verdict - 2:verdict] == ["turn", "adverb"]
        assert label == int((kinds[verdict] == "praise") != turned)
    strays = sum((row == phrases.VOCABULARY.index("not")).any() for row in tokens)
    assert 0.2 < strays / 3000 < 0.6


def test_films_move_as_their_labels_say():
    films, labels = draw_blobs_video(1000, 2)
    x = films[:, 0].astype(float)
    ink = np.abs(x - np.median(x, axis=(2, 3), keepdims=True))  # dark on light, or light on dark
    ink[ink < 60] = 0
    mass = ink.sum((2, 3))
    at = np.arange(24)
    right, down = (ink.sum(2) @ at / (mass + 1e-9), ink.sum(3) @ at / (mass + 1e-9))
    seen = (mass[:, 0] > 1000) & (mass[:, -1] > 1000)
    moved = {"left": -(right[:, -1] - right[:, 0]), "right": right[:, -1] - right[:, 0],
             "up": -(down[:, -1] - down[:, 0]), "down": down[:, -1] - down[:, 0],
             "grow": np.log(mass[:, -1] / mass[:, 0].clip(1)), "shrink": -np.log(mass[:, -1].clip(1) / mass[:, 0].clip(1))}
    for name, amount in moved.items():
        which = seen & (labels == blobs_video.CLASSES.index(name))
        assert which.sum() > 20 and (amount[which] > 0).mean() > 0.93, name
    assert 0.4 < (np.median(x, axis=(1, 2, 3)) < 127).mean() < 0.6


def test_a_wave_has_its_shape():
    series, labels = library.draw_waves(2000, 5)
    x = series[:, 0] - series[:, 0].mean(1, keepdims=True)
    skew = np.abs((x**3).mean(1)) / (x**2).mean(1) ** 1.5
    by_class = [np.median(skew[labels == k]) for k in range(6)]
    assert by_class[3] > 1.5 and max(by_class[:3]) < 0.5  # pulses alone lean to one side
    smooth = np.stack([np.convolve(row, np.ones(7) / 7, "valid") for row in x])
    turns = np.diff(np.sign(np.diff(smooth[:, ::3], axis=1)), axis=1) != 0
    more_later = turns[:, -16:].sum(1).astype(int) - turns[:, :16].sum(1)
    by_class = [more_later[labels == k].mean() for k in range(6)]
    assert by_class[4] > 1 and by_class[5] < -1 and np.abs(by_class[:3]).max() < 0.5, by_class


def test_a_lake_is_dark_in_the_infrared(drawn):
    x, y = drawn["multispectral"]
    ratio = np.percentile(x[:, 5], 5, axis=(1, 2)) / np.percentile(x[:, 0], 5, axis=(1, 2)).clip(1)
    others = [np.median(ratio[y == k]) for k in range(6)]
    assert np.argmin(others) == 4


# --- outlines

def test_a_polygon_covers_its_area(rng):
    angle = np.linspace(0, 2 * np.pi, 17)[:-1]
    radius = rng.uniform(4, 9, (50, 16))
    polygons = 10 + np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1)
    x, y = polygons[..., 0], polygons[..., 1]
    area = np.abs((x * np.roll(y, -1, 1) - y * np.roll(x, -1, 1)).sum(1)) / 2
    cover = fill(polygons, 20)
    assert cover.min() >= 0 and cover.max() == 1
    np.testing.assert_allclose(cover.sum((1, 2)), area, rtol=0.01)
    np.testing.assert_array_equal(fill(polygons[:, ::-1], 20), cover)  # whichever way round


def test_a_square_covers_the_pixels_it_covers():
    square = np.array([[[1.25, 1], [4, 1], [4, 3.5], [1.25, 3.5]]])
    expected = np.zeros((6, 6))
    expected[1:4, 1:4] = 1
    expected[1:4, 1] = 0.75
    expected[3] *= 0.5
    np.testing.assert_allclose(fill(square, 6)[0], expected, atol=1e-6)
    beyond = fill(square + [[[-3, 2]]], 6)[0]  # partly outside: cut off, not wrapped round
    np.testing.assert_allclose(beyond[3:6, 0], [1, 1, 0.5], atol=1e-6)
    assert beyond.sum() == pytest.approx(2.5)


def test_a_line_is_as_wide_as_it_is_asked_to_be():
    path = np.stack([np.linspace(4, 16, 9), np.linspace(5, 12, 9)], -1)[None]
    cover = fill(thicken(path, np.array([2.5])), 20)
    assert cover.sum() == pytest.approx(2.5 * np.hypot(12, 7), rel=0.01)


def test_every_style_of_product_is_drawn():
    from numbacnn.data.drawn.products import STYLES, parsed_styles

    for name, styles in STYLES.items():
        parsed = parsed_styles(name)
        assert len(parsed) == len(styles) >= 2
        for parts in parsed:
            for part in parts:
                assert 0 <= part.points.min() and part.points.max() <= 1
                if not part.width:
                    np.testing.assert_array_equal(part.points[0], part.points[-1])
    assert draw_products(1, 0)[0].shape == (1, 3, 32, 32)


def test_the_data_page_shows_every_data_set():
    from pathlib import Path

    docs = Path(__file__).parents[2] / "docs"
    page = (docs / "data.md").read_text(encoding="utf-8")
    for name in library.NAMES:
        assert f"`{name}`" in page, name
    for name in DRAWN:
        assert f"\n## {name}\n" in page and f"(data/{name}.png)" in page, name
        assert (docs / "data" / f"{name}.png").exists()
