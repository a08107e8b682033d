"""Known numbers."""

import numpy as np
import pytest


def test_psnr_of_one_level_is_48_13_db() -> None:
    import quality

    assert quality.psnr_db(1.0) == pytest.approx(48.1308, abs=1e-4)
    assert quality.psnr_db(0.0) == quality.psnr_db(1e-20) == quality.EXACT_DB == 100.0


def test_errors_are_per_frame_and_do_not_wrap() -> None:
    import quality

    black, white = np.zeros((2, 4, 6), np.uint8), np.zeros((2, 4, 6), np.uint8)
    white[1] = 255
    assert quality.mean_squared_errors(black, white).tolist() == [0.0, 65025.0]
    assert quality.mean_squared_errors(white, black).tolist() == [0.0, 65025.0]


def test_pooled_psnr_mixes_errors_and_not_decibels() -> None:
    import quality

    assert quality.pooled_psnr_db(8.0, 0.0, 0.0) == pytest.approx(10 * np.log10(65025 / 6))
    assert quality.pooled_psnr_db(0.0, 8.0, 8.0) == pytest.approx(10 * np.log10(65025 / 2))


def test_ssim_of_identical_is_one() -> None:
    import quality

    picture = np.random.default_rng(1).integers(0, 256, (2, 24, 32), dtype=np.uint8)
    assert quality.ssim(picture, picture) == pytest.approx(1.0, abs=1e-12)


def test_ssim_of_flat_pictures_is_its_luminance_term() -> None:
    import quality

    dark, bright = np.full((1, 16, 16), 100, np.uint8), np.full((1, 16, 16), 120, np.uint8)
    c1 = (0.01 * 255) ** 2
    assert quality.ssim(dark, bright) == pytest.approx((2 * 100 * 120 + c1) / (100**2 + 120**2 + c1), abs=1e-9)


def test_ssim_against_the_formula_written_out_for_one_window() -> None:
    import quality

    rng = np.random.default_rng(2)
    x = rng.integers(0, 256, (1, 11, 11), dtype=np.uint8)
    y = rng.integers(0, 256, (1, 11, 11), dtype=np.uint8)
    taps = np.array([np.exp(-(k**2) / 4.5) for k in range(-5, 6)])
    weights = np.outer(taps, taps) / taps.sum() ** 2
    a, b = x[0].astype(float), y[0].astype(float)
    ma, mb = (weights * a).sum(), (weights * b).sum()
    va, vb = (weights * (a - ma) ** 2).sum(), (weights * (b - mb) ** 2).sum()
    cov = (weights * (a - ma) * (b - mb)).sum()
    c1, c2 = 6.5025, 58.5225
    expected = (2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2))
    assert quality.ssim(x, y) == pytest.approx(expected, abs=1e-9)


def test_colours_and_difference() -> None:
    import picture

    grey = np.full((2, 2), 126, np.uint8)
    neutral = np.full((1, 1), 128, np.uint8)
    assert picture.to_rgb(grey, neutral, neutral).tolist() == [[[128, 128, 128]] * 2] * 2
    red = picture.to_rgb(np.full((2, 2), 81, np.uint8), np.full((1, 1), 90, np.uint8), np.full((1, 1), 240, np.uint8))
    assert np.abs(red[0, 0].astype(int) - (255, 0, 0)).max() <= 2
    a = np.full((1, 1, 3), 100, np.uint8)
    assert picture.difference_picture(a, a + 5).tolist() == [[[148] * 3]]
    assert picture.difference_picture(a, a * 0).tolist() == [[[0] * 3]]
