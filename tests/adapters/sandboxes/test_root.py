"""What a candidate finds of this machine: the interpreter and what is declared, nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from selfwright.adapters.sandboxes.root import root_of
from selfwright.core.environment import BARE, Environment
from selfwright.core.errors import SandboxError


def names(*modules: str) -> set[str]:
    """What is shown of the folders of installed packages."""
    return {name for shown in root_of(Environment(modules=modules)).site.values() for name in shown}


def test_with_nothing_declared_no_installed_package_is_shown() -> None:
    root = root_of(BARE)
    assert root.site == {}
    assert not any("site-packages" in path or "dist-packages" in path for path in (*root.binds, *root.import_path))
    homes = {Path("/home"), Path("/root"), Path("/etc"), Path("/var"), Path("/"), Path.home()}
    assert not homes & set(map(Path, root.binds))


def test_a_declared_package_is_shown_with_what_it_requires_and_no_more() -> None:
    assert "numpy" in names("numpy")
    assert {"pydantic", "pydantic_core", "annotated_types"} <= names("pydantic")
    assert not {"pytest", "pydantic"} & names("numpy")
    assert not [name for name in names("numpy", "pydantic") if name.endswith(".pth")]


def test_a_module_that_no_package_claims_is_shown_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "alone_7f3a.py").write_text("")
    (tmp_path / "beside_7f3a.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    root = root_of(Environment(modules=("alone_7f3a",)))
    assert root.site == {str(tmp_path): ("alone_7f3a.py",)}
    assert str(tmp_path) in root.import_path


def test_the_interpreter_and_declared_folders_are_there(tmp_path: Path) -> None:
    root = root_of(Environment(folders=(str(tmp_path),)))
    assert str(tmp_path) in root.binds
    lib = Path(sys.base_prefix) / "lib"
    assert any(lib.is_relative_to(path) for path in root.binds)
    assert {*root.binds, *root.links} <= set(root.readable)


def test_what_is_not_installed_is_refused_with_the_mend() -> None:
    with pytest.raises(SandboxError, match="pip install no_such_package"):
        root_of(Environment(modules=("no_such_package",)))
