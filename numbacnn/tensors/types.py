"""The small types of the public API: number formats, shapes and the one device there is."""

import numpy as np

float32 = np.dtype("float32")
float64 = np.dtype("float64")
int32 = np.dtype("int32")
int64 = np.dtype("int64")
uint8 = np.dtype("uint8")
bool_ = np.dtype("bool")

DTYPES = (float32, float64, int32, int64, uint8, bool_)


def as_dtype(dtype):
    """The NumPy dtype that `dtype` means; Python's `float` is float32 here, as the default is in PyTorch.

    Raises
    ------
    TypeError
        If `dtype` is none of those offered.
    """
    try:
        name = np.dtype(float32 if dtype is float else dtype).name
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


class device:
    """Where a Tensor lives. numbacnn computes on the CPU, so this is always `cpu`.

    Parameters
    ----------
    type : str or device
        "cpu".

    Raises
    ------
    RuntimeError
        For any other device: there is no engine for it.
    """

    __slots__ = ()
    type = "cpu"

    def __init__(self, type):
        if str(type) != "cpu":
            raise RuntimeError(f"device {str(type)!r} is not offered: numbacnn is an engine for the CPU; "
                               'leave the device out or say "cpu"')

    def __str__(self):
        return "cpu"

    def __repr__(self):
        return "device(type='cpu')"

    def __eq__(self, other):
        return isinstance(other, device)

    def __hash__(self):
        return hash("cpu")


def check_device(wanted):
    """Accept None and the CPU; raise RuntimeError for any other device."""
    if wanted is not None:
        device(wanted)
