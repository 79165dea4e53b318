"""The road between a page and its node: a TCP proxy that can be cut, mended, and led elsewhere.

Media does not travel on it: it goes from browser to browser.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.nodes import free_port

# What a browser writes into its console when a road is cut.
LINE_GONE = r"WebSocket|ERR_(CONNECTION|EMPTY|SOCKET)"


class Road:
    """Hands connections on to the node at `to`, a port of this machine."""

    def __init__(self, port: int, to: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.to = to
        self._open = True
        self._travellers: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Drop every connection, and refuse new ones until `mend`."""
        self._open = False
        for traveller in list(self._travellers):
            traveller.transport.abort()

    def mend(self) -> None:
        """Let connections through again."""
        self._open = True

    async def travel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection both ways until one side ends it."""
        if not self._open:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, back)
        self._travellers.update(pair)
        try:
            await asyncio.gather(_carry(reader, back), _carry(there, writer))
        finally:
            self._travellers.difference_update(pair)
            for end in pair:
                end.transport.abort()


@asynccontextmanager
async def open_road(to: int) -> AsyncIterator[Road]:
    """Run a road for as long as the block runs."""
    port = free_port()
    road = Road(port, to)
    server = await asyncio.start_server(road.travel, "127.0.0.1", port)
    try:
        yield road
    finally:
        server.close()
        road.cut()
        await server.wait_closed()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        # One half is gone: the other one must not stay open for it.
        writer.transport.abort()
