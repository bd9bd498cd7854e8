"""Transforms by chance: what they draw is within what was asked for, every value of it occurs, and the seed decides."""
import numpy as np
import pytest
from PIL import Image

import numbacnn as nc
from numbacnn import nn
from numbacnn.vision import transforms as T


@pytest.fixture
def picture(rng):
    return Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8))


@pytest.fixture
def tensor(picture):
    return T.ToTensor()(picture)


ALL = [T.RandomCrop(8), T.RandomCrop(12, padding=2), T.RandomResizedCrop(6), T.RandomHorizontalFlip(), T.RandomVerticalFlip(),
       T.RandomRotation(30), T.RandomAffine(10, (0.1, 0.2), (0.8, 1.2), 5), T.ColorJitter(0.4, 0.4, 0.4, 0.2), T.RandomGrayscale(0.5),
       T.RandomInvert(), T.GaussianBlur(3), T.RandomApply([T.RandomRotation(90)], 0.5), T.RandomChoice([T.RandomRotation(9), T.Pad(1)]),
       T.RandomOrder([T.RandomHorizontalFlip(), T.RandomRotation(20)])]


@pytest.mark.parametrize("transform", ALL, ids=lambda transform: type(transform).__name__)
@pytest.mark.parametrize("form", ["picture", "tensor"])
def test_the_seed_decides(transform, form, request):
    given = request.getfixturevalue(form)
    runs = []
    for seed in (0, 0, 1):
        nc.manual_seed(seed)
        runs.append([np.array(transform(given)) if form == "picture" else transform(given).numpy() for _ in range(8)])
    assert all(np.array_equal(a, b) for a, b in zip(runs[0], runs[1]))
    assert any(a.shape != b.shape or not np.array_equal(a, b) for a, b in zip(runs[0], runs[2]))
    assert repr(transform)


def places(transform, count=200):
    """Where in a picture that counts its pixels the first pixel of the result comes from."""
    counted = nc.tensor(np.arange(12 * 16, dtype=np.float32).reshape(1, 12, 16))
    nc.manual_seed(3)
    return [divmod(int(transform(counted).numpy()[0, 0, 0]), 16) for _ in range(count)]


def test_random_crop_reaches_every_place():
    found = places(T.RandomCrop((10, 13)))
    assert set(found) == {(row, column) for row in range(3) for column in range(4)}
    assert set(places(T.RandomCrop((12, 16)), 5)) == {(0, 0)}


def test_random_crop_pads_what_is_too_small(tensor, picture):
    assert T.RandomCrop((20, 30), pad_if_needed=True)(tensor).shape == (3, 20, 30)
    assert T.RandomCrop((20, 30), pad_if_needed=True)(picture).size == (30, 20)


def test_random_resized_crop_keeps_to_scale_and_ratio(tensor):
    nc.manual_seed(0)
    for _ in range(100):
        top, left, height, width = T.RandomResizedCrop.get_params(tensor, (0.2, 0.5), (0.5, 2))
        assert 0 <= top <= 12 - height and 0 <= left <= 16 - width
        assert 0.14 <= height * width / (12 * 16) <= 0.6 and 0.4 <= width / height <= 2.5
    # nothing fits: the largest part in the middle whose shape is allowed
    assert T.RandomResizedCrop.get_params(tensor, (2.0, 2.0), (1, 1)) == (0, 2, 12, 12)
    assert T.RandomResizedCrop(7)(tensor).shape == (3, 7, 7)


def test_flips_happen_as_often_as_asked(tensor):
    nc.manual_seed(0)
    for p in (0.0, 0.25, 1.0):
        flipped = sum(not np.array_equal(T.RandomHorizontalFlip(p)(tensor).numpy(), tensor.numpy()) for _ in range(400)) / 400
        assert abs(flipped - p) <= 4 * (p * (1 - p) / 400) ** 0.5


def test_angles_shifts_and_shears_stay_within(tensor):
    nc.manual_seed(0)
    angles = [T.RandomRotation.get_params([-10.0, 30.0]) for _ in range(200)]
    assert -10 <= min(angles) < -5 and 25 < max(angles) <= 30
    for _ in range(100):
        angle, (dx, dy), scale, (sx, sy) = T.RandomAffine.get_params([-5, 5], (0.25, 0.5), (0.5, 2), (-3, 3, 10, 12), (16, 12))
        assert abs(angle) <= 5 and abs(dx) <= 4 and abs(dy) <= 6 and 0.5 <= scale <= 2 and abs(sx) <= 3 and 10 <= sy <= 12
    assert np.array_equal(T.RandomAffine(0)(tensor).numpy(), tensor.numpy())


def test_jitter_of_nothing_changes_nothing(tensor):
    assert np.array_equal(T.ColorJitter()(tensor).numpy(), tensor.numpy())
    bright = [T.ColorJitter(brightness=(1.5, 2.0))(tensor).numpy() for _ in range(5)]
    assert all((out >= tensor.numpy()).all() for out in bright)


def test_erasing(tensor):
    nc.manual_seed(0)
    for value, expected in ((0, [0, 0, 0]), ((0.1, 0.2, 0.3), [0.1, 0.2, 0.3])):
        shares = []
        for _ in range(60):
            out = T.RandomErasing(1.0, (0.1, 0.3), value=value)(tensor).numpy()
            changed = (out != tensor.numpy()).all(axis=0)
            if changed.any():
                rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
                hole = out[:, rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
                assert np.allclose(hole, np.reshape(expected, (3, 1, 1)))
                shares.append(hole[0].size / (12 * 16))
        assert 0.05 < min(shares) < 0.15 and 0.2 < max(shares) < 0.36
    assert T.RandomErasing(0.0)(tensor) is tensor
    noisy = T.RandomErasing(1.0, (0.3, 0.3), (1, 1), "random")(tensor).numpy()
    assert (noisy < 0).any() and noisy.shape == tensor.shape


def test_transforms_are_modules(tensor, picture):
    """torchvision's page says so: those of Tensors may stand in a Sequential."""
    both = nn.Sequential(T.CenterCrop(10), T.Normalize([0.5], [0.5]))
    assert np.allclose(both(tensor).numpy(), (tensor.numpy()[:, 1:11, 3:13] - 0.5) / 0.5)
    chain = T.Compose([T.Resize(8), T.Lambda(lambda p: p.convert("L")), T.ToTensor()])
    assert chain(picture).shape == (1, 8, 10)
    assert repr(chain).splitlines()[1] == "    Resize(size=8, interpolation=bilinear, max_size=None, antialias=True)"
    with pytest.raises(TypeError, match="should be callable"):
        T.Lambda(3)


def test_choices_by_weight(tensor):
    nc.manual_seed(0)
    chosen = T.RandomChoice([T.Lambda(lambda t: 0), T.Lambda(lambda t: 1)], p=[1, 3])
    assert 0.65 < sum(chosen(tensor) for _ in range(300)) / 300 < 0.85


def test_what_happens_by_chance_prints_its_probability():
    """As torchvision's do."""
    transforms = T.RandomHorizontalFlip(0.25), T.RandomVerticalFlip(), T.RandomInvert(), T.RandomGrayscale()
    assert [repr(transform) for transform in transforms] == [
        "RandomHorizontalFlip(p=0.25)", "RandomVerticalFlip(p=0.5)", "RandomInvert(p=0.5)", "RandomGrayscale(p=0.1)"]


def test_v2(picture):
    from numbacnn.vision.transforms import v2

    chain = v2.Compose([v2.ToImage(), v2.RandomHorizontalFlip(0), v2.ToDtype(nc.float32, scale=True), v2.Normalize([0.5], [0.5])])
    assert np.allclose(chain(picture).numpy(), (np.asarray(picture).transpose(2, 0, 1) / 255 - 0.5) / 0.5, atol=1e-6)
    assert v2.ToDtype(nc.float32)(v2.ToImage()(picture)).numpy().max() > 1
    assert v2.ToImage()(np.zeros((4, 5, 3), np.uint8)).shape == (3, 4, 5)
