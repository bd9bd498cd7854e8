"""Pages in a real browser: opened from a file with the network off; nothing is requested and nothing goes wrong."""
import shutil
import time
from contextlib import contextmanager

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium():
    """Chromium as the system has it; the test is skipped where it, or playwright, is absent."""
    driver = pytest.importorskip("playwright.sync_api")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"there is none of {', '.join(PROGRAMS)}")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """`with visit(path, width, touch) as page`: fails at the end if the page asked for anything, or wrote to the console."""

    @contextmanager
    def opened(path, width=1400, touch=False):
        context = chromium.new_context(viewport={"width": width, "height": 900}, offline=True, has_touch=touch, is_mobile=touch)
        page, trouble, address = context.new_page(), [], path.resolve().as_uri()
        page.on("console", lambda message: trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (trouble.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: request.url == address or trouble.append(f"request: {request.url}"))
        try:
            page.goto(address)
            yield page
            assert trouble == []
        finally:
            context.close()

    return opened


def until(page, condition, seconds=30):
    """Wait until an expression of the page holds. (The driver's own wait needs eval, which a page's security policy forbids.)"""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"{condition} does not hold after {seconds} s"
        time.sleep(0.05)
