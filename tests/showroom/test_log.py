"""Logs: one line each, and no canary gets through, whichever way it comes in (threat 21)."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from showroom import log

CANARIES = [
    "canary.bird+cage@mail.example.com",
    "o'canary@sub.example.co.uk",
    "+33 6 12 34 56 78",
    "+33612345678",
    "+33 (0)6 12 34 56 78",
    "0033 6 12 34 56 78",
    "06 12 34 56 78",
    "06.12.34.56.78",
    "0612345678",
    "(415) 555-2671",
    "vs_staff=9WcX3l1zq0t8Yk2mVb7QeA",
    "vs_call=9WcX3l1zq0t8Yk2mVb7QeA",
    "Bearer abcdef.ghijkl.mnopqr",
    "9WcX3l1zq0t8Yk2mVb7QeA9WcX3l1zq0t8Yk2mVb7Qe",
    "redis://:canarypassword@host:6379/0",
    "lsr_9WcX3l1zq0t8Yk2mVb7QeA",
    "whsec_9WcX3l1zq0t8Yk+mVb7QeA9WcX3l/zq0t8Yk2mVb7Qe",
    "whsec_short",
]
# What must be readable: an id, a time, an address, a number of milliseconds, a path, a version.
HARMLESS = [
    "9WcX3l1zq0t8Yk2mVb7QeA",
    "2025-10-09T08:53:20.123456Z",
    "2025-10-09 08:53:20",
    "127.0.0.1:54321",
    "10.20.30.140",
    "[2001:db8::1]:8080",
    "1760000000000",
    "/s/orvanne/calls",
    "Python 3.11.7, aiohttp 3.14.5",
    "test_an_unanswered_ring_goes_to_the_next_advisor",
]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    log.configure("info", "json", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_cancellation_is_no_news_and_any_other_fault_is(lines: io.StringIO) -> None:
    for fault in (asyncio.CancelledError(), OSError("the disk is full")):
        logging.getLogger("sqlalchemy.pool").error("Exception during reset", exc_info=fault)
    assert lines.getvalue().count("Exception during reset") == 1
    assert "the disk is full" in lines.getvalue()


def heart(canary: str) -> str:
    """Return the part of a canary that must not be seen."""
    return "canarypassword" if "canarypassword" in canary else canary.rpartition("=")[2]


@pytest.mark.parametrize("canary", CANARIES)
def test_a_canary_in_a_field_is_not_logged(lines: io.StringIO, canary: str) -> None:
    structlog.get_logger().info("something happened", detail=f"it was {canary}, they said")
    assert heart(canary) not in lines.getvalue()
    assert log.REDACTED in lines.getvalue()


@pytest.mark.parametrize("canary", CANARIES)
def test_a_canary_in_a_traceback_or_deep_inside_is_not_logged(
    lines: io.StringIO, canary: str
) -> None:
    try:
        raise ValueError(canary)
    except ValueError:
        structlog.get_logger().exception("it failed", deep={"list": [{"x": canary}]})
    assert heart(canary) not in lines.getvalue()
    assert "Traceback" in lines.getvalue()


@pytest.mark.parametrize("canary", CANARIES)
def test_a_canary_in_a_library_s_log_is_not_logged(lines: io.StringIO, canary: str) -> None:
    logging.getLogger("somebody.else").warning("refused %s", canary)
    assert heart(canary) not in lines.getvalue()


@pytest.mark.parametrize(
    "field", ["password", "email", "e_mail", "phone", "token", "Cookie", "set_cookie", "notes"]
)
def test_a_field_that_is_private_by_its_name_is_not_logged(lines: io.StringIO, field: str) -> None:
    structlog.get_logger().info("something happened", **{field: "canary"})
    assert json.loads(lines.getvalue())[field] == log.REDACTED


@pytest.mark.parametrize("text", HARMLESS)
def test_what_an_operator_needs_is_left_alone(lines: io.StringIO, text: str) -> None:
    structlog.get_logger().info("something happened", detail=text, count=1760000000000)
    line = json.loads(lines.getvalue())
    assert (line["detail"], line["count"]) == (text, 1760000000000)


def test_a_line_is_one_json_object_with_constant_text_time_and_level(lines: io.StringIO) -> None:
    structlog.get_logger().info("call ended", call="abc", reason=None)
    line = json.loads(lines.getvalue())
    assert line["event"] == "call ended"
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")
    assert (line["call"], line["reason"]) == ("abc", None)


def test_lines_below_the_level_are_dropped(lines: io.StringIO) -> None:
    structlog.get_logger().debug("too much")
    logging.getLogger("somebody.else").debug("too much")
    assert lines.getvalue() == ""


def test_the_console_shows_the_same_without_the_canary(lines: io.StringIO) -> None:
    log.configure("info", "console", lines)
    structlog.get_logger().info("call ended", call="abc", detail="canary@example.com")
    assert "call ended" in lines.getvalue()
    assert "abc" in lines.getvalue()
    assert "canary" not in lines.getvalue()
