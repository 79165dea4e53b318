"""What the attacks share: figures that are shown after the run, and the log as it is written."""

import io
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from showroom import log

Report = Callable[[str], None]

FIGURES: list[str] = []


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Report:
    """Call it with what a test measured."""
    place = request.node.nodeid.partition("tests/threats/")[2].partition("::")[0]
    return lambda text: FIGURES.append(f"{place}: {text}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FIGURES:
        terminalreporter.section("threats: figures")
        for line in FIGURES:
            terminalreporter.line(line)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that this process logs, of libraries too."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    log.configure("info", "json", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
