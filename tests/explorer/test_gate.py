"""The server answers only who knows its token, names its very host, and was sent by no other site."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from szilard.explorer.serving import Served
from tests.explorer.running import running

REFUSED, FINE, UPGRADED = 403, 200, 101


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with running() as found:
        yield found


def asked(server: Served, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of a plain request; Host is the server's unless it is given."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest("GET", path, skip_host=True)
    for name, value in {"Host": f"127.0.0.1:{server.port}", **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()
    connection.close()
    return found


def upgraded(server: Served, path: str, session: str = "", **headers: str) -> int:
    """The status of a websocket's handshake."""
    lines = {
        "Host": f"127.0.0.1:{server.port}", "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Protocol": f"bokeh, {session}", **headers,
    }  # fmt: skip
    text = f"GET {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as stream:
        stream.sendall(text.encode())
        return int(stream.recv(4096).split()[1])


@pytest.fixture(scope="module")
def session(server: Served) -> str:
    """Bokeh's own token of a session, as the page tells it."""
    body = asked(server, f"/{server.token}/?look=light")[2]
    items = re.search(r'<script type="application/json" id="items">(.*?)</script>', body)
    assert items is not None
    return str(json.loads(items[1])[0]["token"])


def test_the_page_opens_with_its_token_and_carries_every_header(server: Served) -> None:
    status, headers, body = asked(server, f"/{server.token}/?look=light")
    assert status == FINE
    assert "szilard" in body.lower()
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    assert "access-control-allow-origin" not in headers
    assert "http://" not in body.replace(f"http://127.0.0.1:{server.port}", "")
    assert "https://" not in body


@pytest.mark.parametrize("below", ["", "?look=light", "ws", "static/js/bokeh.min.js", "page.js", "autoload.js"])
def test_without_the_token_nothing_is_told(server: Served, below: str) -> None:
    right = server.token
    for token in ("", right[:-1], right + "x", right.swapcase(), "x" * len(right), right[::-1], "%00", "..", "%C3%A9"):
        path = f"/{token}/{below}" if token else f"/{below}"
        status, headers, body = asked(server, path)
        assert status == REFUSED, path
        assert right not in body
        assert headers["content-security-policy"].startswith("default-src 'none'")


def test_what_is_not_offered_is_refused_even_with_the_token(server: Served) -> None:
    for below in ("autoload.js", "metadata", "static/../../../serving.py", "static/extensions/../x", "gate.py"):
        assert asked(server, f"/{server.token}/{below}")[0] in (REFUSED, 404), below
    assert asked(server, f"/{server.token}/autoload.js?bokeh-autoload-element=x")[0] == REFUSED


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost:{port}", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1:{port}."]
)
def test_another_name_for_this_machine_is_refused(server: Served, host: str) -> None:
    for below in ("?look=light", "static/js/bokeh.min.js"):
        assert asked(server, f"/{server.token}/{below}", Host=host.format(port=server.port))[0] == REFUSED
    assert upgraded(server, f"/{server.token}/ws", Host=host.format(port=server.port)) == REFUSED


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:{port}", "https://127.0.0.1:{port}"]
)
def test_another_sites_page_is_refused(server: Served, session: str, origin: str) -> None:
    named = origin.format(port=server.port)
    assert asked(server, f"/{server.token}/?look=light", Origin=named)[0] == REFUSED
    assert upgraded(server, f"/{server.token}/ws", session, Origin=named) == REFUSED


def test_the_websocket_opens_with_the_token_and_the_pages_own_origin(server: Served, session: str) -> None:
    own = f"http://127.0.0.1:{server.port}"
    assert upgraded(server, f"/{server.token}/ws", session, Origin=own) == UPGRADED
    assert upgraded(server, f"/{server.token[:-1]}x/ws", session, Origin=own) == REFUSED
    assert upgraded(server, "/ws", session, Origin=own) == REFUSED


def test_it_listens_on_this_machine_alone(server: Served) -> None:
    listening = server.server._http._sockets.values()
    assert [sock.getsockname()[0] for sock in listening] == ["127.0.0.1"]


def test_every_server_has_a_token_of_its_own(server: Served) -> None:
    with running() as other:
        assert other.token != server.token
        assert len(other.token) >= 43
        assert asked(other, f"/{server.token}/")[0] == REFUSED
