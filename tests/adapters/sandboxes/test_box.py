"""A box that never came to be says why; in the sandboxes themselves the contract asks for the rest."""

import psutil
import pytest

from selfwright.adapters.sandboxes.box import GuestBox, run_command
from selfwright.adapters.sandboxes.supervised import Supervised
from selfwright.core.errors import SandboxError
from selfwright.core.limits import Limits


@pytest.mark.parametrize(
    ("why", "more"),
    [
        ("a box ended while it was set up: killed, perhaps for want of memory", True),
        ("descriptors: fcntl.so: failed to map segment from shared object", True),
        ("files: [Errno 12] Cannot allocate memory", True),
        ("mounts: [Errno 1] Operation not permitted", False),
    ],
)
def test_too_little_memory_to_begin_in_is_named_and_nothing_stays_open(why: str, more: bool) -> None:
    def start(streams: tuple[int, int, int]) -> Supervised:
        raise SandboxError(why)

    limits, released, before = Limits(memory_mb=40), [], psutil.Process().num_fds()
    wanted = f"{why}; memory_mb = 40 in problem.toml may be too small for Python and what it imports" if more else why
    with pytest.raises(SandboxError) as of_guest:
        GuestBox(start, limits, release=lambda: released.append(1))
    with pytest.raises(SandboxError) as of_command:
        run_command(start, limits, stdin=b"", produce=())
    assert (str(of_guest.value), str(of_command.value), released) == (wanted, wanted, [1])
    assert psutil.Process().num_fds() == before
