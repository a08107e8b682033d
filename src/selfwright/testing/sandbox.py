"""The contract of sandboxes: how a box speaks, what it is bound to, and that nothing of it stays behind.

That hostile code is contained is another matter (``tests/hostile``), and asked only of those that claim it.
"""

import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from selfwright.core.job import Job, Reply
from selfwright.core.limits import Limits, Profile
from selfwright.core.status import CallStatus
from selfwright.ports.sandbox import MOST_PRODUCED, Box, Sandbox

if TYPE_CHECKING:
    import pytest

GUEST = Path(__file__).with_name("guest_echo.py")
_MIB = 1 << 20
_FILES = {"program.py": b"VALUE = 1\n", "part/data.txt": b"some data"}


class SandboxContract:
    """What every sandbox must do. Inherit, and say how one is made.

    Attributes:
        wall_s: A deadline that a test can wait for; only who never comes to an end is held to it.
    """

    wall_s = 0.4

    def make(self) -> Sandbox:
        """Return a sandbox. What it keeps on disk lies in ``tempfile.gettempdir()``, looked up when it is needed."""
        raise NotImplementedError

    def alive(self, pids: Iterable[int]) -> list[int]:
        """Return those of the guest's process ids that still run, a moment for dying granted.

        To be replaced where the guest sees other numbers than the host.
        """
        import psutil

        processes = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
        _, left = psutil.wait_procs(processes, timeout=10)
        return [process.pid for process in left if process.status() != psutil.STATUS_ZOMBIE]

    @contextmanager
    def box(self, limits: Limits | None = None) -> Iterator[Box]:
        """Open a box with the guest of this contract, and close box and sandbox."""
        sandbox = self.make()
        try:
            with sandbox.open(Job(files=_FILES, guest=str(GUEST), limits=limits or Limits())) as box:
                yield box
        finally:
            sandbox.close()

    def test_it_says_what_it_is(self) -> None:
        """A name to record, and whether it contains hostile code."""
        sandbox = self.make()
        assert sandbox.name
        assert sandbox.contains in (True, False)
        sandbox.close()

    def test_bytes_go_in_and_come_back(self) -> None:
        """Nothing, a few, and more than a pipe holds."""
        with self.box() as box:
            for content in (b"", b"\0\xff bytes", bytes(range(256)) * (4 * _MIB // 256)):
                assert _ok(box.exchange(b"echo " + content)) == content

    def test_it_starts_in_the_programs_directory(self) -> None:
        """Which holds all of its files."""
        with self.box() as box:
            for path, content in _FILES.items():
                assert _ok(box.exchange(b"read " + path.encode())) == content

    def test_a_box_has_a_state_and_the_next_one_has_not(self) -> None:
        """Exchanges share the process; boxes share nothing, two at once neither."""
        with self.box() as box, self.box() as beside:
            assert [_ok(each.exchange(b"count")) for each in (box, box, beside)] == [b"1", b"2", b"1"]
        with self.box() as box:
            assert _ok(box.exchange(b"count")) == b"1"

    def test_files_of_one_box_are_not_in_the_next(self) -> None:
        """Wherever it could write them: working directory, home, temporary folder."""
        with self.box() as box:
            written = _ok(box.exchange(b"write found.txt"))
            assert _ok(box.exchange(b"find found.txt")) == written
        with self.box() as box:
            assert _ok(box.exchange(b"find found.txt")) == b"0"

    def test_the_environment_is_clean(self, monkeypatch: "pytest.MonkeyPatch") -> None:
        """Nothing of ours is in it, least of all a secret."""
        monkeypatch.setenv("SELFWRIGHT_PLANTED", "a planted secret")
        with self.box() as box:
            assert b"PLANTED" not in _ok(box.exchange(b"environment"))
        assert b"PLANTED" not in _ok(self._execute("import os; print(os.environ)"))

    def test_what_is_printed_is_the_log(self) -> None:
        """Of this exchange, decoded whatever it is, without control characters; never part of the reply."""
        with self.box() as box:
            reply = box.exchange(b"say h\xc3\xa9llo \xff\x1b[31m\x07 world\n")
            assert _ok(reply) == b"said"
            assert reply.log.count("h\xe9llo") == 2
            assert not {"\x1b", "\x07"}.intersection(reply.log)
            assert "world" not in box.exchange(b"echo").log

    def test_an_endless_log_is_capped(self) -> None:
        """And does not keep the deadline from coming."""
        with self.box(Limits(log_kb=16)) as box:
            _ok(box.exchange(b"echo"))
            reply = box.exchange(b"flood", wall_s=self.wall_s)
        assert reply.status is not CallStatus.OK
        assert 0 < len(reply.log) <= 17 * 1024

    def test_the_deadline_holds(self) -> None:
        """Whatever the guest does: compute, sleep, ignore signals. No process of it is left, and the box has ended."""
        for verb in (b"loop", b"sleep", b"ignore"):
            with self.box() as box:
                pids = [int(_ok(box.exchange(verb))) for verb in (b"pid", b"child")]
                reply = box.exchange(verb, wall_s=self.wall_s)
                assert reply.status is CallStatus.TIMED_OUT, (verb, reply)
                assert self.wall_s <= reply.wall_s, verb
                assert reply.reason, verb
                assert self.alive(pids) == [], verb
                assert box.exchange(b"echo").status is CallStatus.CRASHED, verb

    def test_an_exchange_can_only_lower_the_deadline(self) -> None:
        """The limit of the job is the limit."""
        with self.box(Limits(wall_s=self.wall_s)) as box:
            assert box.exchange(b"sleep", wall_s=500.0).status is CallStatus.TIMED_OUT

    def test_a_grandchild_that_holds_the_pipes_hangs_nobody(self) -> None:
        """The guest is gone, its pipes are open: it has crashed."""
        with self.box() as box:
            _ok(box.exchange(b"echo"))
            reply = box.exchange(b"child leave", wall_s=self.wall_s)
        assert reply.status in (CallStatus.CRASHED, CallStatus.TIMED_OUT), reply

    def test_closing_ends_everything(self) -> None:
        """Also what the guest has started, and twice is harmless."""
        with self.box() as box:
            pids = [int(_ok(box.exchange(verb))) for verb in (b"pid", b"child")]
            box.close()
            assert self.alive(pids) == []
            assert box.exchange(b"echo").status is CallStatus.CRASHED

    def test_a_crash_says_how(self) -> None:
        """Exit code or signal; the box has ended."""
        for request, word in ((b"exit 3", "3"), (b"exit 0", "0"), (b"abort", "SIGABRT")):
            with self.box() as box:
                reply = box.exchange(request)
                assert reply.status is CallStatus.CRASHED, (request, reply)
                assert word in reply.reason, reply.reason
                assert reply.payload == b""
                assert box.exchange(b"echo").status is CallStatus.CRASHED

    def test_a_reply_has_a_largest_size(self) -> None:
        """One byte more is too many."""
        limits = Limits(output_mb=1)
        with self.box(limits) as box:
            assert len(_ok(box.exchange(b"large %d" % _MIB))) == _MIB
            assert box.exchange(b"large %d" % (_MIB + 1)).status is CallStatus.OUTPUT_TOO_LARGE

    def test_it_says_what_was_used(self) -> None:
        """Time by the supervisor's clock, processor time where the system tells, memory."""
        with self.box() as box:
            reply = box.exchange(b"large 30000000")
        assert reply.wall_s > 0
        assert reply.cpu_s >= 0
        assert reply.peak_memory_bytes == 0 or reply.peak_memory_bytes > 30_000_000

    def test_a_command_runs_with_its_input_and_brings_back_files(self) -> None:
        """Standard output is the payload, standard error the log; files of the program and of the call are there."""
        code = (
            "import sys; sys.stdout.write(open('part/data.txt').read() + open('given.txt').read() + sys.stdin.read());"
            "sys.stderr.write('words'); open('out.bin', 'wb').write(bytes(range(256)))"
        )
        reply = self._execute(code, stdin=b" and input", files={"given.txt": b" given"}, produce=("out.bin", "none"))
        assert _ok(reply) == b"some data given and input"
        assert "words" in reply.log
        assert dict(reply.files) == {"out.bin": bytes(range(256))}

    def test_only_regular_files_are_brought_back(self) -> None:
        """No link is followed, and a pipe hangs nobody."""
        code = (
            "import os; open('real', 'w').write('x'); os.symlink('/etc/passwd', 'link'); os.mkfifo('fifo');"
            "os.mkdir('folder'); os.symlink('/etc', 'linked')"
        )
        reply = self._execute(code, produce=("real", "link", "fifo", "folder", "linked/passwd", "../program.py"))
        assert _ok(reply) == b""
        assert dict(reply.files) == {"real": b"x"}

    def test_globs_name_what_is_brought_back(self) -> None:
        """Segment by segment; no link is followed, nothing outside is named, and a name that is no path is left out."""
        code = (
            "import os; os.makedirs('bin/deep'); os.makedirs('a/b/c'); os.symlink('/etc', 'bin/away');"
            "[open(name, 'w').write(name) for name in ('bin/one', 'bin/two', 'bin/deep/three', 'a/b/c/d.so', 'x.so',"
            " 'bin/new\\nline')]; os.symlink('one', 'bin/link'); os.mkfifo('bin/fifo')"
        )
        reply = self._execute(code, produce=("bin/*", "**/*.so", "../*", "bin/one", "none/*"))
        assert _ok(reply) == b""
        names = ["a/b/c/d.so", "bin/one", "bin/two", "x.so"]
        assert dict(reply.files) == {name: name.encode() for name in names}

    def test_what_is_produced_is_bound(self) -> None:
        """In number, and in size of all together."""
        many = f"[open(f'{{n}}.o', 'w').close() for n in range({MOST_PRODUCED + 1})]"
        assert len(self._execute(many, produce=("[0-9].o",)).files) == 10
        too_many = self._execute(many, produce=("*.o",))
        assert (too_many.status, dict(too_many.files)) == (CallStatus.OUTPUT_TOO_LARGE, {}), too_many.status
        large = "[open(f'{n}.o', 'wb').write(bytes(700_000)) for n in range(2)]"
        too_large = self._execute(large, produce=("*.o",), limits=Limits(files_mb=1))
        assert too_large.status in (CallStatus.OUTPUT_TOO_LARGE, CallStatus.CRASHED), too_large.status
        assert sum(map(len, too_large.files.values())) <= _MIB

    def test_every_name_that_fits_is_brought_back(self) -> None:
        """As long as the system takes it, and as many as there may be."""
        name = "\u4e00" * 80
        folder = "/".join([name] * 12)
        many = f"import os; os.makedirs({folder!r}); os.chdir({folder!r}); "
        many += f"[open(f'{{n}}' + {name!r}, 'w').close() for n in range({MOST_PRODUCED})]"
        reply = self._execute(many, produce=(f"{name}/**/*",), limits=Limits(files_mb=1))
        assert _ok(reply) == b""
        assert set(reply.files) == {f"{folder}/{n}{name}" for n in range(MOST_PRODUCED)}

    def test_what_is_produced_needs_no_more_memory_than_there_is(self) -> None:
        """What does not fit is the candidate's failure, not the sandbox's."""
        for size_mb in (45, 100):  # kept three times, and twice, it is more than there is
            code = f"f = open('large', 'wb'); [f.write(bytes(1 << 20)) for _ in range({size_mb})]"
            reply = self._execute(code, produce=("large",), limits=Limits(memory_mb=128, files_mb=120))
            whole = (reply.status, sum(map(len, reply.files.values()))) == (CallStatus.OK, size_mb * _MIB)
            assert whole or (reply.status is CallStatus.OUT_OF_MEMORY and not reply.files), reply.status

    def test_python_is_the_interpreter_of_the_sandbox(self) -> None:
        """Whatever is called so on the machine."""
        code = b"import sys; print(sys.version_info[:2], open('part/data.txt').read())"
        reply = self._execute("", argv=("python", "given.py"), files={"given.py": code})
        assert _ok(reply) == f"{sys.version_info[:2]} some data\n".encode()

    def test_programs_and_scripts_can_be_executed(self) -> None:
        """Those of the job and those of the call, by what they are; other files can not."""
        script = b"#!/bin/sh\necho run\n"
        for name, content, payload in (("tool", script, b"run\n"), ("words", b"echo run\n", b"")):
            limits = Limits(profile=Profile.NATIVE, allow=("exec",))
            reply = self._execute("", argv=(f"./{name}",), files={name: content}, limits=limits)
            assert reply.payload == payload, (name, reply)
            assert (reply.status is CallStatus.OK) is bool(payload), (name, reply)

    def test_a_command_is_bound_too(self) -> None:
        """Exit code, signal, deadline and size, with the same words."""
        crashed = self._execute("raise SystemExit(3)")
        assert (crashed.status, "3" in crashed.reason) == (CallStatus.CRASHED, True), crashed
        killed = self._execute("import os; os.abort()")
        assert (killed.status, "SIGABRT" in killed.reason) == (CallStatus.CRASHED, True), killed
        late = self._execute("while True: pass", limits=Limits(wall_s=self.wall_s))
        assert late.status is CallStatus.TIMED_OUT, late
        large = self._execute("print('x' * 3_000_000)", limits=Limits(output_mb=1))
        assert large.status is CallStatus.OUTPUT_TOO_LARGE, large

    def test_nothing_is_left_on_disk(self, tmp_path: Path, monkeypatch: "pytest.MonkeyPatch") -> None:
        """After an honest guest, after one that was killed, after a command, and after what they wrote."""
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        with self.box() as box:
            _ok(box.exchange(b"write found.txt"))
        with self.box() as box:
            box.exchange(b"exit 3")
        self._execute("import os; os.makedirs('a/b'); open('a/b/c', 'w'); os.chmod('a', 0)", produce=("a/b/c",))
        assert list(tmp_path.iterdir()) == []

    def _execute(
        self, code: str, *, stdin: bytes = b"", files: Mapping[str, bytes] | None = None,
        produce: tuple[str, ...] = (), limits: Limits | None = None, argv: tuple[str, ...] = (),
    ) -> Reply:  # fmt: skip
        sandbox = self.make()
        try:
            job = Job(files=_FILES, guest="", limits=limits or Limits())
            return sandbox.execute(
                job, argv or (sys.executable, "-I", "-c", code), stdin=stdin, files=files or {}, produce=produce
            )
        finally:
            sandbox.close()


def _ok(reply: Reply) -> bytes:
    assert reply.status is CallStatus.OK, reply
    return reply.payload
