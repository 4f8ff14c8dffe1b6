"""How many threads: one for BLAS, whose products here are small (with two one solve took a hundred times as long); and how many processors."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
R = TypeVar("R")


def one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """`function` with BLAS on one thread while it runs; also what makes results the same to the last bit on every machine of a kind."""

    @wraps(function)
    def limited(*args: P.args, **options: P.kwargs) -> R:
        with controller(len(sys.modules)).limit(limits=1, user_api="blas"):
            return function(*args, **options)

    return limited


@lru_cache(maxsize=1)
def controller(modules: int) -> ThreadpoolController:
    """Of the libraries that are loaded; looked for again when modules were, which takes as long as a tenth of a solve."""
    return ThreadpoolController()


def processors() -> int:
    """How many of this machine's processors may be used."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
