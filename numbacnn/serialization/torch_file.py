"""Files that PyTorch's `torch.save` wrote, read without PyTorch: the zip format of today and the one before version 1.6.

In the first a pickle, `data.pkl`, describes the object, and the memory of each storage is a file of the archive, `data/0`.  In the
second five pickles follow one another, then the storages, each with its length before it.
"""

import io
import zipfile

from numbacnn.nn.parameter import Parameter
from numbacnn.serialization import pickled
from numbacnn.serialization.formats import Converter
from numbacnn.serialization.memory import view
from numbacnn.serialization.pickled import Global, Refused
from numbacnn.tensors.internals import detached
from numbacnn.tensors.types import DTYPES, Size, device

MAGIC = 0x1950A86A20F9469CFC6C  # what a file of the second kind begins with, as a pickle
LEGACY = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
ZIP = b"PK\x03\x04"
NAMES = {"Float": "float32", "Double": "float64", "Half": "float16", "BFloat16": "bfloat16", "Long": "int64", "Int": "int32",
         "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool"}
BYTES = {"float64": 8, "int64": 8, "float32": 4, "int32": 4, "float16": 2, "bfloat16": 2, "int16": 2, "int8": 1, "uint8": 1, "bool": 1}


def is_torch_file(content):
    """Whether these bytes begin as one."""
    return content.startswith((ZIP, LEGACY))


def read_torch_file(content, name):
    """Content of a file, Tensors in place of PyTorch's; ValueError that names the file if it cannot be, or must not be, read."""
    converter = Converter(name)
    try:
        found = (_read_zip if content.startswith(ZIP) else _read_legacy)(content, converter)
    except Refused as error:
        raise ValueError(f"load: {name} asks for {error}, which is not part of a checkpoint of numbers; nothing of the file was run. "
                         "If it holds a whole model or other objects, save model.state_dict() where it was made") from None
    except (ValueError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        if str(error).startswith("load:"):
            raise
        raise ValueError(f"load: {name} is damaged or not a file of torch.save ({error})") from None
    converter.warn()
    return found


# ---------------------------------------------------------------- the zip format
def _read_zip(content, converter):
    archive = zipfile.ZipFile(io.BytesIO(content))
    entries = {entry.filename: entry for entry in archive.infolist()}
    if len(entries) < len(archive.infolist()):
        raise ValueError("two files of the archive have one name")
    pickles = [name for name in entries if name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise ValueError(f"a zip archive with {len(pickles)} files data.pkl")
    folder, left = pickles[0][:-len("data.pkl")], [len(content)]

    def record(name):
        """The bytes of a file of the archive; all together are no more than the archive, since torch.save compresses nothing."""
        entry = entries.get(folder + name)
        if entry is None:
            raise ValueError(f"it has no file {name}")
        left[0] -= entry.file_size
        if entry.compress_type != zipfile.ZIP_STORED or left[0] < 0:
            raise ValueError(f"the file {name} is compressed, or larger than the archive")
        return archive.read(entry)

    order = record("byteorder") if folder + "byteorder" in entries else b"little"
    if order not in (b"little", b"big"):
        raise ValueError(f"the byte order {order[:20]!r}")
    storages = {}

    def storage(what):
        form, key, numel = _described(what)
        if key not in storages:
            data = record(f"data/{key}")
            if len(data) != numel * BYTES[form]:
                raise ValueError(f"storage {key} has {len(data)} bytes for {numel} numbers of {form}")
            storages[key] = form, converter.array(form, data, "<" if order == b"little" else ">")
        return _Storage(*_the_same(storages[key], form, key))

    return _finished(pickled.parse(io.BytesIO(record("data.pkl")), TABLE, storage), converter)


# ---------------------------------------------------------------- the format before version 1.6
def _read_legacy(content, converter):
    file, storages = io.BytesIO(content), {}
    for _ in range(3):  # the magic number, the version, the sizes of C's types where it was written
        about = pickled.parse(file, {}, _no_storage)
    order = ">" if isinstance(about, dict) and about.get("little_endian") is False else "<"

    def storage(what):
        form, key, numel = _described(what)
        if key not in storages:
            storages[key] = form, _Later(numel)
        return _Storage(*_the_same(storages[key], form, key))

    found = pickled.parse(file, TABLE, storage)
    keys = pickled.parse(file, {}, _no_storage)
    if type(keys) is not list or set(keys) != set(storages) or len(keys) != len(storages):
        raise ValueError("the list of storages is not that of the Tensors")
    for key in keys:
        form, later = storages[key]
        numel = int.from_bytes(file.read(8), "little" if order == "<" else "big")
        data = file.read(min(numel, len(content)) * BYTES[form])
        if numel != later.size or len(data) != numel * BYTES[form]:
            raise ValueError(f"storage {key} has {len(data)} bytes for {later.size} numbers of {form}")
        later.array = converter.array(form, data, order)
    return _finished(found, converter)


class _Later:
    """Memory that comes later in the file."""

    def __init__(self, size):
        self.size, self.array = size, None


def _no_storage(_):
    raise Refused("memory before there is any")


# ---------------------------------------------------------------- what is in both
class _Storage:
    """Memory as the pickle describes it: its format, and an array or what will have one."""

    def __init__(self, form, memory):
        self.form, self.memory = form, memory

    @property
    def array(self):
        return self.memory.array if isinstance(self.memory, _Later) else self.memory


class _Described:
    """A Tensor as the pickle describes it; it is made when all memory is there."""

    def __init__(self, storage, offset, shape, strides, requires_grad):
        self.storage, self.offset, self.shape, self.strides, self.requires_grad = storage, offset, shape, strides, requires_grad
        self.is_parameter, self.made = False, None

    def tensor(self):
        if self.made is None:
            array = view(self.storage.array, self.offset, self.shape, self.strides)
            self.made = detached(array)
            if self.is_parameter:
                self.made = Parameter(self.made, self.requires_grad)
            elif self.requires_grad:
                self.made.requires_grad = True
        return self.made


def _described(what):
    """(format, key, how many numbers) of a persistent id."""
    kind, storage_type, key, _, numel, *view_metadata = what
    form = storage_type.name.removeprefix("torch.").removesuffix("Storage")
    if kind != "storage" or type(key) is not str or type(numel) is not int or numel < 0 or any(view_metadata):
        raise ValueError("a storage that torch.save does not write")
    if form not in NAMES:
        raise Refused(storage_type.name)
    return NAMES[form], key, numel


def _the_same(known, form, key):
    if known[0] != form:
        raise ValueError(f"storage {key} is of {known[0]} and of {form}")
    return known


def _rebuild_tensor(storage, offset, size, stride, requires_grad, hooks, *metadata):
    if not isinstance(storage, _Storage) or type(requires_grad) is not bool or hooks or any(metadata):
        raise Refused("a Tensor with hooks or other things of its own")
    return _Described(storage, offset, pickled.whole_numbers(size), pickled.whole_numbers(stride), requires_grad)


def _rebuild_parameter(data, requires_grad, hooks):
    if not isinstance(data, _Described) or type(requires_grad) is not bool or hooks:
        raise Refused("a Parameter with hooks or other things of its own")
    found = _Described(data.storage, data.offset, data.shape, data.strides, requires_grad)
    found.is_parameter = True
    return found


def _finished(found, converter):
    """The object with Tensors in place of what describes them; containers stay the objects that they are."""
    done, kept = {}, []

    def finish(value):
        if isinstance(value, _Described):
            return value.tensor()
        if isinstance(value, (_Storage, Global)):
            raise Refused("a storage without a Tensor" if isinstance(value, _Storage) else value.name)
        if not isinstance(value, (dict, list, tuple)) or id(value) in done:
            return done.get(id(value), value)
        kept.append(value)
        if isinstance(value, tuple):
            parts = [*map(finish, value)]
            done[id(value)] = value if all(a is b for a, b in zip(parts, value)) else tuple(parts)
            return done[id(value)]
        done[id(value)] = value
        for key, item in [*(value.items() if isinstance(value, dict) else enumerate(value))]:
            value[key] = finish(item)
        return value

    try:
        return finish(found)
    except RecursionError:
        raise ValueError("its containers are nested too deeply") from None


TABLE = {
    "collections.OrderedDict": Global("collections.OrderedDict", pickled.ordered),
    "collections.Counter": Global("collections.Counter", pickled.counted),
    "torch._utils._rebuild_tensor_v2": Global("torch._utils._rebuild_tensor_v2", _rebuild_tensor),
    "torch._utils._rebuild_parameter": Global("torch._utils._rebuild_parameter", _rebuild_parameter),
    "torch.Size": Global("torch.Size", lambda sizes: Size(pickled.whole_numbers(sizes))),
    "torch.device": Global("torch.device", lambda *_: device("cpu")),  # where all that is read lies
    **{f"torch.{dtype.name}": dtype for dtype in DTYPES},
    **{f"torch.{name}Storage": Global(f"torch.{name}Storage") for name in NAMES},
}
