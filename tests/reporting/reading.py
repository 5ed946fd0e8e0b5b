"""Reading a page back: is it well formed, and what do its tables hold?"""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "hr", "input"}


class Page(HTMLParser):
    """Collects tables, tags, attributes and text; refuses tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.tables: list[list[list[tuple[str, float | None]]]] = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag in VOID:
            return
        self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            value = found.get("data-v")
            self.tables[-1][-1].append(("", None if value is None else float(value)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, (tag, self.open[-3:], self.getpos())
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "script" in self.open or "style" in self.open:
            return
        self.text.append(data)
        if "table" in self.open and ("td" in self.open or "th" in self.open):
            text, value = self.tables[-1][-1].pop()
            self.tables[-1][-1].append((text + data, value))

    @property
    def words(self) -> str:
        """All text that is read."""
        return " ".join("".join(self.text).split())

    def table(self, head: str) -> list[list[tuple[str, float | None]]]:
        """The rows below the first table that has this column."""
        for table in self.tables:
            if head in [text for text, _ in table[0]]:
                return table[1:]
        raise AssertionError(head)
