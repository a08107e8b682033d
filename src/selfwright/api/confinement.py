"""Which sandbox a candidate runs in, and what a person should know of it."""

import time

from selfwright import bootstrap
from selfwright.core.errors import BadInput, SandboxError
from selfwright.core.job import Job
from selfwright.core.limits import Limits
from selfwright.core.offer import Offer


def choose_sandbox(name: str | None, *, trusted: bool) -> str:
    """Return the sandbox that a person has named, if it works here; of None the strongest that does.

    Args:
        trusted: As of ``strongest_sandbox``.

    Raises:
        BadInput: There is none; the message says why.
    """
    return strongest_sandbox(trusted=trusted) if name is None else check_sandbox(name)


def strongest_sandbox(*, trusted: bool) -> str:
    """Return the name of the strongest sandbox that works here and contains hostile code.

    Args:
        trusted: Whether, where there is none, ``limits`` may be taken unasked: for what came along with us.

    Raises:
        BadInput: There is none; the message says why for each.
    """
    offers = []
    for name in bootstrap.SANDBOXES:
        offer = try_sandbox(name)
        if offer.works and (offer.contains or trusted):
            return name
        offers.append(offer)
    reasons = "; ".join(f"{offer.name}: {' '.join(offer.lacks)}" for offer in offers if offer.name != "limits")
    raise BadInput(
        f"no sandbox on this machine contains hostile code ({reasons}). `selfwright doctor` says more; to run without, "
        "for code that you trust, name it: --sandbox limits"
    )


def check_sandbox(name: str) -> str:
    """Return the name of a sandbox that a person has chosen.

    Raises:
        BadInput: There is none of that name, or it does not work here; the message says why.
    """
    offer = try_sandbox(name)
    if not offer.works:
        raise BadInput(
            f"the sandbox {name} does not work here: {' '.join(offer.lacks)}; `selfwright doctor` shows others"
        )
    return name


def try_sandbox(name: str, *, twice: bool = False) -> Offer:
    """Return what this machine makes of a sandbox, by running a command in it; ``twice``, to see what a call costs."""
    started = time.monotonic()
    try:
        sandbox = bootstrap.make_sandbox(name)
    except SandboxError as error:
        return Offer(name=name, works=False, contains=False, lacks=(str(error),))
    took_s = []
    try:
        for _ in range(1 + twice):
            reply = sandbox.execute(
                Job(files={}, guest="", limits=Limits()), ("true",), stdin=b"", files={}, produce=()
            )
            if reply.status != "ok":
                raise SandboxError(f"`true` did not run in it: {reply.reason} {reply.log}".rstrip())
            took_s.append(time.monotonic() - started)
            started = time.monotonic()
    except SandboxError as error:
        return Offer(name=name, works=False, contains=sandbox.contains, lacks=(str(error),))
    finally:
        sandbox.close()
    return Offer(
        name=name, works=True, contains=sandbox.contains, lacks=sandbox.lacks, start_s=took_s[0], call_s=took_s[-1]
    )


def sandbox_note(name: str) -> str:
    """Return what a person should know of a sandbox adapter, or nothing; of one that is not there either."""
    try:
        sandbox = bootstrap.make_sandbox(name)
    except SandboxError:
        return ""
    try:
        return "" if sandbox.contains else " ".join(sandbox.lacks)
    finally:
        sandbox.close()
