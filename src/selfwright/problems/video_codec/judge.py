"""Measures a video codec: bits, distortion, time. Runs outside the sandbox and never imports the program.

The encoder runs in one fresh process and gets frames only; the decoder runs in another and gets the bitstream only, so
nothing but the counted bytes can pass between them. It runs twice and both runs must agree to the bit. Whatever comes
back is hostile until it was looked at: a wrong type, shape or count is an `InvalidCandidate` that says where and what.
"""

from typing import Any

import numpy as np
from clips import Clip, describe_clips, list_clips, load_clip
from picture import difference_picture, to_png, to_rgb
from program import excess_bytes
from quality import mean_squared_errors, pooled_psnr_db, psnr_db, ssim

from selfwright import InvalidCandidate, Report

__all__ = ["cases", "measure"]

QUALITY = 3
"""What the program is asked for, 1 (fewest bits) to 5."""

_NAMES = ("y", "u", "v")


def cases(stage: Any) -> list[str]:
    """Ids of the clips of a stage, in the order in which they are measured."""
    return list_clips(stage.name)


def measure(candidate: Any, case: Any) -> Report:
    """Encode and decode one clip.

    Raises:
        InvalidCandidate: The bitstream or what was decoded from it is not what was asked for.
    """
    clip = load_clip(case.id, stage=case.stage.name, seed=case.stage.seed)
    hidden = excess_bytes(candidate.read("codec.py"))
    encoding = candidate.call("encode", *clip.planes, clip.fps, QUALITY)
    bitstream = _check_bitstream(encoding.value, case.id)
    first = candidate.call("decode", bitstream)
    decoded = _check_planes(first.value, clip)
    second = candidate.call("decode", bitstream)
    _check_agreement(decoded, _check_planes(second.value, clip), case.id)
    errors = [mean_squared_errors(a, b) for a, b in zip(clip.planes, decoded, strict=True)]
    metrics = _rate(clip, len(bitstream) + hidden) | _distortion(errors)
    metrics["ssim"] = ssim(clip.planes[0], decoded[0])
    metrics["encode_s"] = float(encoding.wall_s)
    metrics["decode_s"] = (float(first.wall_s) + float(second.wall_s)) / 2
    shown = case.stage.name == "full" and case.id == list_clips("full")[0]
    return Report(
        metrics=metrics,
        feedback=_feedback(clip, metrics, errors),
        artifacts=_pictures(clip, decoded) if shown else {},
    )


def _check_bitstream(value: Any, case: str) -> bytes:
    if type(value) is not bytes:
        raise InvalidCandidate(f"{case}: encode returned {_describe(value)}, expected bytes")
    if not value:
        raise InvalidCandidate(f"{case}: encode returned no bytes at all")
    return value


def _check_planes(value: Any, clip: Clip) -> tuple[np.ndarray, ...]:
    if type(value) not in (tuple, list):
        raise InvalidCandidate(f"{clip.name}: decode returned {_describe(value)}, expected a tuple (y, u, v)")
    if len(value) != len(_NAMES):
        raise InvalidCandidate(f"{clip.name}: decode returned {len(value)} values, expected three: (y, u, v)")
    for name, plane, original in zip(_NAMES, value, clip.planes, strict=True):
        if type(plane) is not np.ndarray:
            raise InvalidCandidate(f"{clip.name}: decoded {name} is {_describe(plane)}, expected an array of uint8")
        if plane.dtype != np.uint8:
            raise InvalidCandidate(f"{clip.name}: decoded {name} has dtype {plane.dtype}, expected uint8")
        if plane.shape != original.shape:
            raise InvalidCandidate(
                f"{clip.name}: decoded {name} has shape {plane.shape}, "
                f"expected {original.shape} (frames, rows, columns)"
            )
    return tuple(value)


def _check_agreement(first: tuple[np.ndarray, ...], second: tuple[np.ndarray, ...], case: str) -> None:
    for name, one, other in zip(_NAMES, first, second, strict=True):
        differs = one != other
        if differs.any():
            frame, row, column = (int(index[0]) for index in np.nonzero(differs))
            raise InvalidCandidate(
                f"{case}: two runs of decode disagree on {int(differs.sum())} samples of {name}, first at frame "
                f"{frame}, row {row}, column {column}: {int(one[frame, row, column])} and "
                f"{int(other[frame, row, column])}; "
                "decoding must be deterministic (integer arithmetic, no clock, no randomness, no hash order)"
            )


def _describe(value: Any) -> str:
    """Type of a hostile value, and shape or length; never its own text."""
    if type(value) is np.ndarray:
        return f"an array of {value.dtype} with shape {value.shape}"
    if type(value) in (str, list, tuple, dict):
        return f"{type(value).__name__} of length {len(value)}"
    return type(value).__name__


def _rate(clip: Clip, size: int) -> dict[str, float]:
    raw = sum(plane.size for plane in clip.planes)
    seconds = clip.planes[0].shape[0] / clip.fps
    return {
        "bytes": float(size),
        "bitrate_mbps": size * 8 / seconds / 1e6,
        "compression_ratio": raw / size,
    }


def _distortion(errors: list[np.ndarray]) -> dict[str, float]:
    mse_y, mse_u, mse_v = (float(error.mean()) for error in errors)
    return {
        "psnr_db": pooled_psnr_db(mse_y, mse_u, mse_v),
        "psnr_y_db": psnr_db(mse_y),
        "psnr_u_db": psnr_db(mse_u),
        "psnr_v_db": psnr_db(mse_v),
    }


def _feedback(clip: Clip, metrics: dict[str, float], errors: list[np.ndarray]) -> str:
    frames = clip.planes[0].shape[0]
    per_frame = [pooled_psnr_db(*(float(error[t]) for error in errors)) for t in range(frames)]
    worst = int(np.argmin(per_frame))
    pixels = clip.planes[0].size
    return (
        f"{clip.name}: {frames} frames, {metrics['bytes'] * 8 / frames / 1000:.2f} kbit a frame, "
        f"{metrics['bytes'] * 8 / pixels:.4f} bit a luma pixel; PSNR Y {metrics['psnr_y_db']:.2f}, "
        f"U {metrics['psnr_u_db']:.2f}, V {metrics['psnr_v_db']:.2f}, weighted {metrics['psnr_db']:.2f} dB, "
        f"SSIM {metrics['ssim']:.4f}\n"
        f"{clip.name}: frame 0 has {per_frame[0]:.2f} dB, the last {per_frame[-1]:.2f}, the worst is frame {worst} "
        f"with {per_frame[worst]:.2f} dB; {describe_clips()}"
    )


def _pictures(clip: Clip, decoded: tuple[np.ndarray, ...]) -> dict[str, bytes]:
    """PNG files of the middle frame: original, decoded, and their difference four times amplified around grey."""
    middle = clip.planes[0].shape[0] // 2
    original = to_rgb(*(plane[middle] for plane in clip.planes))
    coded = to_rgb(*(plane[middle] for plane in decoded))
    return {
        "original.png": to_png(original),
        "decoded.png": to_png(coded),
        "difference_x4.png": to_png(difference_picture(original, coded)),
    }
