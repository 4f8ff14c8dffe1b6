"""What a plain install leaves out because it weighs much and serves few, and the line that brings it."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from cge.errors import InputError

EXTRAS = {"distributed": ("cluster", "Dask"), "harpy.har_file_io": ("gtap", "harpy3 (GPL)")}
"""Modules of the extras that something here needs: the extra's name, and what it is called."""


def extra(module: str, who: str) -> ModuleType:
    """A module of `EXTRAS`; asked for before anything is read.

    Args:
        who: needs it, as the user knows it.

    Raises:
        InputError: it is not installed, with the line that installs it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        name, called = EXTRAS[module]
        raise InputError(f"{who}: needs {called}, which a plain install leaves out; install it: pip install 'cge[{name}]'.") from error
