"""A problem folder is read as it was meant, and everything that is wrong with it is said at once."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from selfwright.bench.build import Build
from selfwright.bench.problem import Problem, Stage, load_problem
from selfwright.core.environment import Environment
from selfwright.core.errors import ProblemError
from selfwright.core.limits import Limits, Profile
from selfwright.core.metric import Aggregate, Better, Condition, Effect, Metric
from selfwright.core.milestone import Phase, Span, Success, Tier

MINIMAL = """
name = "tiny"
editable = ["codec.py"]
[evaluate]
judge = "judge.py"
[metrics]
size = { better = "lower" }
[objective]
metric = "size"
"""

FULL = """
name = "video_codec"
description = "Fewer bits."
editable = ["src/**/*.py", "prompts/*.md"]
[evaluate]
judge = "judge.py"
program = "src/codec.py"
wall_s = 60
[metrics]
bitrate_mbps = { unit = "Mbps", better = "lower", aggregate = "geomean" }
psnr_db = { unit = "dB", better = "higher", worst_value = 0.0 }
decode_s = { unit = "s", better = "lower", noisy = true }
[objective]
metric = "bitrate_mbps"
constraints = ["psnr_db >= 30"]
minimum_effect = "0.5 %"
holdout_tolerance = "0.1 Mbps"
holdout_looks = 7
max_pairs = 7
[[stages]]
name = "full"
[[stages]]
name = "holdout"
holdout = true
[environment]
python = ["numpy"]
files = ["data/*"]
[build]
command = ["make", "-s"]
produce = ["bin/*"]
wall_s = 9
files_mb = 5
[limits]
wall_s = 10
memory_mb = 512
profile = "native"
allow = ["exec"]
[search]
features = { decode_s = [0.1, 1], psnr_db = [30] }
[[tiers]]
name = "good"
condition = "bitrate_mbps <= 5"
[[phases]]
name = "learned"
trials = "51+"
versions = "v8-v12"
target = "bitrate_mbps <= 3"
[[success]]
name = "week 1"
trials = 20
version = 5
condition = "bitrate_mbps < 10"
tool_uses = 1
unattended = true
"""

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a problem folder: the problem file, a judge, a program, and other files."""

    def write(toml: str = MINIMAL, **others: str) -> Path:
        files = {"problem.toml": toml, "judge.py": "", "codec.py": "x = 1\n"} | others
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return tmp_path

    return write


def complaints(folder: Path) -> list[str]:
    """Return what is said of ``folder``, without the path of the problem file."""
    with pytest.raises(ProblemError) as raised:
        load_problem(folder)
    prefix = f"{folder / 'problem.toml'}: "
    lines = str(raised.value).splitlines()
    assert all(line.startswith(prefix) for line in lines)
    return [line.removeprefix(prefix) for line in lines]


def test_everything_is_read(make: Make) -> None:
    folder = make(FULL, **{"src/codec.py": "c", "src/a/b.py": "b", "prompts/p.md": "p", "data/a": "1"})
    problem = load_problem(folder)
    assert problem == Problem(
        name="video_codec",
        description="Fewer bits.",
        folder=folder,
        editable=("src/**/*.py", "prompts/*.md"),
        program="src/codec.py",
        judge="judge.py",
        command=None,
        foreign=None,
        metrics=(
            Metric(name="bitrate_mbps", unit="Mbps", aggregate=Aggregate.GEOMEAN),
            Metric(name="psnr_db", unit="dB", better=Better.HIGHER, worst_value=0.0),
            Metric(name="decode_s", unit="s", noisy=True),
        ),
        objective=problem.objective,
        stages=(Stage(name="full"), Stage(name="holdout", holdout=True)),
        environment=Environment(modules=("numpy",)),
        beside=("data/*",),
        build=Build(
            command=("make", "-s"),
            produce=("bin/*",),
            limits=Limits(wall_s=9, memory_mb=2048, files_mb=5, profile=Profile.NATIVE, allow=("exec",)),
        ),
        limits=Limits(wall_s=10, memory_mb=512, profile=Profile.NATIVE, allow=("exec",)),
        judge_wall_s=60,
        alone=False,
        holdout_tolerance=Effect(amount=0.1, relative=False),
        holdout_looks=7,
        max_pairs=7,
        features={"decode_s": (0.1, 1.0), "psnr_db": (30.0,)},
        tiers=(Tier(name="good", condition=Condition(metric="bitrate_mbps", operator="<=", bound=5)),),
        phases=(
            Phase(
                name="learned",
                trials=Span(first=51, last=None),
                versions=Span(first=8, last=12),
                target=Condition(metric="bitrate_mbps", operator="<=", bound=3),
            ),
        ),
        success=(
            Success(
                name="week 1",
                trials=20,
                version=5,
                condition=Condition(metric="bitrate_mbps", operator="<", bound=10),
                tool_uses=1,
                unattended=True,
            ),
        ),
        files=problem.files,
    )
    assert problem.objective.minimum_effect == Effect(amount=0.005, relative=True)
    assert problem.objective.constraints == (Condition(metric="psnr_db", operator=">=", bound=30),)
    assert problem.subject == "problem:video_codec"
    assert problem.seed_files() == {"prompts/p.md": b"p", "src/a/b.py": b"b", "src/codec.py": b"c"}


def test_a_dotted_package_counts_for_the_one_that_it_is_in(make: Make) -> None:
    toml = MINIMAL + f'[environment]\npython = ["numpy.linalg", "numpy", "xml.sax"]\nfolders = ["/usr/", "{make()}"]\n'
    environment = load_problem(make(toml)).environment
    assert environment == Environment(modules=("numpy", "xml"), folders=("/usr/", str(make())))
    assert environment.search_path == ("/usr/bin", f"{make()}/bin")


def test_what_is_left_out_has_a_default(make: Make) -> None:
    problem = load_problem(make())
    assert (problem.program, problem.stages, problem.limits) == ("codec.py", (Stage(name="full"),), Limits())
    assert (problem.build, problem.item_wall_s) == (None, 300)
    assert (problem.judge_wall_s, problem.max_pairs, problem.holdout_tolerance.amount) == (300, 200, 0)


@pytest.mark.parametrize(
    ("glob", "path", "editable"),
    [
        ("*.py", "a.py", True),
        ("*.py", "a/b.py", False),
        ("**/*.py", "b.py", True),
        ("**/*.py", "a/c/b.py", True),
        ("a/**", "a/c/b.txt", True),
        ("a/*", "a/c/b.txt", False),
        ("**", "judge.py", False),
        ("**", "Judge.py", False),
        ("**", "problem.toml", False),
        ("**", ".git/config", False),
        ("**", "a/../judge.py", False),
        ("**", "/etc/passwd", False),
        ("**", "a\\b.py", False),
        ("**", "__pycache__/codec.pyc", False),
        ("**", "codec.pyc", False),
        ("[ab].py", "b.py", True),
    ],
)
def test_globs_match_by_segments(make: Make, glob: str, path: str, editable: bool) -> None:
    folder = make(MINIMAL.replace('"codec.py"', f'"codec.py", "{glob}"'), **{"a/c/b.py": "", "a.py": "", "a/d": ""})
    assert load_problem(folder).is_editable(path) is editable


def test_hash_follows_what_counts_and_nothing_else(make: Make) -> None:
    before = load_problem(make()).hash
    folder = make(**{"README.md": "r", "session.jsonl": "s", ".cache/x": "c", "__pycache__/j.pyc": "p"})
    assert load_problem(folder).hash == before
    names = ("judge.py", "codec.py", "data/clip.bin", "cases.jsonl", "cases.md", "data/session.jsonl", "data/README.md")
    changed = {load_problem(make(**{name: "new"})).hash for name in names}
    assert len(changed | {before}) == len(names) + 1
    (folder / "data/clip.bin").rename(folder / "data/clap.bin")
    assert load_problem(folder).hash not in changed


def test_an_editable_readme_counts(make: Make) -> None:
    toml = MINIMAL.replace('"codec.py"', '"codec.py", "*.md"')
    first = load_problem(make(toml, **{"README.md": "one"})).hash
    assert load_problem(make(toml, **{"README.md": "two"})).hash != first


def test_what_counts_and_may_not_change_is_locked(make: Make) -> None:
    problem = load_problem(make(**{"data/clip.bin": "c", "README.md": "r"}))
    assert problem.locked == ("data/clip.bin", "judge.py", "problem.toml")
    assert problem.files["data/clip.bin"] == hashlib.sha256(b"c").hexdigest()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "data/clip 10:30.txt",
            "path 'data/clip 10:30.txt': the segment 'clip 10:30.txt' has a '/', '\\' or ':' in it",
        ),
        ("a\nb.txt", "path 'a\\nb.txt': the segment 'a\\nb.txt' has a control"),
        ("Judge.py", "paths 'Judge.py' and 'judge.py' are one file where case is folded"),
        ("git~1", "path 'git~1': the segment 'git~1' belongs to git"),
    ],
)
def test_a_file_that_no_commit_can_carry_is_said(make: Make, name: str, message: str) -> None:
    [complaint] = complaints(make(**{name: "x"}))
    assert complaint.startswith(f"the files beside it: {message.replace(chr(92) * 2, chr(92))}")
    assert "rename" in complaint


def test_an_editable_file_with_the_name_of_a_record_is_said(make: Make) -> None:
    load_problem(make(**{"metrics.json": ""}))
    [complaint] = complaints(make(MINIMAL.replace('"codec.py"', '"codec.py", "*.json"')))
    assert "'metrics.json' is kept beside every version of the program; rename yours" in complaint


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "tiny"', "", "name: is missing; add it"),
        ('name = "tiny"', 'name = "Tiny!"', "name: 'Tiny!' is not a name here; it must match ^[a-z0-9][a-z0-9_-]*$"),
        ('"lower"', '"hgher"', "metrics.size.better: 'hgher' is not 'lower' or 'higher'; did you mean 'higher'?"),
        ('{ better = "lower" }', "{}", "metrics.size.better: is missing; add it"),
        ('better = "lower"', 'better = "lower", nosy = true', "metrics.size.nosy: unknown key; did you mean 'noisy'?"),
        ('judge = "judge.py"', "wall = 3", "evaluate.wall: unknown key; did you mean 'wall_s'?"),
        ('name = "tiny"', 'name = "tiny"\nzzz = 1', "zzz: unknown key; known here: name, description, editable, "),
        ('judge = "judge.py"', "", 'evaluate.judge: is missing; name the file that measures: judge = "judge.py"'),
        (
            'judge = "judge.py"',
            'judge = "judge.py"\ncommand = ["make"]',
            "evaluate.command: there is judge already; keep one of them",
        ),
        ('judge = "judge.py"', "command = []", "evaluate.command: is empty; give at least one"),
        (
            'judge = "judge.py"',
            'judge = "judge.py"\nverify = "judge.py:check"',
            "evaluate.verify: belongs to a command, and there is none",
        ),
        (
            'judge = "judge.py"',
            'command = ["make"]\nprogram = "codec.py"',
            "evaluate.program: nobody calls functions of a program where a command is measured",
        ),
        (
            'judge = "judge.py"',
            'command = ["make"]\nverify = "judge.py"',
            "evaluate.verify: 'judge.py' names no function; write it as 'verify.py:check'",
        ),
        (
            'judge = "judge.py"',
            'command = ["make"]\nverify = "no.py:check"',
            "evaluate.verify: looked for {folder}/no.py, which is no regular file",
        ),
        (
            'judge = "judge.py"',
            'command = ["make"]\nverify = "judge.py:check"\nstdin = "a.py:given"',
            "evaluate.stdin: is of another file than evaluate.verify; put both functions into a.py",
        ),
        (
            'judge = "judge.py"',
            'command = ["make"]\nmeasure = ["wall"]',
            "evaluate.measure[0]: 'wall' is nothing that can be measured outside; choose wall_s, cpu_s, peak_memory_mb",
        ),
        (
            'judge = "judge.py"',
            'command = ["make"]\nmeasure = ["size:"]',
            "evaluate.measure[0]: 'size:' is nothing that can be measured outside",
        ),
        (
            'judge = "judge.py"',
            'command = ["make"]\nmeasure = ["size:out.bin"]',
            "evaluate.measure: 'size:out.bin' is no metric of this problem; declare it: "
            '[metrics] "size:out.bin" = {{ unit = "B", better = "lower" }}',
        ),
        (
            "size = {",
            '"size:a" = { better = "lower" }\nsize = {',
            "metrics.size:a: nobody measures it; add it to evaluate",
        ),
        (
            'judge = "judge.py"\n[metrics]\n',
            'command = ["make"]\nmeasure = ["cpu_s"]\n[metrics]\ncpu_s = { better = "lower" }\n',
            "metrics.cpu_s: is never twice the same; add noisy = true",
        ),
        (
            'judge = "judge.py"',
            'openevolve = "e.py"',
            "evaluate.openevolve: looked for {folder}/e.py, which is no regular",
        ),
        (
            'judge = "judge.py"',
            'judge = "judge.py"\nshinka = "e.py"',
            "evaluate.shinka: there is judge already; keep one",
        ),
        (
            'judge = "judge.py"',
            'judge = "judge.py"\nwhole = true',
            "evaluate.whole: is for evaluators of other engines",
        ),
        ('judge = "judge.py"', 'judge = "../judge.py"', "evaluate.judge: '../judge.py' is no file of this folder"),
        ('judge = "judge.py"', 'judge = "juge.py"', "evaluate.judge: looked for {folder}/juge.py, which is no regular"),
        (
            'judge = "judge.py"',
            'judge = "judge.py"\nprogram = "code.py"',
            "evaluate.program: 'code.py' is none of the editable files; did you mean 'codec.py'?",
        ),
        (
            '["codec.py"]',
            '["codek.py"]',
            "editable[0]: 'codek.py' matches nothing below {folder} (dot files never count); "
            "name a file that is there and may change",
        ),
        ('["codec.py"]', '["judge.py"]', "editable[0]: 'judge.py' matches only judge.py, which is locked"),
        ('["codec.py"]', "[]", "editable: is empty; give at least one"),
        ('["codec.py"]', '"codec.py"', "editable: 'codec.py' is not a list; write it in [brackets]"),
        ('["codec.py"]', '["../*.py"]', "editable[0]: '../*.py' leaves the folder; write a path or glob below it"),
        ('["codec.py"]', '["/tmp/*"]', "editable[0]: '/tmp/*' leaves the folder"),
        ('["codec.py"]', '["link.py"]', "editable[0]: 'link.py' names the symbolic link {folder}/link.py; put a real"),
        ('["codec.py"]', '["away/*.py"]', "editable[0]: 'away/*.py' names the symbolic link {folder}/away; put a real"),
        (
            'metric = "size"',
            'metric = "sise"',
            "objective.metric: 'sise' is no metric of this problem (size); did you mean 'size'?",
        ),
        (
            'metric = "size"',
            'metric = "size"\nconstraints = ["size < 3", "psnr >= 30"]',
            "objective.constraints[1]: 'psnr' is no metric of this problem (size)",
        ),
        (
            'metric = "size"',
            'metric = "size"\nconstraints = ["size => 3"]',
            "objective.constraints[0]: 'size => 3' is not a condition; write it as 'psnr_db >= 30'",
        ),
        (
            'metric = "size"',
            'metric = "size"\nminimum_effect = "0.1 dB"',
            "objective.minimum_effect: '0.1 dB' is in 'dB', but size has no unit or %",
        ),
        (
            'metric = "size"',
            'metric = "size"\nminimum_effect = 0.5',
            "objective.minimum_effect: 0.5 is not text; write it in quotes",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[[stages]]\nname = "h"\nholdout = true',
            "stages: there is no stage that is not holdout; add one",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[[stages]]\nname = "h"\nholdout = true\n[[stages]]\nname = "full"',
            "stages: 'full' comes after a holdout stage; put the holdout stages last",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[[stages]]\nname = "a"\n[[stages]]\nname = "a"',
            "stages[1].name: 'a' is there already; give each stage a name of its own",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[limits]\nmemory_mb = "2 GB"',
            "limits.memory_mb: '2 GB' is not a valid integer",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[limits]\nmemory_mb = 31',
            "limits.memory_mb: 31 MiB is too small for Python itself; give at least 32",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[build]\ncommand = ["cc"]\nproduce = ["x"]\nmemory_mb = 8',
            "build.memory_mb: 8 MiB is too small for Python itself; give at least 32",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[limits]\nallow = ["netwrk"]',
            "limits.allow[0]: 'netwrk' is not 'exec' or 'network'; did you mean 'network'?",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[[phases]]\nname = "p"\ntrials = "9-1"\nversions = "v0"\ntarget = "size < 1"',
            "phases[0].trials: '9-1' runs backwards; write the smaller number first",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[[tiers]]\nname = "p"\ncondition = "sze < 1"',
            "tiers[0].condition: 'sze' is no metric of this problem (size); did you mean 'size'?",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[search]\nfeatures = { sze = [1] }',
            "search.features.sze: 'sze' is no metric of this problem (size); did you mean 'size'?",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[search]\nfeatures = { size = [1, 3, 2] }',
            "search.features.size: the edges [1.0, 3.0, 2.0] do not rise; write each greater than the one before",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[environment]\npython = ["numpy."]',
            "environment.python[0]: 'numpy.' is not a name here; it must match",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[environment]\npython = ["numpy", "no_such_a.b", "no_such_b", "no_such_a"]',
            "environment.python: no_such_a, no_such_b can not be imported here; run: pip install no_such_a no_such_b",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[environment]\nfolders = ["/usr", "tool"]',
            "environment.folders[1]: 'tool' is no absolute path of a folder below /; write it in full",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[environment]\nfolders = ["/usr/../"]',
            "environment.folders[0]: '/usr/../' is no absolute path of a folder below /; write it in full",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[environment]\nfolders = ["/no/such"]',
            "environment.folders[0]: looked for /no/such, which is no folder; make it, or leave it out",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[environment]\nfiles = ["codec.py", "data/*"]',
            "environment.files[1]: 'data/*' matches nothing below",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[environment]\nfiles = ["judge.py"]',
            "environment.files[0]: 'judge.py' matches nothing below",
        ),
        (
            'metric = "size"',
            'metric = "size"\n[build]\ncommand = []\nproduce = ["a"]',
            "build.command: is empty; give at least one",
        ),
        ('metric = "size"', 'metric = "size"\n[build]\ncommand = ["make"]', "build.produce: is missing; add it"),
        (
            'metric = "size"',
            'metric = "size"\n[build]\ncommand = ["make"]\nproduce = ["a", "../b"]',
            "build.produce[1]: '../b' leaves the folder; write a path or glob below it",
        ),
        (
            '{ better = "lower" }',
            '{ better = "lower", aggregate = "geomean", worst_value = 0 }',
            "metrics.size.worst_value: 0 has no geometric mean; give a positive number",
        ),
        (
            'metric = "size"',
            'metric = "size"\nminimum_effect = "1e400"',
            "objective.minimum_effect: '1e400': 1e400 is beyond every number that can be measured; write one",
        ),
        (
            'metric = "size"',
            'metric = "size"\nconstraints = ["size <= -1e400"]',
            "objective.constraints[0]: 'size <= -1e400': -1e400 is beyond every number",
        ),
        ('name = "', 'name = "' + "x" * 400, "name: has 40"),
    ],
)
def test_what_is_wrong_is_named_with_its_mend(make: Make, old: str, new: str, message: str) -> None:
    folder = make(MINIMAL.replace(old, new, 1))
    (folder / "link.py").symlink_to(folder / "codec.py")
    (folder / "away").symlink_to(folder.parent)
    assert old in MINIMAL
    [complaint] = complaints(folder)
    assert complaint.startswith(message.format(folder=folder))


@pytest.mark.parametrize("unit", ["dB", "%"])
def test_percent_is_refused_where_the_scale_crosses_zero(make: Make, unit: str) -> None:
    toml = MINIMAL.replace("{ better", f'{{ unit = "{unit}", better') + 'minimum_effect = "0.5 %"\n'
    [complaint] = complaints(make(toml))
    assert complaint == (
        f"objective.minimum_effect: '0.5 %' of size has no fixed meaning, because {unit} can cross zero; "
        f"write a plain amount of {unit}: '0.1'"
    )
    load_problem(make(toml.replace("0.5 %", "0.5")))


def test_everything_wrong_is_listed_at_once(make: Make) -> None:
    toml = MINIMAL.replace('"tiny"', '"TINY"').replace('"lower"', '"low"').replace("metric =", "metrik =")
    assert [line.split(":")[0] for line in complaints(make(toml))] == [
        "name",
        "metrics.size.better",
        "objective.metric",
        "objective.metrik",
    ]
    toml = (
        MINIMAL.replace("codec.py", "codek.py")
        .replace("judge.py", "juge.py")
        .replace('metric = "size"', 'metric = "x"')
    )
    assert [line.split(":")[0] for line in complaints(make(toml))] == [
        "objective.metric",
        "evaluate.judge",
        "editable[0]",
    ]


def test_missing_folder_and_missing_file_say_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as raised:
        load_problem(tmp_path / "nowhere")
    assert str(raised.value) == (
        f"no problem at {tmp_path}/nowhere: there is no such folder; give one that holds a problem.toml"
    )
    with pytest.raises(ProblemError) as raised:
        load_problem(tmp_path)
    assert str(raised.value) == (
        f"no problem at {tmp_path}: looked for {tmp_path}/problem.toml, which is not there; write one"
    )


def test_syntax_error_names_line_and_column(make: Make) -> None:
    [complaint] = complaints(make('name = "x"\neditable = [\n'))
    assert complaint.startswith("not TOML: ")
    [complaint] = complaints(make('name = "x"\neditable = = 3\n'))
    assert complaint == "not TOML: Invalid value (at line 2, column 12)"


def test_file_that_is_no_text_names_the_line(make: Make) -> None:
    folder = make()
    (folder / "problem.toml").write_bytes(b'name = "x"\ndescription = "\xff"\n')
    assert complaints(folder) == ["line 2 is not UTF-8; save the file as UTF-8"]


def test_file_that_can_not_be_read_is_the_persons_business(make: Make) -> None:
    folder = make()
    (folder / "problem.toml").unlink()
    (folder / "problem.toml").mkdir()
    with pytest.raises(ProblemError, match=r"problem\.toml: can not be read: Is a directory"):
        load_problem(folder)
