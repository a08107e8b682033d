"""`selfwright speed` on twenty functions of well-known packages, without a model: the table of docs/speed.md.

    python benchmarks/speed.py FOLDER [--wall 3m] [--only NAME]

FOLDER gets the packages' sources (`pip download`, from the registry that pip is set up for) and the results, a JSON
line each; what is there already is not done again, so that it can be interrupted. Needs pytest beside Selfwright.
"""

import argparse
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

SELFWRIGHT = Path(sys.executable).with_name("selfwright")
PYTEST = f"{sys.executable} -m pytest -q -x -p no:cacheprovider --assert=plain -o addopts= -o filterwarnings=default"

FUNCTIONS = (
    # package, file, function, tests
    ("inflection==0.5.1", "inflection/__init__.py", "underscore", "test_inflection.py"),
    ("inflection==0.5.1", "inflection/__init__.py", "pluralize", "test_inflection.py"),
    ("inflection==0.5.1", "inflection/__init__.py", "singularize", "test_inflection.py"),
    ("inflection==0.5.1", "inflection/__init__.py", "parameterize", "test_inflection.py"),
    ("inflection==0.5.1", "inflection/__init__.py", "titleize", "test_inflection.py"),
    ("inflection==0.5.1", "inflection/__init__.py", "ordinalize", "test_inflection.py"),
    ("toolz==1.2.0", "toolz/itertoolz.py", "frequencies", "toolz/tests/test_itertoolz.py"),
    ("toolz==1.2.0", "toolz/dicttoolz.py", "merge", "toolz/tests/test_dicttoolz.py"),
    ("more-itertools==11.2.1", "more_itertools/recipes.py", "polynomial_from_roots", "tests/test_recipes.py"),
    ("packaging==26.3", "src/packaging/utils.py", "canonicalize_name", "tests/test_utils.py"),
    ("boltons==26.2.0", "boltons/strutils.py", "format_int_list", "tests/test_strutils.py"),
    ("boltons==26.2.0", "boltons/strutils.py", "args2cmd", "--doctest-modules boltons/strutils.py"),
    ("boltons==26.2.0", "boltons/strutils.py", "camel2under", "tests/test_strutils.py"),
    ("boltons==26.2.0", "boltons/timeutils.py", "relative_time", "tests/test_timeutils.py"),
    ("python-stdnum==2.2", "stdnum/luhn.py", "checksum", "--doctest-modules stdnum/luhn.py"),
    ("python-stdnum==2.2", "stdnum/verhoeff.py", "checksum", "--doctest-modules stdnum/verhoeff.py"),
    ("titlecase==2.4.1", "titlecase/__init__.py", "titlecase", "titlecase/tests.py"),
    ("webcolors==25.10.0", "src/webcolors/_conversion.py", "name_to_hex", "tests"),
    ("python-dateutil==4.0.0", "src/dateutil/easter.py", "easter", "tests/test_easter.py"),
    (
        "networkx==3.6.1", "networkx/algorithms/graphical.py", "is_valid_degree_sequence_erdos_gallai",
        "networkx/algorithms/tests/test_graphical.py",
    ),
)  # fmt: skip


def main() -> None:
    """Do what is not done yet, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wall", default="3m")
    parser.add_argument("--proposer", default="mutate")
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    results = given.folder.resolve() / "results.jsonl"
    done = {}
    if results.is_file():
        done = {
            (each["package"], each["file"], each["name"]): each
            for each in map(json.loads, results.read_text().splitlines())
        }
    for package, file, function, tests in FUNCTIONS:
        if (package, file, function) in done or given.only not in f"{package} {file} {function}":
            continue
        found = one(sources(given.folder, package), file, function, tests, given.wall, given.proposer)
        done[package, file, function] = found | {"package": package, "file": file, "name": function}
        with results.open("a") as lines:
            lines.write(json.dumps(done[package, file, function]) + "\n")
        print(row(done[package, file, function]), flush=True)
    print("\n| function | package | outcome | in its words |\n|---|---|---|---|")
    print("\n".join(row(done[key]) for key in done))


def sources(folder: Path, package: str) -> Path:
    """Return the sources of a package, in a git repository with one commit."""
    place = folder / "sources" / package.replace("==", "-")
    if not place.is_dir():
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        archives = folder / "archives" / place.name
        name = package.partition("==")[0]
        fetch[-1] = name
        subprocess.run([*fetch, "--dest", str(archives), package], check=True)
        with tarfile.open(next(archives.iterdir())) as archive:
            archive.extractall(folder / "unpacked", filter="data")
            top = archive.getnames()[0].partition("/")[0]
        git = ["git", "-C", str(folder / "unpacked" / top), "-c", "user.name=b", "-c", "user.email=b@localhost"]
        subprocess.run([*git, "init", "-q"], check=True)
        subprocess.run([*git, "add", "-A", "-f"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", f"{package} as published"], check=True)
        place.parent.mkdir(exist_ok=True)
        (folder / "unpacked" / top).rename(place)
    return place.resolve()


def one(place: Path, file: str, function: str, tests: str, wall: str, proposer: str) -> dict[str, object]:
    """Return what `selfwright speed --json` says of a function."""
    argv = [SELFWRIGHT, "speed", f"{file}:{function}", "--tests", f"{PYTEST} {tests}", "--wall", wall, "--json"]
    argv += ["--proposer", proposer]
    path = os.pathsep.join(filter(None, [str(place / "src"), str(place), os.environ.get("PYTHONPATH")]))
    ended = subprocess.run(
        argv, cwd=place, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    lines = ended.stdout.strip().splitlines()
    if lines:
        return dict(json.loads(lines[-1]))
    return {"outcome": "failed", "sentence": ended.stderr.strip()[-1000:]}


def row(found: dict[str, object]) -> str:
    """Return one line of the table."""
    what = found.get("why") or found["outcome"]
    words = str(found["sentence"]).replace("|", "\\|").replace("\n", " ")
    return f"| `{Path(str(found['file'])).stem}.{found['name']}` | {found['package']} | {what} | {words} |"


if __name__ == "__main__":
    main()
