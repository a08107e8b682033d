"""A video codec: each picture is predicted by the decoded one before it, the difference is quantised, zlib packs the levels.

Bitstream: `n, h, w` as three little-endian uint16, then a zlib stream of the levels of Y, U and V, int8, picture by picture.
"""

import struct
import zlib

import numpy as np

STEP = 15


def encode(y, u, v, fps, quality):
    """Compress planes of shape (n, h, w), (n, h/2, w/2) twice, uint8, to bytes."""
    levels = []
    for plane in (y, u, v):
        before = np.full(plane.shape[1:], 128, np.int32)
        for picture in plane.astype(np.int32):
            level = np.rint((picture - before) / STEP).astype(np.int32)
            levels.append(level.astype(np.int8).tobytes())
            before = np.clip(before + level * STEP, 0, 255)
    return struct.pack("<HHH", *y.shape) + zlib.compress(b"".join(levels), 9)


def decode(bitstream):
    """The planes (y, u, v), uint8, from what encode returned."""
    n, h, w = struct.unpack_from("<HHH", bitstream)
    levels = np.frombuffer(zlib.decompress(bitstream[6:]), dtype=np.int8)
    planes, start = [], 0
    for rows, columns in ((h, w), (h // 2, w // 2), (h // 2, w // 2)):
        before, pictures = np.full((rows, columns), 128, np.int32), []
        for _ in range(n):
            level = levels[start : start + rows * columns].reshape(rows, columns).astype(np.int32)
            before = np.clip(before + level * STEP, 0, 255)
            pictures.append(before.astype(np.uint8))
            start += rows * columns
        planes.append(np.stack(pictures))
    return tuple(planes)
