"""Where the page is: on this machine alone."""

from __future__ import annotations

HOST = "127.0.0.1"
