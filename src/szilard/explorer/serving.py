"""The page on this machine: a server that listens on 127.0.0.1 alone and answers whoever knows its token."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, cast
from weakref import WeakSet

from ..errors import InputError
from .choice import Choice
from .colours import css_colours, css_swatches
from .frames import scene_by_scene
from .here import HOST
from .live_source import Source
from .stored import StoredStudy

EXTRA = 'pip install ".[app]" in the directory of the sources'
TOP_PORT = 65535
KINDS = {"css": "text/css", "js": "text/javascript", "html": "text/html"}
STUDY = (
    '<div class="study"><div class="head"><div id="study"></div><div id="leave"></div></div><div class="halves">'
    '<div id="scatter" role="group" aria-label="Cost against learned information of every run of the study"></div>'
    '<section aria-label="Stored beside live" tabindex="0" id="compared"></section></div>'
    '<div id="runs" role="group" aria-label="Runs of the study; choose one to train it again"></div></div>'
)


@dataclass(frozen=True, repr=False)
class Served:
    """A server that is running; address: with its token, which is why it shows nothing of itself."""

    address: str
    port: int
    token: str
    loop: Any
    server: Any
    listener: Any
    sessions: WeakSet[Any]

    async def close(self) -> None:
        """Stop it, its connections, and all that it computes."""
        for session in list(self.sessions):
            session.close()
        self.server.stop()
        await self.listener.close_all_connections()


def served(study: StoredStudy | None = None, port: int = 0) -> Served:
    """A page for this study, or for none, on 127.0.0.1; port 0 is a free one. Its loop is still to be started.

    Raises InputError where the port is taken, or the extra is not installed.
    """
    try:
        from bokeh.application import Application
        from bokeh.application.handlers.function import FunctionHandler
        from bokeh.server.server import BaseServer
        from bokeh.server.tornado import BokehTornado
        from tornado.httpserver import HTTPServer
        from tornado.ioloop import IOLoop
        from tornado.netutil import bind_sockets
    except ImportError:
        raise InputError("explore", "Bokeh is not installed", "the page is drawn with it", EXTRA) from None
    from .gate import Gate, Sealed
    from .session import opened

    if type(port) is not int or not 0 <= port <= TOP_PORT:
        raise InputError("port", port, f"must be an integer 0 ... {TOP_PORT}", "0 is a free one")
    try:
        sockets = bind_sockets(port, HOST)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError("port", port, f"cannot be listened on: {reason}", "leave it out for a free one") from None
    port, token = sockets[0].getsockname()[1], secrets.token_urlsafe(32)
    quiet("bokeh", "tornado.access", "tornado.general")
    style = Template(read("widgets.css")).substitute(swatches=css_swatches())
    sessions: WeakSet[Any] = WeakSet()

    def filled(doc: Any) -> None:
        sessions.add(opened(doc, style, study))

    application = Application(FunctionHandler(filled))
    tornado: Any = BokehTornado(
        {"/": application}, prefix=f"/{token}", extra_websocket_origins=[f"{HOST}:{port}"], sign_sessions=True,
        secret_key=secrets.token_bytes(32), include_headers=[], include_cookies=[],
        unused_session_lifetime_milliseconds=4000, check_unused_sessions_milliseconds=2000,
    )  # fmt: skip
    tornado.add_transform(Sealed)
    tornado.add_handlers(".*", handlers(tornado, token, study is not None))
    server = HTTPServer(Gate(tornado, token, port))
    server.add_sockets(sockets)
    loop = IOLoop.current()
    found = BaseServer(loop, tornado, server)
    found.start()
    return Served(f"http://{HOST}:{port}/{token}/", port, token, loop, found, server, sessions)


def handlers(tornado: Any, token: str, with_study: bool) -> list[Any]:
    """Our own page, style and scripts, before those of Bokeh."""
    from bokeh.server.views.session_handler import SessionHandler
    from tornado.web import RequestHandler

    class Page(SessionHandler):
        """A document's page, or the script that finds out which look it is to have."""

        async def get(self, *_: Any) -> None:
            self.set_header("Content-Type", "text/html; charset=utf-8")
            look = self.get_argument("look", "")
            if not self.request.path.endswith("/"):
                self.redirect(f"/{token}/")
            elif look not in ("light", "dark"):
                self.write(
                    '<!DOCTYPE html><html lang="en"><title>Szilard</title><script src="look.js"></script></html>'
                )
            else:
                session: Any = await cast(Any, self.get_session())
                self.write(page_html(session.token, session.document.roots, look, with_study))

    class Own(RequestHandler):
        """The files that lie beside this module."""

        def get(self, name: str) -> None:
            self.set_header("Content-Type", f"{KINDS[name.rpartition('.')[2]]}; charset=utf-8")
            text = read(name)
            if name == "page.css":
                text = Template(text).substitute(
                    light=css_colours(dark=False), dark=css_colours(dark=True), swatches=css_swatches()
                )
            self.write(text)

    context = {"application_context": tornado.applications["/"], "bokeh_websocket_path": f"/{token}/ws"}
    return [(rf"/{token}/?", Page, context), (rf"/{token}/(page\.css|page\.js|look\.js)", Own)]


def page_html(token: str, roots: list[Any], look: str, with_study: bool) -> str:
    """The HTML into whose places Bokeh puts the roots of a document, each by its name."""
    places = {root.id: root.name for root in roots}
    items = json.dumps([{"token": token, "roots": places, "root_ids": list(places)}]).replace("<", "\\u003c")
    return Template(read("page.html")).substitute(
        look=escape(look), items=items, study=STUDY if with_study else '<div id="compared" hidden></div>'
    )


def read(name: str) -> str:
    """A file that lies beside this module."""
    return (files("szilard.explorer") / name).read_text("utf-8")


def quiet(*names: str) -> None:
    """What a browser does wrong, such as going away, is not told in the terminal."""
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def warm() -> None:
    """Load and compile what the first picture needs, while the browser starts."""
    try:
        for _ in scene_by_scene(Source().settings(Choice(), 200)):
            pass
    except InputError:  # a picture will say so
        pass


def explore_until_interrupted(
    directory: Path | None = None, *, port: int = 0, tell: Callable[[str], None] = print, browser: bool = True
) -> None:
    """Serve the page, say where, open the user's browser if asked for, and return after Ctrl-C.

    directory: of a finished study, or None. Raises InputError as ``served`` does, and where the study cannot be read.
    """
    study = None if directory is None else StoredStudy.at(directory)

    async def until_interrupted() -> None:
        running = served(study, port)
        tell(running.address)
        threading.Thread(target=warm, daemon=True).start()
        if browser:
            threading.Thread(target=show, args=(running.address,), daemon=True).start()
        try:
            await asyncio.Event().wait()
        finally:
            await running.close()

    try:
        asyncio.run(until_interrupted())
    except KeyboardInterrupt:
        pass


def show(address: str) -> None:
    """Open the user's own browser, if there is a screen for one."""
    import os
    import sys
    import webbrowser

    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    webbrowser.open(address)
