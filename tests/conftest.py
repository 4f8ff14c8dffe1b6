"""Settings of the tests."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from outputs import make_output

# The same examples every time, and no judgement by the clock: the tests run beside other work.
settings.register_profile("fixed", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def output(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The output folder of a kind (`outputs.OUTPUTS`) on the small economy, made when it is first asked for; to be read only."""
    made: dict[str, Path] = {}

    def folder(kind: str) -> Path:
        if kind not in made:
            made[kind] = make_output(kind, tmp_path_factory.mktemp(kind))
        return made[kind]

    return folder
