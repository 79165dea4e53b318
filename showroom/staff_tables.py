"""The tables of how staff prove who they are, beside their passwords in `showroom.tables`.

Nothing in them lets a reader in: of links and codes there are digests, and what a phone's codes are
made from is sealed.
"""

import sqlalchemy as sa

from showroom.tables import ID, MOMENT, WORD, Text, metadata

LONGEST_SEALED = 255
LONGEST_ISSUER = 255


def _of_staff(*, primary_key: bool = False, index: bool = False) -> sa.Column[str]:
    foreign_key = sa.ForeignKey("staff.id", ondelete="CASCADE")
    return sa.Column(
        "staff_id", ID, foreign_key, nullable=False, primary_key=primary_key, index=index or None
    )


# Links by which somebody gets in once: invitations, new passwords, and sign-ins that are half done.
staff_links = sa.Table(
    "staff_links",
    metadata,
    sa.Column("id", ID, primary_key=True),
    _of_staff(index=True),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("digest", ID, nullable=False, unique=True),  # of the token; it is kept nowhere
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("expires_at", MOMENT, nullable=False),
)

staff_factors = sa.Table(
    "staff_factors",
    metadata,
    _of_staff(primary_key=True),
    sa.Column("sealed", Text(LONGEST_SEALED), nullable=False),  # the secret of RFC 6238
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("confirmed_at", MOMENT, nullable=True),  # it is asked for from then on
    sa.Column("last_step", sa.BigInteger, nullable=False),  # of the newest code that was used
)

# Accounts at the company's sign-in, by what it calls them.
staff_identities = sa.Table(
    "staff_identities",
    metadata,
    sa.Column("issuer", Text(LONGEST_ISSUER), primary_key=True),
    sa.Column("subject", Text(255), primary_key=True),  # OpenID Connect Core 1.0, 2: at most 255
    _of_staff(),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.UniqueConstraint("staff_id", "issuer"),
)

staff_recovery_codes = sa.Table(
    "staff_recovery_codes",
    metadata,
    _of_staff(primary_key=True),
    sa.Column("digest", ID, primary_key=True),
)
