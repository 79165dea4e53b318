"""Uploads in pieces: whatever comes twice, late or not at all, the whole is right or asked for."""

import random

import pytest
from redis.asyncio import Redis

from media.uploads import MOST_BYTES, Gap, Uploads
from showroom.errors import NotFound, TooLarge
from showroom.ids import PhotoId, ShowroomId

PARIS, PHOTO = ShowroomId("paris"), PhotoId("photo")
DATA = bytes(range(256)) * 40


async def test_pieces_that_come_twice_and_after_a_break_make_the_whole(redis: Redis) -> None:
    uploads = Uploads(redis)
    for start in (0, 4000, 4000, 0, 4000, 8000, 8000):
        await uploads.add(PARIS, PHOTO, start, len(DATA), DATA[start : start + 4000])
    assert await uploads.whole(PARIS, PHOTO) == DATA
    await uploads.forget(PARIS, PHOTO)
    with pytest.raises(NotFound):
        await uploads.whole(PARIS, PHOTO)


async def test_a_piece_after_a_gap_is_told_where_to_go_on(redis: Redis) -> None:
    uploads = Uploads(redis)
    with pytest.raises(Gap) as gap:
        await uploads.add(PARIS, PHOTO, 4000, len(DATA), b"x")
    assert gap.value.received == 0
    assert await uploads.add(PARIS, PHOTO, 0, len(DATA), DATA[:100]) == 100
    with pytest.raises(Gap) as gap:
        await uploads.add(PARIS, PHOTO, 101, len(DATA), b"x")
    assert gap.value.received == 100


async def test_a_line_that_breaks_at_random_loses_and_doubles_nothing(redis: Redis) -> None:
    uploads, chance = Uploads(redis), random.Random(7)
    at = 0
    while at < len(DATA):
        piece = DATA[at : at + chance.randint(1, 900)]
        try:
            received = await uploads.add(PARIS, PHOTO, at, len(DATA), piece)
        except Gap as gap:
            at = gap.received
            continue
        if chance.random() < 0.7:  # else the answer got lost, and it is sent again
            at = received
        if chance.random() < 0.05:
            at = min(len(DATA), at + 10)
    assert await uploads.whole(PARIS, PHOTO) == DATA


async def test_what_is_too_large_or_too_long_ago_is_not_kept(redis: Redis) -> None:
    uploads = Uploads(redis)
    with pytest.raises(TooLarge):
        await uploads.add(PARIS, PHOTO, 0, MOST_BYTES + 1, b"x")
    with pytest.raises(TooLarge):
        await uploads.add(PARIS, PHOTO, 0, 10, bytes(11))
    await uploads.add(PARIS, PHOTO, 0, 10, b"x")
    [key] = await redis.keys("*")
    assert 0 < await redis.ttl(key) <= 900
