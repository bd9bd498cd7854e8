"""How far the numbers of explain's page are from the engine's: python benchmarks/explain_agreement.py [--images N] [MODEL ...]

For each model (lenet5, lenet5_1998, resnet20, and `strided`, which has stride, dilation and groups) the scores, the map of every
operation, the gradient at each and of each weight, over N random images (200). A difference is given as a share of the largest absolute number of the same map or gradient. It needs
Chromium and playwright, as the tests of the pages do.
"""
import argparse
import base64
import shutil
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

import numbacnn as nc
from numbacnn import nn
from numbacnn.insight import trace
from numbacnn.models import build_model
from numbacnn.pages.explain import Example, explain_page
from numbacnn.train import Normalize

SIDES = {"lenet5": (1, 28), "lenet5_1998": (1, 28), "resnet20": (3, 32), "strided": (3, 20)}
RUN = """([k, target]) => {
  const pass = runNetwork(state.network, normalized(state.images[k].pixels, pageRun.shape, pageRun.normalize), target), parts = [];
  const take = (numbers) => { if (numbers) parts.push(numbers); };
  state.network.ops.forEach((op, k) => {
    if (op.kind === "softmax") return;
    take(pass.outs[k]);
    take(pass.grads[k]);
    op.trained.forEach((name) => take(pass.weightGrads[k][name]));
  });
  let text = "";
  parts.forEach((numbers) => {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    for (let i = 0; i < bytes.length; i += 30000) text += String.fromCharCode(...bytes.subarray(i, i + 30000));
  });
  return btoa(text);
}"""


def strided():
    """Convolutions with stride, dilation and groups, of kernels that are not square, on images of 3x20x20."""
    return nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.LeakyReLU(0.1), nn.Conv2d(8, 12, (3, 2), dilation=(2, 1), padding=(2, 0), groups=4, bias=False),
                         nn.Tanh(), nn.Conv2d(12, 12, 3, padding=1, groups=12), nn.BatchNorm2d(12), nn.ReLU(), nn.AvgPool2d(3, 2, padding=1), nn.Flatten(),
                         nn.Linear(12 * 5 * 5, 10))


def made(name, images, rng):
    """A model, the pixels of some images for it, and how they are normalized."""
    channels, side = SIDES[name]
    nc.manual_seed(0)
    model = strided() if name == "strided" else build_model(name, in_channels=channels, height=side, width=side, classes=10)
    pixels = rng.integers(0, 256, (images, channels, side, side), np.uint8)
    normalize = Normalize([0.5] * channels, [0.25] * channels)
    model.train()(nc.tensor(normalize(pixels[:32])))  # running statistics that are not 0 and 1
    return model.eval(), pixels, normalize


def differences(page, model, pixels, normalize):
    """The largest differences of scores, maps, gradients and weights' gradients, and on how many images the classes are the same."""
    most, same = dict.fromkeys(("scores", "maps", "gradients", "gradients of weights"), 0.0), 0
    for k, image in enumerate(pixels):
        steps = trace(model, normalize(image[None]), [k % 10])
        numbers, at = np.frombuffer(base64.b64decode(page.evaluate(RUN, [k, k % 10])), "<f4"), 0

        def compare(what, expected):
            nonlocal at
            found = numbers[at:at + expected.size].reshape(expected.shape)
            at += expected.size
            most[what] = max(most[what], float(np.abs(found - expected).max() / (np.abs(expected).max() or 1)))
            return found

        for step in steps:
            found = compare("maps", step.output)
            if step is steps[-2]:
                same += int(found.argmax() == step.output.argmax())
                most["scores"] = max(most["scores"], float(np.abs(found - step.output).max() / np.abs(step.output).max()))
            if step.gradient is not None:
                compare("gradients", step.gradient)
            for name in sorted(step.weight_gradients):
                compare("gradients of weights", step.weight_gradients[name])
        assert at == len(numbers), "the page has other numbers than the engine"
    return most, same


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=[*SIDES], help=", ".join(SIDES))
    parser.add_argument("--images", type=int, default=200)
    arguments = parser.parse_args()
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name in arguments.models:
            model, pixels, normalize = made(name, arguments.images, np.random.default_rng(0))
            text, _ = explain_page(model, normalize, [Example(str(k), image, 0, 0) for k, image in enumerate(pixels)], list("0123456789"),
                                   run="run", name=name, data="noise", which_pass="", drawable=False, lr=0.1)
            path = Path(folder) / f"{name}.html"
            path.write_text(text, encoding="utf-8")
            page = browser.new_page()
            page.goto(path.as_uri())
            most, same = differences(page, model, pixels, normalize)
            print(f"{name}: the same class on {same} of {len(pixels)} images; largest difference as a share of the largest number: "
                  + ", ".join(f"{what} {value:.1e}" for what, value in most.items()), flush=True)


if __name__ == "__main__":
    main()
