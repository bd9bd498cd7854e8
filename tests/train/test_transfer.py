"""Transfer learning: what is taken from another run, what is frozen and for how long, and that a resumed run keeps its bits."""
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import numbacnn
from cli_runs import assert_refused, copy_of, run
from numbacnn import nn
from numbacnn.data import draw_digits
from numbacnn.models import build_model
from numbacnn.train import Settings, create_run, fit, turns
from numbacnn.train.freezing import Freezing, frozen_layers
from numbacnn.train.records import Interrupted
from numbacnn.train.transfer import take_weights

FROZEN = Settings(epochs=2, batch_size=25, learning_rate=0.05, freeze="features", weight_decay=0.01)


@pytest.fixture(scope="module")
def data():
    images, labels = draw_digits(120, seed=1)
    images = images[:, None]
    return SimpleNamespace(name="few", x_train=images[:100], y_train=labels[:100], x_val=images[100:],
                           y_val=labels[100:], mean=[0.13], std=[0.3])


def lenet5(classes=10, seed=0):
    numbacnn.manual_seed(seed)
    return build_model("lenet5", 1, 28, 28, classes)


def normalized_network():
    numbacnn.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 5, stride=4), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))


def arrays(model):
    return {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}


def changed(before, after):
    """Names of the layers whose numbers are not the same bits."""
    return {name.rsplit(".", 1)[0] for name in before if before[name].tobytes() != after[name].tobytes()}


# --- which layers

@pytest.mark.parametrize("freeze, expected", [
    ("", []), ("features", ["conv1", "conv2"]), ("body", ["conv1", "conv2", "fc1", "fc2"]),
    ("fc2, conv1", ["conv1", "fc2"]), ("features,fc1", ["conv1", "conv2", "fc1"])])
def test_words_name_layers(freeze, expected):
    assert frozen_layers(lenet5(), freeze) == expected


def test_chains_and_normalization_are_named_too():
    assert frozen_layers(normalized_network(), "features") == ["0", "1"]
    nested = nn.Sequential(normalized_network(), nn.ReLU(), nn.Linear(10, 2))
    assert frozen_layers(nested, "0") == ["0.0", "0.1", "0.4"]
    without_dense = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Conv2d(2, 2, 3))
    assert frozen_layers(without_dense, "features") == ["0"]


@pytest.mark.parametrize("name, freeze, words", [
    ("lenet5", "conv9", r"no 'conv9' in this model; there are features \(conv1, conv2\), body \(.*fc2\), conv1, .*fc3$"),
    ("mlp", "features", r"no 'features' in this model; there are body \(fc1, fc2\), fc1, fc2, fc3$"),
    ("lenet5", "body,fc3", "body,fc3 is all there is, so nothing would be left to train; leave fc3 out")])
def test_words_that_name_nothing_are_refused(name, freeze, words):
    with pytest.raises(ValueError, match=words):
        frozen_layers(build_model(name, 1, 28, 28, 10), freeze)


@pytest.mark.parametrize("choices, words", [
    ({"unfreeze_after": 1}, "goes with freeze"), ({"freeze": "body", "unfreeze_after": 0}, "at least 1, not 0"),
    ({"freeze": "body", "unfreeze_after": 3}, "fewer than the epochs, 3, not 3")])
def test_settings_that_make_no_sense_are_refused(choices, words):
    with pytest.raises(ValueError, match=words):
        Settings(epochs=3, **choices)


# --- training

@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_frozen_layers_keep_their_bits(data, optimizer):
    model = lenet5()
    before = arrays(model)
    [*fit(model, data, replace(FROZEN, optimizer=optimizer))]
    assert changed(before, arrays(model)) == {"fc1", "fc2", "fc3"}
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_layers_thaw_after_the_epoch_that_was_asked_for(data):
    states = []
    model = lenet5()
    settings = replace(FROZEN, epochs=3, unfreeze_after=2)
    before = arrays(model)
    for record in fit(model, data, settings):
        if type(record).__name__ == "EpochDone":
            states.append(changed(before, arrays(model)))
    assert states == [{"fc1", "fc2", "fc3"}, {"fc1", "fc2", "fc3"}, {"conv1", "conv2", "fc1", "fc2", "fc3"}]


def test_frozen_normalization_uses_its_statistics_and_keeps_them(torch):
    """A step beside PyTorch, whose batch normalization is put into eval() for it."""
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((25, 1, 28, 28)).astype(np.float32), rng.integers(0, 10, 25)
    model = normalized_network()
    model[1].running_mean.copy_(numbacnn.tensor([0.5, -0.2, 0.1, 0.3]))
    model[1].running_var.fill_(2)
    state = arrays(model)
    model.train()
    freezing = Freezing(model, FROZEN)
    freezing.begin_epoch(1)
    nn.functional.cross_entropy(model(numbacnn.tensor(x)), numbacnn.tensor(y)).backward()
    numbacnn.optim.SGD(model.parameters(), lr=0.1).step()

    theirs = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 5, stride=4), torch.nn.BatchNorm2d(4), torch.nn.ReLU(),
                                 torch.nn.Flatten(), torch.nn.Linear(144, 10))
    theirs.load_state_dict({name: torch.tensor(array) for name, array in state.items()})
    theirs[1].eval()
    theirs[:2].requires_grad_(False)
    torch.nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(y)).backward()
    torch.optim.SGD([p for p in theirs.parameters() if p.requires_grad], lr=0.1).step()
    ours = arrays(model)
    for name, tensor in theirs.state_dict().items():
        np.testing.assert_allclose(ours[name], tensor.numpy(), rtol=1e-4, atol=1e-6)
    assert changed(state, ours) == {"4"}
    freezing.end()
    assert all(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.parametrize("batches", [2, 6], ids=["frozen", "thawed"])
def test_a_resumed_run_keeps_its_bits(data, tmp_path, monkeypatch, batches):
    monkeypatch.setattr(turns, "LONGEST_TURN", 1)  # it looks at `stop` after each step
    settings = replace(FROZEN, unfreeze_after=1)
    info = {"model": dict(name="lenet5", in_channels=1, height=28, width=28, classes=10), "data": {"name": "few"},
            "settings": settings.to_dict()}
    straight, stopped, resumed = lenet5(), lenet5(), lenet5(seed=1)
    [*fit(straight, data, settings)]
    folder, left = create_run(tmp_path / "run", info), iter([False] * (batches - 1) + [True])
    *_, last = fit(stopped, data, settings, folder, stop=lambda: next(left))
    assert isinstance(last, Interrupted) and last.epoch == (1 if batches == 2 else 2)
    [*fit(resumed, data, settings, folder, resume=True)]
    assert changed(arrays(straight), arrays(resumed)) == set()


# --- taking

def test_layers_are_taken_where_names_and_shapes_agree():
    source, model = lenet5(), lenet5(classes=7, seed=1)
    before = arrays(model)
    assert take_weights(model, source.state_dict()) == (["conv1", "conv2", "fc1", "fc2"], ["fc3"])
    assert changed(before, arrays(model)) == {"conv1", "conv2", "fc1", "fc2"}
    assert changed({name: array for name, array in arrays(source).items() if "fc3" not in name}, arrays(model)) == set()


def test_a_layer_is_taken_as_a_whole_or_not_at_all():
    numbacnn.manual_seed(0)
    wide = build_model("lenet5", 1, 32, 32, 10)  # fc1 has more inputs, and a bias of the same shape
    before = arrays(wide)
    assert take_weights(wide, lenet5(seed=1).state_dict())[1] == ["fc1"]
    assert changed(before, arrays(wide)) == {"conv1", "conv2", "fc2", "fc3"}


# --- the command

@pytest.fixture(scope="module")
def fewer_classes(tmp_path_factory):
    """Digits 0 to 4 alone."""
    images, labels = draw_digits(300, seed=9)
    images, labels = images[labels < 5], labels[labels < 5]
    path = tmp_path_factory.mktemp("five") / "five.npz"
    np.savez(path, x_train=images[:100], y_train=labels[:100], x_test=images[100:], y_test=labels[100:])
    return path


def test_train_from_another_run(elsewhere, trained, fewer_classes):
    source = copy_of(trained[0], elsewhere / "source")
    done = run("train", "--data", fewer_classes, "--from", "source", "--freeze", "features", "--unfreeze-after", 1,
               "--epochs", 2, "--out", "run")
    assert done.exit_code == 0, done.output
    assert ("taken conv1, conv2, fc1, fc2 · new fc3\n"
            "frozen until epoch 1 is done: conv1, conv2, 2,572 of 61,281 parameters; 58,709 are trained\n") in done.stdout
    assert f"from source (best weights, trained on {trained[1]['data']}; normalized as there)" in done.stdout
    info, known = (json.loads((elsewhere / name / "run.json").read_text()) for name in ("run", "source"))
    assert info["from"]["new"] == ["fc3"] and info["settings"]["freeze"] == "features"
    assert info["data"]["mean"] == known["data"]["mean"] and info["data"]["std"] == known["data"]["std"]
    initial, best = numbacnn.load("run/initial.safetensors"), numbacnn.load(source / "best.safetensors")
    np.testing.assert_array_equal(initial["conv2.weight"].numpy(), best["conv2.weight"].numpy())
    assert initial["fc3.bias"].shape == (5,)


def test_the_json_and_the_next_command_know_of_it(elsewhere, trained, fewer_classes):
    copy_of(trained[0], elsewhere / "source")
    values = json.loads(run("train", "--data", fewer_classes, "--from", "source", "--freeze", "body", "--lr", 1e-6,
                            "--epochs", 4, "--batch-size", 1, "--out", "run", "--json").stdout)
    assert values["from"]["run"] == "source" and values["from"]["data"] == trained[1]["data"]
    assert values["frozen"] == {"layers": ["conv1", "conv2", "fc1", "fc2"], "parameters": 60_856, "of": 61_281, "epochs": None}
    assert values["training_mflop_an_image"] == 2 * (416_100 + 420) / 1e6
    assert "--from source" in values["next"] and "--freeze body" in values["next"] and "--model" not in values["next"]
    weights, start = (numbacnn.load(f"run/{name}.safetensors") for name in ("last", "initial"))
    assert all((weights[name].numpy() == start[name].numpy()).all() for name in weights if not name.startswith("fc3"))


@pytest.mark.parametrize("words, flatters", [([], False), (["--seed", 1], True), (["--limit", 200], True)], ids=str)
def test_images_that_the_other_run_has_learned_from_are_told(elsewhere, trained, data_file, words, flatters):
    copy_of(trained[0], elsewhere / "source")
    done = run("train", "--data", data_file, "--from", "source", "--epochs", 1, *words)
    assert done.exit_code == 0, done.output
    line = f"source held other images of {data_file} back (another --seed or --limit), so it may have learned from"
    assert (line in done.stdout) == flatters


def test_a_transfer_is_resumed_bit_for_bit(elsewhere, trained, fewer_classes, monkeypatch):
    from numbacnn.cli.train_report import TrainReport

    copy_of(trained[0], elsewhere / "source")
    common = ("train", "--data", fewer_classes, "--from", "source", "--freeze", "features", "--epochs", 2, "--json")
    straight = json.loads(run(*common, "--out", "straight").stdout)
    with monkeypatch.context() as patched:
        patched.setattr(TrainReport, "reader_left", property(lambda self: True, lambda self, value: None), raising=False)
        assert run(*common, "--out", "stopped").exit_code == 141
    resumed = json.loads(run("train", "--resume", "stopped", "--json").stdout)
    for key in ("test_loss", "val_loss", "train_loss", "from", "frozen"):
        assert resumed[key] == straight[key], key


@pytest.mark.parametrize("words, code, message", [
    (["--from", "nowhere"], 3, "nowhere is not a run folder"),
    (["--model", "mlp"], 2, "--model mlp cannot start from .*source, which is lenet5: leave --model out"),
    (["--freeze", "conv3"], 2, r"freeze: there is no 'conv3' in this model; there are features \(conv1, conv2\)"),
    (["--freeze", "body,fc3"], 2, "nothing would be left to train"),
    (["--freeze", "fc3"], 2, "--freeze fc3 would keep fc3 at random: .*source has other shapes there"),
    (["--unfreeze-after", 1], 2, "unfreeze after goes with freeze"),
    (["--resume", "x"], 2, "leave --from out")], ids=lambda value: str(value[0]) if isinstance(value, list) else "")
def test_wrong_transfers_are_refused(elsewhere, trained, fewer_classes, words, code, message):
    source = [] if "--from" in words else ["--from", copy_of(trained[0], elsewhere / "source")]
    data = [] if "--resume" in words else ["--data", fewer_classes]
    assert_refused(run("train", *data, *source, *words), code, message)
    assert not (elsewhere / "runs").exists()


def test_a_run_of_which_nothing_fits_is_refused(elsewhere, data_file):
    assert run("train", "--data", data_file, "--model", "linear", "--epochs", 1, "--out", "linear").exit_code == 0
    images, labels = np.zeros((20, 9, 9), np.uint8), np.arange(20) % 2
    np.savez("small.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    assert_refused(run("train", "--data", "small.npz", "--from", "linear"), 3, "none of its layers has the shape")


def test_layers_at_random_are_not_frozen_for_good(elsewhere, data_file):
    assert_refused(run("train", "--data", data_file, "--freeze", "features"), 2, "would keep conv1, conv2 at random: give --from")
    assert not (elsewhere / "runs").exists()


@pytest.mark.parametrize("origin, words", [({"normalized": False}, "as the new data"), ({"normalised": False}, "as the new data"),
                                           ({"normalised": True}, "as there"), ({}, "as there")], ids=str)
def test_what_earlier_runs_say_of_their_scale_is_read(origin, words):
    from types import SimpleNamespace

    from numbacnn.cli.train_transfer import transfer_lines

    info = {"from": {"run": "a", "weights": "best", "data": "b", "taken": ["fc1"], "new": [], **origin}}
    session = SimpleNamespace(folder=SimpleNamespace(info=info), model=lenet5(), settings=FROZEN)
    assert f"normalized {words})" in transfer_lines(session)[0]
