"""The judge: what it counts, and what it refuses."""

import struct
import zlib
from types import SimpleNamespace

import numpy as np
import pytest

from selfwright import InvalidCandidate
from tests.problems.video_codec.conftest import PROBLEM, CallFailed, Candidate

SEED_SOURCE = (PROBLEM / "codec.py").read_text(encoding="utf-8")


def case(clip: str = "procedural-a", stage: str = "smoke", seed: int = 7) -> SimpleNamespace:
    """A case as the engine passes it."""
    return SimpleNamespace(id=clip, stage=SimpleNamespace(name=stage, seed=seed, holdout=stage == "holdout"), seed=seed)


def clip_of(a_case: SimpleNamespace):
    """The clip of a case, by the judge's own loader."""
    import clips

    return clips.load_clip(a_case.id, stage=a_case.stage.name, seed=a_case.stage.seed)


def measure(candidate: Candidate, a_case: SimpleNamespace | None = None):
    """Run the judge."""
    import judge

    return judge.measure(candidate, a_case or case())


def answering(*answers: object) -> Candidate:
    """A candidate whose encoder is fine and whose decoder gives these answers in turn."""
    left = list(answers) if len(answers) > 1 else [answers[0], answers[0]]
    return Candidate(encode=lambda *_: b"bits", decode=lambda _: left.pop(0))


def exact() -> list[np.ndarray]:
    """The planes of the default case."""
    return [plane.copy() for plane in clip_of(case()).planes]


def test_exact_pictures_have_100_db_and_bytes_are_counted() -> None:
    report = measure(answering(tuple(exact())))
    assert report.metrics["psnr_db"] == report.metrics["psnr_u_db"] == 100.0
    assert report.metrics["ssim"] == pytest.approx(1.0, abs=1e-12)
    assert report.metrics["bytes"] == 4
    assert report.metrics["bitrate_mbps"] == pytest.approx(4 * 8 * 25 / 8 / 1e6)
    assert report.metrics["compression_ratio"] == pytest.approx(8 * 144 * 176 * 1.5 / 4)
    assert report.metrics["encode_s"] == report.metrics["decode_s"] == 0.25
    assert report.artifacts == {}


def test_psnr_is_pooled_and_weighted() -> None:
    planes = exact()
    planes[0] = np.where(planes[0] > 127, planes[0] - 2, planes[0] + 2).astype(np.uint8)
    planes[2] = np.where(planes[2] > 127, planes[2] - 4, planes[2] + 4).astype(np.uint8)
    metrics = measure(answering(tuple(planes))).metrics
    assert metrics["psnr_y_db"] == pytest.approx(10 * np.log10(255**2 / 4))
    assert metrics["psnr_db"] == pytest.approx(10 * np.log10(255**2 / ((6 * 4 + 0 + 16) / 8)))


def test_seed_program_is_valid_and_decodes_twice() -> None:
    candidate = Candidate(SEED_SOURCE)
    report = measure(candidate)
    assert candidate.calls == ["encode", "decode", "decode"]
    assert report.metrics["psnr_db"] > 39
    assert "bit a luma pixel" in report.feedback and "worst is frame" in report.feedback
    assert len(report.feedback.splitlines()) == 2


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda p: (p[0][:, :-16], p[1], p[2]), ["decoded y has shape (8, 128, 176)", "expected (8, 144, 176)"]),
        (lambda p: (p[0], p[1][:-1], p[2]), ["decoded u has shape (7, 72, 88)", "expected (8, 72, 88)"]),
        (lambda p: (p[0], p[1], p[2].astype(np.int32)), ["decoded v has dtype int32", "expected uint8"]),
        (lambda p: (p[0], p[1]), ["2 values", "(y, u, v)"]),
        (lambda p: (p[0], p[1], None), ["decoded v is NoneType"]),
        (lambda p: (p[0], p[1], p[2].tolist()), ["decoded v is list of length 8"]),
        (lambda p: p[0], ["decode returned an array of uint8 with shape (8, 144, 176)", "a tuple"]),
        (lambda p: {"y": p[0]}, ["decode returned dict of length 1"]),
        (lambda p: "pictures", ["decode returned str"]),
        (lambda p: None, ["decode returned NoneType"]),
        (lambda p: (np.array(3, dtype=np.uint8), p[1], p[2]), ["decoded y has shape ()"]),
        (lambda p: (p[0], p[1], np.zeros(p[2].shape, dtype=[("a", "u1")])), ["decoded v has dtype"]),
    ],
)
def test_wrong_pictures_are_refused_with_what_and_where(spoil, words: list[str]) -> None:
    with pytest.raises(InvalidCandidate) as refusal:
        measure(answering(spoil(exact())))
    assert all(word in refusal.value.reason for word in ["procedural-a", *words]), refusal.value.reason


@pytest.mark.parametrize("bits", ["text", bytearray(b"xy"), None, 7, ["a"], np.zeros(3, np.uint8), b""])
def test_only_bytes_are_a_bitstream(bits: object) -> None:
    candidate = Candidate(encode=lambda *_: bits, decode=lambda _: tuple(exact()))
    with pytest.raises(InvalidCandidate, match="encode returned"):
        measure(candidate)
    assert candidate.calls == ["encode"]


def test_a_subclass_of_bytes_is_refused() -> None:
    class Short(bytes):
        def __len__(self) -> int:
            return 1

    with pytest.raises(InvalidCandidate, match="expected bytes"):
        measure(Candidate(encode=lambda *_: Short(b"long"), decode=lambda _: tuple(exact())))


def test_two_decodes_that_disagree_are_refused() -> None:
    other = exact()
    other[1][3, 5, 9] ^= 1
    with pytest.raises(InvalidCandidate, match="disagree on 1 samples of u, first at frame 3, row 5, column 9"):
        measure(answering(tuple(exact()), tuple(other)))


def test_a_crash_is_the_frameworks_error_and_not_the_judges() -> None:
    def encode(*_: object) -> bytes:
        raise IndexError("edge")

    with pytest.raises(CallFailed, match="crashed"):
        measure(Candidate(encode=encode))


def test_decoder_gets_the_bitstream_and_nothing_else() -> None:
    seen: list[tuple] = []

    def decode(*args: object) -> tuple:
        seen.append(args)
        return tuple(exact())

    measure(Candidate(encode=lambda *_: b"bits", decode=decode))
    assert seen == [(b"bits",), (b"bits",)]


def test_pictures_for_people_come_with_the_first_case_of_full_only() -> None:
    import clips
    import judge

    first, *others = judge.cases(SimpleNamespace(name="full", seed=1, holdout=False))
    report = judge.measure(Candidate(SEED_SOURCE), case(first, "full"))
    assert sorted(report.artifacts) == ["decoded.png", "difference_x4.png", "original.png"]
    h, w = clips.load_clip(first, stage="full", seed=7).planes[0].shape[1:]
    assert _png_size(report.artifacts["original.png"]) == (w, h)
    assert judge.measure(Candidate(SEED_SOURCE), case(others[-1], "full")).artifacts == {}


def _png_size(data: bytes) -> tuple[int, int]:
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR"
    assert struct.unpack(">I", data[29:33])[0] == zlib.crc32(data[12:29])
    width, height = struct.unpack(">II", data[16:24])
    size = struct.unpack(">I", data[33:37])[0]
    assert len(zlib.decompress(data[41 : 41 + size])) == height * (1 + 3 * width)
    return width, height
