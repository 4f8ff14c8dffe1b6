"""Solvers keep BLAS on one thread, whatever the caller has set."""

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from cge.solve.threads import one_thread


def threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_blas_has_one_thread_inside_and_the_callers_number_outside() -> None:
    np.ones((2, 2)) @ np.ones((2, 2))
    with threadpool_limits(2, "blas"):
        before = threads()
        assert 2 in before
        assert one_thread(threads)() == {1}
        assert threads() == before


def test_counterfactuals_run_on_one_thread() -> None:
    from cge.solve.counterfactual import counterfactual

    assert counterfactual.__wrapped__.__name__ == "counterfactual"  # type: ignore[attr-defined]
