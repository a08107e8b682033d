"""Values that an agent was given are in nothing that is kept."""

from __future__ import annotations

import base64
import json

from selfwright.proposers.agent.secret import Secrets

VALUE = 'sk-CANARY"5e1f/77'
SECRETS = Secrets({"A_KEY": VALUE, "A_SWITCH": "1"})


def test_a_value_is_replaced_by_its_name_however_it_is_spelled() -> None:
    for spelled in (VALUE, json.dumps(VALUE)[1:-1], "sk-CANARY%225e1f%2F77", base64.b64encode(VALUE.encode()).decode()):
        assert SECRETS.redacted(f"a {spelled} b 1") == "a [A_KEY] b 1"
        assert SECRETS.found_in(f"x = {spelled!r}".encode()) in ("A_KEY", "" if "\\" in spelled else "A_KEY")


def test_a_value_that_is_cut_off_is_not_told_either() -> None:
    assert SECRETS.redacted(f"a {VALUE[:12]}") == "a [A_KEY]"
    assert SECRETS.redacted(f"a {VALUE[:12]}\n... 9 bytes more were dropped\n") == (
        "a [A_KEY]\n... 9 bytes more were dropped\n"
    )


def test_what_is_short_is_no_secret() -> None:
    assert SECRETS.found_in(b"1") == "" and SECRETS.redacted("1") == "1"
