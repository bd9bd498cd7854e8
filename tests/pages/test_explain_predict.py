"""The page of `numbacnn explain` and `numbacnn predict` say the same of the same picture."""
import json
import re

import numpy as np
from PIL import Image

from cli_runs import run
from numbacnn.data import draw_digits


def test_class_and_printed_probabilities_are_those_of_predict(trained, elsewhere, visit):
    images, _ = draw_digits(3, seed=8)
    for k, image in enumerate(images):
        Image.fromarray(255 - np.kron(image, np.ones((4, 3), np.uint8))).save(f"{k}.png")  # dark on light, of another size
    assert run("explain", trained[0], "0.png", "1.png", "2.png", "--out", "page.html").exit_code == 0
    told = json.loads(run("predict", trained[0], "0.png", "1.png", "2.png", "--json").stdout)["predictions"]
    printed = run("predict", trained[0], "0.png", "1.png", "2.png").stdout.splitlines()
    with visit(elsewhere / "page.html") as page:
        for k, answer in enumerate(told):
            page.locator("#images button").nth(k).click()
            assert page.inner_text("#prediction") == answer["prediction"]
            assert page.locator(".bars .part").all_inner_texts() == [f"{100 * part:.1f} %" for part in answer["probabilities"]]
            row = next(line for line in printed if line.startswith(f"{k}.png"))
            shares = re.findall(r"\d+\.\d %", row)  # of the class and of the second
            assert shares[0] in page.inner_text("#answer .verdict") and shares[1] in page.inner_text("#answer")
            exact = page.evaluate("Array.from(state.pass.outs[state.network.softmax])")
            assert np.abs(np.array(exact) - answer["probabilities"]).max() < 1e-6
