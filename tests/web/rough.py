"""A client that sends bytes, not requests, and reads what comes back."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    """What a server answered; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: str


async def ask(
    url: str, line: str, *headers: str | bytes, body: bytes = b"", length: int | None = None
) -> Reply:
    """Send one request as it is written here; `length` may lie about the body's."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    rows = [f"{line} HTTP/1.1".encode("latin-1"), f"Host: {where.netloc}".encode()]
    rows += [row if isinstance(row, bytes) else row.encode() for row in headers]
    rows += [
        b"Connection: close",
        b"Content-Length: %d" % (len(body) if length is None else length),
    ]
    try:
        writer.write(b"\r\n".join(rows) + b"\r\n\r\n" + body)
        async with asyncio.timeout(10):
            raw = await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
    if not raw:
        return Reply(0, {}, "")
    head, _, rest = raw.partition(b"\r\n\r\n")
    first, *others = head.decode("latin-1").split("\r\n")
    pairs = (row.partition(":") for row in others)
    known = {name.lower(): value.strip() for name, _, value in pairs}
    return Reply(int(first.split()[1]), known, rest.decode(errors="replace"))
