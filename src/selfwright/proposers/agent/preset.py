"""The agents that are known by name: how each is started so that it asks nobody, as its own documentation has it."""

from collections.abc import Sequence

INSTALL = {
    "claude": "npm install -g @anthropic-ai/claude-code",
    "codex": "npm install -g @openai/codex",
    "gemini": "npm install -g @google/gemini-cli",
    "aider": "pip install aider-chat, in an environment of its own",
}
"""Name → how it is installed."""

PRESETS = tuple(INSTALL)

_CLAUDE = "-p --output-format json --permission-mode acceptEdits --allowedTools Bash,Read,Edit,Write,Glob,Grep"
_CODEX = "exec --json --skip-git-repo-check --sandbox danger-full-access"  # its own sandbox does not nest in ours
_GEMINI = "--output-format json --approval-mode yolo"
_AIDER = "--yes-always --no-git --no-check-update --no-show-release-notes --no-pretty --no-stream"


def arguments(name: str, more: Sequence[str], *, task: str, files: Sequence[str], usd: float | None) -> list[str]:
    """Return the arguments of a known agent; the task comes on standard input, too.

    Args:
        more: What a person has added.
        task: Path of the file that says what to do.
        files: Those that may be changed.
        usd: The most that it may cost, where that is bound.
    """
    match name:
        case "claude":
            most = [] if usd is None else ["--max-budget-usd", f"{usd:g}"]
            return [*_CLAUDE.split(), *most, *more]
        case "codex":
            return [*_CODEX.split(), *more, "-"]
        case "gemini":
            return [*_GEMINI.split(), *more, "--prompt", "Do the task that stands on standard input."]
        case _:
            return [*_AIDER.split(), *more, "--message-file", task, *files]
