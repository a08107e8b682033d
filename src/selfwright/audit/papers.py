"""What is written, on trial: message, trailers, tree, note and journal must say the same. Nothing is measured here.

Where a journal is there, everything follows from it to the byte. Without one the note says what the message must be,
and the message holds the note by its hash.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeVar

from selfwright.audit.certificate import Certificate
from selfwright.audit.exhibit import Commit, Exhibit
from selfwright.audit.finding import Finding, beside, differs, holds, unchecked
from selfwright.audit.message import evolution_message, seed_message, trailers
from selfwright.audit.retold import SEED_HAS, VERSION_HAS, contradictions, unverified
from selfwright.audit.sample import SENSELESS, follow
from selfwright.bench.folder import NOT_COUNTED, hash_all, is_hidden
from selfwright.bench.problem import Problem
from selfwright.core.change import content_id
from selfwright.core.errors import RepoError
from selfwright.core.plain import Plain, to_plain
from selfwright.ports.repo import Repo

T = TypeVar("T")

_OFTEN = ("Parent-Change",)
_FETCH = "git fetch origin refs/notes/selfwright:refs/notes/selfwright"


def read_papers(exhibit: Exhibit, repo: Repo, problem: Problem) -> list[Finding]:
    """Return what the papers of a version say of each other.

    Args:
        problem: As v0 has it.
    """
    is_editable = problem.is_editable
    return [
        *_place(exhibit),
        _trailers(exhibit),
        _tree(exhibit, repo, is_editable),
        _evaluator(exhibit, repo, is_editable),
        *_certificate(exhibit),
        *_terms(exhibit, repo, problem),
        *_message(exhibit, problem),
        _signature(exhibit),
    ]


def _place(exhibit: Exhibit) -> list[Finding]:
    """Return whether it is the commit of the journal, on top of the version before."""
    commit, expected = exhibit.commit, exhibit.expected
    if expected is None:
        return [beside("journal", "there is none here that can be read: what only it holds is not compared")]
    found = []
    if commit.id == expected.adopted.commit:
        found.append(holds("commit", f"it is the one that the journal has for v{expected.adopted.version}"))
    else:
        found.append(
            differs("commit", f"the journal has {expected.adopted.commit[:12]} for v{expected.adopted.version}")
        )
    parent = expected.adoption.parent
    if parent is None:
        return found
    if commit.parents == (parent,):
        return [*found, holds("parent", f"{parent[:12]}, the version before")]
    names = ", ".join(each[:12] for each in commit.parents) or "none"
    return [*found, differs("parent", f"it is {names}, the journal has {parent[:12]}")]


def _trailers(exhibit: Exhibit) -> Finding:
    found = trailers(exhibit.commit.message)
    counts = Counter(key for key, _ in found)
    wanted = VERSION_HAS if exhibit.commit.version else SEED_HAS
    wrong = [f"{key} is gone" for key in wanted if not counts[key]]
    wrong += [f"{key} is there {count} times" for key, count in counts.items() if count > 1 and key not in _OFTEN]
    if exhibit.commit.version and counts["Metrics"] and not exhibit.numbers():
        wrong.append("Metrics is not the JSON that was written")
    return differs("trailers", "; ".join(wrong)) if wrong else holds("trailers", f"{len(found)}, each once")


def _tree(exhibit: Exhibit, repo: Repo, is_editable: Callable[[str], bool]) -> Finding:
    """Return whether the tree is the measured one: by the trailer, by the journal, by the certificate's files."""
    commit, expected, certificate = exhibit.commit, exhibit.expected, exhibit.certificate
    wrong = []
    if exhibit.said("Evaluation-Tree") != commit.tree:
        said = exhibit.said("Evaluation-Tree")[:12] or "nothing"
        wrong.append(f"it is {commit.tree[:12]}, what was measured is {said} by its trailer")
    if expected and expected.adopted.tree != commit.tree:
        wrong.append(f"it is {commit.tree[:12]}, the journal has {expected.adopted.tree[:12]}")
    known = expected.certificate.files if expected else certificate.files if certificate else None
    if known is None:
        return differs("tree", "; ".join(wrong)) if wrong else holds("tree", f"{commit.tree[:12]}, as its trailer says")
    there = {
        path: content_id(content)
        for path, content in _below(repo.read_files(commit.id, exhibit.folder), exhibit.folder).items()
        if is_editable(path)
    }
    if other := _other(known, there):
        wrong.append(f"of the program, other than measured: {other}")
    return differs("tree", "; ".join(wrong)) if wrong else holds("tree", "the program in it is the measured one")


def _evaluator(exhibit: Exhibit, repo: Repo, is_editable: Callable[[str], bool]) -> Finding:
    """Return whether judge and problem are those of v0, and v0's those that were hashed when the run opened."""
    seed, certificate = exhibit.seed, exhibit.expected.certificate if exhibit.expected else exhibit.certificate
    if seed is None:
        return unchecked("evaluator", "the commit of v0 can not be reached from here; fetch the whole history")
    then, now = (repo.file_ids(commit.id, exhibit.folder) for commit in (seed, exhibit.commit))
    locked = [_only(_below(files, exhibit.folder), lambda path: not is_editable(path)) for files in (then, now)]
    wrong = [f"since v0 changed: {other}"] if (other := _other(locked[0], locked[1])) else []
    said = exhibit.said("Evaluator")
    if certificate is None:
        there = {
            path: content_id(content)
            for path, content in _below(repo.read_files(seed.id, exhibit.folder), exhibit.folder).items()
        }
        hashed = counted_hash(there, is_editable)
        if wrong:
            return differs("evaluator", "; ".join(wrong))
        if hashed != said:
            words = (
                f"its trailer says {said[:12]}, the files of v0 give {hashed[:12]}; some may never have been committed"
            )
            return unchecked("evaluator", f"{words}: only its certificate names them; {_FETCH}")
        return holds("evaluator", f"{said[:12]}, by the files of v0")
    files = certificate.evaluator_files
    if hash_all(files) != said:
        wrong.append(f"its trailer says {said[:12]}, the files that were hashed give {hash_all(files)[:12]}")
    contents = _below(repo.read_files(seed.id, exhibit.folder), exhibit.folder)
    edited = [path for path, sha256 in files.items() if path in contents and content_id(contents[path]) != sha256]
    if edited:
        wrong.append(f"in v0 other than hashed: {', '.join(edited[:5])}")
    if wrong:
        return differs("evaluator", "; ".join(wrong))
    absent = [path for path in files if path not in contents]
    more = f"; not in the commit, and not checked: {', '.join(absent[:5])}" if absent else ""
    return holds("evaluator", f"{said[:12]}, {len(files) - len(absent)} files as they were when the run opened{more}")


def _certificate(exhibit: Exhibit) -> list[Finding]:
    if not exhibit.commit.version:
        return []
    if exhibit.note is None:
        words = "there is no note of this commit"
        if exhibit.expected:
            return [differs("certificate", f"{words}, although its run wrote one")]
        return [unchecked("certificate", f"{words}: samples, machine and costs are not seen; {_FETCH}")]
    certificate, sha256 = exhibit.certificate, hashlib.sha256(exhibit.note).hexdigest()
    wrong = []
    if sha256 != exhibit.said("Certificate"):
        wrong.append(f"it has the hash {sha256[:12]}, its commit names {exhibit.said('Certificate')[:12] or 'none'}")
    if certificate is None:
        return [differs("certificate", "; ".join([*wrong, "it can not be read"]))]
    if exhibit.expected and (other := _fields(certificate, exhibit.expected.certificate)):
        wrong.append(f"other than in the journal: {other}")
    if certificate.tree != exhibit.commit.tree or certificate.parent not in exhibit.commit.parents:
        wrong.append("it is that of another commit: its tree or its parent is not this one's")
    found = (
        differs("certificate", "; ".join(wrong))
        if wrong
        else holds("certificate", f"{sha256[:12]}, as its commit names it")
    )
    return [found, follow(certificate)]


def _terms(exhibit: Exhibit, repo: Repo, problem: Problem) -> list[Finding]:
    """Return whether it is on top of the version before, and its certificate on the terms of its problem."""
    certificate = exhibit.certificate
    if not exhibit.commit.version:
        return []
    wrong = []
    if certificate is not None:
        terms = {
            "problem": (certificate.problem, problem.subject.removeprefix("problem:")),
            "metrics": (certificate.metrics, problem.metrics),
            "objective": (certificate.objective, problem.objective),
            "limits": (certificate.limits, problem.limits),
            "judged": (certificate.judged, problem.judged),
        }
        wrong = [f"{name} is not what its problem.toml says" for name, (said, given) in terms.items() if said != given]
        if certificate.look > problem.holdout_looks:
            wrong.append(f"it had look {certificate.look} at the holdout, allowed are {problem.holdout_looks}")
    version = certificate.version if certificate else exhibit.commit.version
    with suppress(RepoError):  # a shallow clone has none before
        before = Commit.read(repo, exhibit.commit.parents[0]).version if exhibit.commit.parents else None
        if before != version - 1:
            wrong.append(f"it is v{version} on top of {'no version' if before is None else f'v{before}'}")
    return [differs("terms", "; ".join(wrong)) if wrong else holds("terms", "those of its problem")]


def _message(exhibit: Exhibit, problem: Problem) -> list[Finding]:
    """Return whether the message is what journal or certificate give, to the letter; else what itself gives."""
    commit, expected, certificate = exhibit.commit, exhibit.expected, exhibit.certificate
    source = "the journal" if expected else "its certificate"
    if expected and not expected.adoption.version:
        wanted = seed_message(expected.adoption, tree=expected.adopted.tree)
    elif expected:
        wanted = evolution_message(expected.certificate)
    elif certificate and commit.version:
        try:
            wanted = evolution_message(certificate)
        except SENSELESS as error:
            return [differs("message", f"its certificate gives none: {error!r}")]
    else:
        return _retold(exhibit, problem)
    if commit.message == wanted:
        return [holds("message", f"what {source} gives, to the letter")]
    ours, theirs = commit.message.splitlines(), wanted.splitlines()
    pairs = zip([*ours, *[""] * len(theirs)], [*theirs, *[""] * len(ours)], strict=False)
    said, given = next(((one, other) for one, other in pairs if one != other), ("another line end", ""))
    return [differs("message", f"it says {_cut(said)}, {source} gives {_cut(given)}")]


def _retold(exhibit: Exhibit, problem: Problem) -> list[Finding]:
    if wrong := contradictions(exhibit, problem):
        return [differs("message", "; ".join(wrong[:4]))]
    found = [holds("message", "words and trailers agree with each other, and with its problem")]
    return [*found, beside("description", unverified(exhibit, problem))] if exhibit.commit.version else found


def _signature(exhibit: Exhibit) -> Finding:
    commit, certificate = exhibit.commit, exhibit.expected.certificate if exhibit.expected else exhibit.certificate
    if commit.author != commit.committer:
        return differs("signature", f"the author is {_cut(commit.author)}, the committer {_cut(commit.committer)}")
    told = re.search(r"^Timestamp: (\S+)$", commit.message, re.MULTILINE)
    time = certificate.time if certificate else told[1] if told else None
    if time is None:
        return beside("signature", f"nothing else says the time of {_cut(commit.author)}")
    found = re.search(r"> (\d{1,11}) \+0000$", commit.author)
    then = datetime.fromtimestamp(int(found[1]), UTC).isoformat()[:19] if found else "unreadable"
    if then != time[:19]:
        return differs("signature", f"it is of {then}, the adoption of {time}")
    return holds("signature", commit.author.partition(" <")[0])


def counted_hash(files: Mapping[str, str], is_editable: Callable[[str], bool]) -> str:
    """Return the hash of a problem by path → sha256 of everything in its folder."""
    counts = {
        path: sha256
        for path, sha256 in files.items()
        if not is_hidden(path) and (path not in NOT_COUNTED or is_editable(path))
    }
    return hash_all(counts)


def _fields(found: Certificate, wanted: Certificate) -> str:
    """Return the first fields that differ, with what they are and what they should be."""
    ours, theirs = to_plain(found), to_plain(wanted)
    assert isinstance(ours, dict) and isinstance(theirs, dict)  # of dataclasses
    return "; ".join(
        f"{name} is {_cut(ours[name])}, not {_cut(theirs[name])}" for name in theirs if ours[name] != theirs[name]
    )


def _cut(value: Plain) -> str:
    text = repr(value)
    return text if len(text) <= 90 else text[:87] + "..."


def _below(files: Mapping[str, T], folder: str) -> dict[str, T]:
    return {path.removeprefix(folder): content for path, content in files.items()}


def _only(files: Mapping[str, str], wanted: Callable[[str], bool]) -> dict[str, str]:
    return {path: content for path, content in files.items() if wanted(path)}


def _other(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    paths = sorted(path for path, _ in then.items() ^ now.items())
    return ", ".join(dict.fromkeys(paths[:6]))
