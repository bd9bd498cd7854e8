"""Results of several Tensors: named tuples that print as PyTorch's do."""

from collections import namedtuple


def return_type(name, *fields):
    """A named tuple for the results of the operation `name`, for example (values, indices) of "max"."""
    plain = namedtuple(name, fields)

    def __repr__(self):
        parts = ",\n".join(f"{field}={value!r}" for field, value in zip(fields, self))
        return f"numbacnn.return_types.{name}(\n{parts})"

    return type(name, (plain,), {"__slots__": (), "__repr__": __repr__, "__module__": __name__,
                                 "__reduce__": lambda self: (tuple, (tuple(self),))})


max = return_type("max", "values", "indices")
min = return_type("min", "values", "indices")
aminmax = return_type("aminmax", "min", "max")
sort = return_type("sort", "values", "indices")
topk = return_type("topk", "values", "indices")
kthvalue = return_type("kthvalue", "values", "indices")
median = return_type("median", "values", "indices")
nanmedian = return_type("nanmedian", "values", "indices")
mode = return_type("mode", "values", "indices")
slogdet = return_type("slogdet", "sign", "logabsdet")
svd = return_type("svd", "U", "S", "V")
linalg_svd = return_type("linalg_svd", "U", "S", "Vh")
cummax = return_type("cummax", "values", "indices")
cummin = return_type("cummin", "values", "indices")
