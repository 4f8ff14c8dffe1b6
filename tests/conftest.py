"""Settings of the tests."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from outputs import make_output
from validation import Collector, validate

__all__ = ["validate"]

# The same examples every time, and no judgement by the clock: the tests run beside other work.
settings.register_profile("fixed", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fixed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--validation", type=Path, help="write what the tests compare with published numbers to this csv file")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--validation")
    if path and not hasattr(config, "workerinput"):  # in the process that hears of all tests
        config.pluginmanager.register(Collector(path))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A published number belongs to the default suite: the validation page is made of what that suite compares, and would lose it."""
    lost = [item.nodeid for item in items if "validate" in getattr(item, "fixturenames", ()) and item.get_closest_marker("slow")]
    if lost:
        raise pytest.UsageError(
            f"marked slow, but compare published numbers (part them, or leave them to the default suite): {', '.join(lost)}"
        )


@pytest.fixture(scope="session")
def output(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The output folder of a kind (`outputs.OUTPUTS`) on the small economy, made when it is first asked for; to be read only."""
    made: dict[str, Path] = {}

    def folder(kind: str) -> Path:
        if kind not in made:
            made[kind] = make_output(kind, tmp_path_factory.mktemp(kind))
        return made[kind]

    return folder
