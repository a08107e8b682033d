"""Eight problems, none of them bundled."""

from benchmarks.outcome.tasks import clock, curve, endings, leak, location, packing, schedule, stopping

TASKS = (curve.TASK, location.TASK, packing.TASK, schedule.TASK, clock.TASK, stopping.TASK, leak.TASK, endings.TASK)
