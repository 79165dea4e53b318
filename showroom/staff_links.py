"""Links by which staff get in once: an invitation, a new password, a sign-in that is half done.

A link's token is made from its id and the server's key, so that a letter can be written from the
outbox, which names the link by its id and holds nothing that lets anybody in. Of the token the
database has a digest.
"""

import base64
import hashlib
import hmac
from enum import StrEnum
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.clock import DAY_MS
from showroom.ids import StaffId, StaffLinkId, new_id, token_digest
from showroom.staff_tables import staff_links
from showroom.tables import staff

HOUR_MS = 3_600_000


class LinkKind(StrEnum):
    """What a link is good for."""

    INVITATION = "invitation"  # the first password
    RESET = "reset"  # another one
    SECOND_STEP = "second_step"  # the password was right; the code is still to come


LASTS_MS = {
    LinkKind.INVITATION: 7 * DAY_MS,
    LinkKind.RESET: HOUR_MS,
    LinkKind.SECOND_STEP: HOUR_MS // 6,
}


class Link(NamedTuple):
    """A link that holds. Moments in UTC milliseconds."""

    id: StaffLinkId
    staff_id: StaffId
    kind: LinkKind
    created_at: int
    expires_at: int


class Seal:
    """Makes the tokens of links; `secret` is the server's key."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def token(self, link: StaffLinkId) -> str:
        """Return what a link's address ends with."""
        made = hmac.new(self._secret, b"staff link:" + link.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


async def make_link(
    connection: AsyncConnection, seal: Seal, staff_id: StaffId, kind: LinkKind, now_ms: int
) -> StaffLinkId:
    """Make a link in the caller's transaction; older ones of its kind are good for nothing."""
    await end_links(connection, staff_id, kind)
    link = StaffLinkId(new_id())
    await connection.execute(
        sa.insert(staff_links).values(
            id=link,
            staff_id=staff_id,
            kind=kind.value,
            digest=token_digest(seal.token(link)),
            created_at=now_ms,
            expires_at=now_ms + LASTS_MS[kind],
        )
    )
    return link


async def find_link(
    connection: AsyncConnection, token: str, now_ms: int, *, lock: bool = False
) -> Link | None:
    """Return the link behind a token, if it holds and its owner is not shut out.

    With `lock` nobody else uses it until the transaction ends.
    """
    if not token.isascii():
        return None
    found = sa.select(staff_links).where(staff_links.c.digest == token_digest(token))
    query = found.join(staff).where(
        staff_links.c.expires_at > now_ms, staff.c.disabled_at.is_(None)
    )
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _link(row)


async def link_of(connection: AsyncConnection, staff_id: StaffId, kind: LinkKind) -> Link | None:
    """Return somebody's newest link of a kind, also one that has run out."""
    query = sa.select(staff_links).where(
        staff_links.c.staff_id == staff_id, staff_links.c.kind == kind.value
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _link(row)


async def end_links(connection: AsyncConnection, staff_id: StaffId, *kinds: LinkKind) -> None:
    """Let somebody's links lead nowhere: those of these kinds, or all without any."""
    ended = [staff_links.c.staff_id == staff_id]
    if kinds:
        ended.append(staff_links.c.kind.in_([kind.value for kind in kinds]))
    await connection.execute(sa.delete(staff_links).where(*ended))


def _link(row: sa.Row[tuple[str]]) -> Link:
    return Link(
        StaffLinkId(row.id),
        StaffId(row.staff_id),
        LinkKind(row.kind),
        row.created_at,
        row.expires_at,
    )
