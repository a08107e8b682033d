"""A video codec: temporal prediction, 8x8 integer DCT of the difference, dead zone, levels block by block, bz2.

Each picture is predicted by the decoded one before it. The transform is HEVC's 8-point integer matrix, so that decoding is
integer arithmetic. Bitstream: `n, h, w` and the step in 1/16 as uint16, then bz2 of the levels: block by block, in zigzag order.
"""

import bz2
import struct

import numpy as np

BASE_STEP = 21.0  # tune: 14.0..30.0
CHROMA_STEP = 110  # tune: 80..160
INTRA_STEP = 70  # tune: 50..110
ROUNDING = 0.33

_ROWS = ((64, 64, 64, 64), (89, 75, 50, 18), (83, 36, -36, -83), (75, -18, -89, -50))
_ROWS += ((64, -64, -64, 64), (50, -89, 18, 75), (36, -83, 83, -36), (18, -50, 75, -89))
DCT = np.array([row + tuple(s * x for x in row[::-1]) for row, s in zip(_ROWS, (1, -1) * 4)], dtype=np.int32)
ZIGZAG = np.array(sorted(range(64), key=lambda k: (k // 8 + k % 8, k // 8)))


def encode(y, u, v, fps, quality):
    """Compress planes of shape (n, h, w), (n, h/2, w/2) twice, uint8, to bytes."""
    base = round(16 * BASE_STEP * 2.0 ** ((3 - quality) / 2))
    stacked, before = [], None
    for picture in zip(y, u, v):
        guess, steps = predict(before, [plane.shape for plane in picture]), steps_of(base, before is None)
        levels = [quantise(forward(s - g), q) for s, g, q in zip(picture, guess, steps)]
        before = rebuild(guess, levels, steps)
        stacked.append(np.concatenate(levels))
    return struct.pack("<HHHH", *y.shape, base) + pack(np.stack(stacked))


def decode(bitstream):
    """The planes (y, u, v), uint8, from what encode returned."""
    n, h, w, base = struct.unpack_from("<HHHH", bitstream)
    shapes = ((h, w), (h // 2, w // 2), (h // 2, w // 2))
    luma, chroma = h * w // 64, h * w // 256
    pictures, before = [], None
    for levels in unpack(bitstream[8:], n):
        guess, steps = predict(before, shapes), steps_of(base, before is None)
        before = rebuild(guess, np.split(levels, (luma, luma + chroma)), steps)
        pictures.append(before)
    return tuple(np.stack(planes) for planes in zip(*pictures))


def predict(before, shapes):
    """Prediction planes, int32: the picture before, or grey."""
    if before is None:
        return [np.full(shape, 128, np.int32) for shape in shapes]
    return [plane.astype(np.int32) for plane in before]


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


def pack(levels):
    """Levels of shape (n, blocks, 64) to bytes: block by block, so that the zeros at a block's end are one run."""
    small = np.clip(levels, -127, 127).astype(np.int8)
    return bz2.compress(small.tobytes(), 9)


def unpack(data, n):
    """What pack took, int32."""
    flat = np.frombuffer(bz2.decompress(data), dtype=np.int8)
    return flat.reshape(n, -1, 64).astype(np.int32)
