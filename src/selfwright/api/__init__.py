"""What the command line does, as Python calls of the same name: ``selfwright.run(...)`` first, the terminal second."""

from selfwright.api.baseline import baseline
from selfwright.api.beginning import init
from selfwright.api.claims import review
from selfwright.api.evaluator import CHECK_WALL_S, check
from selfwright.api.faster import Speedup, speed
from selfwright.api.here import agents, doctor, machine, models, problems
from selfwright.api.lending import as_evaluator
from selfwright.api.life import pause, purge, resume, run, stop
from selfwright.api.looking import Run, Trial, commits, look, record, report
from selfwright.api.mcp import mcp
from selfwright.api.optimizing import Optimized, optimize
from selfwright.api.proof import audit, examine
from selfwright.api.study import Pending, Study
from selfwright.api.submission import Answer, measure, submit
from selfwright.api.telling import blog, explain
from selfwright.api.versus import compare
from selfwright.api.weights import pull, serve, weights

__all__ = [
    "Answer",
    "CHECK_WALL_S",
    "Optimized",
    "Pending",
    "Run",
    "Speedup",
    "Study",
    "Trial",
    "agents",
    "as_evaluator",
    "audit",
    "baseline",
    "blog",
    "check",
    "commits",
    "compare",
    "doctor",
    "examine",
    "explain",
    "init",
    "look",
    "machine",
    "mcp",
    "measure",
    "models",
    "optimize",
    "pause",
    "problems",
    "pull",
    "purge",
    "record",
    "report",
    "resume",
    "review",
    "run",
    "serve",
    "speed",
    "stop",
    "submit",
    "weights",
]
