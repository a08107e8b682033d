"""A model in a file: what is none is refused before anything runs. (`make test-model` asks a real one.)"""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from selfwright.adapters.models.local import LocalModel, window
from selfwright.core.change import Cost
from selfwright.core.completion import Allowance, Prompt
from selfwright.core.errors import BadInput, Unavailable


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"gone\.gguf can not be read: No such file.*local:FILE\.gguf"):
        LocalModel("gone", tmp_path / "gone.gguf", window=1024, threads=1)
    (tmp_path / "text.gguf").write_text("a text")
    with pytest.raises(BadInput, match="no model of the format GGUF"):
        LocalModel("text", tmp_path / "text.gguf", window=1024, threads=1)


def test_a_file_that_can_not_be_loaded_is_said_when_it_is_asked(tmp_path: Path) -> None:
    (tmp_path / "torn.gguf").write_bytes(b"GGUF")
    model = LocalModel("torn", tmp_path / "torn.gguf", window=1024, threads=1)
    assert (model.name, model.most(900, 50)) == ("local:torn", Cost(usd=0.0, tokens_in=900, tokens_out=50))
    with pytest.raises(Unavailable, match="could not load it"):
        model.complete(Prompt(stable="a", fresh="b"), allowance=Allowance(tokens_out=9, wall_s=60), cancel=Event())


def test_the_window_holds_the_prompt_and_the_answer() -> None:
    assert window(16_000, 500) == 8704
