"""The extents of the kinds of number, for every CPU in the table."""
import pytest

from numbacnn.simd import choice

CHANNELS = [*range(1, 70), 96, 120, 128, 199, 400]


@pytest.fixture(params=choice.CPUS, ids=lambda row: row[0] or "plain")
def cpu(request, monkeypatch):
    _, _, T_MAX, ROOM = request.param
    monkeypatch.setattr(choice, "T_MAX", T_MAX)
    monkeypatch.setattr(choice, "ROOM", ROOM)
    for function in (choice.tile_of, choice.grid_of):
        function.cache_clear()
    yield request.param
    for function in (choice.tile_of, choice.grid_of):
        function.cache_clear()


def test_tiles_hold_all_channels_and_few_more(cpu):
    for C in CHANNELS:
        T = choice.tile_of(C)
        assert 1 <= T <= cpu[2]
        assert choice.padded(C) % T == 0 and C <= choice.padded(C) < C + T
        # at most a quarter of the room is empty
        assert choice.padded(C) <= 1.25 * C + 1


def test_grids_fit_the_registers(cpu):
    for OC in CHANNELS:
        for IC in CHANNELS:
            T, K = choice.grid_of(OC, IC)
            assert choice.padded(OC) % T == 0 and choice.padded(IC) % K == 0 and T * K <= cpu[3]


def test_windows_fit_the_registers(cpu):
    for OC in CHANNELS:
        for KW in range(2, 9):
            T = choice.window_of(OC, KW)
            assert choice.padded(OC) % T == 0 and T * KW <= cpu[3]
