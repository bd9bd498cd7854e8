"""Files of PyTorch's `torch.save` read without PyTorch, and what files may ask for that must not be done."""
import io
import os
import pickle
import struct
import warnings
import zipfile
from collections import Counter, OrderedDict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbacnn as nc
import torch_files
from numbacnn import nn
from torch_files import Called, Stored, dense, legacy, pickled, tensor, zipped

FORMATS = {"zip": zipped, "legacy": legacy}
formats = pytest.mark.parametrize("form", FORMATS)


def load(content):
    return nc.load(io.BytesIO(content))


def assert_equal(found, expected):
    """Check for equal containers with equal numbers; Tensors where arrays are expected."""
    if isinstance(expected, np.ndarray):
        assert isinstance(found, nc.Tensor) and found.dtype == expected.dtype
        np.testing.assert_array_equal(found.detach().numpy(), expected)
    elif isinstance(expected, dict):
        assert type(found) is type(expected) and [*found] == [*expected]
        for key, value in expected.items():
            assert_equal(found[key], value)
    elif isinstance(expected, (list, tuple)):
        assert isinstance(found, type(expected)) and len(found) == len(expected)
        for one, other in zip(found, expected):
            assert_equal(one, other)
    else:
        assert type(found) is type(expected) and found == expected


# ---------------------------------------------------------------- what is read
@formats
def test_a_checkpoint_comes_back_with_its_types(form, tmp_path):
    written, expected = torch_files.checkpoint()
    (tmp_path / "model.pth").write_bytes(FORMATS[form](written))
    found = nc.load(tmp_path / "model.pth", map_location="cpu", weights_only=True)
    assert_equal(found, expected)
    assert type(found["size"]) is nc.Size
    found["model"]["fc.weight"].add_(1)


@formats
def test_what_shares_memory_shares_it_again(form):
    memory = Stored("0", np.arange(12, dtype=np.float32))
    found = load(FORMATS[form]({"rows": tensor(memory, (3, 4), (4, 1)), "columns": tensor(memory, (4, 3), (1, 4)),
                                "corner": tensor(memory, (2, 2), (4, 1), 5), "one": tensor(memory, (), (), 11)}))
    expected = np.arange(12).reshape(3, 4)
    np.testing.assert_array_equal(found["columns"].numpy(), expected.T)
    np.testing.assert_array_equal(found["corner"].numpy(), expected[1:, 1:3])
    assert found["one"].item() == 11
    found["rows"].zero_()
    assert not found["columns"].numpy().any() and not found["corner"].numpy().any()


@formats
def test_formats_that_are_not_here_are_converted_and_said(form):
    array = np.array([-3, 0, 5], "float16")
    with pytest.warns(UserWarning, match="1 of float16 to float32"):
        found = load(FORMATS[form]({"x": dense("0", array)}))
    assert found["x"].dtype == "float32" and found["x"].tolist() == [-3, 0, 5]


@formats
@pytest.mark.parametrize("stored", ["int8", "int16"])
def test_small_whole_numbers_keep_their_dtype(form, stored):
    found = load(FORMATS[form]({"x": dense("0", np.array([-3, 0, 5], stored))}))
    assert found["x"].dtype == stored and found["x"].tolist() == [-3, 0, 5]


def test_bfloat16_is_the_upper_half_of_float32():
    numbers = np.array([1, -2.5, np.inf, 3e38], np.float32)
    upper = (numbers.view(np.uint32) >> 16).astype(np.uint16)
    with pytest.warns(UserWarning, match="1 of bfloat16 to float32"):
        found = load(zipped({"x": tensor(Stored("0", upper, "torch BFloat16Storage"), (4,), (1,))}))
    np.testing.assert_array_equal(found["x"].numpy(), (upper.astype(np.uint32) << 16).view(np.float32))


def test_parameters_counters_devices_and_dtypes():
    weight = Called("torch._utils _rebuild_parameter", dense("0", np.ones(3, np.float32)), True, Called("collections OrderedDict"))
    found = load(zipped({"weight": weight, "milestones": Called("collections Counter", {30: 1}), "where": Called("torch device", "cuda", 0),
                         "kind": b"ctorch\nfloat32\n"}))
    assert type(found["weight"]) is nn.Parameter and found["weight"].requires_grad
    assert found["milestones"] == Counter({30: 1}) and type(found["milestones"]) is Counter
    assert found["where"] == nc.device("cpu") and found["kind"] is nc.float32


def test_a_state_dict_keeps_nothing_but_its_items():
    """PyTorch pickles the versions of its layers with it, as an attribute."""
    data = b"\x80\x02ccollections\nOrderedDict\n)R" + pickled({"_metadata": OrderedDict([("", {"version": 1})])})[2:-1] + b"b."
    found = load(zipped(None, data=data))
    assert found == OrderedDict() and vars(found) == {}


def test_the_same_tensor_twice_is_one():
    stored = {}
    one = pickled(dense("0", np.ones(2, np.float32)), stored)[2:-1]
    data = b"\x80\x02](" + one + b"q\x05h\x05e."
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a/data.pkl", data)
        archive.writestr("a/data/0", stored["0"].array.tobytes())
    first, second = load(file.getvalue())
    assert first is second


# ---------------------------------------------------------------- what is refused
@formats
@pytest.mark.parametrize("name", ["os system", "posix system", "builtins eval", "builtins getattr", "__main__ Net", "torch._utils _rebuild_tensor",
                                  "torch.nn.modules.linear Linear", "numpy.core.multiarray _reconstruct", "torch._tensor _rebuild_from_type_v2",
                                  "torch ComplexFloatStorage", "torch QUInt8Storage", "collections OrderedDict.update"])
def test_anything_else_is_refused_by_name(form, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = FORMATS[form]({"x": Called(name, "touch pwned")})
    with pytest.raises(ValueError, match=f"asks for {name.replace(' ', '.')}, which is not part") as caught:
        load(content)
    assert caught.value.__suppress_context__ and os.listdir() == []


class Evil:
    def __reduce__(self):
        return os.system, ("touch pwned",)


@pytest.mark.parametrize("protocol", range(5 + 1))
def test_a_pickle_that_runs_a_command_runs_nothing(protocol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for data in (pickle.dumps(Evil(), protocol), pickle.dumps({"a": [Evil()]}, protocol)):
        with pytest.raises(ValueError, match="asks for|damaged"):
            load(zipped(None, data=data))
        with pytest.raises(ValueError, match="safetensors"):
            load(data)  # a bare pickle
    assert os.listdir() == []


ONES = np.ones(6, np.float32)


@formats
@pytest.mark.parametrize("shape, strides, offset", [
    ((7,), (1,), 0), ((2, 3), (3, 2), 0), ((6,), (1,), 1), ((2,), (-1,), 1), ((1,), (1,), -1), ((-1,), (1,), 0), ((2, 3), (3,), 0),
    ((2**62, 2), (0, 1), 0), ((2**40,), (0,), 0), ((1,), (1,), 2**70), ((1,) * 40, (0,) * 40, 0), ((True,), (1,), 0), ((2.0,), (1,), 0),
    ((), (), 6), ((0,), (1,), 7), ((3,), (2**63,), 0)])
def test_a_tensor_beyond_its_memory_is_refused(form, shape, strides, offset):
    with pytest.raises(ValueError, match="load: .* is damaged"):
        load(FORMATS[form]([tensor(Stored("0", ONES), shape, strides, offset)]))


def test_an_expanded_tensor_is_read():
    found = load(zipped([tensor(Stored("0", ONES), (4, 6), (0, 1)), tensor(Stored("0", ONES), (0, 6), (6, 1))]))
    assert found[0].numpy().shape == (4, 6) and found[0].numpy().all() and tuple(found[1].shape) == (0, 6)


@pytest.mark.parametrize("content", [
    zipped([dense("0", ONES)], data_0=b"\0" * 23), zipped([dense("0", ONES)], data_0=b"\0" * 28), zipped([dense("0", ONES)], data_0=b""),
    zipped([tensor(Stored("0", ONES, numel=10**12), (6,), (1,))]), zipped([tensor(Stored("0", ONES, numel=-1), (6,), (1,))]),
    zipped([dense("../../etc/passwd", ONES)]).replace(b"data/../../etc/passwd", b"data/...../etc/passwd"),
    zipped([dense("0", ONES)], compression=zipfile.ZIP_DEFLATED), zipped({}, extra_files=[("other/data.pkl", b"\x80\x02N.")]),
    zipped({}, folder="a").replace(b"a/data.pkl", b"a/data.pxx"), zipped({}).replace(b"little", b"middle"),
    zipped([dense("0", ONES), tensor(Stored("0", ONES, "torch LongStorage"), (3,), (1,))]),
    legacy([dense("0", ONES)], keys=["1"]), legacy([dense("0", ONES)], keys=[]), legacy([dense("0", ONES)], keys=["0", "0"]),
    legacy([dense("0", ONES)], numbers={"0": 2**62}), legacy([dense("0", ONES)], numbers={"0": 5}), legacy([dense("0", ONES)], numbers={"0": -1}),
])
def test_storages_that_do_not_fit_are_refused(content):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match="load: .* is damaged or not a file of torch.save"):
            load(content)


def test_a_bomb_is_not_unpacked():
    """Entries of an archive that lie over one another, or say that they hold more than there is."""
    content = bytearray(zipped([dense("0", ONES)]))
    entry = content.rindex(b"PK\x01\x02", 0, content.rindex(b"archive/data/0"))
    content[entry + 20:entry + 28] = struct.pack("<II", 2**31, 2**31)  # its sizes in the directory
    with pytest.raises(ValueError, match="larger than the archive"):
        load(bytes(content))


@formats
def test_a_file_cut_anywhere_is_one_sentence(form):
    whole = FORMATS[form](torch_files.checkpoint()[0])
    for length in [*range(4, len(whole), 7)]:
        with pytest.raises(ValueError, match="^load: the file object") as caught:
            load(whole[:length])
        assert caught.value.__suppress_context__


@formats
@given(st.data())
def test_bytes_changed_anywhere_give_an_object_or_one_sentence(form, data):
    content = bytearray(FORMATS[form](torch_files.checkpoint()[0]))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            load(bytes(content))
        except ValueError as error:
            assert str(error).startswith("load: ")


@pytest.mark.parametrize("instructions", [
    b".", b"0.", b"t.", b"e.", b"u.", b"R.", b"b.", b"Q.", b"h\x00.", b"](.", b"}(K\x01u.", b"}]K\x01s.", b"K\x01(K\x01e.", b"]q\x00h\x00a.",
    b"NQ.", b")Q.", b"(ccollections\nOrderedDict\nR.", b"ccollections\nOrderedDict\nK\x01R.", b"ccollections\nOrderedDict\n(K\x01tR.", b"(.",
    b"ccollections\nOrderedDict\n.", b"X\xff\xff\xff\xffa.", b"\x8b\xff\xff\xff\x7f.", b"ctorch\nSize\n(K\x01tR.", b"(" * 2000 + b"t" * 2000 + b".",
    b"]" * 3000 + b"a" * 2999 + b".", b"c\n.", b"cno_newline", b"I1\n.", b"S'a'\n.", b"\x95" + b"\xff" * 8 + b"."])
def test_a_pickle_that_makes_no_sense_is_one_sentence(instructions):
    for content in (zipped(None, data=b"\x80\x02" + instructions), pickled(0x1950A86A20F9469CFC6C) + b"\x80\x02" + instructions):
        try:
            load(content)
        except ValueError as error:
            assert str(error).startswith("load: the file object")


# ---------------------------------------------------------------- beside PyTorch
def test_pytorchs_own_files_are_read(torch, tmp_path):
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Flatten(), torch.nn.Linear(16, 3))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 5])
    for _ in range(2):
        net(torch.ones(2, 1, 4, 4)).sum().backward()
        optimizer.step()
        scheduler.step()
    shared = torch.arange(12.0)
    tied = torch.nn.Parameter(torch.ones(2))
    written = {"model_state_dict": net.state_dict(), "optimizer_state_dict": optimizer.state_dict(), "scheduler": scheduler.state_dict(),
               "epoch": 2, "loss": 0.5, "rows": shared.view(3, 4), "columns": shared.view(3, 4).T, "tied": [tied, tied],
               "shape": torch.Size([2, 3]), "device": torch.device("cpu"), "dtype": torch.float32, "list": [1, (2.5, None), "x"],
               "expanded": torch.ones(1).expand(3), "empty": torch.zeros(0, 2), "bool": torch.tensor([True, False])}
    for zipfile_serialization in (True, False):
        torch.save(written, tmp_path / "checkpoint.pth", _use_new_zipfile_serialization=zipfile_serialization)
        found = nc.load(tmp_path / "checkpoint.pth")
        assert [*found] == [*written]
        compare(torch, found, written)
        assert found["tied"][0] is found["tied"][1] and type(found["tied"][0]) is nn.Parameter
        found["rows"].zero_()
        assert not found["columns"].numpy().any()
        mine = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, 3))
        mine.load_state_dict(found["model_state_dict"])
        np.testing.assert_array_equal(mine[3].weight.detach().numpy(), net[3].weight.detach().numpy())
        ours = nc.optim.Adam(mine.parameters())
        ours.load_state_dict(found["optimizer_state_dict"])
        assert ours.param_groups[0]["lr"] == 0.01


def compare(torch, found, written):
    """What was loaded here is what PyTorch saved."""
    if isinstance(written, torch.Tensor):
        assert isinstance(found, nc.Tensor) and found.requires_grad == written.requires_grad
        np.testing.assert_array_equal(found.detach().numpy(), written.detach().numpy())
        assert tuple(found.shape) == tuple(written.shape)
    elif isinstance(written, dict):
        assert type(found) is type(written) and [*found] == [*written]
        for key, value in written.items():
            compare(torch, found[key], value)
    elif isinstance(written, (list, tuple)):
        assert len(found) == len(written) and isinstance(found, (list, tuple))
        for one, other in zip(found, written):
            compare(torch, one, other)
    elif isinstance(written, (torch.dtype, torch.device)):
        assert str(written).split(".")[-1] == str(found)
    else:
        assert type(found) is type(written) and found == written


def test_a_whole_model_of_pytorch_is_refused_by_name(torch, tmp_path):
    torch.save(torch.nn.Linear(2, 3), tmp_path / "model.pt")
    with pytest.raises(ValueError, match=r"torch.nn.modules.linear.Linear, .* save model.state_dict\(\)"):
        nc.load(tmp_path / "model.pt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(torch.nn.Linear(2, 3)).save(str(tmp_path / "script.pt"))
    with pytest.raises(ValueError, match="script.pt"):
        nc.load(tmp_path / "script.pt")


def test_half_precision_of_pytorch_is_converted(torch, tmp_path):
    numbers = torch.tensor([1.5, -2.0, 0.1])
    torch.save({"half": numbers.half(), "bfloat": numbers.bfloat16()}, tmp_path / "half.pth")
    with pytest.warns(UserWarning, match="1 of float16 to float32, 1 of bfloat16 to float32"):
        found = nc.load(tmp_path / "half.pth")
    np.testing.assert_array_equal(found["half"].numpy(), numbers.half().float().numpy())
    np.testing.assert_array_equal(found["bfloat"].numpy(), numbers.bfloat16().float().numpy())
