"""The extents of the kinds of number, for every CPU in the table."""
from numbacnn.simd import choice

CHANNELS = [*range(1, 70), 96, 120, 128, 199, 400]


def cover(runs, C):
    """Whether runs (first channel, T, tiles, ...) cover the padded channels of C, one after the other."""
    ends = [first + T * tiles for first, T, tiles, *_ in runs]
    return [0, *ends] == [*(run[0] for run in runs), choice.padded(C)]


def test_tiles_hold_all_channels_and_few_more(cpu):
    for C in CHANNELS:
        T = choice.tile_of(C)
        assert 1 <= T <= cpu[2]
        assert choice.padded(C) % T == 0 and C <= choice.padded(C) < C + T
        # at most a quarter of the room is empty
        assert choice.padded(C) <= 1.25 * C + 1


def test_tiles_are_few_and_even(cpu):
    for C in CHANNELS:
        runs = choice.tiles_of(C)
        heights = [T for _, T, tiles in runs for _ in range(tiles)]
        assert cover(runs, C) and all(tiles > 0 for *_, tiles in runs)
        assert len(heights) == -(-choice.padded(C) // cpu[2])
        assert max(heights) <= cpu[2] and max(heights) - min(heights) <= 1


def test_tiles_of_the_channels_that_networks_have():
    assert choice.even_tiles(16, 6) == ((0, 6, 1), (6, 5, 2))
    assert choice.even_tiles(64, 6) == ((0, 6, 9), (54, 5, 2))
    assert choice.even_tiles(16, 8) == ((0, 8, 2),)


def test_grids_fit_the_registers(cpu):
    for OC in CHANNELS:
        for IC in CHANNELS:
            grids = choice.grids_of(OC, IC)
            assert cover(grids, OC)
            assert all(choice.padded(IC) % K == 0 and T * K <= cpu[3] for _, T, _, K in grids)


def test_tall_grids_load_least():
    """The order in which 1x1 convolutions measured them."""
    loads = [choice.loads([(0, T, 1, K)]) for T, K in ((6, 2), (3, 3), (3, 2), (2, 6), (1, 6))]
    assert loads == sorted(set(loads))


def test_windows_fit_the_registers(cpu):
    for OC in CHANNELS:
        for KW in range(2, 9):
            T = choice.window_of(OC, KW)
            assert choice.padded(OC) % T == 0 and T * KW <= cpu[3]


def test_windows_are_for_some_taps(cpu):
    assert all(choice.window_of(OC, KW) for OC in (16, 64, 128) for KW in (2, 3, 5, 7))
    assert not choice.window_of(64, 1)
    assert not choice.window_of(64, cpu[3] + 1)  # the registers hold no such window


def test_sheets_fit_the_registers(cpu):
    for IC in CHANNELS:
        if choice.takes_sheets(choice.L, IC, 9):
            assert all(2 * K <= cpu[3] for _, K, _ in choice.tiles_of(IC))


def test_sheets_are_for_many_products_with_each_number(cpu):
    assert all(choice.takes_sheets(OC, IC, 9) for OC in (32, 64, 128) for IC in (32, 64, 128, 512))
    assert choice.takes_sheets(64, 256, 1) and not choice.takes_sheets(64, 64, 1)
    assert not choice.takes_sheets(choice.L + 1, 64, 9)  # the lanes would be empty
    assert not choice.takes_sheets(64, 3, 121)  # the sums would wait for each other
