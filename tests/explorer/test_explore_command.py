"""The command: it prints its address, and Ctrl-C ends it without a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

import szilard as sz
from szilard.cli import app
from szilard.explorer.serving import served

START = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may have it ignored
from szilard.cli import main
main()
"""


def test_interrupting_it_is_its_end() -> None:
    command = [sys.executable, "-c", START, "explore", "--no-browser"]
    quiet = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=quiet,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stdout.readline().strip()
        parts = urlsplit(address)
        assert parts.hostname == "127.0.0.1"
        assert parts.port is not None
        connection = HTTPConnection("127.0.0.1", parts.port, timeout=30)
        connection.request("GET", parts.path + "?look=light")
        assert connection.getresponse().status == 200
        connection.close()
        time.sleep(0.3)  # into the computation that the page has asked for
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert process.stderr.read() == ""


def test_without_the_extra_one_is_told_what_to_install() -> None:
    hidden = "import sys\nsys.modules.update(bokeh=None, tornado=None)\n"
    command = [sys.executable, "-c", hidden + START, "explore", "--no-browser"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert ended.stderr.startswith("szilard: explore: ")
    assert "[app]" in ended.stderr


def test_a_place_without_a_study_is_bad_input(tmp_path: object) -> None:
    result = CliRunner().invoke(app, ["explore", str(tmp_path), "--no-browser"])
    assert isinstance(result.exception, sz.InputError)


@pytest.mark.parametrize("port", [-1, 65536, 1.5, "80"])
def test_a_port_that_is_none_is_refused(port: object) -> None:
    with pytest.raises(sz.InputError, match="port"):
        served(port=port)  # type: ignore[arg-type]
