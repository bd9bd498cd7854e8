"""What predict is given: folders, pictures of the run's own kind, rows of a table; prepared as the data of the run were."""
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cli_runs import assert_refused, run
from numbacnn.data import draw_digits, draw_products, draw_textures

LINEAR = ("--model", "linear", "--epochs", 1, "--batch-size", 8, "--out", "run")


def answers_of(*inputs):
    done = run("predict", "run", *inputs, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)["predictions"]


def save(pixels, path, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)


def right(answers):
    return sum(answer["prediction"] == Path(answer["file"]).parent.name for answer in answers) / len(answers)


# --- predict agrees with evaluate

@pytest.mark.parametrize("size", [32, 20])
def test_a_folder_is_answered_as_evaluate_measures_it(elsewhere, size):
    images, labels = draw_products(90, seed=0)
    for k in range(90):
        suffix = ("png", "webp", "jpg")[k % 3]
        save(images[k].transpose(1, 2, 0), Path("mine" if k < 60 else "other") / f"kind{labels[k] % 3}" / f"{k}.{suffix}")
    assert run("train", "--data", "mine", "--image-size", size, *LINEAR).exit_code == 0
    measured = json.loads(run("evaluate", "run", "--data", "other", "--json").stdout)
    answers = answers_of("other")
    assert len(answers) == measured["images"] == 30 and right(answers) == measured["accuracy"]
    assert [answer["file"] for answer in answers] == sorted(str(path) for path in Path("other").rglob("*.*"))
    assert all(answer["steps"] == (["scaled"] if size == 20 else []) for answer in answers)
    assert answers_of(*sorted(Path("other").rglob("*.*"))) == answers


@pytest.mark.parametrize("light", [False, True])
def test_pictures_of_an_npz_are_taken_as_they_are(elsewhere, light):
    """Gray images that are not digits, on a light or a dark ground."""
    images, labels = draw_textures(80, seed=0)
    images = images[:, 0] // 2 + 100 * light
    np.savez("mine.npz", x_train=images[:60], y_train=labels[:60] % 2, x_test=images[60:], y_test=labels[60:] % 2)
    for k in range(60, 80):
        save(images[k], Path("pictures") / str(labels[k] % 2) / f"{k}.png")
    assert run("train", "--data", "mine.npz", *LINEAR).exit_code == 0
    answers = answers_of("pictures")
    assert all(answer["steps"] == [] for answer in answers)
    assert right(answers) == json.loads(run("evaluate", "run", "--json").stdout)["accuracy"]


def test_digits_are_prepared_where_the_run_learned_digits(elsewhere):
    images, labels = draw_digits(60, seed=0)
    np.savez("mine.npz", x_train=images[:40], y_train=labels[:40], x_test=images[40:], y_test=labels[40:])
    save(np.kron(255 - images[50], np.ones((4, 4), np.uint8)), Path("paper.png"))
    save(images[50], Path("own.png"))
    assert run("train", "--data", "mine.npz", *LINEAR).exit_code == 0
    paper, own = answers_of("paper.png", "own.png")
    assert paper["steps"] == ["inverted", "cropped", "scaled", "centered"] and own["steps"] == []


def test_twelve_bits_in_sixteen_are_stretched(elsewhere):
    images, labels = draw_digits(60, seed=0)
    np.savez("mine.npz", x_train=images[:40], y_train=labels[:40], x_test=images[40:], y_test=labels[40:])
    Image.fromarray(images[50].astype(np.uint16) << 4).save("deep.png")
    save(images[50], Path("own.png"))
    assert run("train", "--data", "mine.npz", *LINEAR).exit_code == 0
    deep, own = answers_of("deep.png", "own.png")
    assert deep["steps"] == ["stretched"] and deep["probabilities"] == own["probabilities"]


def test_the_ground_and_the_range_of_the_run_are_kept(elsewhere):
    for k in range(12):
        picture = np.zeros((16, 16, 4), np.uint8)
        picture[4:8, 4 : 8 + k % 5] = (40 + 30 * (k % 2), 20, 60, 255)
        save(picture, Path("mine") / "ab"[k % 2] / f"{k}.png")
    assert run("train", "--data", "mine", *LINEAR).exit_code == 0
    assert json.loads(Path("run/run.json").read_text())["data"]["pictures"]["ground"] == 255
    light = np.zeros((16, 16, 4), np.uint8)
    light[4:8, 4:8] = (250, 250, 250, 255)  # alone it would lie on black
    save(light, Path("light.png"))
    save(np.where(light[..., 3:] > 0, light[..., :3], 255).astype(np.uint8), Path("flat.png"))
    one, other = answers_of("light.png", "flat.png")
    assert one["probabilities"] == other["probabilities"] and one["steps"] == ["flattened"]


# --- folders

def test_what_a_folder_holds_besides_pictures_is_said(elsewhere, trained):
    images, _ = draw_digits(3, seed=8)
    for k, path in enumerate(("b/2.png", "a/1.png", "0.png")):
        save(images[k], Path("mine") / path)
    Path("mine/notes.txt").write_text("x")
    Path("mine/.DS_Store").write_bytes(b"x")
    done = run("predict", trained[0], "mine", "mine/0.png")
    assert [line.split()[0] for line in done.stdout.splitlines()[1:4]] == ["mine/0.png", "mine/a/1.png", "mine/b/2.png"]
    assert done.stderr == ("note: mine: 3 pictures in 3 folders, subfolders included\n"
                           "note: 1 file left out, no pictures: .txt 1 (notes.txt)\n")
    Path("mine.zip").write_bytes(b"PK\x03\x04")
    done = run("predict", trained[0], "mine/0.png", "mine.zip", "min")
    assert done.exit_code == 3 and "mine.zip: is an archive; unpack it" in done.stderr
    assert "min: no such file or folder; did you mean mine?" in done.stderr and "mine/0.png" in done.stdout
    Path("empty").mkdir()
    assert_refused(run("predict", trained[0], "empty"), 3, "empty holds no pictures")


# --- tables

def test_rows_without_labels_are_answered(elsewhere):
    rng = np.random.default_rng(0)
    rows = [(k % 2, *np.round(rng.normal(3 * (k % 2), 1, 8), 3)) for k in range(60)]
    Path("mine.csv").write_text("label," + ",".join(f"t{k}" for k in range(8)) + "\n"
                                + "".join(",".join(map(str, row)) + "\n" for row in rows))
    Path("new.csv").write_text("".join(",".join(map(str, row[1:])) + "\n" for row in rows[:10]))
    assert run("train", "--data", "mine.csv", *LINEAR).exit_code == 0
    unlabeled, labeled = answers_of("new.csv"), answers_of("mine.csv")
    assert [answer["file"] for answer in unlabeled] == [f"new.csv:{k}" for k in range(1, 11)] and len(labeled) == 60
    assert [answer["probabilities"] for answer in unlabeled] == [answer["probabilities"] for answer in labeled[:10]]
    measured = json.loads(run("evaluate", "run", "--data", "mine.csv", "--json").stdout)
    assert np.mean([answer["prediction"] == str(row[0]) for answer, row in zip(labeled, rows)]) == measured["accuracy"]
    table = run("predict", "run", "new.csv").stdout.splitlines()
    assert table[0].split() == ["file", "prediction", "probability", "second"] and len(table) == 11
    assert run("predict", "run", "none.csv").exit_code == 3
    assert_refused(run("predict", "run", "any.png"), 2, "learned from time series of 1x8 .*; give a FILE.csv of them")
    Path("short.csv").write_text("1.5,2.5\n3.5,4.5\n")
    done = run("predict", "run", "short.csv", "new.csv")
    assert done.exit_code == 3 and "short.csv" in done.stderr and len(done.stdout.splitlines()) == 11
