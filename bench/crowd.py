"""Ten thousand visitors who only look, in one light process: raw WebSockets over epoll.

Speaks just enough of WebSocket (RFC 6455), Engine.IO 4 and Socket.IO 5 to sit on a showroom's
page. Commands come by standard input, one a line, answers go out as JSON, one a line:

- `connect COUNT LAST` opens visitors, at most 200 at a time, until each was sent a message with the
  text LAST in it: the last one that greets it;
- `expect TEXT` waits until each visitor was sent a message with this text in it;
- `dropped` tells how many connections the server has closed.

Times are seconds of CLOCK_MONOTONIC, which all processes of a machine share.
"""

import json
import resource
import select
import socket
import sys
import time
from dataclasses import dataclass, field

AT_ONCE = 200
CHUNK = 65_536
PING, PONG = b"2", b"3"


def frame(payload: bytes) -> bytes:
    """Return a client's text frame. The mask is zero: it protects proxies, and there is none."""
    size = len(payload)
    head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + bytes(4) + payload


@dataclass(slots=True)
class Visitor:
    """One socket; `greeted` once it has all that a new socket is sent."""

    socket: socket.socket
    page: int
    upgraded: bool = False
    greeted: bool = False
    waits: bool = False
    rest: bytes = b""


@dataclass
class Crowd:
    """All visitors of one node's showroom."""

    host: str
    port: int
    showroom: str
    visitors: dict[int, Visitor] = field(default_factory=dict)
    last_greeting: bytes = b""
    greeted: int = 0
    dropped: int = 0
    expected: bytes = b""
    waiting: int = 0

    def __post_init__(self) -> None:
        self.poll = select.epoll()
        self.upgrade = (
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
            f"Host: {self.host}:{self.port}\r\nOrigin: http://{self.host}:{self.port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ).encode()

    def connect(self, count: int, last_greeting: str) -> dict[str, object]:
        """Open visitors; tell how long it took and how many failed."""
        self.last_greeting = last_greeting.encode()
        began, opened = time.monotonic(), 0
        while self.greeted + self.dropped < count:
            while opened < count and opened - self.greeted - self.dropped < AT_ONCE:
                self._open(opened)
                opened += 1
            self._serve(1)
        return {"began": began, "ended": time.monotonic(), "failed": self.dropped}

    def expect(self, text: str) -> dict[str, object]:
        """Wait until everybody was sent `text`; tell when the last one was."""
        self.expected, self.waiting = text.encode(), len(self.visitors)
        for visitor in self.visitors.values():
            visitor.waits = True
        answer({"listening": self.waiting})
        while self.waiting:
            self._serve(1)
        return {"ended": time.monotonic()}

    def _open(self, page: int) -> None:
        opened = socket.socket()
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.connect((self.host, self.port))
        opened.setblocking(False)
        opened.send(self.upgrade)
        self.visitors[opened.fileno()] = Visitor(opened, page)
        self.poll.register(opened, select.EPOLLIN)

    def _serve(self, patience: float) -> None:
        asked = False
        for descriptor, _ in self.poll.poll(patience, 1000):
            if descriptor == sys.stdin.fileno():
                asked = True
            else:
                self._read(descriptor, self.visitors[descriptor])
        if asked:  # last: a command serves, too, and the events of this round would be stale
            self.command(sys.stdin.readline())

    def _read(self, descriptor: int, visitor: Visitor) -> None:
        try:
            data = visitor.socket.recv(CHUNK)
        except ConnectionError:
            data = b""
        if not data:
            self._drop(descriptor, visitor)
            return
        data = visitor.rest + data
        if not visitor.upgraded:
            head, found, data = data.partition(b"\r\n\r\n")
            if found and not head.startswith(b"HTTP/1.1 101"):
                self._drop(descriptor, visitor)
                return
            visitor.upgraded = bool(found)
            data = data if found else head
        visitor.rest = self._messages(visitor, data) if visitor.upgraded else data

    def _messages(self, visitor: Visitor, data: bytes) -> bytes:
        """Handle the whole frames in `data`; return what is left of the last one."""
        at = 0
        while len(data) - at >= 2:
            size, head = data[at + 1], 2
            if size == 126:
                size, head = int.from_bytes(data[at + 2 : at + 4], "big"), 4
            end = at + head + size
            if len(data) < end:
                break
            self._message(visitor, data[at + head : end])
            at = end
        return data[at:]

    def _message(self, visitor: Visitor, message: bytes) -> None:
        if message == PING:
            visitor.socket.send(frame(PONG))
        elif message.startswith(b"0"):
            hello = json.dumps({"showroom": self.showroom, "page": f"page-{visitor.page}"})
            visitor.socket.send(frame(f"40/customer,{hello}".encode()))
        elif visitor.waits and self.expected in message:
            visitor.waits = False
            self.waiting -= 1
        elif self.last_greeting in message:
            visitor.greeted = True
            self.greeted += 1

    def _drop(self, descriptor: int, visitor: Visitor) -> None:
        self.poll.unregister(descriptor)
        visitor.socket.close()
        del self.visitors[descriptor]
        self.dropped += 1

    def command(self, line: str) -> None:
        """Carry out one line of standard input; its end ends the process."""
        name, _, word = line.strip().partition(" ")
        if name == "connect":
            count, _, last = word.partition(" ")
            answer(self.connect(int(count), last))
        elif name == "expect":
            answer(self.expect(word))
        elif name == "dropped":
            answer({"dropped": self.dropped})
        else:
            sys.exit()

    def run(self) -> None:
        """Sit there, answer pings, and do what is asked for."""
        self.poll.register(sys.stdin.fileno(), select.EPOLLIN)
        while True:
            self._serve(1)


def answer(facts: dict[str, object]) -> None:
    print(json.dumps(facts), flush=True)


def main() -> None:
    host, port, showroom = sys.argv[1:]
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Crowd(host, int(port), showroom).run()


if __name__ == "__main__":
    main()
