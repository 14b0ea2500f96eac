"""Texts: WordPress stores some as HTML, and gives one text in two forms."""

from __future__ import annotations

from html.parser import HTMLParser

_BREAKS = {"p": "\n\n", "br": "\n", "div": "\n", "li": "\n"}


class _Text(HTMLParser):
    """Gathers the words of a piece of HTML; paragraphs and breaks become ends of lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._after_break = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.parts.append("\n")
            self._after_break = True

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKS and tag != "br":
            self.parts.append(_BREAKS[tag])

    def handle_data(self, data: str) -> None:
        # WordPress writes `<br />` and an end of line for one end of line.
        self.parts.append(data.removeprefix("\n") if self._after_break else data)
        self._after_break = False


def plain(html: str) -> str:
    """The words of a text that may be HTML, as people read them: `<p>Sorry &amp; thanks</p>` is `Sorry & thanks`."""
    if "<" not in html and "&" not in html:
        return html.strip()
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "".join(parser.parts).strip()


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same, whatever the white space and whichever of them is HTML."""
    return plain(one).split() == plain(other).split()
