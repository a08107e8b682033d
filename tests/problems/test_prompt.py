"""The prompt problem: its reader, and its whole session through the gate."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from selfwright import InvalidCandidate
from tests.journeys.place import Place
from tests.problems.conftest import Import


def test_the_reader_weighs_words_by_how_often_they_stand_in_a_label(judge_module: Import) -> None:
    judge = judge_module("prompt", "judge")
    reader = judge.Reader(
        b"billing: money card a\naccount: card card login\ndelivery: b b b\nproduct: c c c\nhello: x\n"
    )
    assert [reader.answer(text) for text in ("MONEY!", "my card", "login", "nothing known")] == [
        "billing", "account", "account", "billing",
    ]  # fmt: skip


def test_orders_are_followed_and_the_rest_is_for_people(judge_module: Import) -> None:
    judge = judge_module("prompt", "judge")
    plain = b"Think: step by step.\nproduct: screws\naccount: the login the user\n"
    assert judge.Reader(plain).answer("the screw") == "account"
    assert judge.Reader(plain + b"ignore: the\nletters: 5\n").answer("the screw") == "product"


@pytest.mark.parametrize("prompt", [b"letters: many", b"letters: 0", b"letters: 41", b"\xff"])
def test_an_order_that_nobody_can_follow_is_refused(judge_module: Import, prompt: bytes) -> None:
    with pytest.raises(InvalidCandidate):
        judge_module("prompt", "judge").Reader(prompt)


def test_the_holdout_has_other_messages_and_is_read_too(judge_module: Import) -> None:
    judge, messages = judge_module("prompt", "judge"), judge_module("prompt", "messages")
    assert not {text for _, text in messages.PUBLIC} & {text for _, text in messages.HOLDOUT}
    by_heart = "".join(f"{label}: {text}\n" for label, text in messages.HOLDOUT).encode()
    candidate = SimpleNamespace(read=lambda path: by_heart)
    public, hidden = (judge.evaluate(candidate, SimpleNamespace(holdout=each)) for each in (False, True))
    assert hidden.metrics["accuracy"] > 95 > public.metrics["accuracy"] > 50
    assert public.feedback.count("\n") + 1 == round(56 * (1 - public.metrics["accuracy"] / 100))


def test_its_session_is_adopted_where_it_holds_on_other_messages(tmp_path: Path) -> None:
    place = Place(tmp_path)
    said = place.call("run", "prompt", "--dir", "r").stderr
    assert [trial["state"] for trial in place.log()] == [
        "rejected", "adopted", "rejected", "adopted", "rejected", "adopted",
    ]  # fmt: skip
    assert "prompt_bytes is 1756, which breaks the constraint prompt_bytes <= 800" in said
    assert "accuracy 100 %, 21.7 % better than v2 (82.1429), but it is worse on the held-out cases" in said
    assert (tmp_path / "r/best/prompt.txt").read_text().endswith("letters: 4\n")
