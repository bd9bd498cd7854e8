"""From plain arrays to lanes and columns, and back.

An activation of lanes lies in memory as (blocks of L images, H, W, C, L): channels side by side,
so that the loops over channels run along memory.  Loops here see it as lanes (block, C, H, W).
"""
from numba import njit

from .gathering import PIXELS, gather, gather_neighbors, put, scatter, scatter_neighbors, store_row, store_turned

packing = njit(error_model="numpy", inline="always")


@packing
def pack_row(x, n, c, h, scale, offset, out, L):
    """out[0, c, h, w] = x[n:n + L, c, h, w] * scale - offset as a number in lanes, for all w."""
    W = x.shape[3]
    if x.strides[3] == x.itemsize and W >= PIXELS:
        for first in range(0, W, PIXELS):
            w = min(first, W - PIXELS)  # the last ones begin early, so that they are as many
            numbers = gather_neighbors(x, n, c, h, w, L)
            for i in range(PIXELS):
                out[0, c, h, w + i] = numbers[i] * scale - offset
    else:
        for w in range(W):
            out[0, c, h, w] = gather(x, n, c, h, w, L) * scale - offset


@packing
def pack_images(x, b, out, L):
    """out[0, c, h, w] = x[b*L:b*L + L, c, h, w]; lanes without an image hold zeros.

    Shapes: x (N, C, H, W), out a block of lanes (1, C, H, W).
    """
    _, C, H, _ = x.shape
    for c in range(C):
        for h in range(H):
            pack_row(x, b * L, c, h, 1.0, 0.0, out, L)


@packing
def pack_pixels(x, b, scale, offset, out, L):
    """out[0, c, h, w] = x[b*L:b*L + L, c, h, w] * scale[c] - offset[c]; lanes without an image hold -offset[c].

    Shapes: x (N, C, H, W) of uint8, scale and offset (C,), out a block of lanes (1, C, H, W).
    """
    _, C, H, _ = x.shape
    for c in range(C):
        for h in range(H):
            pack_row(x, b * L, c, h, scale[c], offset[c], out, L)


@packing
def unpack_images(x, b, out, L):
    """out[b*L:b*L + L, c, h, w] = x[0, c, h, w].

    Shapes: x a block of lanes (1, C, H, W), out (N, C, H, W).
    """
    _, C, H, W = out.shape
    for c in range(C):
        for h in range(H):
            if out.strides[3] == out.itemsize and W >= PIXELS:
                for first in range(0, W, PIXELS):
                    w = min(first, W - PIXELS)
                    numbers = (x[0, c, h, w], x[0, c, h, w + 1], x[0, c, h, w + 2], x[0, c, h, w + 3],
                               x[0, c, h, w + 4], x[0, c, h, w + 5], x[0, c, h, w + 6], x[0, c, h, w + 7])
                    scatter_neighbors(numbers, out, b * L, c, h, w)
            else:
                for w in range(W):
                    scatter(x[0, c, h, w], out, b * L, c, h, w)


@packing
def turn(x, out):
    """From channels of images to images of channels, square by square.

    Shapes: x and out (1, 1, halves of the images, halves of the channels, pixels) of tiles that are square.
    """
    _, _, halves, _, pixels = x.shape
    for p in range(pixels):
        for m in range(halves):
            for c in range(halves):
                store_turned(x[0, 0, m, c, p], out, m, c, p)


@packing
def pack_columns(weight, out):
    """out[a, b, kh, kw, t] = weight[a*T + t, b, kh, kw]; channels beyond the last are zero.

    The innermost loop runs over the channels that lie closer together in the weight.

    Shapes: weight (A, B, KH, KW), out (tiles of A, B, KH, KW, T).
    """
    A, B, KH, KW = weight.shape
    tiles, _, _, _, T = out.shape
    for tile in range(tiles):
        own = max(0, min(T, A - tile * T))
        if weight.strides[0] < weight.strides[1]:
            for b in range(B):
                for kh in range(KH):
                    for kw in range(KW):
                        for t in range(own):
                            put(out, (tile, b, kh, kw, t), weight[tile * T + t, b, kh, kw])
        else:
            for kh in range(KH):
                for kw in range(KW):
                    for t in range(own):
                        for b in range(B):
                            out[tile, b, kh, kw, t] = weight[tile * T + t, b, kh, kw]
        for t in range(own, T):
            for kh in range(KH):
                for kw in range(KW):
                    for b in range(B):
                        out[tile, b, kh, kw, t] = 0


@packing
def add_slots(slots, tile):
    """slots[0, tile, i] = sum_{s} slots[s, tile, i], in the order of s.

    Shapes: slots (S, tiles, numbers of a tile).
    """
    S, _, size = slots.shape
    for s in range(1, S):
        for i in range(size):
            slots[0, tile, i] += slots[s, tile, i]


@packing
def unpack_patches(patches, out):
    """out[a*T + t, b*K + k, kh, kw] = patches[a, t, b, k, kh, kw].

    Shapes: patches (tiles, T, groups, K, KH, KW), out (OC, IC, KH, KW).
    """
    tiles, T, groups, K, KH, KW = patches.shape
    OC, IC, _, _ = out.shape
    for a in range(tiles):
        for b in range(groups):
            for t in range(min(T, OC - a * T)):
                for k in range(min(K, IC - b * K)):
                    for kh in range(KH):
                        for kw in range(KW):
                            put(out, (a * T + t, b * K + k, kh, kw), patches[a, t, b, k, kh, kw])


@packing
def unpack_rows(numbers, out, oc, ic, L):
    """out[oc + t, ic*L + l] = lane l of numbers[ic, t], as far as there are rows and features.

    Shapes: numbers (groups, T) of lanes, out (rows, features), whose rows have no gaps.
    """
    for t in range(min(numbers.shape[1], out.shape[0] - oc)):
        store_row(numbers[ic, t], out, oc + t, ic * L)


@packing
def copy_numbers(x, out):
    """out[n, c, h, w] = x[n, c, h, w], whatever the strides: flattening and its reverse."""
    N, C, H, W = out.shape
    for n in range(N):
        for c in range(C):
            for h in range(H):
                for w in range(W):
                    out[n, c, h, w] = x[n, c, h, w]


@packing
def pad_numbers(x, margin, out):
    """out[n, c, h + margin, w + margin] = x[n, c, h, w], zeros around it."""
    N, C, H, W = x.shape
    _, _, padded_H, padded_W = out.shape
    for n in range(N):
        for c in range(C):
            for h in range(padded_H):
                for w in range(padded_W):
                    ih, iw = h - margin[0], w - margin[1]
                    if 0 <= ih < H and 0 <= iw < W:
                        out[n, c, h, w] = x[n, c, ih, iw]
                    else:
                        out[n, c, h, w] = 0
