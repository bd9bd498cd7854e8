"""Picture files of many formats and kinds: read alike in a folder and one by one, with what was done said."""

import struct
import zlib

import numpy as np
import pytest

from numbacnn.data import DataError, load_as_learned, load_dataset, load_folder
from numbacnn.data.picture import read_picture
from numbacnn.data.preparation import Preparation
from numbacnn.data.record import Choices

Image = pytest.importorskip("PIL.Image")
SIDE = 12


def scene(k):
    """A color picture (SIDE, SIDE, 3) that is not like another."""
    rng = np.random.default_rng(k)
    return np.repeat(np.repeat(rng.integers(0, 256, (3, 3, 3), np.uint8), 4, 0), 4, 1)


def write(folder, pictures, suffix="png", **options):
    folder.mkdir(parents=True, exist_ok=True)
    for k, picture in enumerate(pictures):
        image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        image.save(folder / f"{k}.{suffix}", **options)


def two_classes(root, make, count=3, suffix="png", **options):
    for start, name in enumerate("ab"):
        write(root / name, [make(2 * k + start) for k in range(count)], suffix, **options)
    return root


def whole(path, **choices):
    return load_folder(path, choices=Choices(whole=True, **choices))


@pytest.mark.parametrize("suffix, exact", [
    ("png", True), ("bmp", True), ("webp", True), ("tif", True), ("tiff", True), ("ppm", True), ("tga", True), ("pcx", True),
    ("ico", True), ("jp2", True), ("qoi", True), ("sgi", True), ("gif", False), ("jpg", False), ("jfif", False),
    ("jpe", False), ("avif", False), ("JPEG", False), ("apng", True), ("dib", True), ("msp", False), ("xbm", False),
])
def test_formats(tmp_path, suffix, exact):
    form = {"jfif": "JPEG", "jpe": "JPEG", "JPEG": "JPEG", "apng": "PNG"}.get(suffix)
    options = {"lossless": True} if suffix == "webp" else {"sizes": [(SIDE, SIDE)]} if suffix == "ico" else {}
    make = (lambda k: Image.fromarray(scene(k)).convert("1")) if suffix in ("msp", "xbm") else scene
    try:
        two_classes(tmp_path, make, suffix=suffix, format=form, **options)
    except (KeyError, OSError):
        pytest.skip(f"this Pillow does not write {suffix}")
    split = whole(tmp_path)
    assert split.x_test.shape == (6, 1 if suffix in ("msp", "xbm") else 3, SIDE, SIDE) and split.notes == ()
    if exact:
        expected = {scene(k).transpose(2, 0, 1).tobytes() for k in range(6)}
        assert {image.tobytes() for image in split.x_test} == expected


def test_a_name_may_say_another_format(tmp_path):
    two_classes(tmp_path, scene)
    Image.fromarray(scene(9)).save(tmp_path / "a" / "9.jpg", format="WEBP", lossless=True)
    split = whole(tmp_path)
    assert len(split.x_test) == 7 and split.notes == ("1 picture in another format than the name says, read as what it is (a/9.jpg)",)
    assert scene(9).transpose(2, 0, 1).tobytes() in {image.tobytes() for image in split.x_test}


MODES = {  # mode: whether the folder is gray, and a word of the note
    "1": (True, None), "L": (True, None), "P": (False, None), "LA": (True, None), "RGBA": (False, None), "CMYK": (False, "CMYK colors"),
    "LAB": (False, "LAB colors"),
}


@pytest.mark.parametrize("mode", MODES)
def test_modes(tmp_path, mode):
    gray, word = MODES[mode]
    kind = "tif" if mode in ("CMYK", "LAB") else "png"

    def make(k):
        image = Image.fromarray(scene(k))
        if mode != "LAB":
            return image.convert(mode)
        from PIL import ImageCms
        return ImageCms.profileToProfile(image, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB")

    split = whole(two_classes(tmp_path, make, suffix=kind))
    assert split.x_test.shape[1] == (1 if gray else 3) and np.ptp(split.x_test) > 100
    assert (len(split.notes), word is None or word in split.notes[0]) == (int(word is not None), True)


# --- one ground

@pytest.mark.parametrize("inks, ground", [((250, 240), 0), ((10, 30), 255), ((0, 200), 255), ((90, 255), 0)])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_pictures_lie_on_one_ground(tmp_path, inks, ground, mode):
    def make(k):
        picture = np.zeros((SIDE, SIDE, 4), np.uint8)
        picture[2:8, 2 : 5 + k] = (*[inks[k % 2]] * 3, 255)
        return Image.fromarray(picture).convert(mode)

    split = whole(two_classes(tmp_path, make))
    assert split.pictures["ground"] == ground and (split.x_test[:, :, 0, 0] == ground).all()
    assert f"all laid on {'white' if ground else 'black'}" in split.notes[0] and len(split.notes) == 1


def test_the_ground_of_the_run_is_kept(tmp_path):
    picture = np.zeros((SIDE, SIDE, 4), np.uint8)
    picture[3:6, 3:6] = (250, 250, 250, 255)
    write(tmp_path / "a", [picture])
    for ground in (0, 255, None):
        pictures = Preparation(3, ground).to_dict()
        pixels, steps = load_as_learned(tmp_path / "a" / "0.png", (SIDE, SIDE), pictures)
        assert (pixels[:, 0, 0] == (ground or 0)).all() and steps == ["flattened"]
        np.testing.assert_array_equal(pixels, whole(tmp_path, pictures=pictures).x_test[0])


def test_half_transparent_is_mixed_before_it_is_scaled_or_after(tmp_path):
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 256, (2 * SIDE, 2 * SIDE, 4), np.uint8)
    write(tmp_path, [picture])
    flat = picture[..., :3] * (picture[..., 3:] / 255) + 255 * (1 - picture[..., 3:] / 255)
    write(tmp_path / "flat", [np.rint(flat).astype(np.uint8)])
    scaled = [load_as_learned(folder / "0.png", (SIDE, SIDE), {"channels": 3, "ground": 255}).pixels for folder in (tmp_path, tmp_path / "flat")]
    assert np.abs(scaled[0].astype(int) - scaled[1]).max() <= 2


# --- one range

def deep(k, low=0, high=4080):
    return np.linspace(low, high - 10 * k, SIDE * SIDE).reshape(SIDE, SIDE).astype(np.uint16)


@pytest.mark.parametrize("low, high", [(0, 4080), (0, 65535), (900, 1500), (30000, 33000)])
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_deep_gray_is_stretched_to_the_range_of_the_data(tmp_path, low, high, suffix):
    split = whole(two_classes(tmp_path, lambda k: deep(k, low, high), suffix=suffix))
    assert split.pictures["range"] == (low, high) and split.x_test.shape[1] == 1
    assert (split.x_test.min(), split.x_test.max()) == (0, 255)
    assert len({int(image.max()) for image in split.x_test}) > 1 or high == 65535  # one range, not one for each
    assert split.notes == (f"6 pictures with more than 8 bits of gray, whose values {low:g} to {high:g} are stretched to 0 to 255 "
                           "(a/0.%s, a/1.%s, a/2.%s, ...)" % (suffix, suffix, suffix),)
    pixels, steps = load_as_learned(tmp_path / "b" / f"0.{suffix}", (SIDE, SIDE), split.pictures)
    assert pixels.tobytes() in {image.tobytes() for image in split.x_test} and steps == ["stretched"]


def test_floats_and_whole_numbers_of_32_bits(tmp_path):
    for name, dtype, factor in (("f", np.float32, 1 / 4080), ("i", np.int32, 100)):
        split = whole(two_classes(tmp_path / name, lambda k: Image.fromarray((deep(k) * factor).astype(dtype)), suffix="tif"))
        assert (split.x_test.min(), split.x_test.max()) == (0, 255)
    Image.fromarray(np.full((SIDE, SIDE), np.nan, np.float32)).save(tmp_path / "nan.tif")
    with pytest.raises(DataError, match="nan.tif: has pixels that are not finite numbers"):
        read_picture(tmp_path / "nan.tif")


def test_other_pictures_beside_deep_ones_are_said(tmp_path):
    two_classes(tmp_path, deep)
    Image.fromarray(scene(0)[..., 0]).save(tmp_path / "a" / "8.png")
    assert "1 other picture with 8 bits left as they are" in whole(tmp_path).notes[1]


def test_color_of_16_bits_is_said(tmp_path):
    """Pillow reads the upper 8 bits; a PNG file by hand, since it writes none."""
    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = np.random.default_rng(0).integers(0, 65536, (SIDE, SIDE, 3)).astype(">u2")
    two_classes(tmp_path, scene)
    (tmp_path / "a" / "9.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 16, 2, 0, 0, 0))
        + part(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))) + part(b"IEND", b""))
    split = whole(tmp_path)
    assert split.notes == ("1 picture with 16 bits per color: only the upper 8 are read (a/9.png)",)
    assert (rows >> 8).astype(np.uint8).transpose(2, 0, 1).tobytes() in {image.tobytes() for image in split.x_test}


# --- gray and color, turned, several frames

def test_gray_among_color_is_said(tmp_path):
    two_classes(tmp_path, scene)
    Image.fromarray(scene(7)[..., 0]).save(tmp_path / "a" / "7.png")
    split = whole(tmp_path)
    assert split.x_test.shape[1] == 3 and split.notes == ("1 of 7 pictures gray, read in color (3 equal channels)",)
    split = whole(tmp_path, pictures={"channels": 1})
    assert split.x_test.shape[1] == 1 and split.notes == ("6 of 7 pictures in color, made gray as the run's were",)
    for path in sorted(tmp_path.rglob("*.png")):
        assert load_as_learned(path, (SIDE, SIDE), {"channels": 1}).pixels.tobytes() in {image.tobytes() for image in split.x_test}


def test_a_photo_on_its_side_is_turned(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 8
    two_classes(tmp_path, lambda k: np.ascontiguousarray(np.rot90(scene(k), -1)), exif=exif)
    split = whole(tmp_path)
    assert {image.tobytes() for image in split.x_test} == {scene(k).transpose(2, 0, 1).tobytes() for k in range(6)}
    assert split.notes[0].startswith("6 pictures turned as the camera's EXIF mark says")


@pytest.mark.parametrize("suffix", ["gif", "tif", "webp", "png"])
def test_only_the_first_frame_is_read(tmp_path, suffix):
    two_classes(tmp_path, scene)
    frames = [Image.fromarray(scene(k)) for k in (7, 8, 9)]
    frames[0].save(tmp_path / "a" / f"7.{suffix}", save_all=True, append_images=frames[1:], **({"lossless": True} if suffix == "webp" else {}))
    split = whole(tmp_path)
    assert split.notes == (f"1 picture with several frames or pages: only the first is read (a/7.{suffix})",)
    assert load_as_learned(tmp_path / "a" / f"7.{suffix}", (SIDE, SIDE), {"channels": 3}).steps == ["first frame"]


# --- refused

def test_all_pictures_that_cannot_be_read_are_counted(tmp_path):
    two_classes(tmp_path, scene)
    for k, content in enumerate((b"", b"<html>", b"GIF89a", bytes(60), b"text")):
        (tmp_path / "a" / f"bad{k}.jpg").write_bytes(content)
    with pytest.raises(DataError, match=r"bad\d.jpg: .*; 4 more pictures cannot be read: .*, \.\.\.$"):
        whole(tmp_path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif", "ppm", "gif", "bmp", "tga", "jp2", "ico", "avif", "qoi"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_truncated_files_are_refused_by_name(tmp_path, suffix, part):
    noise = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    try:
        Image.fromarray(noise).save(tmp_path / f"p.{suffix}")
    except (KeyError, OSError):
        pytest.skip(f"this Pillow does not write {suffix}")
    content = (tmp_path / f"p.{suffix}").read_bytes()
    (tmp_path / f"p.{suffix}").write_bytes(content[: int(part * len(content))])
    with pytest.raises(DataError, match=rf"p\.{suffix}: ") as refused:
        read_picture(tmp_path / f"p.{suffix}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif", "gif", "tga", "jp2", "ico", "ppm", "pcx", "sgi", "avif"])
def test_damage_of_any_format_is_one_sentence(tmp_path, suffix):
    rng = np.random.default_rng(3)
    Image.fromarray(scene(0)).save(tmp_path / f"p.{suffix}")
    content = (tmp_path / f"p.{suffix}").read_bytes()
    for _ in range(25):
        damaged = bytearray(content)
        for _ in range(4):
            damaged[rng.integers(len(damaged))] = rng.integers(256)
        (tmp_path / f"p.{suffix}").write_bytes(damaged)
        try:
            read_picture(tmp_path / f"p.{suffix}")
        except DataError as error:
            assert "\n" not in str(error)


# --- digits in folders

def test_a_folder_of_framed_digits_is_known_as_such(tmp_path):
    from numbacnn.data import draw_digits

    images, labels = draw_digits(60, seed=1)
    for k in range(60):
        write(tmp_path / "known" / str(labels[k] % 2) / str(k), [images[k]])
        paper = np.kron(255 - images[k], np.ones((3, 3), np.uint8))
        write(tmp_path / "paper" / str(labels[k] % 2) / str(k), [np.pad(paper, 30, constant_values=255)])
    data = load_dataset(tmp_path / "known")
    assert data.pictures == {"channels": 1, "ground": None, "range": None, "framed": True}
    read = load_dataset(tmp_path / "paper", image_size=(28, 28), whole=True, pictures=data.pictures)
    assert any("60 pictures made light on black, cropped, scaled and centered" in note for note in read.notes)
    assert np.median(read.x_test[:, 0, 0, 0]) == 0
    picture = next((tmp_path / "paper").rglob("*.png"))
    pixels, steps = load_as_learned(picture, (28, 28), data.pictures)
    assert steps[0] == "inverted" and pixels.tobytes() in {image.tobytes() for image in read.x_test}
