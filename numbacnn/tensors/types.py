"""The small types of the public API: number formats, shapes and the one device there is."""

import numpy as np

float32 = np.dtype("float32")
float64 = np.dtype("float64")
int8 = np.dtype("int8")
int16 = np.dtype("int16")
int32 = np.dtype("int32")
int64 = np.dtype("int64")
uint8 = np.dtype("uint8")
bool_ = np.dtype("bool")

DTYPES = (float32, float64, int8, int16, int32, int64, uint8, bool_)
_default = float32


def default_dtype():
    """The dtype of Tensors made of Python floats, and of layers; `numbacnn.set_default_dtype` changes it."""
    return _default


def choose_default(dtype):
    """Make float32 or float64 the default."""
    global _default
    _default = dtype


def as_dtype(dtype):
    """The NumPy dtype that `dtype` means; Python's `float` is float64 and `int` int64, as in PyTorch.

    Raises
    ------
    TypeError
        If `dtype` is none of those offered.
    """
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = None
    # By name, since NumPy takes None for float64 when it compares dtypes.
    for offered in DTYPES:
        if offered.name == name:
            return offered
    raise TypeError(f"dtype {dtype!r} is not offered; numbacnn has {', '.join(d.name for d in DTYPES)}")


def kind_of(value):
    """The name of a value's type for an error; of another library's with its module, for PyTorch has a Tensor, too."""
    kind = type(value)
    library = kind.__module__.partition(".")[0]
    return kind.__name__ if library in ("builtins", "numbacnn", "__main__") else f"{kind.__module__}.{kind.__name__}"


class Size(tuple):
    """The shape of a Tensor: a tuple that also counts its elements."""

    __slots__ = ()

    def numel(self):
        """The number of elements an array of this shape has."""
        count = 1
        for extent in self:
            count *= extent
        return count

    def __getitem__(self, index):
        part = tuple.__getitem__(self, index)
        return Size(part) if isinstance(index, slice) else part

    def __repr__(self):
        return f"numbacnn.Size([{', '.join(map(str, self))}])"


KINDS = ("cpu", "cuda", "mps", "xpu", "meta", "hpu", "mtia", "xla", "vulkan", "ipu", "maia")


class device:
    """The device of a Tensor. Programs compare devices and print them; computing is offered on the CPU only.

    Parameters
    ----------
    type : str, int or device
        "cpu", "cuda", "cuda:1", "mps", ...; a number is that of a GPU.
    index : int, optional
        Which of several.

    Raises
    ------
    RuntimeError
        If there is no such kind of device in PyTorch.
    """

    __slots__ = ("type", "index")

    def __init__(self, type="cpu", index=None):
        if isinstance(type, device):
            type, index = type.type, type.index if index is None else index
        elif isinstance(type, int) and not isinstance(type, bool):
            type, index = "cuda", type
        kind, colon, number = str(type).partition(":")
        if kind not in KINDS or (colon and not number.isdigit()) or (colon and index is not None):
            raise RuntimeError(f"device {str(type)!r} is not known; say \"cpu\", the device there is")
        self.type = kind
        self.index = int(number) if colon else index

    def __str__(self):
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self):
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type={self.type!r}{index})"

    def __eq__(self, other):
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self):
        return hash((self.type, self.index))

    def __enter__(self):
        check_device(self)
        return self

    def __exit__(self, *exception):
        return False


def check_device(wanted):
    """Accept None and the CPU.

    Raises
    ------
    RuntimeError
        For any other device: there is no engine for it.
    """
    if wanted is not None and device(wanted).type != "cpu":
        raise RuntimeError(f"device {str(device(wanted))!r} is not offered: numbacnn is an engine for the CPU; "
                           'leave the device out or say "cpu"')
