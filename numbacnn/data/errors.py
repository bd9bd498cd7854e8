"""The errors that the data package raises for bad input."""

from __future__ import annotations


class DataError(ValueError):
    """Data that cannot be used: one sentence says which, what is wrong, and what to do."""


class ArgumentError(DataError):
    """An argument that does not go with the data set; a command that has it as an option can name that instead.

    Parameters
    ----------
    argument : str
        Its name, such as ``data_dir``.
    problem : str
        The rest of the sentence, such as ``is x, but ...``.
    """

    def __init__(self, argument: str, problem: str) -> None:
        super().__init__(f"{argument} {problem}")
        self.argument, self.problem = argument, problem
