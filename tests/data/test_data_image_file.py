"""Preparing a picture: whatever the format, ink ends up light, scaled and centered."""

import struct
import zlib

import numpy as np
import pytest

from numbacnn.data import DataError, draw_digits, load_digit_image
from numbacnn.data.picture import MAX_PIXELS

Image = pytest.importorskip("PIL.Image")


def seven(size=100, thickness=6):
    """A 7 in dark ink (0) on a light page (255), off the middle."""
    page = np.full((size, size), 255, np.uint8)
    page[20 : 20 + thickness, 10:40] = 0
    for k in range(45):
        page[20 + k, 38 - k // 3 : 38 - k // 3 + thickness] = 0
    return page


@pytest.fixture
def save(tmp_path):
    def write(pixels, name="digit.png", **options):
        image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
        image.save(tmp_path / name, **options)
        return tmp_path / name

    return write


def center(image):
    at = np.arange(28)
    mass = image.sum()
    return (image.sum(1) @ at) / mass, (image.sum(0) @ at) / mass


def test_photo_of_dark_ink_is_framed_as_mnist(save):
    pixels, steps = load_digit_image(save(seven()))
    assert pixels.shape == (1, 28, 28) and pixels.dtype == np.uint8
    assert steps == ["inverted", "cropped", "scaled", "centered"]
    rows, columns = np.flatnonzero(pixels[0].any(1)), np.flatnonzero(pixels[0].any(0))
    assert np.ptp(rows) + 1 == 20
    assert np.ptp(columns) + 1 == round(20 * 34 / 45)  # the aspect is kept
    assert max(abs(c - 14) for c in center(pixels[0].astype(float))) <= 0.5
    assert pixels.max() == 255


def test_ink_lands_where_it_was_drawn(save):
    # a square ring of 40 x 40: halving it needs no resampling
    page = np.full((90, 90), 255, np.uint8)
    page[10:50, 10:50] = 0
    page[20:40, 20:40] = 255
    pixels = load_digit_image(save(page)).pixels[0]
    expected = np.zeros((28, 28), np.uint8)
    top = 14 - 10  # the ring's middle, index 9.5, moves by 4.5, rounded to even
    expected[top : top + 20, top : top + 20] = 255
    expected[top + 5 : top + 15, top + 5 : top + 15] = 0
    inner = np.s_[top + 1 : top + 4, top + 1 : top + 19]
    assert (pixels[inner] == 255).all()
    assert np.abs(pixels.astype(int) - expected).mean() < 4


VARIANTS = {
    "jpeg": lambda gray: (Image.fromarray(gray), "digit.jpg", ["inverted"]),
    "bmp": lambda gray: (Image.fromarray(gray), "digit.bmp", ["inverted"]),
    "gif": lambda gray: (Image.fromarray(gray), "digit.gif", ["inverted"]),
    "white on black": lambda gray: (Image.fromarray(255 - gray), "digit.png", []),
    "1 bit": lambda gray: (Image.fromarray(gray).convert("1"), "digit.png", ["inverted"]),
    "palette": lambda gray: (Image.fromarray(gray).convert("P"), "digit.png", ["inverted"]),
    "rgb gray": lambda gray: (Image.fromarray(gray).convert("RGB"), "digit.png", ["inverted"]),
    "16 bit": lambda gray: (Image.fromarray(gray.astype(np.uint16) * 257), "d.png", ["inverted"]),
    "cmyk": lambda gray: (Image.fromarray(gray).convert("CMYK"), "d.jpg", ["CMYK", "inverted"]),
    "misleading name": lambda gray: (Image.fromarray(gray), "d.png", ["inverted"]),
}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_formats_agree(save, variant):
    expected = load_digit_image(save(seven(), "expected.png")).pixels
    image, name, steps = variant(seven())
    path = save(image, name)
    pixels, done = load_digit_image(path)
    steps = [*steps, "cropped", "scaled", "centered"]
    assert [step for step in done if step != "stretched"] == steps
    assert np.abs(pixels.astype(int) - expected.astype(int)).mean() < 3


def colored(ink, page=(255, 255, 255)):
    mask = (seven() == 0)[..., None]
    return np.where(mask, ink, page).astype(np.uint8)


def test_color_becomes_gray_by_brightness(save):
    pixels, steps = load_digit_image(save(colored((0, 0, 200))))
    assert steps[:2] == ["gray", "inverted"]
    expected = load_digit_image(save(seven())).pixels
    assert np.abs(pixels.astype(int) - expected.astype(int)).mean() < 3


@pytest.mark.parametrize("ink", [0, 255])
def test_transparent_page_under_dark_or_light_ink(save, ink):
    alpha = 255 - seven()
    rgba = np.dstack([np.full((100, 100, 3), ink, np.uint8), alpha])
    pixels, steps = load_digit_image(save(rgba))
    assert steps[0] == "flattened"
    assert ("inverted" in steps) == (ink == 0)
    expected = load_digit_image(save(seven(), "expected.png")).pixels
    np.testing.assert_array_equal(pixels, expected)


def test_photo_saved_on_its_side_is_turned(save):
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn by 90 degrees clockwise to view
    pixels, steps = load_digit_image(save(np.rot90(seven()), exif=exif))
    assert steps[0] == "turned"
    expected = load_digit_image(save(seven(), "expected.png")).pixels
    np.testing.assert_array_equal(pixels, expected)


def test_pale_ink_is_stretched(save):
    page = np.where(seven() == 0, 150, 220).astype(np.uint8)
    pixels, steps = load_digit_image(save(page))
    assert "stretched" in steps
    expected = load_digit_image(save(seven(), "expected.png")).pixels
    assert np.abs(pixels.astype(int) - expected.astype(int)).max() <= 1


def test_uneven_light_is_not_taken_for_ink(save):
    light = np.linspace(0.65, 1, 100) * 210
    page = np.where(seven() == 0, 30, light[None, :] * np.ones((100, 1))).astype(np.uint8)
    pixels = load_digit_image(save(page)).pixels
    expected = load_digit_image(save(seven(), "expected.png")).pixels
    assert np.abs(pixels.astype(int) - expected.astype(int)).mean() < 8


def test_ink_may_touch_the_border(save):
    page = seven()[20:, 10:]
    pixels = load_digit_image(save(page)).pixels
    expected = load_digit_image(save(seven(), "expected.png")).pixels
    np.testing.assert_array_equal(pixels, expected)


def test_an_image_ready_for_the_network_is_kept(save):
    image = draw_digits(1, 0)[0][0]
    pixels, steps = load_digit_image(save(image))
    np.testing.assert_array_equal(pixels[0], image)
    assert steps == []


def test_a_drawn_digit_survives_inverting(save):
    alike = []
    for image in draw_digits(40, 1)[0]:
        pixels, steps = load_digit_image(save(255 - image))
        assert steps[0] == "inverted"
        alike.append(np.corrcoef(pixels[0].ravel(), image.ravel())[0, 1])
    # a faint edge that is cropped makes the digit a little larger: some move by a pixel
    assert np.median(alike) > 0.99 and min(alike) > 0.6


def test_invert_can_be_forced(save):
    path = save(255 - seven())
    light = load_digit_image(path, invert=False)
    assert "inverted" not in light.steps
    with pytest.raises(DataError, match="nothing is lighter than the border .brightness 255.*for light paper; .*give --no-invert"):
        load_digit_image(path, invert=True)


def test_a_dark_photo_of_dark_ink_is_told_what_to_do(save):
    """Where the border misleads, the way out is an option that was not given yet."""
    path = save((0.3 * seven() + 34).astype(np.uint8))
    with pytest.raises(DataError, match="brightness 110 of 255.* taken for dark paper; .*give --invert .invert=True., else leave paper"):
        load_digit_image(path)
    assert load_digit_image(path, invert=True).steps[0] == "inverted"


@pytest.mark.parametrize("size", [(8, 8), (28, 28), (32, 48), (64, 64)])
def test_other_sizes(save, size):
    pixels = load_digit_image(save(seven()), size=size).pixels[0]
    assert pixels.shape == size
    rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
    assert np.ptp(rows) + 1 <= size[0] * 20 // 28 and np.ptp(columns) + 1 <= size[1] * 20 // 28


def test_color_pictures_are_only_scaled(save):
    color = np.zeros((40, 60, 3), np.uint8)
    color[..., 0], color[..., 2] = 200, 50
    pixels, steps = load_digit_image(save(color), size=(16, 16), channels=3)
    assert pixels.shape == (3, 16, 16) and steps == ["scaled"]
    assert [int(pixels[c].min()) for c in range(3)] == [200, 0, 50]
    pixels, steps = load_digit_image(save(color), size=(40, 60), channels=3, invert=True)
    assert steps == ["inverted"]
    np.testing.assert_array_equal(pixels, 255 - color.transpose(2, 0, 1))


def test_16_bits_become_8(save):
    page = np.full((30, 30), 128 * 257, np.uint16)
    pixels = load_digit_image(save(page), size=(30, 30), channels=3).pixels
    assert (pixels == 128).all()


def test_a_hairline_is_not_faint(save):
    page = np.full((2000, 2000), 255, np.uint8)
    page[200:1800, 999:1002] = 0
    pixels = load_digit_image(save(page)).pixels
    assert pixels.max() == 255 and (pixels == 255).sum() >= 18


@pytest.mark.parametrize("value", [0, 130, 255])
@pytest.mark.parametrize("size", [28, 50])
def test_blank_pictures(save, value, size):
    page = np.full((size, size), value, int)
    page[5, 5] += 3 if value < 255 else -3
    with pytest.raises(DataError, match="picture is blank: .* differ by 3 of 255, at least 25"):
        load_digit_image(save(page.astype(np.uint8)))


def test_bad_arguments(save):
    with pytest.raises(DataError, match="channels is 2; a picture gives 1 .gray. or 3"):
        load_digit_image(save(seven()), channels=2)
    with pytest.raises(DataError, match="size is 3x28"):
        load_digit_image(save(seven()), size=(3, 28))


def test_missing_folder_and_other_files(tmp_path):
    with pytest.raises(DataError, match="no such file; check the path"):
        load_digit_image(tmp_path / "nowhere.png")
    with pytest.raises(DataError, match="is a folder|damaged"):
        load_digit_image(tmp_path)
    for content, words in ((b"", "the file is empty"), (b"hello", "is not a picture; give a PNG, JPEG, WebP, TIFF, BMP or GIF"),
                           (b"%PDF-1.4 ...", "is not a picture"), (bytes(900), "nothing but zeros"),
                           (b"<!DOCTYPE html><html>404", "a web page, as a failed download"), (b"GIF89a", "damaged"),
                           (b"\0\0\0\x18ftypheic....", "HEIC photo.*save it as JPEG")):
        (tmp_path / "a.png").write_bytes(content)
        with pytest.raises(DataError, match=f"a.png: .*{words}"):
            load_digit_image(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["digit.png", "digit.jpg", "digit.gif", "digit.bmp"])
@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.9])
def test_truncated_pictures(save, name, part):
    noise = np.random.default_rng(0).integers(0, 256, (60, 60), np.uint8)
    path = save(noise, name)
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    with pytest.raises(DataError, match="damaged|not a picture") as caught:
        load_digit_image(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("seed", range(40))
def test_damage_never_escapes_as_another_error(save, seed):
    rng = np.random.default_rng(seed)
    path = save(seven(), ["digit.png", "digit.jpg", "digit.gif", "digit.bmp"][seed % 4])
    content = bytearray(path.read_bytes())
    for _ in range(6):
        content[rng.integers(len(content))] = rng.integers(256)
    path.write_bytes(content)
    try:
        load_digit_image(path)
    except DataError as error:
        assert "\n" not in str(error)


def png_that_claims(width, height):
    def part(kind, data):
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", data) + part(b"IEND", b"")


@pytest.mark.parametrize("side", [8_000, 10_000, 20_000, 100_000])
def test_decompression_bombs(tmp_path, side):
    (tmp_path / "bomb.png").write_bytes(png_that_claims(side, side))
    with pytest.raises(DataError, match="exceeds the 50,000,000 pixels .*scale the picture down"):
        load_digit_image(tmp_path / "bomb.png")


def test_limits_fit_together():
    assert MAX_PIXELS <= Image.MAX_IMAGE_PIXELS * 2
