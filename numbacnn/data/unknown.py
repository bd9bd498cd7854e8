"""What to say of a name that is neither a data set nor a file or folder that can be read as one."""

from __future__ import annotations

import difflib
from pathlib import Path

from .picture import is_picture

LAYOUT = "a folder with one subfolder of pictures per class"
SAVE = "np.savez_compressed('data.npz', x_train=..., y_train=..., x_test=..., y_test=...)"
ARCHIVES = (".zip", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".rar", ".7z", ".zst", ".xz",
            ".bz2", ".lzma", ".cab", ".iso", ".dmg", ".jar")
ARCHIVE_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
PICKLES, WEIGHTS = (".pkl", ".pickle", ".joblib"), (".pt", ".pth", ".ckpt", ".safetensors", ".onnx", ".keras", ".tflite")
ARRAYS = {  # ending: what it is, and how to read it
    ".npy": ("a single NumPy array", "np.load(path)"),
    ".mat": ("a MATLAB file", "scipy.io.loadmat(path)"),
    ".h5": ("an HDF5 file", "h5py.File(path)"),
    ".hdf5": ("an HDF5 file", "h5py.File(path)"),
    ".hdf": ("an HDF5 file", "h5py.File(path)"),
    ".nc": ("a netCDF file", "netCDF4.Dataset(path)"),
    ".nii": ("a NIfTI file", "nibabel.load(path)"),
    ".dcm": ("a DICOM file", "pydicom.dcmread(path)"),
    ".tfrecord": ("a TFRecord file", "TensorFlow"),
    ".tfrecords": ("a TFRecord file", "TensorFlow"),
}
TABLES = {  # ending: what it is, and how to save it as CSV
    ".parquet": ("a Parquet file", "pandas.read_parquet(path).to_csv('data.csv', index=False)"),
    ".feather": ("a Feather file", "pandas.read_feather(path).to_csv('data.csv', index=False)"),
    ".arrow": ("an Arrow file", "pandas.read_feather(path).to_csv('data.csv', index=False)"),
    ".xlsx": ("a spreadsheet", "the spreadsheet program, as CSV"),
    ".xls": ("a spreadsheet", "the spreadsheet program, as CSV"),
    ".ods": ("a spreadsheet", "the spreadsheet program, as CSV"),
    ".json": ("a JSON file", "pandas.read_json(path).to_csv('data.csv', index=False)"),
    ".jsonl": ("a JSON file", "pandas.read_json(path, lines=True).to_csv('data.csv', index=False)"),
    ".arff": ("an ARFF file", "scipy.io.arff.loadarff(path) and DataFrame.to_csv('data.csv', index=False)"),
    ".db": ("a database", "pandas.read_sql(...).to_csv('data.csv', index=False)"),
    ".sqlite": ("a database", "pandas.read_sql(...).to_csv('data.csv', index=False)"),
}
RECORDINGS = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".wav", ".mp3", ".flac", ".ogg", ".m4a")


def unknown(name: str, names: tuple[str, ...]) -> str:
    """Return one sentence on what a name is that cannot be read as data, and what to do.

    Parameters
    ----------
    name : str
        What was given.
    names : tuple of str
        The data sets that there are.
    """
    if not name.strip():
        return f"the name of the data set is empty; give one of {', '.join(names)}, a file or a folder"
    path = Path(name)
    if path.is_file():
        return f"{name}: {kind_of_file(path)}"
    if path.exists():
        return f"{name}: is neither a file nor a folder; give an .npz or .csv file, or {LAYOUT}"
    if is_path(name):
        return f"{name}: no such file or folder; {missing(name)}"
    close = difflib.get_close_matches(name.lower(), names, n=1) or neighbors(path)
    hint = f"; did you mean {close[0]}?" if close else ""
    return (
        f"there is no data set {name!r}, and no such file or folder in {Path.cwd()}; give one of {', '.join(names)}, "
        f"or the path of an .npz file, a .csv file or {LAYOUT}{hint}"
    )


def is_path(name: str) -> bool:
    """Whether a name that does not exist was meant for a path: it has a separator or an ending."""
    return any(mark in name for mark in ("/", "\\", ":")) or name.startswith("~") or bool(Path(name).suffix)


def missing(name: str) -> str:
    """Return what to do about a path that does not exist: what its folder holds instead."""
    path = Path(name)
    if name.startswith("~"):
        return "write the path of your home folder in full: ~ is only known to the shell"
    if "://" in name:
        unpack = " unpack it," if name.lower().endswith(ARCHIVES) else ""
        return f"an address is not read; download it,{unpack} and give the file or folder"
    there = path.parent
    if not there.is_dir():
        above = next((folder for folder in path.parents if folder.is_dir()), None)
        return f"there is no {there} either" + (f", only {above}" if above not in (None, Path()) else "") + "; check the path"
    close = neighbors(path)
    return f"did you mean {there / close[0]}?" if close else "check the path"


def neighbors(path: Path) -> list[str]:
    """Return names in the folder of a path that are much like its own."""
    try:
        names = [entry.name for entry in path.parent.iterdir() if not entry.name.startswith(".")]
    except OSError:
        return []
    lower = {name.lower(): name for name in names}
    return [lower[match] for match in difflib.get_close_matches(path.name.lower(), lower, n=1)]


def is_archive(path: Path) -> bool:
    """Whether a file is an archive, by the ending of its name or by its beginning."""
    with open(path, "rb") as file:
        beginning = file.read(262)
    return path.name.lower().endswith(ARCHIVES) or beginning.startswith(ARCHIVE_BEGINNINGS) or beginning[257:262] == b"ustar"


def no_picture(name: str) -> str | None:
    """Return one sentence on a name that cannot be a picture because it is nothing, or an archive; else None."""
    path = Path(name)
    if not path.exists():
        return f"{name}: no such file or folder; {missing(name)}"
    if path.is_file() and path.suffix.lower() == ".npz":
        return f"{name}: is an .npz file, not a picture; numbacnn evaluate RUN --data {name} measures the run on it"
    if path.is_file() and is_archive(path):
        return f"{name}: is an archive; unpack it and give the folder, or a picture"
    return None


def kind_of_file(path: Path) -> str:
    """Return what a file is that holds no data set, and what to do with it."""
    ending, lower = path.suffix.lower(), path.name.lower()
    with open(path, "rb") as file:
        beginning = file.read(262)
    if not beginning:
        return "is an empty file; copy it again"
    if "ubyte" in lower or lower.endswith((".idx", ".idx.gz")):
        return f"is one file of a published data set; give its name and the folder: --data mnist --data-dir {path.parent}"
    if lower.startswith(("data_batch", "test_batch")) or "cifar" in lower and ending in (".bin", ".gz"):
        return f"is of a published data set; unpack its binary version and give the folder: --data cifar10 --data-dir {path.parent}"
    if ending in PICKLES:
        return f"is a pickle, which can run any program when it is opened; load it where you trust it and save it with {SAVE}"
    if ending in WEIGHTS:
        return "holds the weights of a network, not data; give the data that it is to learn from"
    if ending in ARRAYS:
        what, reader = ARRAYS[ending]
        return f"is {what}; read it with {reader} and save it with {SAVE}"
    if ending in TABLES:
        what, way = TABLES[ending]
        return f"is {what}; save it as CSV ({way})"
    if ending in RECORDINGS:
        return f"is a recording; save its numbers or frames as arrays with {SAVE}"
    if is_archive(path):
        return "is an archive; unpack it and give the folder (or the file inside)"
    if is_picture(path):
        return f"is a single picture; give {LAYOUT} (numbacnn predict RUN {path} classifies it)"
    if b"\0" in beginning:
        return f"is a file of an unknown kind; give an .npz file, a .csv file or {LAYOUT}"
    if beginning.lstrip()[:1] in (b"<", b"{"):
        return f"is text, but not a table; give an .npz file, a .csv file or {LAYOUT}"
    return f"is a text file; if it is a table of numbers, name it {path.stem}.csv (with tabs .tsv)"
