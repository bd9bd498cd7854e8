"""One file of HTML from a template, styles, scripts and data."""

import base64
import hashlib
import json
import re
from pathlib import Path

import jinja2
from jinja2.utils import htmlsafe_json_dumps

FOLDER = Path(__file__).parent  # templates, styles and scripts are named from here
COMMON_STYLES, COMMON_SCRIPTS = ("common/common.css",), ("common/packing.js", "common/text_size.js")


def make_page(template, styles=(), scripts=(), data=None, **values):
    """Fill a template; everything the page needs stands in it.

    Parameters
    ----------
    template : str
        File such as "report/report.html", which begins with `{% extends "common/page.html" %}`; named from `numbacnn/pages`.
    styles, scripts : sequence of str
        Files of CSS and JavaScript, in their order; those in `common` come before them. The functions of one script are
        known to the next.
    data : dict of str to JSON values
        What the scripts read with `pageData(name)`; arrays as `packed` returns them.
    **values
        What the template reads. Text is escaped, wherever it stands.

    Returns
    -------
    str
        The page. Its Content-Security-Policy admits its own styles and scripts by their hashes, pictures that stand in the page,
        and nothing else, so that the page can ask the network for nothing.

    Raises
    ------
    ValueError
        If a style or script contains what would end it, or a number in the data is NaN or infinite.
    """
    styles, scripts = ([_source(name) for name in (*common, *files)]
                       for common, files in ((COMMON_STYLES, styles), (COMMON_SCRIPTS, scripts)))
    blocks = {name: htmlsafe_json_dumps(value, dumps=_dumps) for name, value in (data or {}).items()}
    policy = ("default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
              f"style-src {_hashes(styles)}; script-src {_hashes(scripts)}")
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined,
                                     trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    return environment.get_template(template).render(page_policy=policy, page_styles=styles, page_scripts=scripts,
                                                     page_data=blocks, **values)


def _source(name):
    """A style or script as it stands in the page."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    if re.search("</(script|style)|<!--", text, re.IGNORECASE):
        raise ValueError(f"{name}: the text contains '</script', '</style' or '<!--', which would end it inside a page")
    return text


def _hashes(sources):
    """The hashes by which a Content-Security-Policy knows them."""
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in sources]
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def _dumps(value, **options):
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"), **options)
