"""A real mail server (aiosmtpd) in the test's own loop: one that can refuse, hang and hang up."""

import asyncio
import email
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PASSWORD = "s3cret @ home"


class MailServer:
    """What came in, and how to answer it. `url` leads to it."""

    def __init__(self) -> None:
        self.url = ""
        self.got: list[EmailMessage] = []
        self.receivers: list[str] = []
        self.secure: list[bool] = []
        self.users: list[str] = []
        self.to_sender = self.to_receiver = self.to_data = "250 OK"
        self.hang = asyncio.Event()
        self.hang.set()
        self.hang_up = False

    # aiosmtpd looks these up by the names of the commands.

    async def handle_MAIL(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        envelope.mail_from = address
        return self.to_sender

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if self.to_receiver.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.to_receiver

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.to_data.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            message = email.message_from_bytes(content, _class=EmailMessage, policy=MAIL_POLICY)
            self.got.append(message)
            self.receivers += envelope.rcpt_tos
            self.secure.append(session.ssl is not None)
        await self.hang.wait()
        if self.hang_up:
            assert server.transport is not None
            server.transport.close()
        return self.to_data

    def sign_in(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = data.password == PASSWORD.encode()
        if right:
            self.users.append(data.login.decode())
        return AuthResult(success=right, handled=False)


@asynccontextmanager
async def mail_server(
    tls: ssl.SSLContext | None = None, start_tls: bool = False, sign_in: bool = False
) -> AsyncIterator[MailServer]:
    """Serve on a free port of this machine; with `tls` from the start, or by STARTTLS."""
    mails = MailServer()

    def connected() -> SMTP:
        return SMTP(
            mails,
            hostname="mail.test",
            loop=asyncio.get_running_loop(),
            tls_context=tls if start_tls else None,
            auth_required=sign_in,
            authenticator=mails.sign_in if sign_in else None,
        )

    server = await asyncio.get_running_loop().create_server(
        connected, "127.0.0.1", 0, ssl=None if start_tls else tls
    )
    scheme = "smtps" if tls and not start_tls else "smtp"
    mails.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield mails
    finally:
        mails.hang.set()
        server.close()
        await server.wait_closed()
