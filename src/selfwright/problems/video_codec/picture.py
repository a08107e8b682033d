"""Pictures for people: YUV 4:2:0 to RGB, and a PNG writer of the size that this needs (W3C Recommendation, 2003)."""

import struct
import zlib

import numpy as np

__all__ = ["difference_picture", "to_png", "to_rgb"]

_AMPLIFICATION = 4


def to_rgb(y: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """One frame in RGB, ITU-R BT.601 in limited range (16..235), chroma repeated.

    Args:
        y: Shape `(h, w)`, uint8.
        u: Shape `(h/2, w/2)`, uint8.
        v: Shape `(h/2, w/2)`, uint8.

    Returns:
        Shape `(h, w, 3)`, uint8.
    """
    luma = 1.164 * (y.astype(np.float64) - 16.0)
    blue = u.repeat(2, axis=0).repeat(2, axis=1).astype(np.float64) - 128.0
    red = v.repeat(2, axis=0).repeat(2, axis=1).astype(np.float64) - 128.0
    rgb = np.stack([luma + 1.596 * red, luma - 0.392 * blue - 0.813 * red, luma + 2.017 * blue], axis=-1)
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8)


def difference_picture(original: np.ndarray, decoded: np.ndarray) -> np.ndarray:
    """Decoded minus original, amplified x4 around mid-grey (128, which means equal). Shapes `(h, w, 3)`, uint8."""
    difference = decoded.astype(np.int32) - original
    return np.clip(128 + _AMPLIFICATION * difference, 0, 255).astype(np.uint8)


def to_png(rgb: np.ndarray) -> bytes:
    """A PNG file of 8-bit RGB of shape `(h, w, 3)`, uint8; each row unfiltered."""
    height, width, _ = rgb.shape
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)
    rows[:, 1:] = rgb.reshape(height, 3 * width)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
