"""The page of `numbacnn explain` as in training: the dropout mask and the statistics of the batch, against the engine's."""
import pytest

from test_explain_page import CLASSES, RUN_ALL, WALK_ALL, assert_is_the_engines, made, page_of

import numbacnn as nc
from numbacnn.insight import trace


@pytest.mark.parametrize("name", ["resnet20", "own", "many", "text_cnn"])
def test_every_number_of_the_pass_of_training_is_the_engines(name, visit, tmp_path, rng):
    model, images = made(name, rng)
    path, normalize = page_of(tmp_path / "page.html", model, images, classes=CLASSES.get(name))
    assert not any(module.training for module in model.modules())
    with visit(path) as page:
        before = page.inner_text("#answer")
        page.click("#training")
        assert "This is the pass of training" in page.inner_text("#training-says")
        does = " ".join(page.locator(".does").all_inner_texts())
        assert name == "text_cnn" or name == "resnet20" or "% of the numbers are set to zero at random" in does
        assert name not in ("resnet20", "many") or "as in training; the batch is this one image" in does
        assert page.evaluate(WALK_ALL)["wrong"] == []
        for target, image in enumerate(images[:2]):
            found = page.evaluate(RUN_ALL, [image.ravel().tolist(), target])
            with nc.random.fork_rng():
                nc.manual_seed(0)
                steps = trace(model.train(), normalize(image[None]), [target])
            model.eval()
            assert_is_the_engines(found, steps)
        if name != "resnet20":
            drawn = page.evaluate("Array.from(state.pass.outs[state.network.scores])")
            page.click("#redraw")
            assert page.evaluate("Array.from(state.pass.outs[state.network.scores])") != drawn
        else:
            assert not page.is_visible("#redraw")
        page.click("#training")
        assert page.inner_text("#answer") == before and not page.is_visible("#training-says")


def test_without_dropout_and_batch_normalization_there_is_no_pass_of_training(visit, tmp_path, rng):
    model, images = made("lenet5", rng)
    path, _ = page_of(tmp_path / "page.html", model, images[:1])
    with visit(path) as page:
        assert not page.is_visible("#training")
