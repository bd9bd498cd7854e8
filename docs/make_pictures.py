"""Draw the pictures of README.md and docs/ anew: python docs/make_pictures.py [NAME...]

Without NAME all but those that measure this machine (ladder.png takes minutes and wants an idle machine). The run that they show is the
one that README begins with: LeNet-5 on the built-in digits. The pages are photographed in Chromium, as tests/browser.py opens them:
`pip install playwright`, and Chromium as the system has it. The pictures of docs/data.md come from docs/make_data_sheets.py.
"""
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

FOLDER = Path(__file__).parent
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
WIDTH = 1100
MEASURED = ("ladder.png",)


def numbacnn(*arguments):
    """One command of the program."""
    from numbacnn.cli import main

    try:
        main([str(argument) for argument in arguments])
    except SystemExit as end:
        if end.code:
            raise


def train(folder):
    """The run that the pictures show."""
    if not (folder / "digits").exists():
        numbacnn("train", "--out", folder / "digits")
    return folder / "digits"


def filters(folder, out):
    """The filters of the first convolution, and what they make of two digits."""
    numbacnn("visualize-filters", train(folder), "--out", out)


def saliency(folder, out):
    """Which pixels matter, and what that picture is worth."""
    numbacnn("saliency", train(folder), "--method", "integrated-gradients", "--out", folder / "saliency")
    shutil.copy(sorted((folder / "saliency").glob("*.png"))[0], out)


def maps(folder, out):
    """What the first convolution makes of six digits."""
    numbacnn("feature-maps", train(folder), "--layer", "conv1", "--out", folder / "maps")
    shutil.copy(next((folder / "maps").glob("*-conv1.png")), out)


def report(folder, out):
    """The errors in the report."""
    numbacnn("report", train(folder), "--out", folder / "report.html")

    def look(page):
        box = page.locator("#errors").bounding_box()
        page.screenshot(path=out, full_page=True, clip={"x": 0, "y": box["y"] - 10, "width": WIDTH, "height": 1000})

    photograph(folder / "report.html", look)


def explain(folder, out):
    """A number of the first convolution, the loop that makes it, and the terms that it adds up."""
    numbacnn("explain", train(folder), "--out", folder / "explain.html")

    def look(page):
        page.locator(".op").nth(1).locator("canvas").first.click(position={"x": 55, "y": 45})
        page.evaluate("""window.scrollTo(0, window.scrollY + document.querySelectorAll('.op')[1].getBoundingClientRect().top
                         - document.getElementById('modes').offsetHeight - 8)""")
        page.wait_for_timeout(300)  # maps are drawn when they come into view
        page.screenshot(path=out)

    photograph(folder / "explain.html", look)


def photograph(path, look):
    """Open a page in Chromium with the network off and let `look` use it."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        sys.exit(f"there is none of {', '.join(PROGRAMS)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": WIDTH, "height": 1000}, offline=True).new_page()
        page.goto(path.resolve().as_uri())
        look(page)
        browser.close()


def ladder(folder, out):
    """The ladder, measured here and now."""
    numbacnn("benchmark", "--out", folder / "ladder")
    shutil.copy(folder / "ladder" / "ladder.png", out)


def pictures():
    """Each picture's name below docs/, and what draws it, called with a folder to work in and the file to write."""
    import make_data_sheets

    found = {f"{work.__name__}.png": work for work in (filters, saliency, maps, report, explain, ladder)}
    for arguments in make_data_sheets.commands():
        path = Path(arguments[arguments.index("--out") + 1])
        found[path.relative_to(FOLDER).as_posix()] = partial(_draw, arguments)
    return found


def _draw(arguments, folder, out):
    numbacnn(*arguments)


def main():
    """Draw what was asked for."""
    known = pictures()
    names = sys.argv[1:] or [name for name in known if name not in MEASURED]
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"{unknown[0]} is not a picture of docs/; there are {', '.join(known)}")
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            known[name](Path(folder), FOLDER / name)
            print(f"drew docs/{name} ({(FOLDER / name).stat().st_size / 1000:.0f} kB)")


if __name__ == "__main__":
    main()
