"""Who may ask: only a browser that knows the token, names this very host, and was sent by no other site."""

from __future__ import annotations

import hmac
from typing import Any

from tornado import httputil
from tornado.routing import Router
from tornado.web import OutputTransform

from .here import HOST

OPEN = ("", "ws", "page.css", "page.js", "look.js")
"""What may be asked for below the token, besides Bokeh's own scripts."""


def security_headers(here: str) -> dict[str, str]:
    """What every answer of host:port carries: nothing from elsewhere, no frame, no address handed on, nothing kept."""
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        f"font-src 'self'; connect-src 'self' ws://{here}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def admitted(request: httputil.HTTPServerRequest, token: str, port: int) -> bool:
    """Whether a request, of the page as of its websocket, may pass.

    The first part of its path is the token, compared in constant time; Host is this address and no name that somebody
    has made to point here; Origin, where there is one, is the page's own.
    """
    hosts, origins = request.headers.get_list("Host"), request.headers.get_list("Origin")
    here = f"{HOST}:{port}"
    first, _, rest = request.path.removeprefix("/").partition("/")
    known = hmac.compare_digest(first.encode("utf-8", "surrogateescape"), token.encode())
    asked = rest in OPEN or (rest.startswith("static/") and ".." not in rest and "%00" not in rest)
    return known and asked and hosts == [here] and origins in ([], [f"http://{here}"])


class Gate(Router):
    """Passes on what is admitted and answers 403 to everything else, before any other code sees it."""

    def __init__(self, application: Any, token: str, port: int) -> None:
        self._application = application
        self._token, self._port = token, port

    def find_handler(self, request: httputil.HTTPServerRequest, **kwargs: Any) -> httputil.HTTPMessageDelegate | None:
        """Who answers: the application, or the refusal."""
        if admitted(request, self._token, self._port):
            found: httputil.HTTPMessageDelegate | None = self._application.find_handler(request, **kwargs)
            return found
        return Refusal(request, f"{HOST}:{self._port}")


class Refusal(httputil.HTTPMessageDelegate):
    """403, and the same words for every reason."""

    def __init__(self, request: httputil.HTTPServerRequest, here: str) -> None:
        self._request, self._here = request, here

    def finish(self) -> None:
        """Answer, once the request has been read."""
        body = b"403: open the address that szilard explore has printed\n"
        headers = httputil.HTTPHeaders(security_headers(self._here))
        headers["Content-Type"] = "text/plain; charset=utf-8"
        headers["Content-Length"] = str(len(body))
        headers["Connection"] = "close"
        connection = self._request.connection
        assert connection is not None
        connection.write_headers(httputil.ResponseStartLine("HTTP/1.1", 403, "Forbidden"), headers, body)
        connection.finish()


class Sealed(OutputTransform):
    """Puts the security headers on every answer of the application."""

    def __init__(self, request: httputil.HTTPServerRequest) -> None:
        self._here = request.host  # the gate has seen that it is this very host

    def transform_first_chunk(
        self, status_code: int, headers: httputil.HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, httputil.HTTPHeaders, bytes]:
        """The same answer with the headers set."""
        for name, value in security_headers(self._here).items():
            headers[name] = value
        return status_code, headers, chunk
