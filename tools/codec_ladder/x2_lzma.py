"""A video codec: temporal prediction, 8x8 integer DCT of the difference, dead zone, levels sorted by frequency, lzma.

Each picture is predicted by the decoded one before it. The transform is HEVC's 8-point integer matrix, so that decoding is
integer arithmetic. Bitstream: `n, h, w` as three uint16, then lzma of the levels: all of frequency 0, all of frequency 1, ...
"""

import lzma
import struct

import numpy as np

STEP = 20
CHROMA_STEP = 23
INTRA_STEP = 18
ROUNDING = 0.33

FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "lc": 3, "pb": 0}]
_ROWS = ((64, 64, 64, 64), (89, 75, 50, 18), (83, 36, -36, -83), (75, -18, -89, -50))
_ROWS += ((64, -64, -64, 64), (50, -89, 18, 75), (36, -83, 83, -36), (18, -50, 75, -89))
DCT = np.array([row + tuple(s * x for x in row[::-1]) for row, s in zip(_ROWS, (1, -1) * 4)], dtype=np.int32)
ZIGZAG = np.array(sorted(range(64), key=lambda k: (k // 8 + k % 8, k // 8)))


def encode(y, u, v, fps, quality):
    """Compress planes of shape (n, h, w), (n, h/2, w/2) twice, uint8, to bytes."""
    levels, before = [], None
    for picture in zip(y, u, v):
        guess = predict(before, picture)
        level = [quantise(forward(s - g), q) for s, g, q in zip(picture, guess, steps(before))]
        before = rebuild(guess, level, before)
        levels.append(np.concatenate(level))
    return struct.pack("<HHH", *y.shape) + pack(np.stack(levels))


def decode(bitstream):
    """The planes (y, u, v), uint8, from what encode returned."""
    n, h, w = struct.unpack_from("<HHH", bitstream)
    shapes = ((h, w), (h // 2, w // 2), (h // 2, w // 2))
    levels = unpack(bitstream[6:], n)
    luma, chroma = h * w // 64, h * w // 256
    pictures, before = [], None
    for level in levels:
        guess = predict(before, [np.zeros(shape) for shape in shapes])
        before = rebuild(guess, np.split(level, (luma, luma + chroma)), before)
        pictures.append(before)
    return tuple(np.stack(planes) for planes in zip(*pictures))


def predict(before, picture):
    """Prediction planes, int32: the picture before, or grey."""
    if before is None:
        return [np.full(plane.shape, 128, np.int32) for plane in picture]
    return [plane.astype(np.int32) for plane in before]


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
    return lzma.compress(signs.transpose(2, 0, 1).tobytes(), lzma.FORMAT_RAW, filters=FILTERS)


def unpack(data, n):
    """What pack took, int32."""
    flat = np.frombuffer(lzma.decompress(data, lzma.FORMAT_RAW, filters=FILTERS), dtype=np.int8)
    return flat.reshape(64, n, -1).transpose(1, 2, 0).astype(np.int32)
