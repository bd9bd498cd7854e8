"""Pages: what stands in one file of HTML, and that nothing in it can ask the network or run what it should not."""
import base64
import hashlib
import json
import re

import numpy as np
import pytest

from numbacnn import pages
from numbacnn.pages import make_page, packed, packed_bytes, page


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A place for templates of the tests, with the common files."""
    (tmp_path / "common").symlink_to(page.FOLDER / "common", target_is_directory=True)
    monkeypatch.setattr(page, "FOLDER", tmp_path)
    return tmp_path


TEMPLATE = """{% extends "common/page.html" %}{% block title %}{{ name }}{% endblock %}{% block body %}<p title="{{ name }}">{{ name }}</p>{% endblock %}"""
STRANGE = """<img src=x onerror=alert(1)>"'</script>&"""


def test_names_reach_the_page_as_text_only(folder):
    (folder / "t.html").write_text(TEMPLATE)
    text = make_page("t.html", data={"names": [STRANGE]}, name=STRANGE)
    assert "<img" not in text and text.count("</script>") == 3  # of the data, of packing.js and of text_size.js
    block = re.search('id="data-names">(.*?)</script>', text)[1]
    assert json.loads(block) == [STRANGE]


def test_the_policy_admits_the_scripts_and_styles_of_the_page_and_nothing_else(folder):
    (folder / "t.html").write_text(TEMPLATE)
    (folder / "own.js").write_text("let a = 1 && 2 < 3;\n")
    (folder / "own.css").write_text("p > a { color: red }\n")
    text = make_page("t.html", ["own.css"], ["own.js"], name="n")
    policy = re.search('Content-Security-Policy" content="(.*?)"', text)[1].replace("&#39;", "'")
    assert policy.startswith("default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; ")
    assert "unsafe" not in policy and "http" not in policy
    for kind in ("script", "style"):
        admitted = re.search(f"{kind}-src ([^;]*)", policy)[1].split()
        bodies = re.findall(f"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        assert admitted == [f"'sha256-{base64.b64encode(hashlib.sha256(b.encode()).digest()).decode()}'" for b in bodies]
        assert len(bodies) == {"script": 3, "style": 2}[kind]


@pytest.mark.parametrize("wrong", ["</script >", "</STYLE>", "<!-- "])
def test_a_script_that_would_end_itself_is_refused(folder, wrong):
    (folder / "t.html").write_text(TEMPLATE)
    (folder / "own.js").write_text(f"'{wrong}'")
    with pytest.raises(ValueError, match="own.js: the text contains"):
        make_page("t.html", scripts=["own.js"], name="n")


def test_what_the_template_misses_and_what_json_has_not_is_an_error(folder):
    (folder / "t.html").write_text(TEMPLATE)
    with pytest.raises(Exception, match="'name' is undefined"):
        make_page("t.html")
    with pytest.raises(ValueError, match="JSON compliant"):
        make_page("t.html", data={"x": float("nan")}, name="n")


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "float32"])
def test_packed_keeps_every_bit(dtype, rng):
    array = rng.integers(0, 100, (3, 4)).astype(dtype)
    found = packed(array.T)
    assert found["shape"] == [4, 3] and found["dtype"] == dtype
    assert (np.frombuffer(base64.b64decode(found["data"]), dtype).reshape(4, 3) == array.T).all()


def test_packed_refuses_what_the_page_has_no_array_of():
    assert packed(np.array([1, -2]))["dtype"] == "int32"
    for wrong in (np.array([1 << 31]), np.zeros(2), np.array(["a"])):
        with pytest.raises(TypeError, match="cannot stand in a page"):
            packed(wrong)


def test_packed_bytes_are_off_by_half_a_level(rng):
    array = rng.standard_normal(1000).astype(np.float32)
    array[:10] = 0
    found = packed_bytes(array)
    back = np.frombuffer(base64.b64decode(found["data"]), np.int8) * found["scale"]
    assert np.abs(back - array).max() <= found["scale"] * 0.5001 and (back[:10] == 0).all()
    assert packed_bytes(np.zeros(3))["scale"] == 0 and pages.packed is packed
