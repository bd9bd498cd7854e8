"""docs/words.md: at most twenty words, and the code has every one of them."""
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
ROWS = [row.strip("| ").split(" | ") for row in PAGE.splitlines() if row.startswith("| ")][2:]


def test_there_are_few_words_each_with_its_textbook_name():
    assert 10 < len(ROWS) <= 20
    assert all(len(row) == 4 and all(row) for row in ROWS)


@pytest.mark.parametrize("here, code", [(row[0], row[3]) for row in ROWS], ids=[row[0] for row in ROWS])
def test_the_code_has_the_word(here, code):
    """The file defines the name, and speaks of the word."""
    name, file = re.fullmatch(r"`(\w+)` in `([\w/.]+)`", code).groups()
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^(class|def) {name}\b", text, re.MULTILINE)
    assert all(re.search(rf"(?i)(\b|_){word.split()[-1]}", text) for word in here.split(", "))
