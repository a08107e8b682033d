"""A video codec: the program under evolution. It keeps eight levels of each sample and lets zlib do the rest.

Bitstream: `n, h, w` as three little-endian uint16, then a zlib stream of the levels of Y, U and V, frame by frame.
"""

import struct
import zlib

import numpy as np

STEP = 32


def encode(y, u, v, fps, quality):
    """Compress planes of shape (n, h, w), (n, h/2, w/2) twice, uint8, to bytes."""
    levels = [plane // STEP for plane in (y, u, v)]
    body = b"".join(plane.astype(np.uint8).tobytes() for plane in levels)
    return struct.pack("<HHH", *y.shape) + zlib.compress(body, 9)


def decode(bitstream):
    """The planes (y, u, v), uint8, from what encode returned."""
    n, h, w = struct.unpack_from("<HHH", bitstream)
    levels = np.frombuffer(zlib.decompress(bitstream[6:]), dtype=np.uint8)
    samples = levels * STEP + STEP // 2
    luma, chroma = n * h * w, n * (h // 2) * (w // 2)
    y = samples[:luma].reshape(n, h, w)
    u = samples[luma : luma + chroma].reshape(n, h // 2, w // 2)
    v = samples[luma + chroma :].reshape(n, h // 2, w // 2)
    return y, u, v
