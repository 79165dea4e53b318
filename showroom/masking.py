"""An address and a number for those who need neither: enough to know them again, and no more."""

HIDDEN = "•••"


def mask_email(email: str | None) -> str | None:
    """Return the first letter and the host: `j•••@example.com`."""
    if not email:
        return email
    name, _, host = email.rpartition("@")
    return f"{name[:1]}{HIDDEN}@{host}"


def mask_phone(phone: str | None) -> str | None:
    """Return the last two digits: `••• 78`."""
    return f"{HIDDEN} {phone[-2:]}" if phone else phone
