"""The demand at which the best choice pays, against the choices one by one."""

import numpy as np
from numpy.testing import assert_allclose

from cge.firms.paying import paying

RANDOM = np.random.default_rng(3)
OUTLAY, SOLD = np.sort(RANDOM.random((2, 6)), axis=1)  # the more a choice costs the more it sells
COST = RANDOM.uniform(0.1, 3.0, 50)


def best(demand: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    choice = (demand[..., None] * SOLD - OUTLAY).argmax(axis=-1)
    return OUTLAY[choice], SOLD[choice]


def test_it_is_the_least_demand_at_which_some_choice_pays() -> None:
    alone = ((COST[:, None] + OUTLAY) / SOLD).min(axis=1)
    assert_allclose(paying(best, COST, (COST + OUTLAY.max()) / SOLD.min()), alone, rtol=1e-14)


def test_what_is_no_number_ends() -> None:
    """Beside demands that are found."""
    start = (COST + OUTLAY.max()) / SOLD.min()
    found = paying(best, np.where(np.arange(50) == 7, np.nan, COST), start)
    assert np.flatnonzero(np.isnan(found)).tolist() == [7]
    assert_allclose(np.delete(found, 7), np.delete(paying(best, COST, start), 7), rtol=1e-14)
