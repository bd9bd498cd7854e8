"""What the page of `numbacnn explain` answers to the question why."""
import re

import numpy as np
from tolerances import assert_close

from test_explain_page import made, page_of

import numbacnn as nc


def test_the_pixels_that_spoke_are_the_gradient_of_the_difference_of_two_scores(visit, tmp_path, rng):
    model, images = made("lenet5", rng)
    path, normalize = page_of(tmp_path / "page.html", model, images, [7, 8, 9])
    x = nc.tensor(normalize(images[1][None])).requires_grad_()
    scores = model(x)
    first = int(scores.argmax(1).item())
    (scores[0, first] - scores[0, 8]).backward()
    expected = x.grad.numpy() * (x.detach().numpy() - x.detach().numpy().min())
    assert first != 8
    with visit(path) as page:
        page.locator("#images button").nth(1).click()
        found = np.float32(page.evaluate(f"Array.from(partsOfPixels(8, {first}))")).reshape(expected.shape)
        assert_close(found, expected, terms=400, roundings=8)
        page.click("#speak")
        assert f"Orange pixels spoke for class {first}, blue ones for class 8" in page.inner_text("#speaking")
        page.locator("#speaking canvas").click(position={"x": 45, "y": 35})
        assert page.inner_text("#title") == "Gradient at input, map 0, row 3, column 4"
        assert page.evaluate("state.network.ops[state.network.loss].args.target") == 8  # the label of this image, as before


def test_the_sign_of_a_number_is_explained_by_its_terms(visit, tmp_path, rng):
    model, images = made("lenet5", rng)
    path, _ = page_of(tmp_path / "page.html", model, images[:1], [7])

    def number(text):
        return float(text.replace("−", "-"))

    with visit(path) as page:
        for canvas in (page.locator(".op canvas").nth(1), page.locator(".op .weights canvas").first):  # forward, then a gradient
            canvas.click(position={"x": 14, "y": 14})
            value, why = number(page.inner_text("#value")), page.inner_text("#why-sign")
            side, up, down, bias = re.match(r"It is (above|below) zero: \d+ terms push it up by (\S+), \d+ push it down by ([\d.]+)"
                                            r"(?:, and it began with the bias (\S+)\.)?", why).groups()
            assert (side == "above") == (value > 0)
            assert abs(number(up) - float(down.rstrip(".")) + number(bias or "0") - value) < 3e-4
            assert ("different signs" in why) == (bias is None)  # of a weight


def test_a_pooled_number_is_explained_by_its_winner_and_not_as_a_sum(visit, tmp_path, rng):
    model, images = made("lenet5", rng)
    path, _ = page_of(tmp_path / "page.html", model, images[:1], [7])
    with visit(path) as page:
        for op in page.evaluate("state.network.ops.filter((op) => op.kind === 'max_pool2d').map((op) => op.index)"):
            page.evaluate(f"state.choose({{op: {op}, what: 'out', index: 3}})")
            won = page.evaluate(f"winner(state.network.ops[{op}], state.pass.shown({op - 1}), 0, 0, 3)")
            text = page.inner_text("#panel")
            assert won["value"] == page.evaluate("panel.walk.value")
            row, column = divmod(won["i"], page.evaluate(f"state.network.ops[{op - 1}].shape[3]"))
            assert f"The largest number of its window: that of relu{1 if op < 5 else 2}, map 0, row {row}, column {column}." in text
            assert "What made this number" not in text and "the number so far, step by step" in text
        page.evaluate("state.choose({op: 1, what: 'out', index: 3})")
        assert "What made this number" in page.inner_text("#panel") and "the running sum, step by step" in page.inner_text("#panel")


def test_the_panel_goes_with_the_direction_and_stays_closed(visit, tmp_path, rng):
    model, images = made("lenet5", rng)
    path, _ = page_of(tmp_path / "page.html", model, images, [7, 8, 9])
    with visit(path, 390) as page:
        page.locator(".op canvas").nth(1).click(position={"x": 8, "y": 8})
        title = page.inner_text("#title")
        page.evaluate("turn('grad')")
        assert page.inner_text("#title") == f"Gradient at {title}"
        page.click("#close")
        page.locator("#images button").nth(1).click()
        assert not page.locator("#panel").is_visible()
        page.locator(".op canvas").nth(1).click(position={"x": 8, "y": 8})
        assert page.locator("#panel").is_visible()


def test_the_probabilities_say_why_no_gradient_is_there(visit, tmp_path, rng):
    model, images = made("lenet5", rng)
    path, _ = page_of(tmp_path / "page.html", model, images[:1], [7])
    with visit(path) as page:
        page.click("#backward")
        assert page.locator(".op .what").nth(13).inner_text() == "no gradient is computed here: it goes from the loss straight to the scores"
        page.evaluate("state.choose({op: state.network.softmax, what: 'grad', index: 2})")
        assert "straight to the scores" in page.inner_text("#panel")
        page.evaluate("state.choose({op: state.network.loss, what: 'out', index: 0})")
        assert page.inner_text("#title") == "loss"


def test_the_step_size_is_a_number_above_zero(visit, tmp_path, rng):
    model, images = made("lenet5", rng)
    path, _ = page_of(tmp_path / "page.html", model, images[:1], [7])
    with visit(path) as page:
        for typed in ("", "-0.01", "0"):
            page.fill("#lr", typed)
            page.locator("#lr").blur()
            assert float(page.input_value("#lr")) == page.evaluate("state.lr") > 0
        page.click("#learn")
        before = page.inner_text("#learned")
        page.fill("#lr", "0.002")
        page.locator("#lr").blur()
        assert "w − 0.002 · dw" in page.inner_text("#learned") != before and page.get_attribute("#learn", "aria-pressed") == "true"


def test_a_click_on_an_answer_brings_what_it_shows_into_sight(visit, tmp_path, rng):
    model, images = made("lenet5", rng)
    path, _ = page_of(tmp_path / "page.html", model, images, [7, 8, 9])
    with visit(path) as page:
        page.set_viewport_size({"width": 1400, "height": 420})
        page.locator(".bars button").first.click()
        top = page.evaluate("byId('panel').getBoundingClientRect().top")
        assert 0 <= top < 300 and page.inner_text("#title").startswith("probabilities, class")
