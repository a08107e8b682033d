"""Clips drawn by a formula, for machines without the public ones and for the holdout.

Moving textures, a camera pan, an object that covers and uncovers what is behind it, sensor noise, and a scene cut. The
same name gives the same clip on each machine that has numpy's PCG64; nothing is read from disk.
"""

import hashlib

import numpy as np

__all__ = ["draw_clip"]

HEIGHT, WIDTH = 144, 176
_NOISE_SIGMA = 1.2
_MARGIN = 64


def draw_clip(name: str, frames: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a clip.

    Args:
        name: Names the clip and seeds its generator.
        frames: How many frames.

    Returns:
        Y of shape `(frames, 144, 176)`, U and V of shape `(frames, 72, 88)`, uint8.
    """
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    generator = np.random.Generator(np.random.PCG64(seed))
    cut = frames * 3 // 5
    scenes = [_Scene(generator), _Scene(generator)]
    pictures = [scenes[int(t >= cut)].draw(t, generator) for t in range(frames)]
    y, u, v = (np.stack(planes) for planes in zip(*pictures, strict=True))
    return y, u, v


class _Scene:
    """A textured background that pans, and a textured disc that moves over it."""

    def __init__(self, generator: np.random.Generator) -> None:
        size = (HEIGHT + 2 * _MARGIN, WIDTH + 2 * _MARGIN)
        self._back = [_texture(generator, size, spread) for spread in (38.0, 14.0, 14.0)]
        self._disc = [_texture(generator, size, spread) for spread in (30.0, 20.0, 20.0)]
        self._pan = generator.uniform(-1.4, 1.4, 2)
        self._start = generator.uniform((40, 50), (HEIGHT - 40, WIDTH - 50))
        self._drift = generator.uniform(-2.2, 2.2, 2)
        self._radius = float(generator.uniform(18, 30))

    def draw(self, t: int, generator: np.random.Generator) -> list[np.ndarray]:
        """Planes Y, U, V of frame `t`; noise is drawn from `generator`."""
        top, left = np.clip(_MARGIN + self._pan * t, 0, 2 * _MARGIN - 2)
        centre = self._start + self._drift * t
        rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
        distance = np.hypot(rows - centre[0], columns - centre[1])
        cover = np.clip(self._radius - distance + 0.5, 0.0, 1.0)
        shift = np.clip(_MARGIN - self._drift * t, 0, 2 * _MARGIN - 2)
        planes = []
        for index, (back, disc) in enumerate(zip(self._back, self._disc, strict=True)):
            scene = _window(back, float(top), float(left)) * (1 - cover) + _window(disc, *map(float, shift)) * cover
            if index:
                scene = scene.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean(axis=(1, 3))
            noisy = scene + generator.normal(0.0, _NOISE_SIGMA, scene.shape)
            planes.append(np.clip(np.rint(noisy), 0, 255).astype(np.uint8))
        return planes


def _texture(generator: np.random.Generator, size: tuple[int, int], spread: float) -> np.ndarray:
    """Noise with a spectrum falling as 1/f**1.5, mean 128 and standard deviation `spread`, float64."""
    spectrum = np.fft.rfft2(generator.normal(size=size))
    frequency = np.hypot(np.fft.fftfreq(size[0])[:, None], np.fft.rfftfreq(size[1])[None, :])
    spectrum /= np.maximum(frequency, 0.01) ** 1.5
    spectrum[0, 0] = 0.0
    picture = np.fft.irfft2(spectrum, s=size)
    return np.asarray(128.0 + picture / picture.std() * spread)


def _window(texture: np.ndarray, top: float, left: float) -> np.ndarray:
    """`HEIGHT` x `WIDTH` samples from a fractional position, bilinear."""
    row, column = int(top), int(left)
    down, right = top - row, left - column
    part = texture[row : row + HEIGHT + 1, column : column + WIDTH + 1]
    mixed = part[:-1] * (1 - down) + part[1:] * down
    return np.asarray(mixed[:, :-1] * (1 - right) + mixed[:, 1:] * right)
