import platform
from importlib.metadata import version

from selfwright.adapters.machine import identify


def test_what_measurements_depend_on_is_named() -> None:
    machine = identify()
    assert machine.packages["numpy"] == version("numpy")
    assert machine.python == f"CPython {platform.python_version()}"
    assert platform.release() in machine.kernel
    assert machine.cpu
