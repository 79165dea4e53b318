"""A real coturn on loopback."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from showroom.children import leashed
from tests.nodes import free_port

SECRET = "the secret that coturn and the showroom share"
START_SECONDS = 10


@contextmanager
def open_relay(folder: Path) -> Iterator[str]:
    """Run coturn for as long as the block runs; yields its address as browsers write it."""
    port = free_port()
    command = ["turnserver", "-n", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1"]
    command += [f"--listening-port={port}", "--realm=showroom.example", "--fingerprint"]
    command += ["--use-auth-secret", f"--static-auth-secret={SECRET}", "--stale-nonce=600"]
    command += ["--no-cli", "--no-tcp-relay", "--no-multicast-peers", "--no-rfc5780", "--no-tls"]
    command += ["--no-dtls", "--user-quota=4", "--min-port=49160", "--max-port=49200"]
    command += ["--allow-loopback-peers", "--allowed-peer-ip=127.0.0.1"]
    command += [f"--userdb={folder / 'turn.db'}", f"--pidfile={folder / 'turn.pid'}"]
    with (folder / "turn.log").open("wb") as log:
        server = subprocess.Popen(leashed([*command, "--log-file=stdout"]), stdout=log, stderr=log)
        try:
            _wait_until_listening(port, folder / "turn.log")
            yield f"turn:127.0.0.1:{port}?transport=udp"
        finally:
            server.terminate()
            server.wait(10)


def _wait_until_listening(port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
