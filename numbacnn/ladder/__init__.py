"""The ladder: how fast the same operation is as a pure Python loop, in NumPy, and compiled for each kind of number.

`ops` says what is computed.  A rung is a file: `textbook` (pure Python and floats), `arrays` (NumPy), `lanes`,
`tiles`, `pytorch`.  `side` measures rungs in a process of its own, `processes` starts these in turns, and
`results` puts their rounds together.
"""
from numbacnn.ladder.ops import BATCH, OPS
from numbacnn.ladder.processes import LadderError, Progress, Settings, Skipped, climb
from numbacnn.ladder.results import RUNGS, summary

__all__ = ["BATCH", "OPS", "RUNGS", "LadderError", "Progress", "Settings", "Skipped", "climb", "summary"]
