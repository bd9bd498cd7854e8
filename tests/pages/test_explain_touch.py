"""The page of `numbacnn explain` under a finger and on a projector."""
import pytest

from test_explain_page import made, page_of


@pytest.mark.parametrize("width", [390, 360])
def test_a_tap_is_a_click_and_stays_in_sight(width, visit, tmp_path, rng):
    model, images = made("lenet5", rng)
    path, _ = page_of(tmp_path / "page.html", model, images[:1])
    with visit(path, width, touch=True) as page:
        canvas = page.locator(".op canvas").nth(1)
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        page.touchscreen.tap(box["x"] + 40, box["y"] + 31)
        cell = page.evaluate("document.querySelectorAll('.op canvas')[1].layout.cell")
        row, column = int(31 // cell), int(40 // cell)
        assert page.inner_text("#title") == f"conv1, map 0, row {row}, column {column}"
        assert canvas.bounding_box()["y"] + 31 < page.locator("#panel").bounding_box()["y"]  # the panel does not cover what was tapped
        page.get_by_label("the number below").tap()
        assert page.inner_text("#title") == f"conv1, map 0, row {row + 1}, column {column}"
        page.get_by_label("the number at the left").tap()
        assert page.inner_text("#title") == f"conv1, map 0, row {row + 1}, column {column - 1}"
        page.locator("#next").tap()
        page.locator("#close").tap()
        assert not page.is_visible("#panel")
        page.locator("#backward").tap()
        filters = page.locator(".op .weights canvas").first
        filters.scroll_into_view_if_needed()
        box = filters.bounding_box()
        page.touchscreen.tap(box["x"] + 5, box["y"] + 5)
        assert page.inner_text("#title") == "Gradient of conv1.weight[0, 0, 0, 0]"
        page.get_by_label("the number at the right").tap()
        assert page.inner_text("#title") == "Gradient of conv1.weight[0, 0, 0, 1]"
        assert page.get_by_label("the number above").is_disabled()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1400, 390])
def test_no_line_of_a_loop_leaves_its_box(width, visit, tmp_path, rng):
    model, images = made("lenet5", rng)
    path, _ = page_of(tmp_path / "page.html", model, images[:1])
    with visit(path, width) as page:
        page.locator(".op canvas").nth(1).click(position={"x": 40, "y": 40})
        page.click("#previous")
        assert page.evaluate("""[...document.querySelectorAll(".loop")].every((box) => box.scrollWidth <= box.clientWidth && box.scrollLeft === 0)""")
        running = page.locator(".loop .running")
        box, line = page.locator(".loop").bounding_box(), running.bounding_box()
        assert running.inner_text().strip() == "acc += weight[oc, ic, kh, kw] * x[n, ic, ih, iw]"
        assert box["y"] <= line["y"] and line["y"] + line["height"] <= box["y"] + box["height"]
        copied = page.evaluate("document.querySelector('.loop .running').textContent")
        assert copied == page.evaluate("pageLoops.conv2d_forward.lines.find((line) => codeOf(line) === panel.walk.steps[panel.at].line)")  # with its indent


@pytest.mark.parametrize("width", [1400, 390])
def test_probabilities_above_the_bars_are_not_cut(width, visit, tmp_path, rng):
    model, images = made("lenet5", rng)
    path, _ = page_of(tmp_path / "page.html", model, images[:1])
    with visit(path, width) as page:
        page.evaluate("document.querySelectorAll('.bars .part').forEach((part) => { part.textContent = '100.0 %'; })")  # the longest one
        assert page.evaluate("[...document.querySelectorAll('.bars .part')].map((part) => part.scrollWidth > part.clientWidth)") == [False] * 10
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert "6 output channels × 1 input channel)" in page.locator(".op .weights summary").first.text_content()


def test_the_size_of_the_text_can_be_chosen(visit, tmp_path, rng):
    model, images = made("lenet5", rng)
    path, _ = page_of(tmp_path / "page.html", model, images[:1])
    for width in (1400, 390):
        with visit(path, width) as page:
            def height():
                return page.evaluate("parseFloat(getComputedStyle(document.querySelector('.op .what')).fontSize)")

            usual = height()
            page.get_by_label("text for a projector").click()
            assert height() == pytest.approx(1.7 * usual, rel=0.02)
            assert page.get_by_label("text for a projector").get_attribute("aria-pressed") == "true"
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.get_by_label("usual text").click()
            assert height() == usual
