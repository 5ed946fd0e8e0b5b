"""Pages in the system's own Chromium, which can look up no name: any complaint or foreign request fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

HERE = "127.0.0.1"
OFFLINE = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HERE}",
)  # fmt: skip
WIDE, NARROW = (1280, 900), (400, 800)


@dataclass
class Tab:
    """A page with all that it complained of and asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)
        self.page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url[:200]}"))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("file", "data", "blob") and parts.hostname != HERE:
            self.foreign.append(request.url)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=list(OFFLINE))
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Callable[..., Tab]]:
    """opened(address, size=WIDE, dark=False) -> Tab; when the test ends no tab may have complained or gone abroad."""
    tabs: list[Tab] = []

    def open_tab(address: str, size: tuple[int, int] = WIDE, dark: bool = False) -> Tab:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light"
        )
        tab = Tab(context.new_page())
        tabs.append(tab)
        tab.page.goto(address)
        return tab

    yield open_tab
    for tab in tabs:
        tab.page.context.close()
        assert tab.foreign == []
        assert tab.complaints == []
