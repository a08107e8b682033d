"""A git repository behind the repo port: plumbing only, on a private index. Nothing here pushes or fetches."""

import hashlib
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from selfwright.adapters.repos.command import Git
from selfwright.core.errors import BadInput, RepoError, Unavailable
from selfwright.core.path import check_path, check_paths
from selfwright.ports.repo import Signature

_OID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_ABBREVIATED = re.compile(r"[0-9a-f]{4,64}")
_BRANCH_SEGMENT = re.compile(r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_.+-]*(?<!\.)(?<!\.lock)")
_REGULAR = ("100644", "100755")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One line of ``ls-tree``."""

    mode: str
    oid: str


class GitRepo:
    """An existing repository, by its git directory (for a bare one: itself). Satisfies the repo port.

    Args:
        git_dir: ``/project/.git`` or ``/run/repo.git``.
        program: The git to run: a name on the search path, or a path.
        deadline_s: Of every git command.
        scratch: Where private indexes are made, one at a time: a folder that only this process uses now. What a killed
            one left there is removed by the next. Default: a new temporary folder each time.

    Raises:
        RepoError: It is no git directory.
    """

    def __init__(
        self, git_dir: Path, *, program: str = "git", deadline_s: float = 20.0, scratch: Path | None = None
    ) -> None:
        self.git_dir = git_dir.resolve()
        self._scratch = scratch.absolute() if scratch else None
        if not self.git_dir.is_dir():
            raise RepoError(f"{git_dir} is no git directory; was it moved or deleted?")
        self._git = Git(
            folder=self.git_dir,
            trusted=str(self.git_dir),
            program=program,
            deadline_s=deadline_s,
            environment={"GIT_DIR": str(self.git_dir)},
        )
        form = self._git.run("rev-parse", "--show-object-format", "--is-bare-repository").decode().split()
        self._hash, self._bare = form[0], form[1] == "true"
        self._zero = "0" * (2 * hashlib.new(self._hash, usedforsecurity=False).digest_size)

    @classmethod
    def init_bare(
        cls, path: Path, *, branch: str = "main", program: str = "git", deadline_s: float = 20.0
    ) -> "GitRepo":
        """Make an empty bare repository whose HEAD is ``branch``; doing it again changes nothing.

        For the only process that uses it now: a lock that is there was left by a git that was killed, and is removed.

        Raises:
            BadInput: ``branch`` is no branch name.
            RepoError: Git failed.
            Unavailable: No git, or the disk is full or read-only.
        """
        check_branch(branch)
        try:
            path.mkdir(parents=True, exist_ok=True)
            for left in (*path.glob("*.lock"), *path.glob("refs/**/*.lock")):
                left.unlink()
        except OSError as error:
            raise Unavailable(f"can not make {path}: {error.strerror}; mend the disk, then resume") from error
        git = Git(folder=path, trusted=str(path.resolve()), program=program, deadline_s=deadline_s)
        options = ("--quiet", "--bare", "--object-format=sha1", "--template=", f"--initial-branch={branch}")
        git.run("init", *options, ".")
        return cls(path, program=program, deadline_s=deadline_s)

    def resolve(self, revision: str) -> str | None:
        if revision != "HEAD" and not _ABBREVIATED.fullmatch(revision):
            check_branch(revision)
            revision = f"refs/heads/{revision}"
        answer = self._git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
        if answer.code and answer.error:
            raise RepoError(f"git rev-parse {revision} failed in {self.git_dir}: {answer.error}")
        return None if answer.code else _oid(answer.output)

    def read_file(self, commit: str, path: str) -> bytes | None:
        check_path(path)
        question = f"{_checked(commit)}:{path}"
        head, _, body = self._git.run("cat-file", "--batch", stdin=question.encode() + b"\n").partition(b"\n")
        if head.endswith(b" missing"):
            return None
        _, kind, size = head.split(b" ")
        return body[: int(size)] if kind == b"blob" else None

    def read_files(self, commit: str, prefix: str = "") -> dict[str, bytes]:
        ids = self.file_ids(commit, prefix)
        told = "".join(f"{oid}\n" for oid in ids.values()).encode()
        output, start, files = self._git.run("cat-file", "--batch", stdin=told), 0, {}
        for path in ids:
            head = output.index(b"\n", start)
            size = int(output[start:head].split(b" ")[2])
            files[path] = output[head + 1 : head + 1 + size]
            start = head + size + 2
        return files

    def list_files(self, commit: str, prefix: str = "") -> tuple[str, ...]:
        return tuple(sorted(self.file_ids(commit, prefix)))

    def file_ids(self, commit: str, prefix: str = "") -> dict[str, str]:
        within = f"{prefix.rstrip('/')}/" if prefix else ""
        entries = self._entries(_checked(commit), (within,) if within else ())
        return {path: entry.oid for path, entry in entries.items() if entry.mode in _REGULAR}

    def blob_id(self, content: bytes) -> str:
        header = b"blob %d\0" % len(content)
        return hashlib.new(self._hash, header + content, usedforsecurity=False).hexdigest()

    def build_tree(self, base: str | None, files: Mapping[str, bytes | None]) -> str:
        check_paths(files)
        modes = self._modes(base, files)
        with self._private() as folder:
            index = {"GIT_INDEX_FILE": str(folder / "index")}
            if base is not None:
                self._git.run("read-tree", _checked(base), environment=index)
            if files:
                oids = self._write_blobs(folder, [each for each in files.values() if each is not None])
                lines = [
                    f"0 {self._zero}\t{path}" if content is None else f"{modes[path]} {next(oids)}\t{path}"
                    for path, content in files.items()
                ]
                told = "".join(f"{line}\0" for line in lines).encode()
                self._git.run("update-index", "-z", "--index-info", stdin=told, environment=index)
            return _oid(self._git.run("write-tree", environment=index))

    def commit(self, *, tree: str, parents: tuple[str, ...], message: str, author: Signature) -> str:
        signed = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", author.name), ("EMAIL", author.email), ("DATE", f"@{author.time_s} +0000"))
        }
        after = [part for parent in parents for part in ("-p", _checked(parent))]
        return _oid(
            self._git.run("commit-tree", _checked(tree), *after, "-F", "-", stdin=message.encode(), environment=signed)
        )

    def advance(self, branch: str, commit: str, *, expect: str | None) -> None:
        check_branch(branch)
        tip, worktree = self._tip(branch)
        if tip == _checked(commit):
            return
        if worktree and not self._bare:
            raise RepoError(f"branch {branch} is checked out in {worktree}; check out another one there, then resume")
        if tip == expect:
            self._git.run("update-ref", f"refs/heads/{branch}", commit, _checked(expect) if expect else self._zero)
            return
        git = f"git --git-dir={shlex.quote(str(self.git_dir))} branch"
        mend = [f"{git} {branch}-{tip[:7]} {tip}"] if tip else []
        mend.append(f"{git} -f {branch} {expect}" if expect else f"{git} -D {branch}")
        raise RepoError(
            f"branch {branch} in {self.git_dir} is at {tip or 'nothing'}, but this run left it at "
            f"{expect or 'nothing'}: another run or a person moved it. Keep that under another name, then resume: "
            + " && ".join(mend)
        )

    def ref(self, name: str) -> str | None:
        """Return where a ref of any kind is, by its full name."""
        answer = self._git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        return None if answer.code else _oid(answer.output)

    def move(self, name: str, commit: str, *, expect: str | None) -> bool:
        """Move such a ref; return whether it was where it was expected (None: nowhere), else nothing is done.

        Raises:
            RepoError: It was, and git failed all the same.
        """
        answer = self._git.ask("update-ref", name, _checked(commit), _checked(expect) if expect else self._zero)
        if answer.code and self.ref(name) == expect:
            raise RepoError(f"git update-ref {name} failed in {self.git_dir}: {answer.error}")
        return not answer.code

    def header(self, commit: str) -> str:
        return self._commit(commit)[0]

    def message(self, commit: str) -> str:
        return self._commit(commit)[1]

    def parents(self, commit: str) -> tuple[str, ...]:
        header = self._commit(commit)[0]
        return tuple(line.removeprefix("parent ") for line in header.splitlines() if line.startswith("parent "))

    def since(self, base: str, head: str) -> tuple[str, ...]:
        listed = self._git.run("rev-list", "--topo-order", _checked(head), f"^{_checked(base)}", "--")
        return tuple(map(_checked, listed.decode().split()))

    def changed(self, commit: str) -> tuple[str, ...]:
        return self._differing("-c", "--root", "--no-commit-id", _checked(commit))

    def between(self, base: str, head: str) -> tuple[str, ...] | None:
        common = self._git.ask("merge-base", "--all", _checked(base), _checked(head)).output.decode().split()
        return self._differing(_checked(common[0]), head) if len(common) == 1 else None

    def _differing(self, *what: str) -> tuple[str, ...]:
        listed = self._git.run("diff-tree", "-r", "--no-renames", "--name-only", "-z", *what, "--")
        return tuple(listed.decode("utf-8", "surrogateescape").split("\0")[:-1])

    def _commit(self, commit: str) -> tuple[str, str]:
        """Return the header and the message."""
        header, _, message = self._git.run("cat-file", "commit", _checked(commit)).partition(b"\n\n")
        return header.decode(errors="replace"), message.decode(errors="replace")

    def _entries(self, treeish: str, paths: Sequence[str]) -> dict[str, _Entry]:
        """Return everything below ``paths`` (all, where there are none) that is not a tree itself."""
        listed = self._git.run("ls-tree", "-r", "-z", "--full-tree", treeish, "--", *paths)
        entries = {}
        for line in listed.decode("utf-8", "surrogateescape").split("\0")[:-1]:
            description, _, path = line.partition("\t")
            mode, _, oid = description.split(" ")
            entries[path] = _Entry(mode=mode, oid=oid)
        return entries

    def _modes(self, base: str | None, files: Mapping[str, bytes | None]) -> dict[str, str]:
        """Return the mode of each of ``files``: as in ``base``, else that of a plain file.

        Raises:
            BadInput: A path leads over, or to, something in ``base`` that is no regular file (a link, a submodule), or
                is a folder there.
        """
        if base is None or not files:
            return dict.fromkeys(files, "100644")
        entries = self._entries(_checked(base), sorted({path.split("/")[0] for path in files}))
        for path in files:
            segments = path.split("/")
            above = ("/".join(segments[:length]) for length in range(1, len(segments)))
            blocked = next((folder for folder in above if folder in entries), None)
            if blocked or (path in entries and entries[path].mode not in _REGULAR):
                raise BadInput(f"{path!r} can not be written: {blocked or path!r} is no plain folder or file in {base}")
            if any(known.startswith(f"{path}/") for known in entries):
                raise BadInput(f"{path!r} can not be written: it is a folder in {base}")
        return {path: entries[path].mode if path in entries else "100644" for path in files}

    def _write_blobs(self, folder: Path, contents: Sequence[bytes]) -> Iterator[str]:
        """Store all contents by one command, and return their ids in order; ``folder`` is private."""
        if not contents:
            return iter(())
        try:
            for name, content in enumerate(contents):
                (folder / str(name)).write_bytes(content)
        except OSError as error:
            raise Unavailable(f"can not write below {folder}: {error.strerror}; make room, then resume") from error
        told = "".join(f"{name}\n" for name in range(len(contents))).encode()
        git = replace(self._git, folder=folder)  # names relative to it have no sign that git could misread
        oids = git.run("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=told).decode().split()
        if oids != [self.blob_id(content) for content in contents]:
            raise RepoError(f"git in {self.git_dir} stored other bytes than it was given; do not trust this disk")
        return iter(oids)

    @contextmanager
    def _private(self) -> Iterator[Path]:
        """Yield an empty folder, which is removed afterwards."""
        try:
            if self._scratch is None:
                folder = Path(tempfile.mkdtemp(prefix="selfwright-"))
            else:
                folder = self._scratch
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(mode=0o700)
        except OSError as error:
            raise Unavailable(f"can not make {error.filename}: {error.strerror}; make room, then resume") from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _tip(self, branch: str) -> tuple[str | None, str]:
        """Return where a branch is, and the work tree that has it checked out."""
        ref = f"refs/heads/{branch}"
        told = self._git.run("for-each-ref", "--format=%(refname) %(objectname) %(worktreepath)", ref).decode()
        for line in told.splitlines():
            name, oid, worktree = line.split(" ", 2)
            if name == ref:  # a pattern also matches what lies below it
                return _oid(oid.encode()), worktree
        return None, ""


def check_branch(name: str) -> None:
    """Accept a branch name that git takes and that no command line misreads.

    Raises:
        BadInput: It is another kind of name.
    """
    if name == "HEAD" or not all(map(_BRANCH_SEGMENT.fullmatch, name.split("/"))):
        raise BadInput(f"{name!r} is no branch name; use letters, digits, '_', '.', '+', '-' and '/'")


def _checked(oid: str) -> str:
    if not _OID.fullmatch(oid):
        raise RepoError(f"{oid!r} is no object id; ask `resolve` for the id of a branch")
    return oid


def _oid(output: bytes) -> str:
    return _checked(output.decode(errors="replace").strip())
