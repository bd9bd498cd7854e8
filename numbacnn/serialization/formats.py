"""The number formats of other programs' files, and what they become here."""

import warnings
from collections import Counter

import numpy as np

#: The dtype of each format's numbers in a file, and the dtype that they get; the second holds all numbers of the first.
FORMATS = {**{name: (name, name) for name in ("float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool")},
           "float16": ("float16", "float32"), "bfloat16": ("uint16", "float32")}
SAFETENSORS = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64", "I32": "int32",
               "I16": "int16", "I8": "int8", "U8": "uint8", "BOOL": "bool"}


class Converter:
    """Makes arrays of the bytes of a file, and says in one warning what was converted.

    Parameters
    ----------
    file : str or path
        For the messages.
    """

    def __init__(self, file):
        self._file, self._converted = file, Counter()

    def array(self, form, data, order="<"):
        """The numbers in `data`, bytes in the order `<` or `>`, as an array of one axis that may be written to.

        Raises
        ------
        ValueError
            If there is no such format here.
        """
        if form not in FORMATS:
            raise ValueError(f"load: {self._file} holds numbers of the format {form}, which numbacnn does not have; it reads "
                             f"{', '.join(FORMATS)}")
        stored, kept = FORMATS[form]
        if stored == "bool":
            return np.frombuffer(data, np.uint8) != 0  # whatever the bytes are
        found = np.frombuffer(data, np.dtype(stored).newbyteorder(order))
        if form == "bfloat16":  # the upper half of a float32
            found = (found.astype(np.uint32) << 16).view(np.float32)
        if form != kept:
            self._converted[form, kept] += 1
        return found.astype(kept)

    def warn(self):
        """Say what was converted, if anything was."""
        if self._converted:
            what = ", ".join(f"{count} of {form} to {kept}" for (form, kept), count in self._converted.items())
            warnings.warn(f"load: {self._file}: arrays converted to the dtypes that numbacnn has: {what}", stacklevel=3)
