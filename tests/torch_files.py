"""Writes files as PyTorch's `torch.save` does, instruction by instruction and without PyTorch: also those it would never write."""
import io
import struct
import zipfile
from collections import OrderedDict

import numpy as np

STORAGES = {"float32": "FloatStorage", "float64": "DoubleStorage", "int64": "LongStorage", "int32": "IntStorage",
            "uint8": "ByteStorage", "bool": "BoolStorage", "float16": "HalfStorage", "int8": "CharStorage", "int16": "ShortStorage"}


class Called:
    """A global that is called with arguments when the file is read."""

    def __init__(self, name, *arguments):
        self.name, self.arguments = name, arguments


class Stored:
    """The memory of an array."""

    def __init__(self, key, array, kind=None, numel=None):
        self.key, self.array = key, array
        self.kind, self.numel = kind or f"torch {STORAGES[array.dtype.name]}", array.size if numel is None else numel


def tensor(stored, shape, strides, offset=0, requires_grad=False):
    return Called("torch._utils _rebuild_tensor_v2", stored, offset, tuple(shape), tuple(strides), requires_grad,
                  Called("collections OrderedDict"))


def dense(key, array):
    """The Tensor of a contiguous array."""
    return tensor(Stored(key, array), array.shape, [stride // array.itemsize for stride in array.strides])


def pickled(value, stored=None, extra=()):
    """The pickle of a value, protocol 2; the `Stored` met are noted in the dict `stored`."""
    def of(value):
        if value is None or value is True or value is False:
            return {None: b"N", True: b"\x88", False: b"\x89"}[value]
        if isinstance(value, Called):
            return b"c" + value.name.replace(" ", "\n").encode() + b"\n" + of(value.arguments) + b"R"
        if isinstance(value, Stored):
            stored[value.key] = value
            kind = b"c" + value.kind.replace(" ", "\n").encode() + b"\n"
            return b"(" + of("storage") + kind + of(value.key) + of("cpu") + of(value.numel) + b"".join(map(of, extra)) + b"tQ"
        if isinstance(value, int):
            number = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
            return b"\x8a" + bytes([len(number)]) + number
        if isinstance(value, float):
            return b"G" + struct.pack(">d", value)
        if isinstance(value, str):
            return b"X" + struct.pack("<I", len(value.encode())) + value.encode()
        if isinstance(value, bytes):  # instructions as they are
            return value
        if isinstance(value, tuple):
            return b"(" + b"".join(map(of, value)) + b"t"
        if isinstance(value, list):
            return b"](" + b"".join(map(of, value)) + b"e"
        begin = of(Called("collections OrderedDict")) if isinstance(value, OrderedDict) else b"}"
        return begin + b"(" + b"".join(of(part) for pair in value.items() for part in pair) + b"u"

    return b"\x80\x02" + of(value) + b"."


def zipped(value, folder="archive", compression=zipfile.ZIP_STORED, extra_files=(), data=None, **sizes):
    """A file of today's format; `sizes` are other bytes for some storages, `data` another pickle."""
    stored, file = {}, io.BytesIO()
    content = pickled(value, stored)
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr(f"{folder}/data.pkl", content if data is None else data)
        archive.writestr(f"{folder}/byteorder", "little")
        for key, memory in stored.items():
            archive.writestr(f"{folder}/data/{key}", sizes.get(f"data_{key}", memory.array.tobytes()))
        archive.writestr(f"{folder}/version", "3\n")
        for name, text in extra_files:
            archive.writestr(name, text)
    return file.getvalue()


def legacy(value, keys=None, numbers=None):
    """A file of the format before version 1.6; `keys` are others than those stored, `numbers` other lengths."""
    stored = {}
    content = pickled(value, stored, extra=(None,))
    sizes = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    parts = [pickled(0x1950A86A20F9469CFC6C), pickled(1001), pickled(sizes), content, pickled([*stored] if keys is None else keys)]
    for key, memory in stored.items():
        parts += [struct.pack("<q", (numbers or {}).get(key, memory.array.size)), memory.array.tobytes()]
    return b"".join(parts)


def checkpoint():
    """(what is written, what should be read: nested containers with arrays in place of Tensors)."""
    weight, bias = np.arange(6, dtype=np.float32).reshape(2, 3), np.array([0.5, -1.5])
    steps, mask = np.array(7), np.array([True, False, True])
    written = {"model": OrderedDict([("fc.weight", dense("0", weight)), ("fc.bias", dense("1", bias))]),
               "optimizer": {"state": {0: {"step": dense("2", steps)}}, "param_groups": [{"lr": 0.1, "betas": (0.9, 0.999), "params": [0, 1]}]},
               "epoch": 3, "best": 0.25, "name": "néé", "mask": dense("3", mask), "none": None, "nesterov": True, "big": -2**70,
               "size": Called("torch Size", (2, 3))}
    read = {**written, "model": OrderedDict([("fc.weight", weight), ("fc.bias", bias)]),
            "optimizer": {**written["optimizer"], "state": {0: {"step": steps}}}, "mask": mask, "size": (2, 3)}
    return written, read
