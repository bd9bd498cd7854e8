"""Augmentation: what each step does, and that an image's changes are its own."""

import numpy as np
import pytest

from numbacnn.data import draw_digits, parse_augmentation
from numbacnn.data.augment import STEPS
from numbacnn.data.augment.chance import Chance
from numbacnn.data.augment.warp import sample

EVERY_STEP = ",".join(STEPS)


@pytest.fixture(scope="module")
def color():
    return np.random.default_rng(3).integers(0, 256, (40, 3, 12, 17), np.uint8)


def apply(spec, images, epoch=1, seed=0):
    return parse_augmentation(spec)(images, np.arange(len(images)), epoch, seed)


def spot(H=15, W=15, N=200):
    """Images with one white pixel in the middle."""
    images = np.zeros((N, 1, H, W), np.uint8)
    images[:, 0, H // 2, W // 2] = 255
    return images


# --- every step

@pytest.mark.parametrize("spec", [*STEPS, EVERY_STEP], ids=lambda spec: spec[:13])
def test_a_change_is_a_function_of_seed_epoch_and_image(spec, color):
    augmentation, indices = parse_augmentation(spec), np.arange(40)
    before = color.copy()
    whole = augmentation(color, indices, 2, 7)
    np.testing.assert_array_equal(color, before)
    assert whole.shape == color.shape and whole.dtype == np.uint8
    assert (whole != color).any()
    order = np.random.default_rng(0).permutation(40)
    parts = [augmentation(color[part], part, 2, 7) for part in np.array_split(order, 7)]
    np.testing.assert_array_equal(np.concatenate(parts), whole[order])
    for epoch, seed in ((3, 7), (2, 8)):
        assert (augmentation(color, indices, epoch, seed) != whole).any()


def test_the_same_image_at_another_index_is_changed_otherwise():
    out = apply("shift=3", spot())
    assert len({image.tobytes() for image in out}) == 49


def test_steps_do_not_disturb_each_other(color):
    np.testing.assert_array_equal(apply("flip", apply("shift=2", color)), apply("shift=2,flip", color))


def test_nothing_is_asked_for_nothing_done(color):
    assert apply("", color) is color and str(parse_augmentation(" ")) == ""


def test_random_numbers_are_uniform_and_independent():
    numbers = Chance(0, 1, np.arange(4000)).uniform("x", 5)
    counts = np.stack([np.histogram(column, 10, (0, 1))[0] for column in numbers.T])
    assert (((counts - 400) ** 2 / 400).sum(1) < 27.9).all()  # chi-square, 9 degrees of freedom, p = 0.001
    neighbors = np.concatenate([numbers[1:], numbers[:-1], Chance(0, 2, np.arange(1, 4000)).uniform("x", 5)], 1)
    r = np.corrcoef(neighbors.T) - np.eye(15)
    assert np.abs(r).max() < 5 / np.sqrt(4000)


# --- place

@pytest.mark.parametrize("name", ["shift", "crop"])
def test_shift_moves_whole_pixels_and_lets_zeros_in(name, rng):
    images = rng.integers(1, 256, (300, 2, 6, 9), np.uint8)
    out, seen = apply(f"{name}=2", images), set()
    for image, moved in zip(images, out):
        padded = np.pad(image, ((0, 0), (2, 2), (2, 2)))
        found = [(dy, dx) for dy in range(5) for dx in range(5)
                 if np.array_equal(padded[:, dy : dy + 6, dx : dx + 9], moved)]
        seen.add(found[0])
    assert len(seen) == 25


@pytest.mark.parametrize("name, axis", [("flip", 3), ("flip-vertical", 2)])
def test_flips_mirror_a_part_of_the_images(name, axis, rng):
    images = rng.integers(0, 256, (1000, 3, 4, 5), np.uint8)
    out = apply(f"{name}=0.25", images)
    mirrored = (out == np.flip(images, axis)).all((1, 2, 3))
    np.testing.assert_array_equal(out[~mirrored], images[~mirrored])
    assert 190 < mirrored.sum() < 310
    np.testing.assert_array_equal(apply(f"{name}=1", images), np.flip(images, axis))


def test_cutout_paints_a_square_with_the_mean_color(rng):
    images = rng.integers(0, 2, (400, 2, 10, 14), np.uint8) * 255
    out, covered = apply("cutout=5", images), []
    for image, cut in zip(images, out):
        color = np.rint(image.mean((1, 2)))[:, None, None]
        square = (cut == color).all(0)
        np.testing.assert_array_equal(cut[:, ~square], image[:, ~square])
        rows, columns = square.any(1), square.any(0)
        assert square.sum() == rows.sum() * columns.sum() and rows.sum() <= 5 >= columns.sum()
        covered.append(square)
    assert {square.sum() for square in covered} >= {9, 25}  # cut off at a corner, and whole
    share = np.mean(covered, 0)
    assert share.min() > 0  # it reaches every pixel, and opposite borders alike
    assert abs(share.mean(1) - share.mean(1)[::-1]).max() < 0.04


# --- warps

def test_a_sample_is_interpolated_between_four_pixels(rng):
    images = rng.integers(0, 256, (3, 2, 5, 6), np.uint8)
    row, column = rng.uniform(-2, 6, (3, 5, 6)), rng.uniform(-2, 7, (3, 5, 6))
    padded = np.pad(images.astype(float), ((0, 0), (0, 0), (9, 9), (9, 9)))
    top, left = np.floor(row).astype(int), np.floor(column).astype(int)
    n = np.arange(3)[:, None, None]
    expected = sum(
        (1 - abs(row - (top + a)))[..., None] * (1 - abs(column - (left + b)))[..., None]
        * padded[n, :, top + a + 9, left + b + 9]
        for a in (0, 1) for b in (0, 1))
    out = sample(images, row.astype(np.float32), column.astype(np.float32))
    np.testing.assert_allclose(out, expected.transpose(0, 3, 1, 2), atol=0.51)


def place_of(images):
    """Center of mass of each image (N, 1, H, W), from the middle: rows and columns."""
    mass = images[:, 0].astype(float)
    total = mass.sum((1, 2))
    H, W = mass.shape[1:]
    return (mass.sum(2) @ (np.arange(H) - (H - 1) / 2) / total, mass.sum(1) @ (np.arange(W) - (W - 1) / 2) / total)


def test_rotation_turns_about_the_center():
    images = np.zeros((300, 1, 31, 31), np.uint8)
    images[:, 0, 4:7, 14:17] = 255  # ten pixels above the middle
    row, column = place_of(apply("rotate=30", images))
    np.testing.assert_allclose(np.hypot(row, column), 10, atol=0.15)
    angle = np.degrees(np.arctan2(column, -row))
    assert abs(angle).max() < 30.5 and angle.max() > 27 and angle.min() < -27 and abs(angle.mean()) < 3


def test_scale_and_shear_keep_what_they_should():
    images = np.zeros((300, 1, 41, 41), np.uint8)
    images[:, 0, 8:11, 19:22] = 255  # eleven pixels above the middle
    row, column = place_of(apply("scale=0.5", images))
    assert abs(column).max() < 0.1 and 16 < -row.min() < 16.8 and 7.2 < -row.max() < 7.8
    row, column = place_of(apply("shear=20", images))
    assert abs(row + 11).max() < 0.15
    assert 3.6 < column.max() < 4.2 and -4.2 < column.min() < -3.6  # 11 tan 20 degrees = 4.0


def test_elastic_displacement_is_smooth_and_as_large_as_published():
    from numbacnn.data.augment.warp import elastic_displacement

    field = elastic_displacement(34, Chance(0, 1, np.arange(400)), 28, 28)
    assert field.shape == (400, 2, 28, 28)
    # uniform numbers have a variance of 1/3, of which a Gaussian leaves 1 / (4 pi sigma^2)
    expected = 34 * np.sqrt(1 / 3 / (4 * np.pi * 4**2))
    np.testing.assert_allclose(field[..., 14, 14].std(), expected, rtol=0.08)
    np.testing.assert_allclose(field[..., 0, 0].std(), expected, rtol=0.08)  # nor less at the border
    middle = field[..., 5:-5, 5:-5]
    neighbors = np.corrcoef(middle[..., 1:].ravel(), middle[..., :-1].ravel())[0, 1]
    np.testing.assert_allclose(neighbors, np.exp(-1 / (4 * 4**2)), atol=0.01)
    assert abs(np.corrcoef(field[:, 0].ravel(), field[:, 1].ravel())[0, 1]) < 0.05


def test_neighboring_warps_are_one_interpolation():
    """Slanted and turned, in this order: as one warp the digit stays sharper than when it is warped twice."""
    images = draw_digits(60, 0)[0][:, None]
    once = apply("shear=25,rotate=30", images)
    twice = apply("rotate=30", apply("shear=25", images))

    def sharpness(x):
        return (np.diff(x.astype(float)) ** 2).sum()

    assert abs(once.astype(float) - twice).mean() < 3 and sharpness(once) > 1.05 * sharpness(twice)


# --- colors

def gray(images):
    return np.einsum("c,nchw->nhw", [0.299, 0.587, 0.114], images.astype(float))


@pytest.fixture(scope="module")
def mild():
    """Colors that stay within 0 to 255 whatever is done to them."""
    return np.random.default_rng(3).integers(90, 160, (50, 3, 8, 9), np.uint8)


def test_brightness_multiplies(mild):
    factor = (apply("brightness=0.3", mild) / mild).mean((1, 2, 3))
    np.testing.assert_allclose(apply("brightness=0.3", mild), factor[:, None, None, None] * mild, atol=1)
    assert 0.7 < factor.min() < 0.75 and 1.25 < factor.max() < 1.3


def test_contrast_keeps_the_mean_brightness(mild):
    out = apply("contrast=0.4", mild)
    np.testing.assert_allclose(gray(out).mean((1, 2)), gray(mild).mean((1, 2)), atol=0.3)
    factor = out.std((1, 2, 3)) / mild.std((1, 2, 3))
    assert 0.6 < factor.min() < 0.7 and 1.3 < factor.max() < 1.4


@pytest.mark.parametrize("spec", ["saturation=0.9", "hue=0.5"])
def test_saturation_and_hue_keep_the_brightness_of_every_pixel(spec, mild):
    out = apply(spec, mild)
    np.testing.assert_allclose(gray(out), gray(mild), atol=1)
    assert np.abs(out.astype(int) - mild).mean() > 3
    grays = np.repeat(mild[:, :1], 3, 1)
    np.testing.assert_allclose(apply(spec, grays), grays, atol=1)


def test_hue_turns_red_towards_green_and_blue():
    red = np.zeros((400, 3, 2, 2), np.uint8)
    red[:, 0] = 120
    turned = apply("hue=0.5", red).argmax(1)
    assert set(turned.ravel()) == {0, 1, 2}


def test_colors_are_one_matrix(mild):
    together = apply("brightness=0.1,contrast=0.1,saturation=0.3,hue=0.1", mild)
    alone = mild
    for spec in ("brightness=0.1", "contrast=0.1", "saturation=0.3", "hue=0.1"):
        alone = apply(spec, alone)
    np.testing.assert_allclose(together, alone, atol=3)


@pytest.mark.parametrize("channels", [1, 8])
def test_jitter_suits_images_without_colors(channels, rng):
    images = rng.integers(90, 160, (30, channels, 5, 6), np.uint8)
    out = apply("jitter=0.2", images)
    assert out.shape == images.shape and len(set(out.mean((1, 2, 3)).round(2))) > 25


# --- the text

@pytest.mark.parametrize(
    "text, canonical",
    [
        ("shift=2", "shift=2"),
        ("shift", "shift=2"),
        (" flip , crop = 4,jitter=.2 ", "flip=0.5,crop=4,jitter=0.2"),
        ("rotate=7.5,elastic", "rotate=7.5,elastic=34"),
    ],
)
def test_text_there_and_back(text, canonical):
    assert str(parse_augmentation(text)) == canonical
    assert parse_augmentation(canonical) == parse_augmentation(text)


@pytest.mark.parametrize(
    "text, words",
    [
        ("shfit=2", "no 'shfit'; give some of shift, crop, .*cutout, .*did you mean shift"),
        ("banana", "no 'banana'; give some of .*separated by commas$"),
        ("flip,,shift", "nothing between two commas"),
        ("flip,flip=1", "flip is given twice"),
        ("shift=two", "shift takes a whole number of pixels, at least 1, not 'two'; such as shift=2"),
        ("shift=1.5", "whole number of pixels"),
        ("cutout=0", "at least 1, not '0'"),
        ("rotate=-3", r"a number above 0 and at most 180 \(degrees\), not '-3'"),
        ("hue=0.6", "at most 0.5"),
        ("flip=nan", "not 'nan'"),
        ("crop=inf", "not 'inf'"),
        ("crop=", "not ''"),
    ],
)
def test_bad_text(text, words):
    with pytest.raises(ValueError, match=words):
        parse_augmentation(text)


@pytest.mark.parametrize(
    "text, shape, words",
    [
        ("saturation", (1, 8, 8), "saturation needs images of 3 channels .*these have 1"),
        ("flip,hue", (8, 8, 8), "hue needs"),
        ("crop=6", (3, 6, 9), "crop=6 is too much for images of 6x9 pixels; give less than 6"),
    ],
)
def test_steps_that_do_not_suit_the_images(text, shape, words):
    with pytest.raises(ValueError, match=words):
        parse_augmentation(text).check(shape)
    with pytest.raises(ValueError, match=words):
        apply(text, np.zeros((2, *shape), np.uint8))
