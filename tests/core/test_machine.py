from dataclasses import replace

from selfwright.core.machine import Machine

HERE = Machine(cpu="c", kernel="Linux 6", python="CPython 3.11.7", packages={"numpy": "2.0", "rich": "14"})


def test_the_same_machine_has_the_same_fingerprint_in_whatever_order_its_packages_come() -> None:
    assert replace(HERE, packages={"rich": "14", "numpy": "2.0"}).fingerprint == HERE.fingerprint


def test_what_differs_changes_the_fingerprint_and_is_said() -> None:
    other = replace(HERE, kernel="Linux 7", packages={"numpy": "2.1", "rich": "14", "av": "12"})
    assert other.fingerprint != HERE.fingerprint
    assert HERE.differences(other) == ["kernel Linux 6 / Linux 7", "av none / 12", "numpy 2.0 / 2.1"]
    assert HERE.differences(HERE) == []
