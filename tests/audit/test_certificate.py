"""The certificate says what was measured, and comes back from JSON as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from selfwright.audit.certificate import Certificate
from selfwright.core.adoption import Adoption
from selfwright.core.limits import Limits, Profile
from selfwright.core.trial import Archive


def certified(told: Adoption) -> Certificate:
    return Certificate.of(told, tree="2" * 40, branch="selfwright/codec")


def test_it_comes_back_as_it_was(adoption: Callable[..., Adoption]) -> None:
    certificate = certified(adoption())
    assert Certificate.read(certificate.to_json()) == certificate


def test_it_says_what_was_measured(adoption: Callable[..., Adoption]) -> None:
    told = json.loads(certified(adoption()).to_json())
    assert told["files"] == {"codec.py": sha256(b"x = 3\n").hexdigest()}
    assert (told["tree"], told["version"]) == ("2" * 40, 3)
    assert told["before"]["bitrate_mbps"] == 3.18
    assert told["after"]["bitrate_mbps"] == 2.1
    assert told["cases"]["clip2"]["psnr_db"] == 35.25
    assert (told["runs"], told["compared"], told["holdout"]) == (2, 7, "passed")
    assert (told["look"], told["seed"], told["machines"][0]["packages"]) == (4, 5, {"numpy": "2.0.0"})
    assert told["samples"][3]["readings"] == [{"case": "clip2", "metrics": {"bitrate_mbps": [3.18]}}]
    assert told["cost"] == {"usd": 0.25, "tokens_in": 1000, "tokens_out": 200}
    assert told["time"] == "2023-11-14T22:13:23.123Z"
    assert told["verdict"]["decision"] == "adopt"


def test_it_says_where_it_ran_what_was_allowed_and_what_was_built(adoption: Callable[..., Adoption]) -> None:
    limits = Limits(profile=Profile.NATIVE, allow=("exec",), wall_s=3.0)
    built = (Archive(name="build.tar", sha256="b" * 64, size_bytes=10240),)
    told = json.loads(certified(adoption(limits=limits, built=built)).to_json())
    assert told["sandbox"] == "zygote"
    assert (told["limits"]["profile"], told["limits"]["allow"], told["limits"]["wall_s"]) == ("native", ["exec"], 3.0)
    assert told["built"] == [{"name": "build.tar", "sha256": "b" * 64, "size_bytes": 10240}]
    assert Certificate.read(json.dumps(told).encode()).limits == limits


def test_one_byte_of_a_sample_changes_its_hash(adoption: Callable[..., Adoption]) -> None:
    plain = certified(adoption())
    assert certified(adoption()).sha256 == plain.sha256
    (first, *others) = plain.samples
    other = replace(first, readings=(replace(first.readings[0], metrics={"bitrate_mbps": (2.1000000000000005,)}),))
    assert replace(plain, samples=(other, *others)).sha256 != plain.sha256


def test_an_older_one_is_read(adoption: Callable[..., Adoption]) -> None:
    told = json.loads(certified(adoption()).to_json())
    del told["limits"], told["built"]
    assert Certificate.read(json.dumps(told).encode()).built == ()


def test_without_a_holdout_it_says_nothing_of_one(adoption: Callable[..., Adoption]) -> None:
    assert certified(adoption(holdout=None)).holdout is None


def test_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="Certificate"):
        Certificate.read(b'{"format": "x"}')
