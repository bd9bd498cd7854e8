"""Words and tables as HTML."""

from html import escape

CELL = "text-align:left;vertical-align:top;padding:1px 12px 1px 0"


def preformatted(text):
    """Text as it stands, in letters of one width."""
    return f"<pre>{escape(text)}</pre>"


def folded(head, html):
    """HTML that is seen after a click on the text above it."""
    return f"<details><summary>{escape(head)}</summary>{html}</details>"


def paragraph(text, head=""):
    """A sentence, with some words in bold before it."""
    return f"<p>{f'<b>{escape(head)}</b> ' if head else ''}{escape(text)}</p>"


def table(head, rows):
    """A table of texts.

    Parameters
    ----------
    head : sequence of str
        What stands over the columns; empty for none.
    rows : iterable of sequences of str

    Returns
    -------
    str
    """
    lines = [_row("th", head)] if head else []
    return f"<table>{''.join([*lines, *(_row('td', row) for row in rows)])}</table>"


def _row(kind, texts):
    return "<tr>" + "".join(f'<{kind} style="{CELL}">{escape(str(text))}</{kind}>' for text in texts) + "</tr>"
