"""Names that are not data sets: archives, files of other kinds, paths that do not exist; each with what to do."""

import pytest

from numbacnn.data import NAMES, DataError, load_dataset

pytest.importorskip("PIL.Image")

FILES = [
    ("a.zip", b"PK\x03\x04", "is an archive; unpack it and give the folder"),
    ("A.ZIP", b"PK\x03\x04", "is an archive; unpack it"),
    ("a.tar.gz", b"\x1f\x8b", "is an archive; unpack it"),
    ("a.tgz", b"\x1f\x8b", "is an archive; unpack it"),
    ("a.tar", b"x", "is an archive; unpack it"),
    ("a.rar", b"Rar!", "is an archive; unpack it"),
    ("a.7z", b"7z\xbc\xaf", "is an archive; unpack it"),
    ("pictures.gz", b"\x1f\x8b", "is an archive; unpack it"),
    ("without_ending", b"PK\x03\x04\0\0", "is an archive; unpack it"),
    ("a.bin", bytes(257) + b"ustar", "is an archive; unpack it"),
    ("a.pkl", b"\x80\x04", "is a pickle.*save it with np.savez_compressed"),
    ("a.mat", b"MATLAB", "scipy.io.loadmat.*np.savez_compressed"),
    ("a.h5", b"\x89HDF", "is an HDF5 file; read it with h5py.*np.savez_compressed"),
    ("a.npy", b"\x93NUMPY", "is a single NumPy array.*x_train"),
    ("a.parquet", b"PAR1", "is a Parquet file; save it as CSV"),
    ("a.xlsx", b"PK\x03\x04", "is a spreadsheet; save it as CSV"),
    ("a.json", b"{}", "is a JSON file"),
    ("w.pth", b"PK\x03\x04", "the weights of a network, not data"),
    ("a.mp4", b"....", "is a recording"),
    ("train-images-idx3-ubyte.gz", b"\x1f\x8b", "published data set.*--data mnist --data-dir"),
    ("data_batch_1.bin", b"\1\2", "--data cifar10 --data-dir"),
    ("a.png", b"\x89PNG\r\n\x1a\n", "is a single picture; give a folder .*numbacnn predict RUN"),
    ("photo", b"\xff\xd8\xff\xe0", "is a single picture"),
    ("a.lst", b"1 2 3", "is a text file; .*name it a.csv"),
    ("page.html", b" <html>", "is text, but not a table"),
    ("a.raw", b"\0\1\2", "of an unknown kind"),
    ("empty.zip", b"", "is an empty file"),
]


@pytest.mark.parametrize("name, content, words", FILES, ids=[name for name, _, _ in FILES])
def test_a_file_of_another_kind(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=f"{name}: .*{words}") as refused:
        load_dataset(tmp_path / name)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name, words", [
    ("nowhere/pets", "nowhere/pets: no such file or folder; there is no nowhere either"),
    ("pest/", "pest.*: no such file or folder|no such file or folder in .*did you mean pets"),
    ("./pest", "no such file or folder; did you mean pets"),
    ("pets.zi", "pets.zi: no such file or folder; did you mean pets.zip"),
    ("~/pets", "no such file or folder; .*~ is only known to the shell"),
    ("https://x.org/pets.zip", "no such file or folder; an address is not read; download it"),
    ("petz", "no data set 'petz', and no such file or folder in .*; did you mean pets"),
    ("mnits", "no data set 'mnits', .*give one of digits.*; did you mean mnist"),
    ("", "the name of the data set is empty"),
    (" ", "the name of the data set is empty"),
])
def test_a_path_that_does_not_exist(tmp_path, monkeypatch, name, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pets").mkdir()
    (tmp_path / "pets.zip").touch()
    with pytest.raises(DataError, match=words):
        load_dataset(name)


def test_every_data_set_is_named_where_a_word_is_none():
    with pytest.raises(DataError) as refused:
        load_dataset("catalogue")
    assert all(name in str(refused.value) for name in NAMES)
