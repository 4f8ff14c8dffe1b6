"""Run files and commands, for the tests of what a command prints and leaves."""

from pathlib import Path

from typer.testing import CliRunner

from cge.cli import app

HEAD = 'title = "A tariff"\neconomy = "mini"\n'
MELITZ = HEAD + 'model = "melitz"\nintermediates = false\n[elasticities]\ntrade = 5.0\nsigma = 4.0\n'
ARMINGTON = HEAD + 'model = "armington"\n[elasticities]\ntrade = 5.0\n'
TARIFF = '[[tariff]]\nimporter = "Home"\nexporter = "*"\nsector = "goods"\nadd = 0.1\n'
CLOSED = '[[iceberg]]\nimporter = "Home"\nexporter = "*"\nsector = "*"\ntimes = inf\n'
CUT_OFF = CLOSED + CLOSED.replace('er = "Home"', 'er = "*"').replace('exporter = "*"', 'exporter = "Home"')


def put(folder: Path, text: str, name: str = "case.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def invoke(*args: object) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a command."""
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
