"""The page of a network that it cannot compute alone: the engine's numbers stand in it, and what is missing is said."""
import numpy as np
import pytest

from test_explain_page import WALK_ALL, page_of
from tolerances import assert_close

import numbacnn as nc
from numbacnn import nn
from numbacnn.insight import trace
from numbacnn.models import build_model
from numbacnn.nn import functional as F
from numbacnn.pages.explain import Example, explain_page, storing
from numbacnn.train import Normalize

EVERYTHING = """() => {
  const {pass} = state, list = (a) => a === null ? null : Array.from(a);
  return {outs: pass.outs.map(list), grads: pass.grads.map(list), target: state.target, steps: state.network.ops.map((op) => op.steps),
          weights: pass.weightGrads.map((of) => Object.fromEntries(Object.entries(of).map(([name, g]) => [name, list(g)])))};
}"""


class Gated(nn.Module):
    """A gate for each channel, a sum that runs, a softmax in the middle: the page has no loop for these."""

    def __init__(self):
        super().__init__()
        self.conv, self.gate, self.fc = nn.Conv2d(1, 4, 3), nn.Linear(4, 4), nn.Linear(4 * 36, 5)
        self.side = nn.Conv2d(4, 4, 3, padding=1, groups=2)

    def forward(self, x):
        x = F.relu(self.conv(x))
        gate = nc.softmax(self.gate(F.adaptive_avg_pool2d(x, 1).flatten(1)), dim=1)
        x = x * gate[:, :, None, None] + self.side(x)
        return self.fc(x.cumsum(3).flatten(1))


def engine(model, normalize, image, target):
    steps = trace(model, normalize(image[None]), [target])
    return steps[:-1]


def assert_is_the_engines(found, steps, missing=()):
    for k, step in enumerate(steps):
        if ("out", step.name) in missing:
            assert found["outs"][k] is None, step.name
        else:
            assert_close(np.float32(found["outs"][k]).reshape(step.output.shape), step.output, terms=400, roundings=4)
        if ("grad", step.name) in missing or step.gradient is None:
            assert found["grads"][k] is None, step.name
        else:
            assert_close(np.float32(found["grads"][k]).reshape(step.output.shape), step.gradient, terms=400, roundings=8)
        for name, gradient in step.weight_gradients.items():
            if found["weights"][k].get(name):
                assert_close(np.float32(found["weights"][k][name]).reshape(gradient.shape), gradient, 800, 8, size=np.abs(step.gradient).max())


def test_a_layer_that_the_page_cannot_step_has_the_engines_numbers(visit, tmp_path, rng):
    nc.manual_seed(5)
    model, images = Gated().eval(), rng.integers(0, 256, (2, 1, 8, 8), np.uint8)
    path, normalize = page_of(tmp_path / "page.html", model, images, [3, None], drawable=True, classes=list("abcde"))
    with visit(path) as page:
        for k, image in enumerate(images):
            page.locator("#images button").nth(k).click()
            found = page.evaluate(EVERYTHING)
            assert found["target"] == (3, 0)[k]
            assert_is_the_engines(found, engine(model, normalize, image, (3, 0)[k]))
            walked = page.evaluate(WALK_ALL)
            assert [line for line in walked["wrong"] if "is not" not in line] == [] and walked["walks"] > 50
        steps = engine(model, normalize, images[0], 3)
        unsteppable = [step.name for step, can in zip(steps, found["steps"]) if not can]
        assert unsteppable == ["softmax", "mul", "cumsum"]
        note = page.locator(".note").all_inner_texts()
        assert "The page cannot step through softmax (softmax), mul (mul), cumsum (cumsum)" in note[0]
        card = page.locator(".op").nth([step.name for step in steps].index("cumsum"))
        assert "cannot step through this operation" in card.inner_text()
        card.locator("canvas").click(position={"x": 8, "y": 8})
        assert "the number is the engine's own" in page.inner_text("#panel")
        page.click("#backward")
        page.locator(".op").nth([step.name for step in steps].index("add")).locator("canvas").click(position={"x": 8, "y": 8})
        assert "The page cannot step through cumsum" in page.inner_text("#panel")
        assert page.locator("#draw").count() == 0 and not page.is_visible("#learn") and page.is_disabled("#target")


def test_of_a_large_network_the_engine_computes_the_layers_with_weights(visit, tmp_path, rng, monkeypatch):
    monkeypatch.setattr(storing, "MOST_WEIGHTS", 60_000)
    monkeypatch.setattr(storing, "MOST_KEPT", 4_000)
    nc.manual_seed(5)
    model, images = build_model("lenet5", in_channels=1, height=28, width=28, classes=10).eval(), rng.integers(0, 256, (1, 1, 28, 28), np.uint8)
    path, normalize = page_of(tmp_path / "page.html", model, images, [4])
    steps = engine(model, normalize, images[0], 4)
    with visit(path) as page:
        found = page.evaluate(EVERYTHING)
        assert_is_the_engines(found, steps)
        can = {step.name for step, can in zip(steps, found["steps"]) if can}
        assert {"conv1", "conv2", "relu1", "fc3"} <= can and not can & {"fc1", "fc2"}
        conv2 = [step.name for step in steps].index("conv2")
        assert len(found["weights"][conv2]["weight"]) == 16 * 6 * 25  # computed on the page when they are shown
        notes = page.locator(".note").all_inner_texts()
        assert "reads 61,706 weights" in notes[0] and "fc2, fc1" in notes[1] or "fc1, fc2" in notes[1]
        page.locator(".op").nth(conv2).locator("canvas").first.click(position={"x": 8, "y": 8})
        assert float(page.inner_text("#so-far").replace("−", "-")) == pytest.approx(float(page.inner_text("#value").replace("−", "-")), rel=1e-3)
        page.locator(".op").nth([step.name for step in steps].index("fc1")).locator("canvas").click(position={"x": 8, "y": 8})
        assert "its weights are left out" in page.locator(".op.chosen").inner_text()


def test_the_page_stays_below_its_bound_and_says_what_it_left_out(visit, tmp_path, rng, monkeypatch):
    monkeypatch.setattr(storing, "MOST_WEIGHTS", 1_000)
    monkeypatch.setattr(storing, "MOST_KEPT", 0)
    monkeypatch.setattr(storing, "MOST_BYTES", storing.REST + 12_000)
    nc.manual_seed(5)
    model, images = build_model("lenet5", in_channels=1, height=28, width=28, classes=10).eval(), rng.integers(0, 256, (9, 1, 28, 28), np.uint8)
    path, normalize = page_of(tmp_path / "page.html", model, images, range(9))
    assert path.stat().st_size < storing.MOST_BYTES
    with visit(path) as page:
        text = page.inner_text("body")
        assert "Left out, so that the page stays below 0.41 MB: the numbers of" in text and "conv1" in text
        shown = page.locator("#images button").count()
        assert 1 <= shown < 9 and f"Only the first {shown} of 9 examples are shown" in text
        found, steps = page.evaluate(EVERYTHING), engine(model, normalize, images[0], 0)
        missing = [(part, step.name) for k, step in enumerate(steps) for part, key in (("out", "outs"), ("grad", "grads"))
                   if found[key][k] is None and step.gradient is not None]
        assert ("out", "conv1") in missing and ("out", "relu1") in missing and ("out", "fc3") not in missing
        assert_is_the_engines(found, steps, missing)
        for mode in ("forward", "backward"):
            page.click(f"#{mode}")
            for k in range(page.locator(".op").count()):
                page.locator(".op").nth(k).locator("canvas").first.click(position={"x": 8, "y": 8})


def test_many_examples_of_a_small_network_are_bounded_too(rng, monkeypatch):
    monkeypatch.setattr(storing, "MOST_BYTES", storing.REST + 100_000)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64 * 64, 2)).eval()
    examples = [Example(f"{k}", image, 0, 0) for k, image in enumerate(rng.integers(0, 256, (40, 1, 64, 64), np.uint8))]
    text, plan = explain_page(model, Normalize([0.4], [0.3]), examples, ["a", "b"], run="r", name="m", data="d", which_pass="p", drawable=False, lr=0.1)
    assert len(text) < storing.MOST_BYTES and plan.notes == ["Only the first 10 of 40 examples are shown, so that the page stays below 0.5 MB."]
