"""A table of a run file, and values as they stand in one."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


def as_toml(value: object) -> str:
    """A value as in the run file, cut where it is long."""
    text = str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) < 80 else f"{text[:76]} ..."


class Keys(BaseModel):
    """A table of the run file. Unknown keys are faults, and so are values of another type (`"yes"` for true, text for a number).

    The title of a field says what it decides, for the reference; the description what may stand there: messages end in it.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)  # built where first used
