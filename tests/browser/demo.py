"""The demo as a newcomer starts it, as a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from showroom.children import leashed
from tests.nodes import free_port


@contextmanager
def demo_process(folder: Path, *options: str) -> Iterator[str]:
    """Run a demo with these options; it may still be starting when this yields its address."""
    port = free_port()
    command = [sys.executable, "-m", "showroom", "demo", "--port", str(port), *options]
    with (folder / "demo.log").open("wb") as log:
        demo = subprocess.Popen(
            leashed([*command, "--data", str(folder)]), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            demo.terminate()
            demo.wait(15)
