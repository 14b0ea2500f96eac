"""Files that a storage service keeps packed."""

from __future__ import annotations

import zlib

_GZIP = b"\x1f\x8b"
LARGEST_FILE = 1 << 29
"""No report is larger than 512 MiB unpacked; what is would fill the memory."""


def unpacked(data: bytes, most: int = LARGEST_FILE) -> bytes:
    """A gzip file's content; what is no gzip file as it is, for some services unpack on the way.

    ValueError for a file that is broken, cut, or larger than `most` bytes.
    """
    if data[:2] != _GZIP:
        return data
    parts: list[bytes] = []
    size = 0
    while data:  # a gzip file may have several members
        engine = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        try:
            part = engine.decompress(data, most - size + 1)
        except zlib.error:
            raise ValueError("the file is not properly packed") from None
        size += len(part)
        if size > most:
            raise ValueError(f"the file is larger than {most} bytes")
        if not engine.eof:
            raise ValueError("the packed file was cut")
        parts.append(part)
        data = engine.unused_data.lstrip(b"\0")
    return b"".join(parts)
