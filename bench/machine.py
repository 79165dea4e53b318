"""Where a figure was measured: without that it says nothing."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Debian's own; the figures need a real browser.
CHROMIUM = "/usr/bin/chromium"


def machine() -> list[str]:
    """Return what the machine is, one fact a line."""
    memory = re.search(r"MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return [
        f"{os.cpu_count()} cores, {model[1] if model else platform.machine()}",
        f"{int(memory[1]) / 1e6:.0f} GB of memory" if memory else "memory unknown",
        f"Linux {platform.release()}",
        f"Python {platform.python_version()}",
        _first_line([CHROMIUM, "--version"]),
    ]


def commit() -> str:
    """Return the commit that is measured, with a plus sign when files differ from it."""
    name = _first_line(["git", "rev-parse", "--short", "HEAD"])
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD"], cwd=ROOT, check=False).returncode
    return f"{name}+" if changed else name


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def _first_line(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else "unknown"
