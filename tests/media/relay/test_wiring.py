"""Who hears and sees whom, as a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.relay.wiring import Member, ParticipantId, view_of
from showroom.words import Side, Voice

ADVISOR, CUSTOMER, FRIEND, GUEST, BOSS = (
    ParticipantId(name) for name in ("advisor", "customer", "friend", "guest", "boss")
)


def room(friend: Voice = Voice.NOBODY, boss: Voice = Voice.NOBODY) -> list[Member]:
    """Return everybody whom a call may have, in an order that says nothing."""
    return [
        Member(FRIEND, Side.COMPANION, friend),
        Member(BOSS, Side.MANAGER, boss),
        Member(CUSTOMER, Side.CUSTOMER),
        Member(GUEST, Side.COMPANION),
        Member(ADVISOR, Side.ADVISOR),
    ]


def heard(members: list[Member], held: bool = False) -> dict[str, list[str]]:
    return {one.id: list(view_of(one, members, held).voices) for one in members}


def seen(members: list[Member], held: bool = False) -> dict[str, list[str]]:
    return {one.id: list(view_of(one, members, held).pictures) for one in members}


N, A, E = Voice.NOBODY, Voice.ADVISOR, Voice.ALL
# The friend's voice and the manager's; then whom each hears: advisor, customer, friend, guest,
# boss.
TABLE = [
    (N, N, ["c", "a", "ac", "ac", "ac"]),
    (E, N, ["cf", "af", "ac", "acf", "acf"]),
    (A, N, ["cf", "a", "ac", "ac", "ac"]),
    (N, A, ["cb", "a", "ac", "ac", "ac"]),
    (N, E, ["cb", "ab", "acb", "acb", "ac"]),
    (E, E, ["cbf", "abf", "acb", "acbf", "acf"]),
    (E, A, ["cbf", "af", "ac", "acf", "acf"]),
]


@pytest.mark.parametrize(("friend", "boss", "voices"), TABLE)
def test_who_hears_whom(friend: Voice, boss: Voice, voices: list[str]) -> None:
    short = {"a": ADVISOR, "c": CUSTOMER, "f": FRIEND, "g": GUEST, "b": BOSS}
    listeners = (ADVISOR, CUSTOMER, FRIEND, GUEST, BOSS)
    assert heard(room(friend, boss)) == {
        who: [short[letter] for letter in letters]
        for who, letters in zip(listeners, voices, strict=True)
    }


def test_a_sides_picture_has_the_same_place_whoever_else_is_here() -> None:
    # A page shows the first place large: an advisor who comes last must not land in the second.
    boss, customer, advisor = (
        Member(BOSS, Side.MANAGER),
        Member(CUSTOMER, Side.CUSTOMER),
        Member(ADVISOR, Side.ADVISOR),
    )
    assert view_of(boss, [boss, customer], held=False).pictures == {CUSTOMER: 1}
    assert view_of(boss, [boss, customer, advisor], held=False).pictures == {
        ADVISOR: 0,
        CUSTOMER: 1,
    }


def test_who_sees_whom() -> None:
    assert seen(room()) == {
        ADVISOR: [CUSTOMER],
        CUSTOMER: [ADVISOR],
        # The customer's own picture is for the advisor, and for whoever answers for the advisor.
        FRIEND: [ADVISOR],
        GUEST: [ADVISOR],
        BOSS: [ADVISOR, CUSTOMER],
    }


def test_while_a_call_is_held_hosts_and_guests_hear_and_see_only_their_own_side() -> None:
    members = room(friend=E, boss=E)
    assert heard(members, held=True) == {
        ADVISOR: [BOSS],
        BOSS: [ADVISOR],
        CUSTOMER: [FRIEND],
        FRIEND: [CUSTOMER],
        GUEST: [CUSTOMER, FRIEND],
    }
    assert seen(members, held=True) == {
        ADVISOR: [],
        BOSS: [ADVISOR],
        CUSTOMER: [],
        FRIEND: [],
        GUEST: [],
    }


def test_a_whisper_reaches_the_advisor_alone_whoever_whispers() -> None:
    for whisperer in (FRIEND, BOSS):
        members = room(**{"friend" if whisperer == FRIEND else "boss": A})
        hearing = {who for who, voices in heard(members).items() if whisperer in voices}
        assert hearing == {ADVISOR}


rooms = st.lists(
    st.builds(
        Member,
        id=st.text("abcdef", min_size=1, max_size=1).map(ParticipantId),
        part=st.sampled_from(Side),
        voice=st.sampled_from(Voice),
    ),
    unique_by=lambda one: one.id,
    max_size=6,
)


@given(rooms, st.booleans())
def test_in_any_room_nobody_gets_themselves_anybody_twice_or_somebody_who_is_not_here(
    members: list[Member], held: bool
) -> None:
    here = {one.id for one in members}
    for one in members:
        view = view_of(one, members, held)
        for places in (view.voices, view.pictures):
            assert len(set(places)) == len(places)
            assert set(places) <= here - {one.id}


@given(rooms, st.booleans())
def test_whoever_is_seen_is_heard(members: list[Member], held: bool) -> None:
    # Their voice is played in step with their picture.
    for one in members:
        view = view_of(one, members, held)
        assert set(view.pictures) <= set(view.voices)


@given(rooms, st.booleans())
def test_nobody_who_has_no_voice_is_heard(members: list[Member], held: bool) -> None:
    mute = {
        one.id for one in members if one.voice is N and one.part in (Side.COMPANION, Side.MANAGER)
    }
    for one in members:
        assert not mute & set(view_of(one, members, held).voices)
