"""Who solves the chunks of a sweep: this process where they are few, else processes of this machine, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from cge.data.extras import extra
from cge.errors import InputError
from cge.questions.processes import called
from cge.questions.sweep.part import Part, Shared, Tables, solve_part
from cge.solve.threads import processors

if TYPE_CHECKING:
    from distributed import Client

FEW = 4
"""Up to this many chunks are solved here: starting processes and reading the economy in each takes as long as they do."""

AHEAD = 3
"""Chunks that wait at each worker, so that none is idle and none holds much."""


def here(shared: Shared, chunks: list[int], tables: Callable[[int], Tables]) -> Iterator[tuple[int, Part]]:
    """In this process, in order."""
    for number in chunks:
        yield number, solve_part(shared, tables(number))


def local(shared: Shared, chunks: list[int], tables: Callable[[int], Tables]) -> Iterator[tuple[int, Part]]:
    """On this machine: here where chunks are few, else in one process for each processor."""
    count = processors()
    if len(chunks) <= FEW or count == 1:
        yield from here(shared, chunks, tables)
        return
    yield from called(solve_part, chunks, lambda number: (shared, tables(number)), count)


def cluster(address: str) -> Any:
    """On a Dask cluster; its workers need this package and the files that the run file reads. `InputError` where Dask is not installed."""
    extra("distributed", "--scheduler")

    def work(shared: Shared, chunks: list[int], tables: Callable[[int], Tables]) -> Iterator[tuple[int, Part]]:
        with connected(address) as client:
            yield from by(client, shared, chunks, tables)

    return work


def connected(address: str) -> Client:
    """A client of a scheduler; `InputError` where none answers."""
    from distributed import Client

    try:
        return Client(address)
    except (OSError, ValueError) as error:
        raise InputError(f"--scheduler: no Dask scheduler answers at {address} ({error}); start one with `dask scheduler`.") from error


def by(client: Client, shared: Shared, chunks: list[int], tables: Callable[[int], Tables]) -> Iterator[tuple[int, Part]]:
    """By the workers of a client, as they are done; a chunk whose worker is lost is solved by another."""
    from distributed import as_completed

    waiting = iter(chunks)
    numbers: dict[Any, int] = {}

    def send() -> Any:
        for number in waiting:
            future = client.submit(solve_part, shared, tables(number), pure=False, retries=2)
            numbers[future] = number
            return future
        return None

    workers = max(1, len(client.scheduler_info()["workers"]))
    running = as_completed([future for future in (send() for _ in range(AHEAD * workers)) if future is not None])
    for future in running:
        part = future.result()
        number = numbers.pop(future)
        if (following := send()) is not None:
            running.add(following)
        yield number, part
