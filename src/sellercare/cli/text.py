"""Text that is safe to show: what buyers and platforms write cannot steer the terminal."""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime
from typing import Any

# Control characters (escape codes begin with them), what turns the writing direction around, invisible tags, and
# halves of characters that cannot be encoded.
_UNSAFE = (
    "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff"
)
_STEERING = re.compile(f"[{_UNSAFE}]")
_STEERING_IN_LINES = re.compile(f"(?!\n)[{_UNSAFE}]")
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|[ -/]*[0-~])")


def clean(text: object) -> str:
    """The text on one line, without anything that a terminal would obey; line breaks and tabs become spaces."""
    plain = _SEQUENCE.sub("", str(text))
    return _STEERING.sub("", re.sub(r"[\r\n\t]+", " ", plain)).strip()


def clean_lines(text: object) -> str:
    """The same for a text of several lines, which stay."""
    plain = _SEQUENCE.sub("", str(text)).replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return _STEERING_IN_LINES.sub("", plain).strip()


def json_line(value: Any) -> str:
    """The value as JSON on one line. What `clean` takes out is written as an escape, so nothing is lost."""
    plain = (sys.stdout.encoding or "").lower() in ("utf-8", "utf8")
    line = json.dumps(value, ensure_ascii=not plain, default=str)
    return _STEERING.sub(_escaped, line)


def _escaped(match: re.Match[str]) -> str:
    number = ord(match[0])
    if number <= 0xFFFF:
        return f"\\u{number:04x}"
    number -= 0x10000
    return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"


def moment(value: datetime | None) -> str:
    """A time in UTC to the minute, as `2025-03-01 14:05`; empty if it is not known."""
    return "" if value is None else f"{value:%Y-%m-%d %H:%M}"


def yes_no(value: bool | None) -> str:
    """`yes`, `no`, or empty if it is not known."""
    return "" if value is None else "yes" if value else "no"
