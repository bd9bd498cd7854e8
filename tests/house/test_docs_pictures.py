"""Every picture in README and docs is drawn by a command: docs/make_pictures.py names it."""
import importlib.util
import re
import sys
from pathlib import Path

import click
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted((ROOT / "examples").glob("*.md"))]


@pytest.fixture(scope="module")
def script():
    """docs/make_pictures.py, which finds the script of the data sheets beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        spec = importlib.util.spec_from_file_location("make_pictures", DOCS / "make_pictures.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module
        sys.modules.pop("make_data_sheets", None)


def shown():
    """The pictures that the pages show, as paths below docs/."""
    for page in PAGES:
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            yield (page.parent / target).resolve()


def test_every_picture_has_the_command_that_draws_it(script):
    files = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.png")}
    assert {path.relative_to(DOCS.resolve()).as_posix() for path in shown()} == files == set(script.pictures())
    assert len(files) > 10  # it did look


def test_pictures_can_be_opened_and_are_small():
    for path in DOCS.rglob("*.png"):
        with Image.open(path) as picture:
            assert min(picture.size) > 150, path
        assert path.stat().st_size < 500_000, path


def test_the_commands_are_those_of_the_program(script, monkeypatch, tmp_path):
    """Each picture asks for commands and options that there are; nothing is trained here."""
    from numbacnn.cli.group import COMMANDS, main

    asked = []

    def note(*arguments):
        arguments = [str(argument) for argument in arguments]
        asked.append(arguments[0])
        # click keeps the help option that the first context of a command asks for, so this one has the program's settings
        parent = click.Context(main, **main.context_settings)
        main.get_command(None, arguments[0]).make_context(arguments[0], arguments[1:], parent=parent)
        out = Path(arguments[arguments.index("--out") + 1])
        for file in ({"saliency": "saliency-x.png", "feature-maps": "maps-01-conv1.png", "benchmark": "ladder.png"}.get(arguments[0]),):
            if file:
                out.mkdir(exist_ok=True)
                (out / file).write_bytes(b"")

    monkeypatch.setattr(script, "numbacnn", note)
    monkeypatch.setattr(script, "photograph", lambda path, look: asked.append(path.name))
    for name, draw in script.pictures().items():
        before = len(asked)
        draw(tmp_path, tmp_path / Path(name).name)
        assert len(asked) > before, name
    assert {"train", "visualize-filters", "saliency", "feature-maps", "report", "explain", "benchmark", "show-data"} <= set(asked)
    assert set(asked) - {"report.html", "explain.html"} <= set(COMMANDS)
