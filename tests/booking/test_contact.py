"""Contacts: real numbers, addresses and names, and a refusal that says what is right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.contact import parse_contact, parse_email, parse_name, parse_phone
from showroom.errors import BadRequest


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (" Zoé Petit ", "Zoé Petit"),
        ("שרה לוי", "שרה לוי"),
        ("محمد عبد الله", "محمد عبد الله"),
        ("Zoë 👩🏽‍🚒", "Zoë 👩🏽‍🚒"),
        ("Zoé\r\nBcc: all@x.example", "Zoé Bcc: all@x.example"),
        ("Zoé\t\x00\x1b[31m Petit", "Zoé [31m Petit"),
        ("\u202eZoé\u2066", "Zoé"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("x" * 100, "x" * 100),
    ],
)
def test_a_name_is_one_line_of_what_people_are_called(text: str, name: str) -> None:
    assert parse_name(text) == name


@pytest.mark.parametrize("text", ["", " ", "\u202e\x00", "x" * 101, "x" * 10_000])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="your name, in at most 100 characters"):
        parse_name(text)


@given(st.text())
def test_whatever_is_typed_as_a_name_has_no_line_break_or_is_refused(text: str) -> None:
    try:
        name = parse_name(text)
    except BadRequest:
        return
    assert name.splitlines() == [name]


@pytest.mark.parametrize(
    ("text", "email"),
    [
        (" zoe@orvanne.example ", "zoe@orvanne.example"),
        ("Zoe.Petit+visits@Example.COM", "Zoe.Petit+visits@example.com"),
        ("zoe@müller.de", "zoe@xn--mller-kva.de"),
    ],
)
def test_an_address_is_kept_as_every_mail_server_takes_it(text: str, email: str) -> None:
    assert parse_email(text) == email


@pytest.mark.parametrize(
    "text",
    [
        "zoe",
        "zoe@",
        "@x.fr",
        "zoe@localhost",
        "zoe@[127.0.0.1]",
        "zoé@x.fr",
        "zoe@x.fr, bruno@x.fr",
        "zoe@x.fr\r\nBcc: bruno@x.fr",
        "Zoé <zoe@x.fr>",
        "x" * 65 + "@x.fr",
        "zoe@" + "x" * 10_000 + ".fr",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadRequest, match=r"Write it like name@example\.com\."):
        parse_email(text)


@given(st.text())
def test_whatever_is_typed_an_address_is_one_of_ascii_or_refused(text: str) -> None:
    try:
        email = parse_email(text)
    except BadRequest:
        return
    assert email.isascii()
    assert not any(map(str.isspace, email))
    assert len(email) <= 254


@pytest.mark.parametrize(
    ("email", "phone", "kept"),
    [
        ("zoe@x.fr", "06 12 34 56 78", ("Zoé", "zoe@x.fr", "+33612345678")),
        ("zoe@x.fr", " ", ("Zoé", "zoe@x.fr", None)),
        ("", "06 12 34 56 78", ("Zoé", None, "+33612345678")),
        (None, "06 12 34 56 78", ("Zoé", None, "+33612345678")),
    ],
)
def test_an_address_or_a_number_is_enough(
    email: str | None, phone: str | None, kept: tuple[str, str | None, str | None]
) -> None:
    assert parse_contact("Zoé", email, phone, "FR") == kept


def test_without_an_address_and_a_number_nobody_can_be_reached() -> None:
    with pytest.raises(BadRequest, match="an e-mail address or a phone number"):
        parse_contact("Zoé", "", None, "FR")


def test_a_wrong_number_is_refused_even_with_a_right_address() -> None:
    with pytest.raises(BadRequest, match="not a phone number"):
        parse_contact("Zoé", "zoe@x.fr", "12", "FR")


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+44 7400 123456", "FR", "+447400123456"),
        ("(0151) 23456789", "DE", "+4915123456789"),
        ("0033 6 12 34 56 78", "FR", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "GB", "+33612345678"),
    ],
)
def test_a_number_is_read_as_people_of_that_country_write_it(
    text: str, region: str, number: str
) -> None:
    assert parse_phone(text, region) == number


@pytest.mark.parametrize("text", ["", "12", "call me", "06 12 34 56", "+999 123456789"])
def test_what_is_no_number_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadRequest, match=r"Write it like 06 12 34 56 78 or \+33 6 12 34 56 78\."):
        parse_phone(text, "FR")


def test_without_a_known_country_the_advice_is_the_international_form() -> None:
    with pytest.raises(BadRequest, match=r"Write it with \+"):
        parse_phone("12", "ZZ")


def test_a_premium_number_is_refused() -> None:
    with pytest.raises(BadRequest, match="premium"):
        parse_phone("0899 12 34 56", "FR")


@given(st.text())
def test_whatever_somebody_types_is_a_number_or_refused(text: str) -> None:
    try:
        number = parse_phone(text, "FR")
    except BadRequest:
        return
    assert number.startswith("+")
    assert number[1:].isascii()
    assert number[1:].isdecimal()
    assert len(number) <= 16
