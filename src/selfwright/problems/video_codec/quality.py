"""Numbers for how close decoded planes are to the originals.

PSNR is taken from the error pooled over the whole clip, because a mean of per-frame values can be gamed: one exact
frame is infinite. Exact planes count as 100 dB. Everything here is numpy; nothing calls the program under evolution.
"""

import numpy as np

__all__ = ["EXACT_DB", "mean_squared_errors", "pooled_psnr_db", "psnr_db", "ssim"]

EXACT_DB = 100.0
_WEIGHTS = (6.0, 1.0, 1.0)
_TAPS = 11
_SIGMA = 1.5


def mean_squared_errors(original: np.ndarray, decoded: np.ndarray) -> np.ndarray:
    """Mean squared error of each frame.

    Args:
        original: Shape `(n, h, w)`, uint8.
        decoded: The same shape, uint8.

    Returns:
        Shape `(n,)`, float64, in squared 8-bit levels.
    """
    difference = original.astype(np.int16) - decoded
    squares = np.square(difference.astype(np.int32), dtype=np.int32)
    return np.asarray(squares.mean(axis=(1, 2), dtype=np.float64))


def psnr_db(mse: float) -> float:
    """Peak signal-to-noise ratio of 8-bit samples, 10 log10(255^2 / mse), at most 100 dB."""
    if mse <= 0.0:
        return EXACT_DB
    return min(EXACT_DB, float(10.0 * np.log10(255.0**2 / mse)))


def pooled_psnr_db(mse_y: float, mse_u: float, mse_v: float) -> float:
    """PSNR of the planes' mean squared errors mixed 6:1:1 (weights of the JVET test conditions, on the error)."""
    weighted = np.dot(_WEIGHTS, (mse_y, mse_u, mse_v)) / sum(_WEIGHTS)
    return psnr_db(float(weighted))


def ssim(original: np.ndarray, decoded: np.ndarray) -> float:
    """Structural similarity, mean over all frames.

    Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity", IEEE
    TIP 13(4), 2004, equation 13: K1 = 0.01, K2 = 0.03, an 11-tap Gaussian with sigma 1.5, only where the window fits.

    Args:
        original: Luma of shape `(n, h, w)` with h, w >= 11, uint8.
        decoded: The same shape, uint8.

    Returns:
        At most 1.0, which means identical.
    """
    return float(np.mean([_ssim_frame(a, b) for a, b in zip(original, decoded, strict=True)]))


def _ssim_frame(original: np.ndarray, decoded: np.ndarray) -> float:
    x, y = original.astype(np.float64), decoded.astype(np.float64)
    mean_x, mean_y = _blur(x), _blur(y)
    variance_x = _blur(x * x) - mean_x**2
    variance_y = _blur(y * y) - mean_y**2
    covariance = _blur(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    similarity = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    similarity /= (mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2)
    return float(similarity.mean())


def _blur(plane: np.ndarray) -> np.ndarray:
    """Separable Gaussian, valid part: `(h, w)` to `(h - 10, w - 10)`."""
    offsets = np.arange(_TAPS) - _TAPS // 2
    taps = np.exp(-(offsets**2) / (2 * _SIGMA**2))
    taps /= taps.sum()
    height, width = plane.shape[0] - _TAPS + 1, plane.shape[1] - _TAPS + 1
    rows = sum(tap * plane[k : k + height] for k, tap in enumerate(taps))
    return np.asarray(sum(tap * rows[:, k : k + width] for k, tap in enumerate(taps)))
