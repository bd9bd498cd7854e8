"""Names of PyTorch, and misspelled ones, that numbacnn does not have: the refusal says why, or names what comes closest."""

import sys
from difflib import SequenceMatcher
from functools import lru_cache
from opcode import opmap

from numbacnn.tensors.left_out import reason_for

ALIKE = 0.75  # the ratio of difflib that a name must exceed: LSTM is not LogSoftmax; that of the same name is 1
MOST = 3  # names that are told


def sentence(place, name, offered):
    """The sentence about a name that `place` does not have: why it stays out, or what is spelled alike."""
    reason = reason_for(f"{place}.{name}")
    if reason is not None:
        return f"{place}.{name} is not part of numbacnn: {reason}"
    close = _closest(name, tuple(offered))
    told = f"the closest: {', '.join(close)}" if close else f"dir({place}) lists what is"
    return f"{place}.{name} is not part of numbacnn; {told}"


def absent(place, name, offered):
    """The error for a name that `place` does not have.

    Parameters
    ----------
    place : str
        Where it was looked for, such as "numbacnn.nn".
    name : str
    offered : iterable of str
        The names there are; those that begin with an underscore are not told.

    Returns
    -------
    AttributeError, or ImportError where the caller's caller runs `from place import name`
        To be raised. Python replaces the text of an AttributeError there by its own, which says nothing.
    """
    if name.startswith("_"):  # Python itself asks for such names, and often
        return AttributeError(f"{place} has no attribute {name!r}")
    kind = ImportError if _is_import(sys._getframe(2)) else AttributeError
    return kind(sentence(place, name, offered))


def refusing(place, offered):
    """The `__getattr__` of a module: `__getattr__ = refusing(__name__, __all__)`."""
    def __getattr__(name):
        raise absent(place, name, offered)

    return __getattr__


class NotOffered:
    """Finds no module, but says why: the last place where Python looks for `import numbacnn.something`."""

    @staticmethod
    def find_spec(fullname, path=None, target=None):
        """Raise ModuleNotFoundError for what would be a part of numbacnn."""
        if fullname.startswith("numbacnn."):
            place, _, name = fullname.rpartition(".")
            offered = getattr(sys.modules.get(place), "__all__", None) or dir(sys.modules.get(place))
            raise ModuleNotFoundError(sentence(place, name, offered), name=fullname)


def _is_import(frame):
    """Whether the frame is at an instruction `from ... import name`."""
    at = frame.f_lasti
    return 0 <= at < len(frame.f_code.co_code) and frame.f_code.co_code[at] == opmap["IMPORT_FROM"]


@lru_cache(maxsize=1024)  # for libraries that ask every Tensor whether it has a name of theirs
def _closest(name, offered):
    """Names that look alike, best first."""
    offered = [each for each in offered if not each.startswith("_")]
    alike = {each: SequenceMatcher(None, name.lower(), each.lower()).ratio() for each in offered}
    return sorted((each for each, ratio in alike.items() if ratio > ALIKE), key=lambda each: (-alike[each], each))[:MOST]
