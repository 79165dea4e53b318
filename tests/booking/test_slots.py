"""The slots of a showroom, compared with a slow and simple count of the same rules."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from booking.slots import MINUTE_MS, Slot, Span, Worker, free_slots
from showroom.ids import StaffId
from showroom.showrooms import VisitRules

NOW = 1_800_000_000_000 // MINUTE_MS * MINUTE_MS
RULES = VisitRules(length=30, step=15, before=5, after=5, notice=60, horizon=600)
DAY = 12 * 60


def span(begins: int, ends: int) -> Span:
    """Return a span in minutes from now."""
    return NOW + begins * MINUTE_MS, NOW + ends * MINUTE_MS


def blocked(*visits: Span, rules: VisitRules = RULES) -> list[Span]:
    """Return visits with the buffers that were kept for them."""
    before, after = rules.before * MINUTE_MS, rules.after * MINUTE_MS
    return [(begins - before, ends + after) for begins, ends in visits]


def worker(name: str = "anna", **changes: object) -> Worker:
    known = Worker(StaffId(name), ("en",), [span(0, DAY)])
    return replace(known, **changes)  # type: ignore[arg-type]


def starts(slots: list[Slot]) -> list[int]:
    """Return when slots begin, in minutes from now."""
    return [(slot.starts_at - NOW) // MINUTE_MS for slot in slots]


def slots_of(*workers: Worker, rules: VisitRules = RULES, now: int = NOW) -> list[int]:
    return starts(free_slots(rules, [span(0, DAY)], workers, "en", now))


def test_slots_begin_in_steps_from_the_opening_after_the_notice() -> None:
    assert slots_of(worker())[:3] == [60, 75, 90]
    opens = [span(70, 200), span(305, 350)]
    assert starts(free_slots(RULES, opens, [worker()], "en", NOW))[:3] == [70, 85, 100]
    assert starts(free_slots(RULES, opens, [worker()], "en", NOW))[-2:] == [305, 320]


def test_a_visit_ends_before_the_showroom_and_the_advisor_do() -> None:
    assert slots_of(worker(working=[span(0, 119)]))[-1] == 75
    assert slots_of(worker(working=[span(0, 120)]))[-1] == 90


def test_the_horizon_is_the_last_moment_of_a_visit() -> None:
    assert slots_of(worker())[-1] == 570


def test_buffers_of_neighbours_add_up() -> None:
    taken = worker(taken=blocked(span(180, 210)))
    found = slots_of(taken)
    # 10 + 10 minutes apart: before it the last one ends at 165, after it the first begins at 225.
    assert 135 in found
    assert 150 not in found
    assert [start for start in found if 150 <= start <= 225] == [225]


def test_an_absence_needs_no_buffer() -> None:
    assert [s for s in slots_of(worker(absent=[span(180, 210)])) if 150 < s < 225] == [210]


def test_only_who_speaks_the_language_receives() -> None:
    french = worker("zoe", languages=("fr",))
    assert slots_of(french) == []
    found = free_slots(RULES, [span(0, DAY)], [french, worker()], "en", NOW)
    assert {slot.workers for slot in found} == {("anna",)}


def test_visits_side_by_side_are_limited_whoever_receives_them() -> None:
    rules = replace(RULES, side_by_side=1, before=0, after=0)
    opens, visits = [span(0, DAY)], [span(120, 150)]
    found = starts(free_slots(rules, opens, [worker()], "en", NOW, visits=visits))
    assert [start for start in found if 90 <= start <= 150] == [90, 150]
    rules = replace(rules, side_by_side=2)
    assert 120 in starts(free_slots(rules, opens, [worker()], "en", NOW, visits=visits))


def test_a_narrowed_search_finds_what_the_whole_one_finds_there() -> None:
    opens = [span(7, DAY)]
    whole = free_slots(RULES, opens, [worker()], "en", NOW)
    for begins in (-50, 0, 60, 97, 98, 400):
        low, high = span(begins, begins + 100)
        found = free_slots(RULES, opens, [worker()], "en", NOW, low, high)
        ends = high - RULES.length * MINUTE_MS
        assert found == [slot for slot in whole if low <= slot.starts_at <= ends]


def test_buffers_that_were_kept_count_when_the_rules_have_changed() -> None:
    taken = worker(taken=[span(150, 240)])  # 30 minutes on either side of 180 to 210
    found = slots_of(taken, rules=replace(RULES, before=0, after=0))
    assert [start for start in found if 105 <= start <= 255] == [105, 120, 240, 255]


def test_a_second_within_a_minute_moves_nothing() -> None:
    assert slots_of(worker(), now=NOW + 31_234)[0] == 75
    assert set(slots_of(worker(), now=NOW + 31_234)) <= set(slots_of(worker()))


moments = st.integers(-60, DAY + 60)
spans = st.lists(
    st.tuples(moments, st.integers(1, 200)).map(lambda s: span(s[0], s[0] + s[1])), max_size=4
)
workers = st.lists(
    st.builds(
        Worker,
        id=st.sampled_from([StaffId(name) for name in "abcd"]),
        languages=st.sampled_from([("en",), ("fr",), ("en", "fr")]),
        working=spans,
        absent=spans,
        taken=spans,
    ),
    max_size=4,
    unique_by=lambda w: w.id,
)
rules = st.builds(
    VisitRules,
    length=st.sampled_from([20, 30, 45]),
    step=st.sampled_from([10, 15, 30]),
    before=st.integers(0, 15),
    after=st.integers(0, 15),
    notice=st.integers(0, 120),
    horizon=st.just(DAY),
    side_by_side=st.integers(0, 3),
)


@given(rules, spans, workers, spans, st.integers(0, 59_999))
def test_the_slots_are_those_that_a_minute_by_minute_count_finds(
    rules: VisitRules, opens: list[Span], people: list[Worker], visits: list[Span], late: int
) -> None:
    now = NOW + late
    expected = {}
    for minute in range(DAY):
        who = tuple(w.id for w in people if _fits(rules, opens, visits, w, minute, now))
        if who:
            expected[minute] = who
    found = free_slots(rules, opens, people, "en", now, visits=visits)
    assert {(s.starts_at - NOW) // MINUTE_MS: s.workers for s in found} == expected
    assert starts(found) == sorted(expected)


def _fits(
    rules: VisitRules, opens: list[Span], visits: list[Span], who: Worker, minute: int, now: int
) -> bool:
    """Judge one start by reading the rules one after the other."""
    begins, ends = span(minute, minute + rules.length)
    minutes = [span(m, m + 1) for m in range(minute, minute + rules.length)]
    before, after = rules.before * MINUTE_MS, rules.after * MINUTE_MS
    return (
        "en" in who.languages
        and begins >= now + rules.notice * MINUTE_MS
        and ends <= now + rules.horizon * MINUTE_MS
        and any((begins - o) % (rules.step * MINUTE_MS) == 0 and o <= begins < c for o, c in opens)
        and all(any(o <= a and b <= c for o, c in opens) for a, b in minutes)
        and all(any(o <= a and b <= c for o, c in who.working) for a, b in minutes)
        and not any(a < ends and begins < b for a, b in who.absent)
        and not any(a < ends + after and begins - before < b for a, b in who.taken)
        and (not rules.side_by_side or not any(_full(rules, visits, a, b) for a, b in minutes))
    )


def _full(rules: VisitRules, visits: list[Span], begins: int, ends: int) -> bool:
    running = [v for v in visits if v[0] < ends and begins < v[1]]
    return len(running) >= rules.side_by_side
