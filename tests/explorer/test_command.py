"""The command: what it prints, how it ends, and what it refuses."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from commands import invoke, put

from cge.explorer.server import HOST, bound

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends processes by signals")


@contextmanager
def begun(*arguments: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as a process in a folder of its own for temporary files, with the first line that it prints."""
    line = [sys.executable, "-m", "cge", "explore", *arguments]
    environment = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            if process.poll() is None:
                process.kill()


def test_it_serves_until_it_is_interrupted_and_leaves_nothing(tmp_path: Path) -> None:
    with begun("mini", "--no-browser", folder=tmp_path) as (process, address):
        with urlopen(f"{address}world") as reply:
            assert json.load(reply)["economy"].startswith("Mini")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=240)
    assert (process.returncode, out, err) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_port_that_is_taken_gives_way_to_another(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with begun("mini", "--port", str(port), "--json", folder=tmp_path) as (process, line):
            said = json.loads(line)
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=240)
    assert (process.returncode, err) == (0, f"Port {port} is taken; another was chosen.\n")
    assert said["outcome"] == "serving"
    assert said["port_taken"] is True
    assert not said["address"].startswith(f"http://{HOST}:{port}/")


def test_a_port_that_is_free_is_taken() -> None:
    first, other = bound(0)
    assert not other
    port = first.getsockname()[1]
    first.close()
    second, other = bound(port)
    assert (second.getsockname(), other) == ((HOST, port), False)
    second.close()


def test_faults_come_before_anything_is_served(tmp_path: Path) -> None:
    status, out, err = invoke("explore", put(tmp_path, 'title = "x"\neconomy = "mini"\nmodel = "krugmann"\n'), "--json")
    assert status == 2
    assert "krugman?" in err
    assert "elasticities" in err
    assert json.loads(out)["outcome"] == "bad_input"
    status, _, err = invoke("explore", "icio2202")
    assert (status, "icio2022" in err) == (2, True)
