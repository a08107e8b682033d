"""A video codec: motion compensation by quarter samples, 8x8 integer DCT of what is left, dead zone, bz2.

Each 16x16 block is predicted by a displaced block of the decoded picture before it, interpolated by six taps. The transform is HEVC's 8-point integer
matrix, so that decoding is integer arithmetic. Bitstream: `n, h, w` and the size of the vectors, then bz2 of the vectors,
then bz2 of the levels: all of frequency 0, all of frequency 1, ...
"""

import bz2
import struct

import numpy as np

STEP = 20
CHROMA_STEP = 23
INTRA_STEP = 18
ROUNDING = 0.33
MOTION_LAMBDA = 4.0

SIZE = 16
PAD = 8
RANGE = 6

_ROWS = ((64, 64, 64, 64), (89, 75, 50, 18), (83, 36, -36, -83), (75, -18, -89, -50))
_ROWS += ((64, -64, -64, 64), (50, -89, 18, 75), (36, -83, 83, -36), (18, -50, 75, -89))
DCT = np.array([row + tuple(s * x for x in row[::-1]) for row, s in zip(_ROWS, (1, -1) * 4)], dtype=np.int32)
ZIGZAG = np.array(sorted(range(64), key=lambda k: (k // 8 + k % 8, k // 8)))


def encode(y, u, v, fps, quality):
    """Compress planes of shape (n, h, w), (n, h/2, w/2) twice, uint8, to bytes."""
    levels, fields, before = [], [], None
    for picture in zip(y, u, v):
        field = np.zeros((y.shape[1] // SIZE, y.shape[2] // SIZE, 2), np.int64)
        if before is not None:
            field = search(picture[0], before[0], upsample(before[0]))
        guess = predict(before, field, picture)
        level = [quantise(forward(s - g), q) for s, g, q in zip(picture, guess, steps(before))]
        before = rebuild(guess, level, before)
        levels.append(np.concatenate(level))
        fields.append(field)
    vectors = bz2.compress(np.stack(fields).transpose(3, 0, 1, 2).astype(np.int8).tobytes(), 9)
    return struct.pack("<HHHI", *y.shape, len(vectors)) + vectors + pack(np.stack(levels))


def decode(bitstream):
    """The planes (y, u, v), uint8, from what encode returned."""
    n, h, w, size = struct.unpack_from("<HHHI", bitstream)
    shapes = ((h, w), (h // 2, w // 2), (h // 2, w // 2))
    vectors = bz2.decompress(bitstream[10 : 10 + size])
    fields = np.frombuffer(vectors, dtype=np.int8).reshape(2, n, h // SIZE, w // SIZE).transpose(1, 2, 3, 0).astype(np.int64)
    levels = unpack(bitstream[10 + size :], n)
    luma, chroma = h * w // 64, h * w // 256
    pictures, before = [], None
    for field, level in zip(fields, levels):
        guess = predict(before, field, [np.zeros(shape) for shape in shapes])
        before = rebuild(guess, np.split(level, (luma, luma + chroma)), before)
        pictures.append(before)
    return tuple(np.stack(planes) for planes in zip(*pictures))


def predict(before, field, picture):
    """Prediction planes, int32: displaced blocks of the picture before, or grey."""
    if before is None:
        return [np.full(plane.shape, 128, np.int32) for plane in picture]
    guess = []
    for plane, scale in zip(before, (1, 2, 2)):
        blocks = fetch(upsample(plane), field // scale, SIZE // scale)
        guess.append(blocks.transpose(0, 2, 1, 3).reshape(plane.shape).astype(np.int32))
    return guess


def upsample(plane):
    """The plane on a grid of half samples, padded: six taps (1 -5 20 20 -5 1), as in H.264 (clause 8.4.2.2.1)."""
    p = np.pad(plane, PAD + 3, mode="edge").astype(np.int32)
    h, w = plane.shape[0] + 2 * PAD, plane.shape[1] + 2 * PAD
    across = (p[:, 2:-3] + p[:, 3:-2]) * 20 - (p[:, 1:-4] + p[:, 4:-1]) * 5 + p[:, :-5] + p[:, 5:]
    down = (p[2:-3] + p[3:-2]) * 20 - (p[1:-4] + p[4:-1]) * 5 + p[:-5] + p[5:]
    cross = (across[2:-3] + across[3:-2]) * 20 - (across[1:-4] + across[4:-1]) * 5 + across[:-5] + across[5:]
    fine = np.empty((2 * h, 2 * w), np.uint8)
    fine[::2, ::2] = p[3:-3, 3:-3]
    fine[::2, 1::2] = np.clip((across[3:-3, 1:] + 16) >> 5, 0, 255)
    fine[1::2, ::2] = np.clip((down[1:, 3:-3] + 16) >> 5, 0, 255)
    fine[1::2, 1::2] = np.clip((cross[1:, 1:] + 512) >> 10, 0, 255)
    return fine


def fetch(fine, vectors, size, skip=1):
    """Blocks (rows, columns, size / skip, size) at vectors in quarter samples: the mean of two half samples."""
    rows, columns = vectors.shape[:2]
    down = 2 * (np.arange(rows)[:, None, None] * size + np.arange(0, size, skip) + PAD)
    right = 2 * (np.arange(columns)[None, :, None] * size + np.arange(size) + PAD)
    y, x = vectors[..., 0, None], vectors[..., 1, None]
    blocks = []
    for carry in (0, 1):
        r = (down + ((y + carry) >> 1)) * fine.shape[1]
        c = right + ((x + carry) >> 1)
        blocks.append(fine.ravel().take(r[..., :, None] + c[..., None, :]))
    a, b = blocks
    return (a | b) - ((a ^ b) >> 1)


def search(luma, plane, fine):
    """Vectors (rows, columns, 2) in quarter samples: full search on 4x smaller pictures, then neighbours and smaller steps."""
    rows, columns = luma.shape[0] // SIZE, luma.shape[1] // SIZE
    blocks = luma.reshape(rows, SIZE, columns, SIZE).transpose(0, 2, 1, 3)[:, :, ::2].astype(np.int16)
    best = coarse(shrink(luma), shrink(plane), rows, columns)
    best, cost = attempt(blocks, fine, best, np.full((rows, columns), np.inf), best)
    best, cost = attempt(blocks, fine, best, cost, np.zeros_like(best))
    for reach in (8, 4, 0, 2, 1):
        if reach == 0:
            p = np.pad(best, ((1, 1), (1, 1), (0, 0)), mode="edge")
            moves = [p[1:-1, :-2], p[1:-1, 2:], p[:-2, 1:-1], p[2:, 1:-1]]
        else:
            around = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))
            moves = [best + np.array(d) * reach for d in around]
        for move in moves:
            best, cost = attempt(blocks, fine, best, cost, move)
    return best


def attempt(blocks, fine, best, cost, move):
    """Take the move where it is cheaper."""
    other = np.abs(fetch(fine, move, SIZE, 2) - blocks).sum(axis=(2, 3)) + vector_bits(move)
    better = other < cost
    return np.where(better[..., None], move, best), np.where(better, other, cost)


def coarse(tiny, small, rows, columns):
    """Full search on 4x smaller pictures; vectors in quarter samples."""
    h, w = tiny.shape
    padded = np.pad(small, RANGE, mode="edge")
    best, vectors = None, np.zeros((rows, columns, 2), np.int64)
    for dy in range(-RANGE, RANGE + 1):
        for dx in range(-RANGE, RANGE + 1):
            d = np.abs(tiny - padded[RANGE + dy : RANGE + dy + h, RANGE + dx : RANGE + dx + w])
            s = d.reshape(rows, 4, columns, 4).sum(axis=(1, 3), dtype=np.int32) * 16 + 4 * (abs(dy) + abs(dx))
            if best is None:
                best = np.full_like(s, 1 << 30)
            better = s < best
            best[better] = s[better]
            vectors[better] = (16 * dy, 16 * dx)
    return vectors


def shrink(plane):
    """Mean of 4x4 samples, int16."""
    h, w = plane.shape
    return plane.reshape(h // 4, 4, w // 4, 4).sum(axis=(1, 3), dtype=np.int16) >> 4


def vector_bits(vectors):
    """Cost of vectors against the median of their neighbours, in the unit of absolute differences."""
    p = np.pad(vectors, ((1, 1), (1, 1), (0, 0)), mode="edge")
    around = np.stack([p[1:-1, :-2], p[:-2, 1:-1], p[:-2, 2:]])
    middle = np.sort(around, axis=0)[1]
    return MOTION_LAMBDA * np.log2(1.0 + np.abs(vectors - middle)).sum(axis=-1) * 2.0


def steps(before):
    """Quantiser steps of Y, U, V; finer where the next picture is predicted from nothing."""
    return (INTRA_STEP,) * 3 if before is None else (STEP, CHROMA_STEP, CHROMA_STEP)


def rebuild(guess, level, before):
    """Decoded planes, uint8."""
    added = [g + inverse(part, q, g.shape) for g, part, q in zip(guess, level, steps(before))]
    return [np.clip(plane, 0, 255).astype(np.uint8) for plane in added]


def forward(plane):
    """DCT of each 8x8 block, shape (blocks, 64) in zigzag order."""
    h, w = plane.shape
    x = plane.reshape(h // 8, 8, w // 8, 8).transpose(0, 2, 1, 3).reshape(-1, 8).astype(np.float64)
    x = (x @ DCT.T).reshape(-1, 8, 8).transpose(0, 2, 1).reshape(-1, 8)
    x = (x @ DCT.T).reshape(-1, 8, 8).transpose(0, 2, 1).reshape(-1, 64)
    return x[:, ZIGZAG] / 32768.0


def quantise(coefficients, step):
    """Levels with a dead zone, int32."""
    return (np.sign(coefficients) * np.floor(np.abs(coefficients) / step + ROUNDING)).astype(np.int32)


def inverse(levels, step, shape):
    """Residual plane, int32, from levels of shape (blocks, 64) in zigzag order."""
    h, w = shape
    c = np.zeros((len(levels), 64), np.int32)
    c[:, ZIGZAG] = levels * (16 * step)
    c = (c.reshape(-1, 8) @ DCT).reshape(-1, 8, 8).transpose(0, 2, 1)
    c = (np.ascontiguousarray(c).reshape(-1, 8) @ DCT).reshape(-1, 8, 8).transpose(0, 2, 1)
    return ((c + (1 << 18)) >> 19).reshape(h // 8, w // 8, 8, 8).transpose(0, 2, 1, 3).reshape(h, w)


def pack(levels):
    """Levels of shape (n, blocks, 64) to bytes: frequency by frequency, so that the zeros stand together."""
    signs = np.clip(levels, -127, 127).astype(np.int8)
    return bz2.compress(signs.transpose(2, 0, 1).tobytes(), 9)


def unpack(data, n):
    """What pack took, int32."""
    flat = np.frombuffer(bz2.decompress(data), dtype=np.int8)
    return flat.reshape(64, n, -1).transpose(1, 2, 0).astype(np.int32)
