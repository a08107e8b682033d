"""Search by Optuna's tree-structured Parzen estimator, laid anew over what is known each time (extra ``tune``).

Trials that broke a constraint or crashed are told as worse than everything else. It needs a start; the first few moves
are drawn around the incumbent.
"""

from collections.abc import Iterator

import numpy as np

from selfwright.proposers.space import Landscape, Position

START = 5
"""So many trials are drawn around the incumbent before the estimator is asked."""

WIDTH = 0.12
"""Standard deviation of these draws, as a share of the range."""

MOST_CATEGORIES = 64
"""Values without an order that are estimated one by one; of more, few come twice."""

MOST_POINTS = 64
TRIES = 16


def search(land: Landscape) -> Iterator[Position]:
    """Yield what the estimator samples."""
    if len(land.points) < START:
        rng = np.random.default_rng(land.seed)
        width = np.maximum(WIDTH, np.array(land.grains))
        for _ in range(TRIES):
            yield tuple(float(each) for each in np.clip(land.base + width * rng.normal(size=len(land.base)), 0, 1))
        return
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=land.seed % 2**32, n_startup_trials=START, n_ei_candidates=48)
    study = optuna.create_study(sampler=sampler)
    counts = [count if count <= MOST_CATEGORIES else 0 for count in land.categories]
    axes: dict[str, optuna.distributions.BaseDistribution] = {
        f"x{axis}": optuna.distributions.CategoricalDistribution(range(count))
        if count
        else optuna.distributions.FloatDistribution(0.0, 1.0)
        for axis, count in enumerate(counts)
    }
    for where, value in land.costs()[-MOST_POINTS:]:
        told = [
            min(int(place * count), count - 1) if count else place for place, count in zip(where, counts, strict=True)
        ]
        params = dict(zip(axes, told, strict=True))
        study.add_trial(optuna.trial.create_trial(params=params, distributions=axes, value=value))
    for _ in range(TRIES):
        drawn = study.ask(axes).params.values()
        yield tuple((each + 0.5) / count if count else each for each, count in zip(drawn, counts, strict=True))
