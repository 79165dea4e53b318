"""Logging: constant text, facts as fields, one line each; on a console or as JSON.

The rule is that no personal data and no secret is handed in at all. Below the rule there is a net:
what looks like an e-mail address, a phone number or a token is taken out of every line, also out
of what libraries log and out of tracebacks (threat 21).
"""

import logging
import re
import sys
from asyncio import CancelledError
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.types import EventDict, Processor

REDACTED = "[redacted]"
OURS = ("showroom", "signaling", "media", "booking", "web")

# What libraries of media log of every connection: people's addresses.
NOISY = ("aioice", "aiortc")

# Fields whose whole value is personal or secret, whatever it looks like.
PRIVATE_FIELD = re.compile(
    r"password|passwd|secret|token|cookie|authorization|credential|e_?mail|phone|comment|notes"
    r"|customer_name|session$",
    re.IGNORECASE,
)
PRIVATE_TEXT = re.compile(
    "|".join(
        (
            # An e-mail address; not the user and host of a database's address, see below.
            r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+",
            # An international number, and a national one with its leading zero, in groups or not.
            r"(?<![\w.])(?:\+|00)[1-9](?:[ ./-]?\(?\d\)?){6,14}(?!\w)",
            r"(?<![\w.:/+-])\(?0[1-9](?:[ ./-]?\(?\d\)?){7,10}(?!\w)",
            r"(?<![\w.:/+-])\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}(?!\w)",
            # Our cookies, sign-in headers, passwords in addresses.
            r"(?<=\bvs_)\w+=[^\s;,'\"]+",
            r"(?i:(?<=bearer )|(?<=basic ))[\w.~+/=-]{8,}",
            r"(?i:(?<=cookie: )|(?<=authorization: ))[^\r\n]+",
            r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)",
            # Keys of the interface and the secrets that sign, by how they begin.
            r"\b(?:lsr|whsec)_[\w+/=-]+",
            # Random strings of 256 bits or more: sessions, digests, signed values.
            r"(?<![\w-])(?=[\w-]*\d)[A-Za-z0-9_-]{43,}(?![\w-])",
        )
    )
)


def configure(
    level: Literal["debug", "info", "warning", "error"] = "info",
    form: Literal["console", "json"] = "console",
    stream: TextIO | None = None,
) -> None:
    """Send all logs, those of libraries too, to `stream` (standard error) from `level` on."""
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    end: Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    handler = logging.StreamHandler(stream)
    handler.addFilter(_is_news)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                # Before the net, which reads text: a traceback may quote what a customer wrote.
                structlog.processors.format_exc_info,
                redact,
                end,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # At `debug` libraries log what they handle: a driver each row that it writes, names included.
    root.setLevel("INFO" if level == "debug" else level.upper())
    for library in NOISY:
        logging.getLogger(library).setLevel("WARNING")
    for ours in OURS:
        logging.getLogger(ours).setLevel(level.upper())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=False,
    )


def _is_news(record: logging.LogRecord) -> bool:
    """Say whether a line tells anything. That a library's work was cancelled does not.

    Who is told to stop while a database's connection is given back loses that connection, and
    nobody anything; SQLAlchemy would report it with a traceback at every other stop of a server.
    """
    return not (record.exc_info and isinstance(record.exc_info[1], CancelledError))


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> EventDict:
    """Return a log line without what looks personal or secret. A structlog processor."""
    return {field: _clean(field, value) for field, value in event.items()}


def _clean(field: str, value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if PRIVATE_FIELD.search(field):
        return REDACTED
    if isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _clean(str(key), part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(field, part) for part in value]
    return PRIVATE_TEXT.sub(REDACTED, value if isinstance(value, str) else str(value))
