"""How to reach a customer: a name, an e-mail address, a phone number, checked where they come in.

Each refusal is a sentence that says what would be right.
"""

import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from showroom.errors import BadRequest

LONGEST_NAME = 100
LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
# Numbers that cost the caller extra: an advisor's one-tap call must not pay for a fraud.
COSTLY = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST})
# They turn the text around them too (Unicode, UAX #9). Scripts that run to the left need none.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def parse_contact(
    name: str, email: str | None, phone: str | None, region: str
) -> tuple[str, str | None, str | None]:
    """Return name, e-mail address and phone number as they are kept; an empty one as None.

    Raises `BadRequest` when one is wrong, or when there is neither an address nor a number.
    """
    checked_name = parse_name(name)
    checked_email = parse_email(email) if email and email.strip() else None
    checked_phone = parse_phone(phone, region) if phone and phone.strip() else None
    if checked_email is None and checked_phone is None:
        raise BadRequest("Give us an e-mail address or a phone number, so that we can reach you.")
    return checked_name, checked_email, checked_phone


def parse_name(text: str) -> str:
    """Return a name of 1 to 100 characters on one line; raises `BadRequest`."""
    name = one_line(text)
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadRequest(f"Tell us your name, in at most {LONGEST_NAME} characters.")
    return name


def parse_email(text: str) -> str:
    """Return an e-mail address that every mail server takes: ASCII, a foreign host in Punycode.

    Whether somebody reads it there only a mail can tell. Raises `BadRequest`.
    """
    try:
        found = validate_email(
            text.strip()[: LONGEST_EMAIL + 1],
            check_deliverability=False,
            allow_smtputf8=False,
            strict=True,
        )
    except EmailNotValidError:
        found = None
    if found is None or found.ascii_email is None:
        raise BadRequest("This is not an e-mail address. Write it like name@example.com.")
    return found.ascii_email


def parse_phone(text: str, region: str) -> str:
    """Return a phone number as E.164 (ITU-T), read as somebody in `region` (ISO 3166-1) writes it.

    Raises `BadRequest` with a sentence that says what would be right.
    """
    try:
        number = phonenumbers.parse(text[:40], region)
    except NumberParseException:
        raise BadRequest(_example(region)) from None
    if not phonenumbers.is_valid_number(number):
        raise BadRequest(_example(region))
    if phonenumbers.number_type(number) in COSTLY:
        raise BadRequest("We can't call premium-rate numbers. Give another phone number.")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def one_line(text: str) -> str:
    """Return a stranger's text as one line, without what can't be seen or turns what is around.

    A browser's field has one line, but a script's may have more: in a mail's header the second
    one would be a header of its own.
    """
    line = " ".join(text.split())
    kept = (letter for letter in line if letter not in TURNING and _can_be_seen(letter))
    # What goes leaves the spaces around it.
    return " ".join("".join(kept).split())


def _can_be_seen(letter: str) -> bool:
    return unicodedata.category(letter) not in {"Cc", "Cs"}


def _example(region: str) -> str:
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if example is None:
        return "This is not a phone number. Write it with + and the country's code."
    national = phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL)
    abroad = phonenumbers.format_number(example, PhoneNumberFormat.INTERNATIONAL)
    return f"This is not a phone number. Write it like {national} or {abroad}."
