"""Ways for a mail to go: a mail server (RFC 5321), or a folder, for the demo and who has none."""

import asyncio
import email
import os
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from showroom.settings import Settings

log = structlog.get_logger()

FOLDER = "mail"
# Who writes when there is nobody to send it.
NOBODY = "visits@localhost"
# For one step of the conversation; the worker limits the whole.
STEP_SECONDS = 12.0
# Lines and letters that every server since 1982 takes.
POLICY = SMTP.clone(cte_type="7bit")


class Unsent(Exception):
    """The mail did not go this time; the text is the server's answer, or what went wrong."""


class Refused(Exception):
    """The server will never take this mail; the text is its answer."""


class Mailer(Protocol):
    """A way for mails to go."""

    async def send(self, message: EmailMessage) -> str:
        """Send it to whom its `To` names; returns the answer. Raises `Unsent` and `Refused`."""
        ...


class SmtpMailer:
    """Hands mails to a mail server, one connection each."""

    def __init__(self, url: str, step_seconds: float = STEP_SECONDS) -> None:
        """`url`: the setting `mail_url`; `smtps:` begins with TLS, `smtp:` takes STARTTLS."""
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 587)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._step_seconds = step_seconds

    async def send(self, message: EmailMessage) -> str:
        sender, receiver = (message[header].addresses[0].addr_spec for header in ("From", "To"))
        try:
            _, answer = await aiosmtplib.send(
                message.as_bytes(policy=POLICY),
                sender=sender,
                recipients=[receiver],
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                # What it would find out by itself is a look-up in the DNS that blocks.
                local_hostname=sender.rpartition("@")[2],
                timeout=self._step_seconds,
            )
        except SMTPRecipientsRefused as error:
            raise _judged(error.recipients[0].code, error.recipients[0].message) from error
        except SMTPDataError as error:
            raise _judged(error.code, error.message) from error
        except SMTPResponseException as error:
            # It is us that it does not want, or not now: whoever mends that wants all mails out.
            raise Unsent(_said(error.code, error.message)) from error
        except (SMTPException, OSError) as error:
            raise Unsent(f"{type(error).__name__}: {error}") from error
        return answer


class FolderMailer:
    """Keeps mails as `.eml` files (RFC 5322), named by their `Message-ID`, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> str:
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        await asyncio.to_thread(self._keep, f"{name}.eml", message.as_bytes(policy=POLICY))
        return "kept in the folder"

    def _keep(self, name: str, content: bytes) -> None:
        try:
            # Mails hold names and addresses: they are nobody else's on this machine.
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished = self._folder / f".{name}.{os.getpid()}"
            unfinished.write_bytes(content)
            unfinished.replace(self._folder / name)
        except OSError as error:
            raise Unsent(f"the folder can't be written: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail of a folder. `name` tells it from the others; `calendar` is its invitation, or empty.

    `kept_at` in UTC milliseconds.
    """

    name: str
    kept_at: int
    sender: str
    receiver: str
    subject: str
    text: str
    html: str
    calendar: str


def letters_in(folder: Path) -> list[KeptMail]:
    """Return the mails that `FolderMailer` keeps in a folder, newest first; reads from the disk."""
    files = sorted(folder.glob("[!.]*.eml"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    return [_read(file) for file in files]


def mailer_of(settings: Settings) -> Mailer:
    """Return the way that mails go by these settings."""
    if settings.mail_url:
        return SmtpMailer(settings.mail_url)
    log.info("mails are kept in a folder; SHOWROOM_MAIL_URL would send them")
    return FolderMailer(mail_folder(settings))


def mail_folder(settings: Settings) -> Path:
    """Return where mails are kept when there is no mail server."""
    return settings.data_dir / FOLDER


def sender_of(settings: Settings) -> str:
    """Return the address that mails come from, and that invitations name as their organizer."""
    return settings.mail_from or NOBODY


def _read(file: Path) -> KeptMail:
    message = email.message_from_bytes(file.read_bytes(), _class=EmailMessage, policy=POLICY)
    parts = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    calendar = next(
        (part for part in message.walk() if part.get_content_type() == "text/calendar"), None
    )
    return KeptMail(
        name=file.stem,
        kept_at=file.stat().st_mtime_ns // 1_000_000,
        sender=str(message["From"]),
        receiver=str(message["To"]),
        subject=str(message["Subject"]),
        text=_content(parts["plain"]),
        html=_content(parts["html"]),
        calendar=_content(calendar),
    )


def _content(part: MIMEPart | None) -> str:
    return "" if part is None else str(part.get_content())


def _judged(code: int, said: str) -> Unsent | Refused:
    """Return what an answer means (RFC 5321, 4.2.1): 5yz is for good, 4yz for now."""
    return Refused(_said(code, said)) if code >= 500 else Unsent(_said(code, said))


def _said(code: int, said: str) -> str:
    return f"{code} {said}"
