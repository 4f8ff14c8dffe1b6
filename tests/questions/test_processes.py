"""A function called in processes of this machine: its results, what it raises, and what becomes of processes that end."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from cge.errors import InputError, Outcome, SolveError
from cge.questions.processes import called


class TwoPartsError(Exception):
    """Made from its message alone by whoever unpickles it, which it refuses."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{what} at {where}")


def locked_error() -> Exception:
    """One that cannot be pickled."""
    error = ValueError("locked")
    error.key = lambda: None  # type: ignore[attr-defined]
    return error


ERRORS: dict[str, Callable[[], Exception]] = {
    "fold": lambda: SolveError(Outcome("fold", "It folds."), {"reached": 0.4}),
    "system": lambda: OSError(28, "No space left on device"),
    "locked": locked_error,
    "two_parts": lambda: TwoPartsError("a knot", "the end"),
}


def fail(name: str) -> None:
    raise ERRORS[name]()


def square(number: int, dies: int, mark: Path) -> int | ValueError:
    """The square; in the place of the first process that is asked for that of `dies`, nothing; that of 2 is an error handed back."""
    if number == dies and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return ValueError("handed back") if number == 2 else number**2


def locked() -> Callable[[], None]:
    return lambda: None


def leave(status: int) -> None:
    if status < 0:
        os.kill(os.getpid(), -status)
    sys.exit(status)


def interrupt(parent: int) -> None:
    os.kill(parent, signal.SIGINT)
    time.sleep(600)


class Unready:
    """A function that does something else where a process loads it."""

    def __init__(self, does: Callable[[int], Any], number: int) -> None:
        self.made = does, (number,)

    def __call__(self, given: bytes) -> None: ...

    def __reduce__(self) -> tuple[Callable[[int], Any], tuple[int]]:
        return self.made


LARGE = bytes(1 << 21)
"""More than waits in a pipe."""


@pytest.fixture(autouse=True)
def _none_is_left() -> Iterator[None]:
    yield
    assert active_children() == []


def once(function: Callable[..., Any], *arguments: Any) -> list[tuple[int, Any]]:
    return list(called(function, [7], lambda _: arguments, 1))


def test_one_process_answers_in_order_though_it_is_killed(tmp_path: Path) -> None:
    found = list(called(square, [3, 1, 2, 0], lambda number: (number, 1, tmp_path / "mark"), 1))
    assert [(number, value) for number, value in found if number != 2] == [(3, 9), (1, 1), (0, 0)]
    assert repr(found[2]) == "(2, ValueError('handed back'))"
    assert (tmp_path / "mark").exists()


def test_every_number_has_its_answer_from_two_processes() -> None:
    found = list(called(pow, range(6), lambda number: (number, 2), 2))
    assert sorted(found) == [(number, number**2) for number in range(6)]


@pytest.mark.parametrize("name", ERRORS)
def test_what_the_function_raises_is_raised_with_its_traceback(name: str) -> None:
    meant = ERRORS[name]()
    sent = name not in ("locked", "two_parts")
    with pytest.raises(type(meant) if sent else RuntimeError) as caught:
        once(fail, name)
    assert str(meant) in str(caught.value)
    if isinstance(meant, SolveError):
        assert (caught.value.outcome, caught.value.diagnosis) == (meant.outcome, meant.diagnosis)
    (note,) = caught.value.__notes__
    assert "raise ERRORS[name]()" in note
    assert f"{type(meant).__name__}: {meant}" in note


def test_a_result_that_cannot_be_sent_is_an_error_of_its_own() -> None:
    with pytest.raises(Exception, match="pickle") as caught:
        once(locked)
    assert "Traceback" in "".join(caught.value.__notes__)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (3, "ended by itself 3 times at the same scenarios, with status 3; what it said stands above"),
        (-9, "ended from outside 3 times at the same scenarios, by SIGKILL, as the system does where memory runs out"),
    ],
)
def test_a_call_that_ends_every_process_is_refused_with_how_they_ended(status: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        once(leave, status)


def test_processes_that_never_get_ready_are_refused() -> None:
    """Though more is sent to them than waits in a pipe."""
    with pytest.raises(InputError, match=r"ended by itself 3 times .* with status 3"):
        once(Unready(sys.exit, 3), LARGE)


def test_what_cannot_be_given_is_raised() -> None:
    def given(number: int) -> tuple[Any, ...]:
        raise OSError(f"no table {number}")

    with pytest.raises(OSError, match="no table 7"):
        list(called(pow, [7], given, 1))


@pytest.mark.parametrize("while_sending", [False, True])
def test_an_interruption_leaves_no_process(while_sending: bool) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            once(Unready(interrupt, os.getpid()), LARGE) if while_sending else once(interrupt, os.getpid())
    finally:
        signal.signal(signal.SIGINT, before)
