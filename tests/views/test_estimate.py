"""The estimate: arithmetic on what the seed took."""

from dataclasses import replace

import pytest

from selfwright.core.trial import Resources
from selfwright.views.estimate import estimate
from tests.evolve.test_loop import scripted
from tests.evolve.toy import Toy, judge_toy


def opened(folder, *, noisy=False, price=0.0, **bounds):
    """A run of two workers whose four public measurements take 2 s and 1 s of CPU each, as do all of its nine."""
    took = Resources(wall_s=2.0, cpu_s=1.0, usd=price)
    toy = Toy(folder, judge=lambda files, item: replace(judge_toy(files, item), resources=took), noisy=noisy)
    return toy.run(scripted(), **bounds)


def test_a_trial_takes_what_the_seed_took_on_all_workers(tmp_path):
    found = estimate(opened(tmp_path, trials=10))
    assert (found.trial.wall_s, found.trial.cpu_s, found.trial.pairs) == (4.0, 4.0, 0)
    assert (found.trials, found.kind) == (10, "trials")


def test_with_noise_each_has_its_first_pairs_one_at_a_time(tmp_path):
    found = estimate(opened(tmp_path, noisy=True, pairs=60))
    assert (found.trial.wall_s, found.trial.cpu_s, found.trial.pairs) == (4.0 + 24.0, 4.0 + 12.0, 6)
    assert (found.trials, found.kind) == (10, "pairs")


@pytest.mark.parametrize(
    ("bounds", "trials", "kind"),
    [
        ({"cpu_s": 48.0}, 10, "cpu_s"),  # 8 s of them are the seed's
        ({"cpu_s": 48.0, "trials": 9}, 9, "trials"),
        ({"wall_s": 41.0}, 10, "wall_s"),
        ({"usd": 10.0}, None, ""),
        ({"cpu_s": 5.0}, 0, "cpu_s"),
    ],
)
def test_the_bound_that_ends_it_first_says_how_many(tmp_path, bounds, trials, kind):
    found = estimate(opened(tmp_path, **bounds))
    assert (found.trials, found.kind) == (trials, kind)


def test_a_judge_with_a_price_is_bounded_by_money(tmp_path):
    assert estimate(opened(tmp_path, price=0.5)).trial.usd == 2.0
