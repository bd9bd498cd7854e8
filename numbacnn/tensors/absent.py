"""Names of PyTorch, and misspelt ones, that numbacnn does not have: the refusal names what comes closest."""

import re
from difflib import SequenceMatcher
from functools import lru_cache

ALIKE = 0.5  # the ratio of difflib that a name must exceed; that of the same name is 1
MOST = 3  # names that are told


def absent(place, name, offered):
    """The AttributeError for a name that `place` does not have.

    Parameters
    ----------
    place : str
        Where it was looked for, such as "numbacnn.nn".
    name : str
    offered : iterable of str
        The names there are; those that begin with an underscore are not told.

    Returns
    -------
    AttributeError
        To be raised.
    """
    if name.startswith("_"):  # Python itself asks for such names, and often
        return AttributeError(f"{place} has no attribute {name!r}")
    close = _closest(name, tuple(offered))
    told = f"the closest: {', '.join(close)}" if close else f"dir({place}) lists what is"
    return AttributeError(f"{place}.{name} is not part of numbacnn; {told}")


@lru_cache(maxsize=1024)  # for libraries that ask every Tensor whether it has a name of theirs
def _closest(name, offered):
    """Names that look alike, best first; failing that, names with the same last word, as BatchNorm has with GroupNorm."""
    offered = [each for each in offered if not each.startswith("_")]
    alike = {each: SequenceMatcher(None, name.lower(), each.lower()).ratio() for each in offered}
    found = [each for each, ratio in alike.items() if ratio > ALIKE]
    if not found:
        *first, last = re.findall("[A-Z]?[a-z]+|[A-Z]+", name) or [""]
        found = [each for each in offered if first and last.lower() in each.lower()]
    return sorted(found, key=lambda each: (-alike[each], each))[:MOST]
