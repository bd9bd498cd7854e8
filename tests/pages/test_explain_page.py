"""The page of `numbacnn explain`: its numbers against the engine's, and its clicks, in a real Chromium."""
import numpy as np
import pytest
from PIL import Image

from browser import until
from tolerances import assert_close

import numbacnn as nc
from numbacnn import nn
from numbacnn.data.image_file import load_digit_image
from numbacnn.insight import trace
from numbacnn.models import build_model
from numbacnn.models.inputs import input_shape
from numbacnn.nn import functional as F
from numbacnn.pages.explain import Example, explain_page
from numbacnn.pages.explain.loops import fingerprint, loop_sources, scripts, written_for
from numbacnn.pages.page import FOLDER
from numbacnn.train import Normalize

RUN_ALL = """([pixels, target]) => {
  const pass = runNetwork(state.network, normalized(pixels, pageRun.shape, pageRun.normalize), target), list = (a) => a === null ? null : Array.from(a);
  return {outs: pass.outs.map(list), grads: pass.grads.map(list),
          weights: pass.weightGrads.map((of) => Object.fromEntries(Object.entries(of).map(([name, g]) => [name, list(g)])))};
}"""


class Own(nn.Module):
    """Stride, dilation, groups, padding that differs by side, branches and functions."""

    def __init__(self):
        super().__init__()
        self.strided = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.dilated = nn.Conv2d(8, 12, (3, 2), dilation=(2, 1), padding=(2, 0), groups=4, bias=False)
        self.act, self.drop = nn.LeakyReLU(0.1), nn.Dropout(0.5)
        self.fc = nn.Linear(12 * 3 * 3, 4)

    def forward(self, x):
        a = F.sigmoid(self.dilated(self.act(self.strided(x))))
        b = F.max_pool2d(a * a, 3, 2, padding=1)
        return self.fc(self.drop(nc.tanh(b) + F.avg_pool2d(a, 3, 2, padding=1)).flatten(1))


class Many(nn.Module):
    """Norms, gates, dropouts, what enlarges: the layers that the models of the package do not have."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 4, 3)
        self.acts = nn.Sequential(nn.GroupNorm(2, 4), nn.ELU(0.7), nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.Hardswish(), nn.LogSigmoid())
        self.norm, self.layer, self.plain = nn.InstanceNorm2d(4, affine=True), nn.LayerNorm([4, 6, 6]), nn.GroupNorm(1, 4, affine=False)
        self.up = nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2)
        self.bn, self.drop, self.drop2 = nn.BatchNorm2d(6), nn.Dropout(0.3), nn.Dropout2d(0.4)
        self.fc = nn.Linear(6 * 9 * 9, 4)

    def forward(self, x):
        x = self.plain(self.layer(self.norm(self.acts(self.first(x) * 4))))
        x = F.relu6(self.bn(self.up(x)) * 4)
        x = F.interpolate(F.interpolate(x, scale_factor=2), size=(9, 9), mode="bilinear")
        return self.fc(self.drop2(self.drop(x)).flatten(1))


OTHERS = {"tcn": {"in_channels": 2, "length": 40, "classes": 6}, "text_cnn": {"vocabulary": 20, "length": 9, "classes": 3},
          "conv3d": {"in_channels": 1, "frames": 4, "height": 9, "width": 8, "classes": 4}}
ALL = ("lenet5", "lenet5_1998", "resnet20", "own", "many", *OTHERS)
CLASSES = {"own": list("abcd"), "many": list("abcd")}


def made(name, rng):
    """A model in use and images for it."""
    nc.manual_seed(11)
    if name == "own":
        return Own().eval(), rng.integers(0, 256, (3, 3, 9, 12), np.uint8)
    if name == "many":
        return Many().eval(), rng.integers(0, 256, (3, 1, 8, 8), np.uint8)
    if name in OTHERS:
        sizes = OTHERS[name]
        shape = input_shape({"name": name, **sizes})
        x = (rng.integers(0, 20, (2, *shape)) if name == "text_cnn" else rng.integers(0, 256, (2, *shape), np.uint8) if name == "conv3d"
             else rng.standard_normal((2, *shape)).astype(np.float32))
        return build_model(name, **sizes).eval(), x
    channels, side = {"lenet5": (1, 28), "lenet5_1998": (1, 28), "resnet20": (3, 12)}[name]
    model = build_model(name, in_channels=channels, height=side, width=side, classes=10)
    images = rng.integers(0, 256, (3, channels, side, side), np.uint8)
    if name == "resnet20":  # running statistics that are not 0 and 1
        model.train()(nc.tensor(images.astype(np.float32) / 128 - 1))
    return model.eval(), images


def page_of(path, model, images, labels=None, drawable=False, names=None, classes=None):
    """The page of a model, written to a file."""
    channels = images.shape[1] if images.dtype != np.int64 else 1
    normalize = Normalize([0.4] * channels, [0.3] * channels)
    examples = [Example((names or {}).get(k, f"image {k}"), image, None if labels is None else labels[k], 0)
                for k, image in enumerate(images)]
    classes = classes or [f"class {c}" for c in range(10)]
    text, _ = explain_page(model, normalize, examples, classes, run="run", name="model", data="data", which_pass="Pass.",
                           drawable=drawable, lr=0.1)
    path.write_text(text, encoding="utf-8")
    return path, normalize


@pytest.mark.parametrize("name", ALL)
def test_every_number_of_the_page_is_the_engines(name, visit, tmp_path, rng):
    model, images = made(name, rng)
    path, normalize = page_of(tmp_path / "page.html", model, images, classes=CLASSES.get(name))
    with visit(path) as page:
        assert page.evaluate("pageRun.whole")
        for target, image in enumerate(images[:2]):
            found = page.evaluate(RUN_ALL, [image.ravel().tolist(), target])
            assert_is_the_engines(found, trace(model, normalize(image[None]), [target]))


def assert_is_the_engines(found, steps):
    """What RUN_ALL found is what the engine has traced."""
    probabilities = found["outs"].pop(-2)
    assert abs(sum(probabilities) - 1) < 1e-6
    for part in ("grads", "weights"):
        found[part].pop(-2)
    for k, step in enumerate(steps):
        out = np.float32(found["outs"][k]).reshape(step.output.shape)
        assert_close(out, step.output, terms=400, roundings=4), step.name
        if step.gradient is None:
            assert found["grads"][k] is None
            continue
        dout = np.float32(found["grads"][k]).reshape(step.output.shape)
        assert_close(dout, step.gradient, terms=400, roundings=8)
        for weight, gradient in step.weight_gradients.items():
            assert_close(np.float32(found["weights"][k][weight]).reshape(gradient.shape), gradient, 800, 8,
                         size=np.abs(step.gradient).max())


# every number of a map and every weight: does the walk through the loop end where the map stands?
WALK_ALL = """() => {
  const wrong = [], {network, pass} = state, some = (n) => [...new Set([0, n >> 1, n - 1, Math.floor(n / 3)])];
  let walks = 0, loops = new Set();
  const check = (chosen) => {
    const walk = walkOf(network, pass, chosen), label = `${network.ops[chosen.op].name} ${chosen.what} ${chosen.name || ""} ${chosen.index}`;
    walks += 1;
    (walk.steps || []).forEach((step) => {
      const loop = step.loop || step.part.loop;
      if (step.line === "" || !loop) return;
      loops.add(loop);
      if (!pageLoops[loop].lines.some((line) => codeOf(line) === step.line)) wrong.push(`${label}: no line "${step.line}"`);
    });
    const sum = walk.parts.reduce((acc, part) => Math.fround(acc + (part.steps.length ? part.steps[part.steps.length - 1].acc : 0)), 0);
    const steps = walk.steps || [], last = steps.length ? steps[steps.length - 1].acc : sum;
    if (Math.abs(last - sum) > 1e-6 * Math.max(1, Math.abs(sum))) wrong.push(`${label}: the steps end at ${last}, not ${sum}`);
    if (walk.parts.length && Math.abs(sum - walk.value) > 1e-6 * Math.max(1, Math.abs(walk.value))) wrong.push(`${label}: ${sum} is not ${walk.value}`);
  };
  for (const op of network.ops) {
    for (const index of some(pass.outs[op.index].length)) {
      check({op: op.index, what: "out", index});
      if (pass.grads[op.index] !== null) check({op: op.index, what: "grad", index});
    }
    for (const [name, gradient] of Object.entries(pass.weightGrads[op.index])) {
      for (const index of some(gradient.length)) check({op: op.index, what: "weight", name, index});
    }
  }
  return {wrong, walks, loops: [...loops]};
}"""


def test_every_walk_ends_at_the_number_and_names_lines_of_the_loop(visit, tmp_path, rng):
    walked = set()
    for name in ALL:
        model, images = made(name, rng)
        path, _ = page_of(tmp_path / f"{name}.html", model, images[:1], classes=CLASSES.get(name))
        with visit(path) as page:
            found = page.evaluate(WALK_ALL)
            assert found["wrong"] == [] and found["walks"] > 50
            walked |= set(found["loops"])
            if name == "many":
                page.click("#training")
                found = page.evaluate(WALK_ALL)
                assert found["wrong"] == []
                walked |= set(found["loops"])
    assert walked == {loop for _, loop, _ in written_for()}  # every loop that a script claims to follow was walked


@pytest.mark.parametrize("script, loop, mark", [*written_for()], ids=lambda value: value if "_" in str(value) else "")
def test_a_walk_was_written_for_the_loop_as_it_is_now(script, loop, mark):
    assert mark == fingerprint(loop), (f"the text of {loop} has changed: bring {script} into line with it, then write "
                                       f"'// loop: {loop} {fingerprint(loop)}' there")


def test_the_loops_are_those_of_the_package():
    conv = loop_sources()["conv2d_forward"]
    assert conv["file"] == "conv.py" and conv["lines"][0].startswith("def conv2d_forward(x, weight")
    assert "    N, IC, H, W = x.shape" == conv["lines"][1]
    assert len(scripts()) == len([*(FOLDER / "explain" / "loops").glob("*.js")])
    assert len({loop for _, loop, _ in written_for()}) >= 20


def test_the_panel_is_not_under_the_buttons_where_these_wrap(visit, tmp_path, rng):
    model, images = made("lenet5", rng)
    path, _ = page_of(tmp_path / "page.html", model, images)
    for width in (1400, 1100, 920):
        with visit(path, width) as page:
            page.locator(".op").nth(1).locator("canvas").first.click(position={"x": 8, "y": 8})
            page.evaluate("window.scrollTo(0, document.querySelectorAll('.op')[4].getBoundingClientRect().top + window.scrollY)")
            until(page, "document.getElementById('panel').getBoundingClientRect().top >= document.getElementById('modes').getBoundingClientRect().bottom")
            assert page.evaluate("document.getElementById('modes').getBoundingClientRect().top") == 0  # it is at the top of the window


def test_clicks_through_every_kind_of_layer_both_ways(visit, tmp_path, rng):
    strange = '<img src=x onerror=alert(1)>"'
    model, images = made("lenet5", rng)
    path, _ = page_of(tmp_path / "page.html", model, images, [1, 2, 3], names={0: strange}, classes=[strange, *"123456789"])
    with visit(path) as page:
        assert page.locator("#images button").first.inner_text().startswith(strange)
        for direction in ("forward", "backward"):
            page.click(f"#{direction}")
            for k in range(page.locator(".op").count()):
                page.locator(".op").nth(k).locator("canvas").first.click(position={"x": 8, "y": 8})
                op = page.evaluate("state.chosen.op")
                assert op == k and page.evaluate("state.chosen.what") == {"forward": "out", "backward": "grad"}[direction] or k == 13
                if page.evaluate("panel.walk.steps && panel.walk.steps.length > 1"):
                    page.click("#first")
                    page.click("#next")
                    page.click("#last")
                    assert page.inner_text("#so-far") == page.inner_text("#value")
                    assert page.locator(".loop .running").count() >= 1
        page.locator(".op").nth(1).locator(".weights canvas").click(position={"x": 5, "y": 5})
        assert page.inner_text("#title") == "Gradient of conv1.weight[0, 0, 0, 0]"
        assert "w − lr · dw" in page.inner_text("#update")
        page.click("#play")
        until(page, "panel.at > 3 && panel.timer !== null")
        page.click("#play")
        before = page.evaluate("panel.timer === null ? panel.at : -1")
        page.keyboard.press("n")
        assert page.evaluate("panel.at") == before + 1
        page.click("#back")
        before = float(page.inner_text("#loss"))
        page.click("#learn")
        assert float(page.inner_text("#loss")) < before
        page.click("#learn")
        assert float(page.inner_text("#loss")) == before
        page.locator(".op canvas").first.focus()
        for key in ("ArrowRight", "ArrowDown", "Enter"):
            page.keyboard.press(key)
        assert "map 0, row 1, column 1" in page.inner_text("#title")


def test_a_seven_drawn_with_the_mouse_is_prepared_as_predict_prepares_it(visit, tmp_path, rng):
    model, images = made("lenet5", rng)
    path, _ = page_of(tmp_path / "page.html", model, images, drawable=True)
    with visit(path, 390) as page:
        for corners in ([(60, 50), (200, 60), (110, 240)], [(30, 30), (60, 25), (20, 120)], [(120, 20), (150, 270)]):
            page.click("#draw")
            page.click("#wipe")
            box = page.locator("#pad").bounding_box()
            page.mouse.move(box["x"] + corners[0][0], box["y"] + corners[0][1])
            page.mouse.down()
            for x, y in corners[1:]:
                page.mouse.move(box["x"] + x, box["y"] + y, steps=8)
            page.mouse.up()
            drawn = np.array(page.evaluate("Array.from(padLevels().data)"), np.uint8).reshape(280, 280)
            Image.fromarray(drawn).save(tmp_path / "drawn.png")
            expected = load_digit_image(tmp_path / "drawn.png").pixels.ravel()
            assert page.evaluate("Array.from(state.image.pixels)") == expected.tolist()
        page.click("#framed")
        small = page.evaluate("Array.from(state.image.pixels)")
        assert small != expected.tolist() and max(small) > 100
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
