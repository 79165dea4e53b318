"""python-socketio as it comes: the peer of `bench.sockets`, in the same run on the same machine.

Same event loop, same collector settings, no showroom behind it: a CONNECT is confirmed and that is
all. Prints its port when it listens.
"""

import asyncio

import socketio
import uvloop
from aiohttp import web

from showroom.process import tune_collector


async def serve() -> None:
    server = socketio.AsyncServer(
        async_mode="aiohttp",
        transports=["websocket"],
        namespaces=["/customer"],
        cors_allowed_origins="*",
    )
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=2048).start()
    tune_collector()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def main() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())


if __name__ == "__main__":
    main()
