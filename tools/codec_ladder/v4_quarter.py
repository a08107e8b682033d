"""A video codec: motion compensation by quarter samples, 8x8 integer DCT of what is left, dead zone, bz2.

Each 16x16 block is predicted by a displaced block of the decoded picture before it, interpolated by six taps. The transform
is HEVC's 8-point integer matrix, so that decoding is integer arithmetic. Bitstream: `n, h, w`, the step in 1/16 and the size
of the vectors, then bz2 of the vectors, then bz2 of the levels: all of frequency 0, all of frequency 1, ...
"""

import bz2
import struct

import numpy as np

BASE_STEP = 21.0  # tune: 14.0..30.0
CHROMA_STEP = 110  # tune: 80..160
INTRA_STEP = 70  # tune: 50..110
ROUNDING = 0.33
MOTION_LAMBDA = 3.0  # tune: 0.5..10.0

BIT_COST = 2.0 * np.log2(1.0 + np.arange(256))
AROUND = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))
SIZE = 16
SIZES = (SIZE, SIZE // 2, SIZE // 2)
PAD = 16
RANGE = 6
_ROWS = ((64, 64, 64, 64), (89, 75, 50, 18), (83, 36, -36, -83), (75, -18, -89, -50))
_ROWS += ((64, -64, -64, 64), (50, -89, 18, 75), (36, -83, 83, -36), (18, -50, 75, -89))
DCT = np.array([row + tuple(s * x for x in row[::-1]) for row, s in zip(_ROWS, (1, -1) * 4)], dtype=np.int32)
ZIGZAG = np.array(sorted(range(64), key=lambda k: (k // 8 + k % 8, k // 8)))


def encode(y, u, v, fps, quality):
    """Compress planes of shape (n, h, w), (n, h/2, w/2) twice, uint8, to bytes."""
    base = round(16 * BASE_STEP * 2.0 ** ((3 - quality) / 2))
    stacked, fields, before, fine = [], [], None, None
    for picture in zip(y, u, v):
        field = np.zeros((y.shape[1] // SIZE, y.shape[2] // SIZE, 2), np.int64)
        if before is not None:
            field = search(picture[0], before[0], fine[0])
        guess, steps = predict(fine, field, [plane.shape for plane in picture]), steps_of(base, before is None)
        levels = [quantise(forward(s - g), q) for s, g, q in zip(picture, guess, steps)]
        before = rebuild(guess, levels, steps)
        fine = [upsample(plane, size) for plane, size in zip(before, SIZES)]
        stacked.append(np.concatenate(levels))
        fields.append(field)
    vectors = bz2.compress(np.stack(fields).transpose(3, 0, 1, 2).astype(np.int8).tobytes(), 9)
    return struct.pack("<HHHHI", *y.shape, base, len(vectors)) + vectors + pack(np.stack(stacked))


def decode(bitstream):
    """The planes (y, u, v), uint8, from what encode returned."""
    n, h, w, base, size = struct.unpack_from("<HHHHI", bitstream)
    shapes = ((h, w), (h // 2, w // 2), (h // 2, w // 2))
    luma, chroma = h * w // 64, h * w // 256
    vectors = np.frombuffer(bz2.decompress(bitstream[12 : 12 + size]), dtype=np.int8)
    fields = vectors.reshape(2, n, h // SIZE, w // SIZE).transpose(1, 2, 3, 0).astype(np.int64)
    pictures, fine = [], None
    for field, levels in zip(fields, unpack(bitstream[12 + size :], n)):
        guess, steps = predict(fine, field, shapes), steps_of(base, fine is None)
        before = rebuild(guess, np.split(levels, (luma, luma + chroma)), steps)
        fine = [upsample(plane, size) for plane, size in zip(before, SIZES)]
        pictures.append(before)
    return tuple(np.stack(planes) for planes in zip(*pictures))


def predict(fine, field, shapes):
    """Prediction planes, int32: displaced blocks of the picture before, or grey."""
    if fine is None:
        return [np.full(shape, 128, np.int32) for shape in shapes]
    blocks = [fetch(view, field // (SIZE // size)) for view, size in zip(fine, SIZES)]
    return [b.astype(np.int32).transpose(0, 2, 1, 3).reshape(shape) for b, shape in zip(blocks, shapes)]


def steps_of(base, intra):
    """Quantiser steps of Y, U, V in 1/16, integers; finer where nothing predicts."""
    step = max(8, base * INTRA_STEP // 100 if intra else base)
    return step, step * CHROMA_STEP // 100, step * CHROMA_STEP // 100


def rebuild(guess, levels, steps):
    """Decoded planes, uint8."""
    added = [plane + inverse(part, q, plane.shape) for plane, part, q in zip(guess, levels, steps)]
    return [np.clip(plane, 0, 255).astype(np.uint8) for plane in added]


def forward(plane):
    """DCT of each 8x8 block, shape (blocks, 64) in zigzag order, in units of one level."""
    h, w = plane.shape
    x = plane.reshape(h // 8, 8, w // 8, 8).transpose(0, 2, 1, 3).reshape(-1, 8).astype(np.float64)
    x = (x @ DCT.T).reshape(-1, 8, 8).transpose(0, 2, 1).reshape(-1, 8)
    x = (x @ DCT.T).reshape(-1, 8, 8).transpose(0, 2, 1).reshape(-1, 64)
    return x[:, ZIGZAG] / 32768.0


def quantise(coefficients, step):
    """Levels with a dead zone, int32."""
    scaled = np.abs(coefficients) * (16.0 / step)
    return (np.sign(coefficients) * np.floor(scaled + ROUNDING)).astype(np.int32)


def inverse(levels, step, shape):
    """Residual plane, int32, from levels of shape (blocks, 64) in zigzag order; each a 64th of a step nearer to zero."""
    out = np.zeros((len(levels), 64), np.int32)
    live = np.flatnonzero(levels.any(axis=1))
    if len(live):
        c = np.zeros((len(live), 64), np.int32)
        part = levels[live]
        c[:, ZIGZAG] = (part * (64 * step) - np.sign(part) * step) >> 6
        c = (c.reshape(-1, 8) @ DCT).reshape(-1, 8, 8).transpose(0, 2, 1)
        c = (np.ascontiguousarray(c).reshape(-1, 8) @ DCT).reshape(-1, 8, 8).transpose(0, 2, 1)
        out[live] = (c.reshape(-1, 64) + (1 << 18)) >> 19
    h, w = shape
    return out.reshape(h // 8, w // 8, 8, 8).transpose(0, 2, 1, 3).reshape(h, w)


def upsample(plane, size):
    """All blocks of the padded plane at half samples, shape (2, 2, y, x, size, size), a view.

    The six taps (1 -5 20 20 -5 1) are those of H.264 (clause 8.4.2.2.1).
    """
    p = np.pad(plane, PAD + 3, mode="edge").astype(np.int32)
    h, w = plane.shape[0] + 2 * PAD, plane.shape[1] + 2 * PAD
    across = (p[:, 2:-3] + p[:, 3:-2]) * 20 - (p[:, 1:-4] + p[:, 4:-1]) * 5 + p[:, :-5] + p[:, 5:]
    down = (p[2:-3] + p[3:-2]) * 20 - (p[1:-4] + p[4:-1]) * 5 + p[:-5] + p[5:]
    cross = (across[2:-3] + across[3:-2]) * 20 - (across[1:-4] + across[4:-1]) * 5 + across[:-5] + across[5:]
    fine = np.empty((2, 2, h, w), np.uint8)
    fine[0, 0] = p[3:-3, 3:-3]
    fine[0, 1] = np.clip((across[3:-3, 1:] + 16) >> 5, 0, 255)
    fine[1, 0] = np.clip((down[1:, 3:-3] + 16) >> 5, 0, 255)
    fine[1, 1] = np.clip((cross[1:, 1:] + 512) >> 10, 0, 255)
    return np.lib.stride_tricks.sliding_window_view(fine, (size, size), axis=(2, 3))


def fetch(fine, vectors, skip=1, quarter=True):
    """Blocks (rows, columns, size / skip, size) at vectors in quarter samples: the mean of two half samples."""
    rows, columns = vectors.shape[:2]
    height, width, size = fine.shape[2:5]
    down = np.arange(rows)[:, None] * size + PAD
    right = np.arange(columns) * size + PAD
    blocks = []
    for carry in range(1 + quarter):
        half = (vectors + carry) >> 1
        y = np.minimum(np.maximum(down + (half[..., 0] >> 1), 0), height - 1)
        x = np.minimum(np.maximum(right + (half[..., 1] >> 1), 0), width - 1)
        blocks.append(fine[:, :, :, :, ::skip][half[..., 0] & 1, half[..., 1] & 1, y, x])
    if not quarter:
        return blocks[0]
    a, b = blocks
    return (a | b) - ((a ^ b) >> 1)


def shrink(plane):
    """Mean of 4x4 samples, int16."""
    h, w = plane.shape
    return plane.reshape(h // 4, 4, w // 4, 4).sum(axis=(1, 3), dtype=np.int16) >> 4


def vector_bits(vectors, guess):
    """Cost of vectors against what they are predicted from, in the unit of absolute differences."""
    return BIT_COST[np.minimum(np.abs(vectors - guess), 255)].sum(axis=-1)


def middle(vectors):
    """Median of the neighbours left, above and above right: what a vector is expected to be."""
    p = np.pad(vectors, ((1, 0), (1, 1), (0, 0)), mode="edge")
    a, b, c = p[1:, :-2], p[:-1, 1:-1], p[:-1, 2:]
    return np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))


def search(luma, before, fine):
    """Best vectors (rows, columns, 2) in quarter samples; halves the reach, asks neighbours between."""
    rows, columns = luma.shape[0] // SIZE, luma.shape[1] // SIZE
    blocks = luma.reshape(rows, SIZE, columns, SIZE).transpose(0, 2, 1, 3)[:, :, ::2].astype(np.int16)
    best = coarse(shrink(luma), shrink(before), rows, columns)
    cost = np.full((rows, columns), 1e9)
    best, cost = attempt(blocks, fine, [best, np.zeros_like(best)], best, cost, False)
    for reach in (8, 4, 2, 1):
        p = np.pad(best, ((1, 1), (1, 1), (0, 0)), mode="edge")
        moves = [p[1:-1, :-2], p[1:-1, 2:], p[:-2, 1:-1], p[2:, 1:-1]] if reach > 2 else []
        moves += [best + np.array(d) * reach for d in (AROUND[:4] if reach > 4 else AROUND)]
        best, cost = attempt(blocks, fine, moves, best, cost, reach < 2)
    return best


def attempt(blocks, fine, moves, best, cost, quarter):
    """Take each move where it is cheaper, by the absolute differences of every second row and by its bits."""
    guess = middle(best)
    for move in moves:
        other = np.abs(fetch(fine, move, 2, quarter) - blocks).sum(axis=(2, 3), dtype=np.int32)
        other = other + MOTION_LAMBDA * vector_bits(move, guess)
        better = other < cost
        best, cost = np.where(better[..., None], move, best), np.where(better, other, cost)
    return best, cost


def coarse(tiny, small, rows, columns):
    """Full search on 4x smaller pictures, a row of shifts at once; vectors in quarter samples."""
    h, w = tiny.shape
    span = 2 * RANGE + 1
    shifted = np.lib.stride_tricks.sliding_window_view(np.pad(small, RANGE, mode="edge"), (h, w))
    sums = np.empty((span, span, rows, columns), np.int64)
    for dy in range(span):
        d = np.abs(shifted[dy] - tiny).reshape(span, rows, SIZE // 4, w).sum(axis=2, dtype=np.int16)
        sums[dy] = np.add.reduceat(d, np.arange(0, w, SIZE // 4), axis=2)
    far = np.abs(np.arange(span) - RANGE)
    sums = sums * 16 + 4 * np.add.outer(far, far)[:, :, None, None]
    place = sums.reshape(span * span, rows, columns).argmin(axis=0)
    return 16 * (np.stack([place // span, place % span], axis=-1) - RANGE)


def pack(levels):
    """Levels of shape (n, blocks, 64) to bytes: frequency by frequency, so that the zeros stand together."""
    small = np.clip(levels, -127, 127).astype(np.int8)
    return bz2.compress(small.transpose(2, 0, 1).tobytes(), 9)


def unpack(data, n):
    """What pack took, int32."""
    flat = np.frombuffer(bz2.decompress(data), dtype=np.int8)
    return flat.reshape(64, n, -1).transpose(1, 2, 0).astype(np.int32)
