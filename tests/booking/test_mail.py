"""Mail: what a server takes, what it refuses for now and for good, and what a folder keeps."""

import asyncio
import ssl
import stat
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest

from booking.mail import (
    POLICY,
    FolderMailer,
    Refused,
    SmtpMailer,
    Unsent,
    letters_in,
    mailer_of,
    sender_of,
)
from showroom.settings import Settings
from tests.booking.mail_server import PASSWORD, mail_server
from tests.nodes import free_port


def a_mail(name: str = "one", to: str = "zoe@customer.example") -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message["From"] = Address("Orvanne Paris", addr_spec="visits@orvanne.example")
    message["To"] = Address("Zoé Petit", addr_spec=to)
    message["Subject"] = "Votre visite vidéo : jeudi"
    message["Message-ID"] = f"<{name}@orvanne.example>"
    message.set_content("Bonjour Zoé,\n\n.\nÀ bientôt 👋\n")
    message.add_alternative(f"<p>Bonjour Zoé {'é' * 2000}</p>", subtype="html")
    return message


async def test_a_mail_arrives_as_it_was_written_at_whom_it_names() -> None:
    async with mail_server() as server:
        answer = await SmtpMailer(server.url).send(a_mail())
    (got,) = server.got
    assert server.receivers == ["zoe@customer.example"]
    assert got["From"] == "Orvanne Paris <visits@orvanne.example>"
    assert got["To"] == "Zoé Petit <zoe@customer.example>"
    assert got["Subject"] == "Votre visite vidéo : jeudi"
    assert got["Message-ID"] == "<one@orvanne.example>"
    body = got.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == "Bonjour Zoé,\n\n.\nÀ bientôt 👋\n"
    assert "OK" in answer


async def test_every_server_can_take_it_for_it_is_ascii_in_short_lines() -> None:
    lines = a_mail().as_bytes(policy=POLICY).split(b"\r\n")
    assert all(line.isascii() for line in lines)
    assert max(map(len, lines)) <= 998


@pytest.mark.parametrize("answer", ["450 4.2.1 busy", "451 4.3.0 greylisted", "421 4.3.2 closing"])
async def test_a_receiver_who_can_not_be_reached_now_is_tried_again(answer: str) -> None:
    async with mail_server() as server:
        server.to_receiver = answer
        with pytest.raises(Unsent, match=answer[:3]):
            await SmtpMailer(server.url).send(a_mail())


async def test_a_receiver_whom_the_server_does_not_know_is_refused_for_good() -> None:
    async with mail_server() as server:
        server.to_receiver = "550 5.1.1 no such user"
        with pytest.raises(Refused, match=r"550 5\.1\.1 no such user"):
            await SmtpMailer(server.url).send(a_mail())
    assert server.got == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [("452 4.3.1 disk full", Unsent), ("552 5.3.4 too big", Refused), ("554 5.6.0 no", Refused)],
)
async def test_what_the_server_says_of_the_content_counts(
    answer: str, error: type[Exception]
) -> None:
    async with mail_server() as server:
        server.to_data = answer
        with pytest.raises(error, match=answer[:3]):
            await SmtpMailer(server.url).send(a_mail())


async def test_a_server_that_does_not_want_us_costs_no_mail() -> None:
    async with mail_server() as server:
        server.to_sender = "550 5.7.1 who are you"
        with pytest.raises(Unsent, match="who are you"):
            await SmtpMailer(server.url).send(a_mail())


async def test_a_server_that_hangs_up_before_its_answer_is_tried_again() -> None:
    async with mail_server() as server:
        server.hang_up = True
        with pytest.raises(Unsent):
            await SmtpMailer(server.url).send(a_mail())
        assert len(server.got) == 1


async def test_a_server_that_hangs_is_left_after_a_while() -> None:
    async with mail_server() as server:
        server.hang.clear()
        async with asyncio.timeout(10):
            with pytest.raises(Unsent, match="Timeout"):
                await SmtpMailer(server.url, step_seconds=0.2).send(a_mail())


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    with pytest.raises(Unsent):
        await SmtpMailer(f"smtp://127.0.0.1:{free_port()}").send(a_mail())


async def test_we_sign_in_with_the_name_and_password_of_the_setting(
    tls_server: ssl.SSLContext, trusted: None
) -> None:
    async with mail_server(tls_server, start_tls=True, sign_in=True) as server:
        url = server.url.replace("//", f"//{quote('me@home', '')}:{quote(PASSWORD, '')}@")
        await SmtpMailer(url).send(a_mail())
    assert server.users == ["me@home"]
    assert len(server.got) == 1


async def test_a_wrong_password_is_our_fault_and_costs_no_mail(
    tls_server: ssl.SSLContext, trusted: None
) -> None:
    async with mail_server(tls_server, start_tls=True, sign_in=True) as server:
        with pytest.raises(Unsent, match="535") as unsent:
            await SmtpMailer(server.url.replace("//", "//me:wrong@")).send(a_mail())
    assert "wrong" not in str(unsent.value)
    assert server.got == []


async def test_where_the_server_offers_tls_it_is_used(
    tls_server: ssl.SSLContext, trusted: None
) -> None:
    async with mail_server(tls_server, start_tls=True) as server:
        await SmtpMailer(server.url).send(a_mail())
    assert server.secure == [True]


async def test_smtps_begins_with_tls(tls_server: ssl.SSLContext, trusted: None) -> None:
    async with mail_server(tls_server) as server:
        assert server.url.startswith("smtps:")
        await SmtpMailer(server.url).send(a_mail())
    assert len(server.got) == 1


async def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    tls_server: ssl.SSLContext,
) -> None:
    async with mail_server(tls_server) as server:
        with pytest.raises(Unsent, match="CERTIFICATE_VERIFY_FAILED"):
            await SmtpMailer(server.url).send(a_mail())
    assert server.got == []


async def test_a_folder_keeps_mails_newest_first_for_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "mail"
    mailer = FolderMailer(folder)
    for name in ("one", "two"):
        await mailer.send(a_mail(name))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    newest, oldest = letters_in(folder)
    assert (newest.name, oldest.name) == ("two", "one")
    assert newest.sender == "Orvanne Paris <visits@orvanne.example>"
    assert newest.receiver == "Zoé Petit <zoe@customer.example>"
    assert newest.subject == "Votre visite vidéo : jeudi"
    assert newest.text.startswith("Bonjour Zoé,")
    assert newest.html.startswith("<p>Bonjour Zoé éé")
    assert newest.calendar == ""


async def test_the_same_mail_twice_is_one_file(tmp_path: Path) -> None:
    for _ in range(2):
        await FolderMailer(tmp_path).send(a_mail())
    assert [file.name for file in tmp_path.iterdir()] == ["one.eml"]


async def test_a_folder_that_can_not_be_written_costs_no_mail(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unsent, match="folder"):
        await FolderMailer(tmp_path / "file" / "mail").send(a_mail())


def test_a_folder_that_is_not_there_holds_no_mail(tmp_path: Path) -> None:
    assert letters_in(tmp_path / "mail") == []


def test_the_settings_say_which_way_mails_go(tmp_path: Path) -> None:
    assert isinstance(mailer_of(Settings.load(data_dir=tmp_path)), FolderMailer)
    assert sender_of(Settings.load(data_dir=tmp_path)) == "visits@localhost"
    settings = Settings.load(mail_url="smtp://mail.example.com", mail_from="us@example.com")
    assert isinstance(mailer_of(settings), SmtpMailer)
    assert sender_of(settings) == "us@example.com"
