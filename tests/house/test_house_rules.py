"""The house rules: which rooms import which, how long a file is, what a docstring says."""
import ast
import re
import sys
from configparser import ConfigParser
from functools import lru_cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
REPOSITORY = TESTS.parent
LIBRARY = REPOSITORY / "numbacnn"
LONGEST_FILE = 300
TWINS = sorted(TESTS.glob("reference*.py"))
SECTIONS = ["Shapes", "Source", "Cost", "Parallel"]

#: room -> (what of numbacnn it may import, which other packages), beside itself and the standard library;
#: "module:name" admits that name only
MAY_IMPORT = {
    "kernels": ({"simd.generic", "simd.random", "simd.wide"}, {"numba", "numpy:sqrt"}),
    "simd": (set(), {"numba", "llvmlite", "numpy"}),
    "engine": ({"kernels", "simd"}, {"numba", "llvmlite", "numpy"}),
    # what notebooks show: arrays and words in, HTML out
    "notebook": (set(), {"numpy", "PIL"}),
    "tensors": ({"notebook"}, {"numpy"}),
    "front": ({"tensors"}, {"numpy"}),
    "autograd": ({"tensors"}, {"numpy"}),
    "backends": ({"tensors"}, set()),
    "cuda": ({"tensors", "front"}, set()),
    "nn": ({"tensors", "engine", "notebook", "kernels.conv:output_extent"}, {"numpy"}),
    "optim": ({"tensors", "engine"}, {"numpy"}),
    "serialization": ({"tensors", "nn.parameter:Parameter", "nn.module:Module", "nn.hooks:REGISTERS",
                       "nn.state:unsaved_buffers", "nn.utils.weight_norm:WeightNorm"}, {"numpy", "safetensors"}),
    "utils": ({"tensors"}, {"numpy"}),
    "models": ({"nn", "front"}, set()),
    # pictures as torchvision hands them out: PIL images and Tensors, transforms that are Modules
    "vision": ({"tensors", "nn.module", "utils", "data", "models", "front"}, {"numpy", "PIL"}),
    "data": ({"notebook"}, {"numpy"}),
    "plot": (set(), {"numpy", "matplotlib"}),
    # files of HTML; arrays come from insight, runs from train
    "pages": ({"insight", "train", "data", "models", "nn", "tensors", "front"}, {"numpy", "jinja2"}),
    # what a network does: arrays in, arrays out
    "insight": ({"nn", "tensors", "front", "models.layer_table"}, {"numpy"}),
    "train": ({"nn", "optim", "data", "tensors", "engine", "front", "models", "notebook", "insight.errors", "insight.evaluating"},
              {"numpy", "numba", "safetensors"}),
    "ladder": ({"engine", "kernels", "simd", "nn", "optim", "train", "front"}, {"numpy", "torch"}),
}
#: what single files may import besides
EXCEPTIONS = {"data/image_file.py": {"PIL"}, "data/picture.py": {"PIL"}, "data/preparation.py": {"PIL"}}
FRONT_DOORS = {LIBRARY / "__init__.py", LIBRARY / "__main__.py"}


def python_files(*roots):
    return sorted(path for root in roots for path in root.rglob("*.py"))


LIBRARY_FILES = python_files(LIBRARY)
ALL_FILES = python_files(LIBRARY, *(REPOSITORY / name for name in ("benchmarks", "cli", "docs", "examples", "tests")))


def broken(files, rule):
    """{file: what the rule says of it} of the files that the rule finds something in; one test a rule, not one a file."""
    found = {str(path.relative_to(REPOSITORY)): rule(path) for path in files}
    assert len(found) > 50  # it did look
    return {name: what for name, what in found.items() if what}


@lru_cache(maxsize=None)
def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=None)
def nodes_of(tree):
    """All nodes of a tree, found once for all rules."""
    return [*ast.walk(tree)]


def room_of(path):
    """The folder of the library that a file lies in; the files beside the folders are its front."""
    parts = path.relative_to(LIBRARY).parts
    return parts[0] if len(parts) > 1 else "front"


def imports(path, tree=None):
    """(module, imported name or None) of every import, relative ones made absolute."""
    tree = tree or tree_of(path)
    package = ["numbacnn", *path.relative_to(LIBRARY).parent.parts]
    for node in nodes_of(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[:len(package) - node.level + 1] if node.level else []
            module = ".".join(above + ([node.module] if node.module else []))
            yield from ((module, alias.name) for alias in node.names)


def inner_target(module, name):
    """What an import from numbacnn reaches: (path below numbacnn, name)."""
    parts = module.split(".")[1:]
    if name and (LIBRARY.joinpath(*parts, name).is_dir() or LIBRARY.joinpath(*parts, f"{name}.py").is_file()):
        return ".".join((*parts, name)), None
    return ".".join(parts), name


def forbidden(path, tree=None):
    """The imports of a file that the table above does not admit."""
    room = room_of(path)
    inner, outer = MAY_IMPORT[room]
    outer = outer | EXCEPTIONS.get(str(path.relative_to(LIBRARY)), set())
    for module, name in imports(path, tree):
        if module.split(".")[0] == "numbacnn":
            target, name = inner_target(module, name)
            top = target.split(".")[0]
            home = top if top == "cli" or top and (LIBRARY / top).is_dir() else "front"
            admitted = home == room or home in inner or target in inner or f"{target}:{name}" in inner
        else:
            top = module.split(".")[0]
            admitted = top in sys.stdlib_module_names or top in outer or f"{module}:{name}" in outer
        if not admitted:
            yield f"{module}:{name}" if name else module


def test_layering():
    """But for the front doors, which name every room, or the command line."""
    assert broken([path for path in LIBRARY_FILES if path not in FRONT_DOORS], lambda path: [*forbidden(path)]) == {}


@pytest.mark.parametrize("file, line", [
    ("kernels/conv.py", "from numpy import exp"), ("kernels/conv.py", "from ..engine import ops"),
    ("kernels/conv.py", "from ..simd import views"), ("simd/views.py", "from ..engine.batch import Batch"),
    ("engine/task.py", "import numbacnn.nn"), ("tensors/tensor.py", "import numba"),
    ("tensors/tensor.py", "from numbacnn.nn import functional"), ("tensors/tensor.py", "from numbacnn.engine import tiles"),
    ("nn/conv.py", "from numbacnn.kernels.conv import conv2d_forward"), ("data/idx.py", "from numbacnn.tensors.tensor import Tensor"),
    ("plot/curves.py", "import numbacnn"), ("train/loop.py", "from matplotlib import pyplot"),
    ("train/loop.py", "from numbacnn.cli import main"), ("data/mnist.py", "from PIL import Image")])
def test_layering_would_notice(file, line):
    assert list(forbidden(LIBRARY / file, ast.parse(line)))


def test_every_room_has_its_rule():
    rooms = {room_of(path) for path in LIBRARY_FILES}
    assert rooms == set(MAY_IMPORT)


# ---------------------------------------------------------------- files
def test_files_are_short():
    def too_many(path):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        return lines if lines > LONGEST_FILE else 0

    assert broken(ALL_FILES, too_many) == {}, f"more than {LONGEST_FILE} lines: split it where a reader would look for the parts"


def test_the_training_loop_is_on_a_page():
    text = (LIBRARY / "train" / "loop.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 90 and "steps(x, y, rates)" in text


def test_no_file_of_leftovers():
    assert broken(ALL_FILES, lambda path: path.name in ("utils.py", "helpers.py", "misc.py")) == {}


def test_library_does_not_print():
    def calls(path):
        return [node.lineno for node in nodes_of(tree_of(path)) if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name) and node.func.id == "print"]

    assert broken(LIBRARY_FILES, calls) == {}, "these lines print: yield a record, the command prints it"


def test_no_bare_except():
    def bare(path):
        return [node.lineno for node in nodes_of(tree_of(path)) if isinstance(node, ast.ExceptHandler)
                and (node.type is None or isinstance(node.type, ast.Name) and node.type.id == "BaseException"
                     and not any(isinstance(child, ast.Raise) for child in ast.walk(node)))]

    assert broken(ALL_FILES, bare) == {}, "these lines catch everything: catch what you can name"


def relaxed_maths(tree):
    """Lines that let the compiler reorder or approximate: numba's option anywhere, LLVM's flags where code is generated.

    Where neither numba nor llvmlite is imported, "fast" is a word like any other.
    """
    generates = any(module.split(".")[0] in ("numba", "llvmlite") for module, _ in imports(LIBRARY / "any.py", tree))
    words = {"fastmath", "fast", "contract", "reassoc"} if generates else {"fastmath"}
    for node in nodes_of(tree):
        if getattr(node, "arg", None) == "fastmath" or isinstance(node, ast.Constant) and node.value in words:
            yield getattr(node, "lineno", 0)


def test_no_fastmath():
    """NaN and infinity behave as IEEE says, and results have the same bits on every run."""
    assert broken(LIBRARY_FILES, lambda path: [*relaxed_maths(tree_of(path))]) == {}


@pytest.mark.parametrize("line", [
    "njit(fastmath=True)(f)", "options['fastmath'] = True", "from numba import njit\nnjit(**{'fastmath': {'fast'}})",
    "from llvmlite import ir\nbuilder.fadd(a, b, flags=['fast'])", "import numba.core\nbuilder.fmul(a, b, '', ('contract',))"])
def test_no_fastmath_would_notice(line):
    assert list(relaxed_maths(ast.parse(line)))
    assert not list(relaxed_maths(ast.parse("recipes = {'fast': {'epochs': 3}}")))


# ---------------------------------------------------------------- docstrings
def test_public_names_are_explained():
    def silent(path):
        tree = tree_of(path)
        names = [node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))
                 and not node.name.startswith("_") and not ast.get_docstring(node)]
        return names if ast.get_docstring(tree) or not tree.body else ["the file itself", *names]

    assert broken(LIBRARY_FILES, silent) == {}, "these have no docstring"


#: what leaves a reader of help() or an editor alone with a riddle: the same as what? who?
RIDDLE = re.compile(r"\AThe same\b|\b([Ww]hoever|[Nn]obody|[Ss]omebody|[Aa]nybody|[Ee]verybody)\b|\bWho\b(?!\?)"
                    r"|\bwho (asks|begins|finds|has|is|keeps|listens|looks|opens|reads|waits|wants|writes)\b")


def riddles(path, tree=None):
    """The docstrings of a file that do not stand alone."""
    documented = ast.Module, ast.ClassDef, ast.FunctionDef
    texts = (ast.get_docstring(node) for node in nodes_of(tree or tree_of(path)) if isinstance(node, documented))
    return [text.splitlines()[0] for text in texts if text and RIDDLE.search(text)]


def test_docstrings_stand_alone():
    assert broken(ALL_FILES, riddles) == {}


@pytest.mark.parametrize("text", ["The same with stride 1.", "Who reads numbers calls finish first.", "What nobody looks at later."])
def test_a_riddle_would_be_noticed(text):
    assert riddles(LIBRARY / "nn" / "module.py", ast.parse(f"def f():\n    {text!r}")) == [text]


def kernels():
    for path in python_files(LIBRARY / "kernels"):
        for node in tree_of(path).body:
            if isinstance(node, ast.FunctionDef) and re.search("_(forward|backward|update)", node.name):
                yield pytest.param(node, id=f"{path.stem}.{node.name}")


def test_kernels_are_found():
    names = {param.values[0].name for param in kernels()}
    assert {"conv2d_backward_weight", "max_pool2d_forward", "adam_update", "tanh_backward"} <= names and len(names) >= 20


@pytest.mark.parametrize("kernel", [*kernels()])
def test_kernel_docstring(kernel):
    """First the equation, then Shapes, Source, Cost and Parallel, in this order."""
    text = ast.get_docstring(kernel)
    assert "=" in text.splitlines()[0], "the first line is not an equation"
    assert re.findall(rf"^({'|'.join(SECTIONS)}):", text, re.MULTILINE) == SECTIONS


@pytest.mark.parametrize("kernel", [*kernels()])
def test_every_kernel_has_its_twin(kernel):
    twins = {node.name for path in TWINS for node in tree_of(path).body if isinstance(node, ast.FunctionDef)}
    assert kernel.name in twins


def test_the_twin_knows_nothing_of_the_library():
    modules = {module.split(".")[0] for path in TWINS for module, _ in imports(LIBRARY / "twin.py", tree_of(path))}
    modules -= {"reference"}
    assert modules == {"numpy"}


def test_every_package_is_installed():
    config = ConfigParser()
    config.read(REPOSITORY / "setup.cfg")
    listed = set(config["options"]["packages"].split())
    assert {".".join(path.parent.relative_to(REPOSITORY).parts) for path in LIBRARY.rglob("__init__.py")} | {"numbacnn.cli"} == listed
