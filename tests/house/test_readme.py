"""README quotes the loop that runs and figures that docs/speed.md holds; README and docs/design.md name files that exist."""
import inspect
import re
from pathlib import Path

import pytest

from numbacnn.kernels import conv

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RUNGS = {"pure Python": "pure Python", "compiled, on floats": "floats", "on lanes": "lanes", "on tiles": "tiles, one thread",
         "on tiles, both cores": "tiles, all cores", "PyTorch, both cores": "PyTorch"}  # as README and as the ladder call them


def test_the_loop_is_that_of_the_kernel():
    loop = next(block for block in re.findall("```python\n(.*?)```", README, re.DOTALL) if "acc +=" in block)
    source = inspect.getsource(getattr(conv.conv2d_forward, "py_func", conv.conv2d_forward))
    assert source.endswith(loop)


@pytest.mark.parametrize("rung", RUNGS)
def test_the_ladder_is_that_of_the_measurement(rung):
    """conv2 forward in docs/speed.md: the rate, and how many times faster that is than pure Python."""
    speed = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    measured = speed[speed.index("\nconv2 forward, GFLOP/s"):speed.index("\nconv2 dX, GFLOP/s")]
    line = re.search(rf"{RUNGS[rung]} {{2,}}([\d.]+) .*? - +[\d.]+ +([\d.,]+) ", measured)
    rate, times = re.search(rf"^\| {rung} \| ([\d.]+)[^|]* \| ([\d,]+) \|$", README, re.MULTILINE).groups()
    assert (float(rate), float(times.replace(",", ""))) == (float(line[1]), float(line[2].replace(",", "")))


def test_links_and_files_exist():
    targets = re.findall(r"\]\(([^)#]+)\)", README) + re.findall(r"`(numbacnn/[\w/.]+)`", README)
    assert len(targets) > 30
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_files_of_the_design_exist():
    """docs/design.md names files below numbacnn/, in its figure too, and tests."""
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    files = set(re.findall(r"\b((?:\w+/)+\w+\.py)\b", design))
    assert len(files) > 25 and {"kernels/conv.py", "engine/queue.py", "tensors/tape.py"} < files
    assert [file for file in files if not (ROOT / "numbacnn" / file).exists() and not (ROOT / file).exists()] == []
