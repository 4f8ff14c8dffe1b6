"""Versions of what shapes numbers."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("cge", "numpy", "scipy", "pandas", "xarray", "netCDF4")


@cache
def versions() -> dict[str, str]:
    """Versions of Python, of this package and of those that shape its numbers."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed as a package"
    return found
